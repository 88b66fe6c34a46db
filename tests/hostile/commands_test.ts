/**
 * Commands after the handshake: PING is answered, unknown commands are ignored, and a flood of either costs little.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, message, ping, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, take } from "../sockets/support.ts";
import { Victim } from "./support.ts";

const PUSH = { type: "PUSH" };

test("PING: answered by a PONG with the same context, of 16 bytes at most", async () => {
  await using victim = await Victim.make();
  await using peer = await RawPeer.join(victim.endpoint, PUSH);
  for (const context of ["", "a", "sixteen bytes ok", "more than sixteen bytes"]) {
    peer.write(ping(context));
    assertEquals(await peer.frame(), { flags: 4, body: bytes("\x04PONG", context.slice(0, 16)) });
  }
});

test("PING: answered in order, also between messages and with a time to live", async () => {
  await using victim = await Victim.make();
  await using peer = await RawPeer.join(victim.endpoint, PUSH);
  peer.write(bytes(ping("1"), message("a", "b"), command("PING", bytes(0, 10, "2")), message("c"), ping("3")));
  for (const context of ["1", "2", "3"]) assertEquals(await peer.message(), [`PONG${context}`]);
  assertEquals(await take(victim.pull, 2), ["a|b", "c"]);
});

test("PING: answered by the connecting socket as well, before its queued messages", async () => {
  await using listener = await RawListener.bind();
  await using dealer = new Dealer();
  dealer.connect(listener.endpoint);
  const peer = await listener.join({ type: "ROUTER" });
  peer.write(ping("hello"));
  assertEquals(await peer.message(), ["PONGhello"]);
  await dealer.send("message");
  assertEquals(await peer.message(), ["message"]);
});

test("unknown commands, a second READY and an unsolicited PONG are ignored", async () => {
  await using victim = await Victim.make();
  await using peer = await RawPeer.join(victim.endpoint, PUSH);
  const long = "N".repeat(255);
  peer.write(
    command("UNKNOWN", "data"),
    command(long, "x".repeat(1000)),
    command("READY", bytes(11, "Socket-Type", 0, 0, 0, 3, "SUB")),
    command("PONG", "unasked"),
    command("ping", "lower case"),
    message("and a message"),
  );
  assertEquals(await take(victim.pull, 1), ["and a message"]);
  await peer.sync();
  await victim.unharmed();
});

test("a flood of PINGs by a peer that does not read is bounded, without effect on other peers", async () => {
  await using victim = await Victim.make();
  await using peer = await RawPeer.join(victim.endpoint, PUSH);
  peer.pause();
  const flood = bytes(...Array.from({ length: 4096 }, () => ping("sixteen bytes ok")));
  const rounds = 400;
  for (let i = 0; i < rounds; i++) await peer.write(flood);
  peer.write(message("behind the flood"));
  assertEquals(await take(victim.pull, 1), ["behind the flood"]);
  await victim.unharmed();
  // Everything was taken; far fewer answers than PINGs are there to read.
  peer.resume();
  let answers = 0;
  let last = "";
  const reading = (async () => {
    while (last !== "PONGend") {
      last = (await peer.message())[0]!;
      answers++;
    }
  })();
  // An answer is left out while too many wait to be read, so this is asked until it is answered.
  while (last !== "PONGend") {
    await peer.write(ping("end"));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await reading;
  assert(answers < rounds * 4096, `${answers} answers`);
}, { timeout: 60_000 });

test("a flood of subscriptions that are not received stops reading, and is not queued", async () => {
  await using xpub = new XPublisher({ receiveHighWaterMark: 10 });
  await using peer = await RawPeer.join(await xpub.bind(ANY), { type: "SUB" });
  const count = 5000;
  peer.write(bytes(...Array.from({ length: count }, (_, i) => command("SUBSCRIBE", `${i}`))));
  assertEquals(await take(xpub, count), Array.from({ length: count }, (_, i) => `\x01${i}`));
  assertEquals(xpub.subscriberCount, 1);
});
