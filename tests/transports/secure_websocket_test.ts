/**
 * WebSocket over TLS on the runtime that runs this file: the compliance suite, certificates, and peers that do not speak TLS.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "node:net";
import { once } from "node:events";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { Pull, Push } from "../../mod.ts";
import { CERT, KEY } from "../security/tls_keys.ts";
import { nextEvent, take } from "../sockets/support.ts";
import { runtime, test } from "../support/harness.ts";
import { loadWebSockets } from "../../transports/mod.ts";
import { transportCompliance } from "./compliance.ts";

const EMPTY = "an empty chunk is an empty message";
const except = {
  "empty chunks change nothing": EMPTY,
  "empty chunks behind one that has to wait change nothing": EMPTY,
  "bytesTaken grows while one large write is in flight, and tells at the end what onClose tells":
    "a message arrives only as a whole, and a TLS socket reports a write only as a whole",
  ...runtime === "deno" ? onDeno() : {},
};

/** Tests of a reader that holds the writer back. */
function onDeno(): Record<string, string> {
  const why = "node:tls on Deno reads on while it is paused (docs/roadmap.md)";
  return {
    "a paused reader holds the writer back, in bounded memory; resume lets it go on": why,
    "back-pressure works both ways at once": why,
    "close drops what comes in, without breaking what goes out": why,
    "abort while writing: what onClose tells of the last write is true": why,
    "abort while writing: onClose with the reason, no onDrain, and the peer is told": why,
    "abort ends a close that waits for a peer that does not read": why,
    "a peer that aborts while we write: onClose, and no hang": why,
  };
}

/** The transport with the certificate of the tests on both sides. */
async function withCertificate(): Promise<Transport> {
  const { connect, listen } = await loadWebSockets();
  const own = { headers: {}, protocols: [], allowedOrigins: [] };
  const client = { ...own, ca: CERT, cert: "", key: "", rejectUnauthorized: true, serverName: "" };
  return {
    connect: (endpoint, options) => connect(endpoint, { ...options, endpointOptions: client }),
    listen: (endpoint, onLink, options) =>
      listen(endpoint, onLink, { ...options, endpointOptions: { ...own, cert: CERT, key: KEY, ca: "" } }),
  };
}

transportCompliance(`wss on ${runtime}`, withCertificate, "wss://127.0.0.1:0", { except, knows: "most", whole: true });

test("wss: sockets, by address and by name, with a certificate that is trusted", async () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    await using pull = new Pull();
    await using push = new Push();
    const endpoint = await pull.bind("wss://127.0.0.1:0/path", { cert: CERT, key: KEY });
    push.connect(endpoint.replace("127.0.0.1", host), { ca: CERT });
    await push.send(["over", new Uint8Array(300_000)]);
    const [first, second] = await pull.receive();
    assertEquals([new TextDecoder().decode(first), second!.length], ["over", 300_000]);
  }
});

test("wss: a certificate that is not trusted, or of another name, is rejected, unless it is asked for", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind("wss://127.0.0.1:0", { cert: CERT, key: KEY });
  for (const options of [{}, { ca: CERT, serverName: "example.org" }]) {
    await using push = new Push();
    const failed = nextEvent(push, "connect:retry");
    push.connect(endpoint, options);
    const { code, message } = (await failed).error as ZmqError;
    assertEquals(code, "EACCES", message);
    assert(message.startsWith(`Cannot connect to ${endpoint}: TLS failed: `), message);
  }
  await using push = new Push();
  push.connect(endpoint, { rejectUnauthorized: false });
  await push.send("unchecked");
  assertEquals(await take(pull, 1), ["unchecked"]);
});

test("wss: a server that requires certificates of its clients", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind("wss://127.0.0.1:0", { cert: CERT, key: KEY, ca: CERT });
  await using stranger = new Push();
  const failed = nextEvent(stranger, "connect:retry");
  stranger.connect(endpoint, { ca: CERT });
  await failed;
  await using push = new Push();
  push.connect(endpoint, { ca: CERT, cert: CERT, key: KEY });
  await push.send("known");
  assertEquals(await take(pull, 1), ["known"]);
});

test("wss: bind requires a certificate and a key, and neither is ever shown", async () => {
  await using pull = new Pull();
  const error = await assertRejects(() => pull.bind("wss://127.0.0.1:0"), ZmqError, "cert and key");
  assertEquals(error.code, "EINVAL");
  const wrong = await assertRejects(async () =>
    void await pull.bind("wss://127.0.0.1:0", { cert: CERT, key: "secret" })
  );
  assert(!(wrong as Error).message.includes("secret"), (wrong as Error).message);
});

test("wss: a client that does not speak TLS costs only its own connection", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind("wss://127.0.0.1:0", { cert: CERT, key: KEY });
  const raw = connect(Number(new URL(endpoint).port), "127.0.0.1");
  raw.on("error", () => {});
  raw.resume();
  raw.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(raw, "close");
  await using push = new Push();
  push.connect(endpoint, { ca: CERT });
  await push.send("after");
  assertEquals(await take(pull, 1), ["after"]);
});

test("wss: connecting to a server without TLS fails, and an endpoint without it keeps its own name", async () => {
  const transport = await withCertificate();
  const plain = await transport.listen(Endpoint.parse("ws://127.0.0.1:0", "bind"), () => {});
  const target = plain.endpoint.replace("ws:", "wss:");
  const error = await assertRejects(() => transport.connect(Endpoint.parse(target, "connect")), ZmqError);
  assert(error.message.startsWith(`Cannot connect to ${target}: `), error.message);
  await plain.close();
});
