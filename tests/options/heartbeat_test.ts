/**
 * `heartbeatInterval`, `heartbeatTimeout` and `heartbeatTimeToLive`: their effect on the wire, and changes on an open
 * socket, which apply to the next connection only.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { Pull, type Socket, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";

/** The time to live of the next PING, in tenths of a second. */
async function pinged(peer: RawPeer): Promise<number> {
  const { flags, body } = await peer.frame();
  const [length, ...rest] = body;
  const name = new TextDecoder().decode(Uint8Array.from(rest.slice(0, length)));
  assertEquals([flags, name, body.length], [4, "PING", 7]);
  return body[5]! << 8 | body[6]!;
}

/** Lets a peer join that then says nothing, until the socket drops it and says that it was silent. */
async function dropped(socket: Socket, endpoint: string): Promise<void> {
  const lost = nextEvent(socket, "disconnect");
  await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
  const { error } = await lost;
  assertInstanceOf(error, ZmqError);
  assertEquals(error.code, "ETIMEDOUT");
  await peer.gone;
}

test("heartbeatInterval: none by default; set live, the next peer is pinged and an earlier one is not", async () => {
  await using pull = new Pull({ heartbeatTimeout: 0 });
  const endpoint = await pull.bind(ANY);
  await using before = await RawPeer.join(endpoint, { type: "PUSH" });
  pull.heartbeatInterval = 5;
  await using after = await RawPeer.join(endpoint, { type: "PUSH" });
  for (let i = 0; i < 5; i++) assertEquals(await pinged(after), 0);
  // Fails if anything but the answer comes.
  await before.sync();
  pull.heartbeatInterval = 0;
  await using last = await RawPeer.join(endpoint, { type: "PUSH" });
  for (let i = 0; i < 5; i++) await pinged(after);
  await last.sync();
});

test("heartbeatInterval set live applies to the next reconnect", async () => {
  await using listener = await RawListener.bind();
  await using pull = new Pull({ reconnectInterval: 1, heartbeatTimeout: 0 });
  pull.connect(listener.endpoint);
  const first = await listener.join({ type: "PUSH" });
  pull.heartbeatInterval = 5;
  await first.sync();
  await first.end();
  await pinged(await listener.join({ type: "PUSH" }));
});

test("heartbeatTimeToLive is sent with each PING in tenths of a second; set live, it applies to the next connection", async () => {
  await using pull = new Pull({ heartbeatInterval: 5, heartbeatTimeout: 0, heartbeatTimeToLive: 1200 });
  const endpoint = await pull.bind(ANY);
  await using first = await RawPeer.join(endpoint, { type: "PUSH" });
  assertEquals([await pinged(first), await pinged(first)], [12, 12]);
  for (const [milliseconds, tenths] of [[250, 2], [65_600, 1310], [6_553_599, 65_535], [0, 0]] as const) {
    pull.heartbeatTimeToLive = milliseconds;
    await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
    assertEquals(await pinged(peer), tenths);
  }
  assertEquals(await pinged(first), 12);
});

test("heartbeatTimeout −1: as long as the interval", async () => {
  await using pull = new Pull({ heartbeatInterval: 20 });
  assertEquals(pull.heartbeatTimeout, -1);
  await dropped(pull, await pull.bind(ANY));
});

test("heartbeatTimeout 0: a peer may be silent forever; a change applies to the next connection", async () => {
  await using pull = new Pull({ heartbeatInterval: 10, heartbeatTimeout: 0 });
  const endpoint = await pull.bind(ANY);
  await using patient = await RawPeer.join(endpoint, { type: "PUSH" });
  await pull.waitForPeers(1);
  pull.heartbeatTimeout = 20;
  for (let i = 0; i < 5; i++) await dropped(pull, endpoint);
  patient.write(message("still here"));
  assertEquals(await take(pull, 1), ["still here"]);
});

test("heartbeatTimeout without heartbeatInterval does nothing", async () => {
  await using pull = new Pull({ heartbeatTimeout: 10 });
  const endpoint = await pull.bind(ANY);
  await using quiet = await RawPeer.join(endpoint, { type: "PUSH" });
  await pull.waitForPeers(1);
  pull.heartbeatInterval = 10;
  for (let i = 0; i < 5; i++) await dropped(pull, endpoint);
  await quiet.sync();
});
