/**
 * Heartbeats of every socket type, in both directions: PING with its time to live, PONG with the peer's context, and
 * the disconnect of a silent peer, whichever side connected.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  type SocketOptions,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent } from "./support.ts";

type Make = (options: SocketOptions) => Socket;

const TYPES: readonly (readonly [make: Make, peer: string])[] = [
  [(options) => new Request(options), "REP"],
  [(options) => new Reply(options), "REQ"],
  [(options) => new Dealer(options), "ROUTER"],
  [(options) => new Router(options), "DEALER"],
  [(options) => new Publisher(options), "SUB"],
  [(options) => new Subscriber(options), "PUB"],
  [(options) => new XPublisher(options), "XSUB"],
  [(options) => new XSubscriber(options), "XPUB"],
  [(options) => new Push(options), "PULL"],
  [(options) => new Pull(options), "PUSH"],
  [(options) => new Pair(options), "PAIR"],
];

/** The peer's next PING, as its data: time to live and context. */
async function nextPing(peer: RawPeer): Promise<Uint8Array> {
  for (;;) {
    const { flags, body } = await peer.frame();
    if ((flags & 4) !== 0 && new TextDecoder().decode(body.subarray(1, 5)) === "PING") return body.slice(5);
  }
}

for (const [make, type] of TYPES) {
  const name = make({}).type;

  test(`heartbeat: a bound ${name} sends PINGs, and drops a peer that does not answer`, async () => {
    await using socket = make({ heartbeatInterval: 10, heartbeatTimeout: 100, heartbeatTimeToLive: 2500 });
    const lost = nextEvent(socket, "disconnect");
    await using peer = await RawPeer.join(await socket.bind(ANY), { type });
    // Tenths of a second, and no context.
    assertEquals(await nextPing(peer), bytes(0, 25));
    const { error } = await lost;
    assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
    await peer.gone;
  });

  test(`heartbeat: a connecting ${name} disconnects a peer that does not answer, and reconnects`, async () => {
    await using listener = await RawListener.bind();
    await using socket = make({ heartbeatInterval: 10, heartbeatTimeout: 100, reconnectInterval: 5 });
    socket.connect(listener.endpoint);
    const first = await listener.join({ type });
    await nextPing(first);
    await first.gone;
    await nextPing(await listener.join({ type }));
  });

  test(`heartbeat: a ${name} answers with the context, and disconnects a peer after its own time to live`, async () => {
    await using socket = make({});
    const lost = nextEvent(socket, "disconnect");
    await using peer = await RawPeer.join(await socket.bind(ANY), { type });
    // Subscriptions may come first.
    peer.write(command("PING", bytes(0, 1, "sixteen bytes ok")));
    for (;;) {
      const { flags, body } = await peer.frame();
      if ((flags & 4) === 0 || body[1] !== 0x50) continue;
      assertEquals(new TextDecoder().decode(body.subarray(1)), "PONGsixteen bytes ok");
      break;
    }
    const { error } = await lost;
    assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
  });
}
