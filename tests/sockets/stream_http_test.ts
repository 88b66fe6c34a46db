/**
 * Stream with peers that do not know ZeroMQ: the runtime's own HTTP clients and servers.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { Stream, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY } from "./support.ts";

/** One HTTP request, as far as these tests need it. */
interface HttpRequest {
  readonly line: string;
  readonly body: string;
}

/** Answers every request on a Stream until that is closed; `answer` makes the body. The connection is closed after each. */
async function serveHttp(server: Stream, answer: (request: HttpRequest) => string): Promise<void> {
  const begun = new Map<string, string>();
  for await (const [id, bytes] of server) {
    const key = String(id);
    if (bytes.length === 0) {
      begun.delete(key);
      continue;
    }
    const text = (begun.get(key) ?? "") + toText(bytes);
    const end = text.indexOf("\r\n\r\n");
    const expected = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
    if (end < 0 || text.length < end + 4 + expected) {
      begun.set(key, text);
      continue;
    }
    begun.delete(key);
    const body = answer({ line: text.slice(0, text.indexOf("\r\n")), body: text.slice(end + 4) });
    const head = ["HTTP/1.1 200 OK", "Content-Type: text/plain", `Content-Length: ${body.length}`, "Connection: close"];
    await server.send([id, `${head.join("\r\n")}\r\n\r\n`]);
    await server.send([id, body]);
    await server.send([id, null]);
  }
}

test("stream: answers fetch(), with and without a body, and many concurrently", async () => {
  await using server = new Stream();
  const url = (await server.bind(ANY)).replace("tcp:", "http:");
  const serving = serveHttp(server, ({ line, body }) => `${line} ${body.length}`);

  const got = await fetch(`${url}/hello?who=world`);
  assertEquals([got.status, await got.text()], [200, "GET /hello?who=world HTTP/1.1 0"]);
  const posted = await fetch(`${url}/post`, { method: "POST", body: "x".repeat(300_000) });
  assertEquals(await posted.text(), "POST /post HTTP/1.1 300000");
  const many = await Promise.all(Array.from({ length: 30 }, async (_, i) => await (await fetch(`${url}/${i}`)).text()));
  assertEquals(many, Array.from({ length: 30 }, (_, i) => `GET /${i} HTTP/1.1 0`));

  await server.close();
  await serving;
}, { timeout: 20_000 });

test("stream: answers node:http with more than the kernel holds", async () => {
  await using server = new Stream();
  const url = (await server.bind(ANY)).replace("tcp:", "http:");
  const size = 12 << 20;
  const serving = serveHttp(server, () => "x".repeat(size));
  const received = await new Promise<number>((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let length = 0;
      response.on("data", (chunk: Uint8Array) => length += chunk.length);
      response.on("end", () => resolve(length));
    }).on("error", reject);
  });
  assertEquals(received, size);
  await server.close();
  await serving;
}, { timeout: 20_000 });

test("stream: gets a page from an HTTP server", async () => {
  const http = createServer((request, response) => response.end(`you asked for ${request.url}`));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  try {
    await using client = new Stream({ reconnectInterval: -1 });
    client.connect(`tcp://127.0.0.1:${(http.address() as AddressInfo).port}`, { routingId: "http" });
    await client.receive();
    await client.send(["http", "GET /thing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"]);
    let text = "";
    for await (const [, bytes] of client) {
      if (bytes.length === 0) break;
      text += toText(bytes);
    }
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
    assertMatch(text, /you asked for \/thing/);
  } finally {
    await new Promise((resolve) => http.close(resolve));
  }
});
