/**
 * Encrypted traffic between this library and libzmq, with an eavesdropper that sees all bytes: subscriptions,
 * heartbeats; and traffic that an active attacker changes.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { Relay, type Tamper } from "../support/relay.ts";
import { texts } from "./frames.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";
import { type Open, passEverySize } from "./secured_sizes.ts";
import { admitting, AUTHENTICATE, CLIENT_OPTIONS, SERVER_OPTIONS } from "./secured.ts";

const libzmq = admitting(new Peer("libzmq"));

const openOurs: Open = (type, asServer, options) => {
  const security = asServer ? { ...SERVER_OPTIONS.CURVE, ...AUTHENTICATE } : CLIENT_OPTIONS.CURVE;
  return Promise.resolve(new OurEnd(type, { ...security, ...options }));
};
const openTheirs: Open = (type, asServer, options) =>
  libzmq.open(type, { ...(asServer ? SERVER_OPTIONS : CLIENT_OPTIONS).CURVE, ...options });

/** Returns whether the bytes that the eavesdropper saw contain this text. */
function seen({ bytes }: { bytes: Uint8Array }, text: string): boolean {
  return new TextDecoder("latin1").decode(bytes).includes(text);
}

/** A header, MESSAGE and its counter, the tag, the flags, "PING", its time to live. */
const SEALED_PING = 2 + 33 + 7;
const SEALED_PONG = 2 + 33 + 5;

/** The frames of one side: HELLO and INITIATE of the client, WELCOME and READY of the server. */
const HANDSHAKE_FRAMES = 2;

for (
  const [name, openServer, openClient] of [
    ["ours is the server", openOurs, openTheirs],
    ["libzmq is the server", openTheirs, openOurs],
  ] as const
) {
  for (const [publisherType, subscriberType] of [["XPUB", "SUB"], ["PUB", "XSUB"]] as const) {
    test(`${publisherType} and ${subscriberType}, ${name}: topics and messages are never in the clear`, async () => {
      await using publisher = await openServer(publisherType, true);
      await using subscriber = await openClient(subscriberType, false);
      await using relay = await Relay.to(await publisher.bind("tcp://127.0.0.1:0"));
      await subscriber.connect(relay.endpoint);
      if (subscriberType === "SUB") {
        await subscriber.subscribe("weather.");
        assertEquals(texts(await publisher.receive()), ["\x01weather."]);
        await publisher.send(["news.today"]);
        await publisher.send(["weather.today", "much rain"]);
        assertEquals(texts(await subscriber.receive()), ["weather.today", "much rain"]);
        await subscriber.unsubscribe("weather.");
        assertEquals(texts(await publisher.receive()), ["\x00weather."]);
      } else {
        await subscriber.send(["\x01weather."]);
        await publishUntilHeard(publisher, subscriber, "weather.");
      }
      for (const from of ["client", "server"] as const) {
        const recorded = relay.recorded(from);
        assertEquals([seen(recorded, "weather"), seen(recorded, "MESSAGE"), seen(recorded, "rain")], [
          false,
          true,
          false,
        ]);
      }
    });
  }

  test(
    `frames of every size pass both ways, ${name}`,
    () => passEverySize(openServer, openClient),
    { timeout: 60_000 },
  );

  for (const whose of ["server", "client"] as const) {
    test(`heartbeats of the ${whose} are encrypted and answered, ${name}`, async () => {
      const beating = { heartbeatInterval: 20, heartbeatTimeout: 5_000 };
      await using server = await openServer("DEALER", true, whose === "server" ? beating : {});
      await using client = await openClient("DEALER", false, whose === "client" ? beating : {});
      await using relay = await Relay.to(await server.bind("tcp://127.0.0.1:0"));
      await client.connect(relay.endpoint);
      const other = whose === "server" ? "client" : "server";
      await Promise.all([
        relay.sent(whose, HANDSHAKE_FRAMES + 3),
        relay.sent(other, HANDSHAKE_FRAMES + 3),
      ]);
      const sizes = (from: "server" | "client") =>
        relay.recorded(from).frames.slice(HANDSHAKE_FRAMES, HANDSHAKE_FRAMES + 3).map(({ length }) => length);
      assertEquals(sizes(whose), Array(3).fill(SEALED_PING));
      assertEquals(sizes(other), Array(3).fill(SEALED_PONG));
      await client.send(["still here"]);
      assertEquals(texts(await server.receive()), ["still here"]);
      assertEquals(relay.connections, 1);
    });
  }

  for (
    const [how, change] of [
      ["with a bit turned over", (frame: Uint8Array) => {
        frame[frame.length - 1]! ^= 1;
        return [frame];
      }],
      ["twice", (frame: Uint8Array) => [frame, frame]],
      ["in the clear", (frame: Uint8Array) => [Uint8Array.of(0, 2, 0x68, 0x69), frame]],
    ] as const
  ) {
    test(`libzmq's message that arrives ${how} ends the connection, and the peers reconnect, ${name}`, async () => {
      const weServe = openServer === openOurs;
      const sender = weServe ? "client" : "server";
      await using server = await openServer(weServe ? "PULL" : "PUSH", true);
      await using client = await openClient(weServe ? "PUSH" : "PULL", false, { reconnectInterval: 20 });
      const [push, pull] = weServe ? [client, server] : [server, client];
      const third = HANDSHAKE_FRAMES + 2;
      const tamper: Tamper = ({ from, index, connection, bytes }) =>
        from === sender && index === third && connection === 0 ? change(bytes) : undefined;
      await using relay = await Relay.to(await server.bind("tcp://127.0.0.1:0"), tamper);
      await client.connect(relay.endpoint);
      for (const message of ["one", "two"]) {
        await push.send([message]);
        assertEquals(texts(await pull.receive()), [message]);
      }
      await push.send(["three"]);
      await Promise.all([push.seen("disconnect", 1), pull.seen("disconnect", 1)]);
      await Promise.all([push.seen("handshake", 2), pull.seen("handshake", 2)]);
      await push.send(["after"]);
      // The first of two was right.
      for (const message of how === "twice" ? ["three", "after"] : ["after"]) {
        assertEquals(texts(await pull.receive()), [message]);
      }
    });
  }
}
