/**
 * Pair over every transport: one peer at a time, which may be followed by another.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Pair, type SocketEvent } from "../../../mod.ts";
import { test } from "../../support/harness.ts";
import { nextEvent, numbers, take, until } from "../support.ts";
import { link, type Suite } from "./transport.ts";

/**
 * Returns the event that reports to a second Pair that it is rejected: over inproc before the handshake is complete,
 * otherwise after it.
 */
function refusal(pair: Pair): Promise<string> {
  return new Promise((resolve) => {
    const stop = pair.events.listen((event: SocketEvent) => {
      if (event.type !== "handshake:error:other" && event.type !== "disconnect") return;
      stop();
      resolve(event.error!.message);
    });
  });
}

export const pairs: Suite = (transport) => {
  const { name } = transport;

  test(`${name}: a Pair rejects a second peer, reports it, and accepts it after the first has disconnected`, async () => {
    await using pair = new Pair();
    const first = new Pair();
    await using second = new Pair({ reconnectInterval: 1 });
    const endpoint = await link(transport, pair, first);
    const refused = nextEvent(pair, "handshake:error:other");
    const told = refusal(second);
    second.connect(endpoint);
    const { error, ...event } = await refused;
    assertEquals([event.endpoint, error.message], [
      endpoint,
      "Cannot accept another peer on Pair: it has one peer at a time and is connected already",
    ]);
    assertStringIncludes(await told, error.message);
    assertEquals(pair.peerCount, 1);
    await first.send("from the first");
    assertEquals(await take(pair, 1), ["from the first"]);
    await pair.send("to the first");
    assertEquals(await take(first, 1), ["to the first"]);
    const welcome = nextEvent(pair, "handshake");
    await first.close();
    await welcome;
    await second.send("from the second");
    assertEquals(await take(pair, 1), ["from the second"]);
    await pair.send("to the second");
    assertEquals(await take(second, 1), ["to the second"]);
  });

  test(`${name}: a Pair that has connected rejects peers at its bound endpoint`, async () => {
    await using pair = new Pair();
    await using peer = new Pair();
    await using other = new Pair({ linger: 0 });
    await link(transport, peer, pair);
    const endpoint = await pair.bind(transport.endpoint());
    const refused = nextEvent(pair, "handshake:error:other");
    other.connect(endpoint);
    assertEquals((await refused).endpoint, endpoint);
    await pair.send("still to the first");
    assertEquals(await take(peer, 1), ["still to the first"]);
  });

  test(`${name}: a bound Pair waits to send without a peer, and sends to the next one`, async () => {
    await using pair = new Pair();
    const endpoint = await pair.bind(transport.endpoint());
    for (const round of numbers(3)) {
      assertEquals([pair.writable, pair.trySend("at once")], [false, false]);
      const sent = pair.send(round);
      const peer = new Pair();
      peer.connect(endpoint);
      await sent;
      assertEquals(await take(peer, 1), [round]);
      await peer.send(`re ${round}`);
      await peer.close();
      assertEquals(await take(pair, 1), [`re ${round}`]);
      await until(() => pair.peerCount === 0);
    }
  });
};
