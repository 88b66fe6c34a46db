/**
 * A TCP connection can connect to itself: when a port of this machine has no listener, and the connection gets that
 * port as its own. It must not be taken for a peer, and must not keep the port.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { createServer } from "node:net";
import { Pull, Push } from "../../mod.ts";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { loadTransport } from "../../transports/mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { runtime, test } from "../support/harness.ts";
import { nextEvent } from "../sockets/support.ts";
import { noIpv6 } from "./machine.ts";

/** More often than there are ports to be given. */
const ATTEMPTS = 300_000;
const ITSELF = "nothing listens there, and the connection was made to itself";

/** A free port of the host. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

for (const [host, skip] of [["127.0.0.1", undefined], ["[::1]", noIpv6]] as const) {
  test(`self-connect: ${host} with its own port as source is refused, and says why`, async () => {
    const transport = await loadTransport();
    const port = await freePort(host.replace(/[[\]]/g, ""));
    const endpoint = `tcp://${host}:${port};${host}:${port}`;
    const error = await assertRejects(() => transport.connect(Endpoint.parse(endpoint, "connect")), ZmqError);
    assertEquals([error.code, error.message], ["ECONNREFUSED", `Cannot connect to ${endpoint}: ${ITSELF}`]);
    assertInstanceOf(error.cause, Error);
    // The port is free again.
    const listener = await transport.listen(Endpoint.parse(`tcp://${host}:${port}`, "bind"), () => {});
    await listener.close();
  }, skip === undefined ? {} : { skip });
}

test("self-connect: a connection to itself by chance, without a source address, is rejected as well", async () => {
  const transport = await loadTransport();
  // The one address whose connections come from itself.
  const host = "127.0.0.1";
  // Linux gives even ports to connections first.
  const endpoint = Endpoint.parse(`tcp://${host}:${await freePort(host) & ~1}`, "connect");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const error = await assertRejects(() => transport.connect(endpoint), ZmqError);
    assertEquals(error.code, "ECONNREFUSED");
    if (error.message.endsWith(ITSELF)) return;
  }
  throw new Error(`No connection met itself in ${ATTEMPTS} attempts`);
}, {
  timeout: 120_000,
  ...runtime === "node" && { skip: "it takes long on Node, where a source address makes no difference" },
});

test("self-connect: a socket keeps retrying, reports it by an event, and the real server gets the port", async () => {
  const port = await freePort("127.0.0.1");
  const endpoint = `tcp://127.0.0.1:${port}`;
  await using push = new Push({ reconnectInterval: 5, linger: 0 });
  const events: string[] = [];
  push.events.listen(({ type }) => type !== "hint" && events.push(type));
  const retried = nextEvent(push, "connect:retry");
  push.connect(`tcp://127.0.0.1:${port};127.0.0.1:${port}`);
  const { error } = await retried;
  assert(error?.message.endsWith(ITSELF), error?.message);
  assert(!events.includes("connect") && !events.includes("handshake"), events.join());
  push.disconnect(`tcp://127.0.0.1:${port};127.0.0.1:${port}`);
  push.connect(endpoint);
  await push.send("for the server");
  await using pull = new Pull();
  await bindAgain(pull, endpoint);
  assertEquals(new TextDecoder().decode((await pull.receive())[0]), "for the server");
});
