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
import { prometheusText } from "../../examples/prometheus.ts";
import { Context, Dealer, Router, type Socket, type SocketStatistics } from "../../mod.ts";
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

  const families = parse(prometheusText(context as never));
  const values = (name: string, socket: Socket): Record<string, number> => {
    const { metrics } = families.find((family) => family.name === name)!;
    const own = metrics.filter(({ labels }) => labels!.socket === `${socket.id}` && labels!.type === socket.type);
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
