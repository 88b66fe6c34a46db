/**
 * The Prometheus exporter of the examples: a parser of the text format reads back what the statistics say, and the page of
 * the documentation names every metric.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
// @ts-ignore -- it has no types
import parseText from "parse-prometheus-text-format";
import { prometheusExporter } from "../../examples/prometheus.ts";
import { Context, Dealer, Pull, Push, Router, type Socket, type SocketStatistics } from "../../mod.ts";
import { test } from "../support/harness.ts";

/** A metric with all its series. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly { readonly value: string; readonly labels?: Readonly<Record<string, string>> }[];
}

const parse = parseText as (text: string) => readonly Family[];
const PAGE = readFileSync(new URL("../../docs/observability.md", import.meta.url), "utf8");

test("prometheus: the parsed metrics are the statistics of every open socket", async () => {
  const context = new Context();
  await using router = new Router({ context });
  await using dealer = new Dealer({ context, routingId: "d" });
  dealer.connect(await router.bind("inproc://prometheus"));
  await dealer.send(["two", "frames"]);
  await router.receive();
  await router.send(["nobody", "dropped"]);
  await router.send(["d", "held"]);

  const metrics = prometheusExporter(context as never);
  const families = parse(metrics());
  const values = (name: string, socket: Socket): Record<string, number> => {
    const { metrics } = families.find((family) => family.name === name)!;
    const own = metrics.filter(({ labels }) => labels!.type === socket.type);
    return Object.fromEntries(own.map(({ labels, value }) => [labels!.reason ?? labels!.limit ?? "", Number(value)]));
  };
  for (const socket of [router, dealer]) {
    const statistics: SocketStatistics = socket.statistics();
    const expected: Record<string, Readonly<Record<string, number>>> = {
      zmq_messages_sent_total: { "": statistics.messagesSent },
      zmq_sent_bytes_total: { "": statistics.bytesSent },
      zmq_messages_received_total: { "": statistics.messagesReceived },
      zmq_received_bytes_total: { "": statistics.bytesReceived },
      zmq_reconnects_total: { "": statistics.reconnects },
      zmq_queued_messages: { "": statistics.queued },
      zmq_held_messages: { "": statistics.held },
      zmq_peers: { "": statistics.peers.length },
      zmq_messages_dropped_total: statistics.drops,
      zmq_connections_refused_total: statistics.refusals,
    };
    assertEquals(families.map(({ name }) => name).toSorted(), Object.keys(expected).toSorted());
    for (const [name, shown] of Object.entries(expected)) assertEquals(values(name, socket), { ...shown }, name);
  }
  assertEquals([values("zmq_messages_dropped_total", router).unroutable, values("zmq_peers", dealer)[""]], [1, 1]);
  for (const { name, type, help } of families) {
    assertEquals(type, name.endsWith("_total") ? "COUNTER" : "GAUGE", name);
    assert(help.length > 0 && PAGE.includes(`| \`${name}\``), `${name} is not in docs/observability.md`);
  }
});

test("prometheus: sockets of one type are one series, and those that are closed keep their counts", async () => {
  const context = new Context();
  const metrics = prometheusExporter(context as never);
  const value = (series: string) =>
    Number(metrics().split("\n").find((line) => line.startsWith(`${series} `))?.split(" ")[1]);
  const counts = () => [value('zmq_messages_sent_total{type="PUSH"}'), value('zmq_peers{type="PUSH"}')];
  await using pull = new Pull({ context });
  const endpoint = await pull.bind("inproc://series");
  for (let i = 1; i <= 3; i++) {
    await using push = new Push({ context });
    push.connect(endpoint);
    await push.send("x");
    await pull.receive();
    assertEquals(counts(), [i, 1]);
  }
  assertEquals(counts(), [3, NaN]);
  const names = metrics().split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(" ")[0]);
  assertEquals(new Set(names).size, names.length, "no series twice");
});
