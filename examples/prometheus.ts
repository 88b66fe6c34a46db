/**
 * Export the statistics of every open socket to Prometheus: a text for the /metrics page of an HTTP server.
 *
 * Run: deno run -A examples/prometheus.ts (or: bun examples/prometheus.ts, npx tsx examples/prometheus.ts)
 *
 * Prints:
 *     zmq_messages_sent_total{type="PUB",socket="1"} 2
 *     zmq_sent_bytes_total{type="PUB",socket="1"} 14
 *     zmq_messages_received_total{type="SUB",socket="2"} 2
 *     zmq_received_bytes_total{type="SUB",socket="2"} 14
 *     zmq_peers{type="PUB",socket="1"} 1
 *     zmq_peers{type="SUB",socket="2"} 1
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

/** Returns the metrics of all open sockets of a context in Prometheus's text format. */
export function prometheusText(context: Context): string {
  const sockets = context.openSockets.map((socket) => ({
    labels: `type="${socket.type}",socket="${socket.id}"`,
    statistics: socket.statistics(),
  }));
  const lines: string[] = [];
  const head = (name: string, type: string, help: string) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  for (const [name, label, help, of] of COUNTS) {
    head(name, "counter", help);
    for (const { labels, statistics } of sockets) {
      for (const [key, value] of Object.entries(of(statistics))) {
        lines.push(`${name}{${labels},${label}="${key}"} ${value}`);
      }
    }
  }
  for (const [name, type, help, of] of METRICS) {
    head(name, type, help);
    for (const { labels, statistics } of sockets) lines.push(`${name}{${labels}} ${of(statistics)}`);
  }
  return `${lines.join("\n")}\n`;
}

const context = new Context();
await using publisher = new Publisher({ context });
await using subscriber = new Subscriber({ context });
subscriber.subscribe("");
subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
await publisher.waitForSubscribers(1);
for (const price of [100, 101]) await publisher.send(["gold", price]);
for (let i = 0; i < 2; i++) await subscriber.receive();

// In a server: new Response(prometheusText(context), { headers: { "content-type": "text/plain; version=0.0.4" } })
// The series that are not 0:
for (const line of prometheusText(context).split("\n")) if (/ [1-9]\d*$/.test(line)) console.log(line);
