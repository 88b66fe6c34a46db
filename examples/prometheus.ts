/**
 * Export the statistics of every open socket to Prometheus: a text for the /metrics page of an HTTP server.
 *
 * Run: deno run -A examples/prometheus.ts (or: bun examples/prometheus.ts, npx tsx examples/prometheus.ts)
 *
 * Prints:
 *     zmq_messages_sent_total{type="PUB"} 2
 *     zmq_sent_bytes_total{type="PUB"} 14
 *     zmq_messages_received_total{type="SUB"} 2
 *     zmq_received_bytes_total{type="SUB"} 14
 *     zmq_peers{type="PUB"} 1
 *     zmq_peers{type="SUB"} 1
 */

import { Context, Publisher, type SocketStatistics, Subscriber } from "@monocoque/zmq";

/** The metrics without a label of their own: name, type, help, and value. */
const METRICS: readonly (readonly [string, "counter" | "gauge", string, (from: SocketStatistics) => number])[] = [
  ["zmq_messages_sent_total", "counter", "Messages handed to connections.", (s) => s.messagesSent],
  ["zmq_sent_bytes_total", "counter", "Bytes of these.", (s) => s.bytesSent],
  ["zmq_messages_received_total", "counter", "Messages that arrived.", (s) => s.messagesReceived],
  ["zmq_received_bytes_total", "counter", "Bytes of these.", (s) => s.bytesReceived],
  ["zmq_reconnects_total", "counter", "Connections made again after a loss.", (s) => s.reconnects],
  ["zmq_queued_messages", "gauge", "Messages that wait to be sent.", (s) => s.queued],
  ["zmq_held_messages", "gauge", "Messages that wait to be received.", (s) => s.held],
  ["zmq_peers", "gauge", "Connected peers.", (s) => s.peers.length],
];

/** Metrics with one series per reason or limit. */
const COUNTS:
  readonly (readonly [string, string, string, (from: SocketStatistics) => Readonly<Record<string, number>>])[] = [
    ["zmq_messages_dropped_total", "reason", "Dropped messages.", (s) => s.drops],
    ["zmq_connections_refused_total", "limit", "Incoming connections closed because of a limit.", (s) => s.refusals],
  ];

/** Returns the series of a socket, such as `zmq_peers{type="PUB"}`, with their values. */
function seriesOf(socket: Context["openSockets"][number]): Map<string, number> {
  const statistics = socket.statistics();
  const series = new Map<string, number>();
  for (const [name, label, , of] of COUNTS) {
    for (const [key, value] of Object.entries(of(statistics))) {
      series.set(`${name}{type="${socket.type}",${label}="${key}"}`, value);
    }
  }
  for (const [name, , , of] of METRICS) series.set(`${name}{type="${socket.type}"}`, of(statistics));
  return series;
}

function add(sums: Map<string, number>, series: Map<string, number>): void {
  for (const [name, value] of series) sums.set(name, (sums.get(name) ?? 0) + value);
}

/**
 * Returns a function that writes the sums of all sockets of each type in Prometheus's text format. A label per socket
 * would be a new series for each socket that is ever created, so closed sockets keep their counts in the sums instead:
 * those of the last scrape. Counts after that scrape are missing.
 */
export function prometheusExporter(context: Context): () => string {
  let open = new Map<number, Map<string, number>>();
  const past = new Map<string, number>();
  return () => {
    const now = new Map(context.openSockets.map((socket) => [socket.id, seriesOf(socket)]));
    for (const [id, series] of open) {
      if (!now.has(id)) add(past, new Map([...series].filter(([name]) => name.includes("_total{"))));
    }
    open = now;
    const sums = new Map(past);
    for (const series of open.values()) add(sums, series);
    const lines: string[] = [];
    const write = (name: string, type: string, help: string) => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [series, value] of sums) if (series.startsWith(`${name}{`)) lines.push(`${series} ${value}`);
    };
    for (const [name, , help] of COUNTS) write(name, "counter", help);
    for (const [name, type, help] of METRICS) write(name, type, help);
    return `${lines.join("\n")}\n`;
  };
}

const context = new Context();
const metrics = prometheusExporter(context);
await using publisher = new Publisher({ context });
await using subscriber = new Subscriber({ context });
subscriber.subscribe("");
subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
await publisher.waitForSubscribers(1);
for (const price of [100, 101]) await publisher.send(["gold", price]);
for (let i = 0; i < 2; i++) await subscriber.receive();

// In a server: new Response(metrics(), { headers: { "content-type": "text/plain; version=0.0.4" } })
// The series that are not 0:
for (const line of metrics().split("\n")) if (/ [1-9]\d*$/.test(line)) console.log(line);
