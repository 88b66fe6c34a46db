/**
 * Push and Pull, many-to-many: sending round-robin, receiving fair-queued, one whole message at a time.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, message, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, texts } from "./support.ts";

const PULL = { type: "PULL" };
const PUSH = { type: "PUSH" };

test("push: sends messages round-robin, one to each peer", async () => {
  await using push = new Push();
  const endpoint = await push.bind(ANY);
  await using a = await RawPeer.join(endpoint, PULL);
  await using b = await RawPeer.join(endpoint, PULL);
  await using c = await RawPeer.join(endpoint, PULL);
  await push.waitForPeers(3);
  for (let i = 0; i < 9; i++) await push.send([`${i}`, "body"]);
  const seen = new Set<string>();
  for (const peer of [a, b, c]) {
    const [first] = await peer.message();
    const start = Number(first);
    assertEquals(await peer.message(), [`${start + 3}`, "body"]);
    assertEquals(await peer.message(), [`${start + 6}`, "body"]);
    seen.add(first!);
  }
  assertEquals([...seen].sort(), ["0", "1", "2"]);
});

test("push: a disconnected peer is skipped, a new one gets its share", async () => {
  await using push = new Push();
  const endpoint = await push.bind(ANY);
  await using stays = await RawPeer.join(endpoint, PULL);
  {
    await using goes = await RawPeer.join(endpoint, PULL);
    await push.waitForPeers(2);
    await push.send("1");
    await push.send("2");
    assertEquals((await Promise.all([stays.message(), goes.message()])).flat().sort(), ["1", "2"]);
    const gone = nextEvent(push, "disconnect");
    await goes.end();
    await gone;
  }
  await push.send("3");
  await push.send("4");
  assertEquals([...await stays.message(), ...await stays.message()], ["3", "4"]);
  await using comes = await RawPeer.join(endpoint, PULL);
  await push.waitForPeers(2);
  await push.send("5");
  await push.send("6");
  assertEquals((await Promise.all([stays.message(), comes.message()])).flat().sort(), ["5", "6"]);
});

test("push: waits while there is no peer, and continues when one connects", async () => {
  await using push = new Push();
  await using pull = new Pull();
  assertEquals(push.trySend("at once"), false);
  const sent = push.send("later");
  pull.connect(await push.bind(ANY));
  await sent;
  assertEquals(await take(pull, 1), ["later"]);
});

test("pull: receives fair-queued, so that a busy peer does not starve a quiet one", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using busy = await RawPeer.join(endpoint, PUSH);
  await using quiet = await RawPeer.join(endpoint, PUSH);
  busy.write(bytes(...Array.from({ length: 100 }, (_, i) => message("busy", `${i}`))));
  await busy.sync();
  quiet.write(bytes(message("quiet", "0"), message("quiet", "1"), message("quiet", "2")));
  await quiet.sync();
  const taken = await take(pull, 103);
  // Fair-queued while both have messages.
  assertEquals(taken.slice(0, 6).map((text) => text.split("|")[0]), [
    "busy",
    "quiet",
    "busy",
    "quiet",
    "busy",
    "quiet",
  ]);
  assertEquals(taken.filter((text) => text.startsWith("busy")), Array.from({ length: 100 }, (_, i) => `busy|${i}`));
});

test("pull: messages of a peer are received after it has disconnected", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  {
    await using peer = await RawPeer.join(endpoint, PUSH);
    await peer.write(message("last words"));
    const gone = nextEvent(pull, "disconnect");
    await peer.end();
    await gone;
  }
  assertEquals(pull.tryReceive()?.map((frame) => new TextDecoder().decode(frame)), ["last words"]);
  assertEquals(pull.tryReceive(), undefined);
});

test("push and pull: many to many, nothing is lost or doubled and each pair keeps its order", async () => {
  const pushes = [new Push(), new Push(), new Push()];
  const pulls = [new Pull(), new Pull(), new Pull()];
  for (const pull of pulls) {
    const endpoint = await pull.bind(ANY);
    for (const push of pushes) push.connect(endpoint);
  }
  const each = 3000;
  const sending = pushes.map(async (push, from) => {
    for (let i = 0; i < each; i++) await push.send([`${from}`, `${i}`]);
  });
  const received: string[] = [];
  const receiving = pulls.map(async (pull) => {
    const last = new Map<string, number>();
    for await (const message of pull) {
      const [from, i] = texts(message) as [string, string];
      if (Number(i) <= (last.get(from) ?? -1)) throw new Error(`${i} from ${from} came after ${last.get(from)}`);
      last.set(from, Number(i));
      if (received.push(`${from}/${i}`) === each * pushes.length) { for (const other of pulls) other.close(); }
    }
  });
  await Promise.all([...sending, ...receiving]);
  assertEquals(new Set(received).size, each * pushes.length);
  for (const socket of [...pushes, ...pulls]) await socket.close();
}, { timeout: 20_000 });
