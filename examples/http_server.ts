/**
 * Talk to peers that are not ZeroMQ with a Stream socket: here a small web server, called by the runtime's own
 * `fetch`.
 *
 * Run: deno run -A examples/http_server.ts (or: bun examples/http_server.ts, npx tsx examples/http_server.ts)
 *
 * Prints:
 *     200 Hello, Ada!
 *     404 There is no /coffee here
 */

import { Stream, toText } from "@monocoque/zmq";

const server = new Stream();
const endpoint = await server.bind("tcp://127.0.0.1:0");

/** A message is the id of a connection and bytes. No bytes mean that the connection was opened, or has ended. */
async function serve(): Promise<void> {
  const begun = new Map<string, string>();
  for await (const [id, bytes] of server) {
    const connection = String(id);
    if (bytes.length === 0) {
      begun.delete(connection);
      continue;
    }
    const head = (begun.get(connection) ?? "") + toText(bytes);
    begun.set(connection, head);
    if (!head.includes("\r\n\r\n")) continue; // there is more to come

    const url = new URL(head.split(" ")[1]!, "http://localhost");
    const found = url.pathname === "/hello";
    const body = found ? `Hello, ${url.searchParams.get("name")}!` : `There is no ${url.pathname} here`;
    const status = `HTTP/1.1 ${found ? "200 OK" : "404 Not Found"}`;
    const headers = [`Content-Length: ${new TextEncoder().encode(body).length}`, "Connection: close"];
    await server.send([id, [status, ...headers, "", body].join("\r\n")]);
    await server.send([id, null]); // closes the connection, after what was sent
  }
}
const serving = serve();

for (const path of ["/hello?name=Ada", "/coffee"]) {
  const response = await fetch(endpoint.replace("tcp:", "http:") + path);
  console.log(response.status, await response.text());
}
await server.close();
await serving;
