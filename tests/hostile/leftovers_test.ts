/**
 * Peers that repeatedly disconnect with unread messages, and peers whose messages can never be received: the memory
 * they use is bounded, and no accepted message is lost.
 *
 * @module
 */
// A process of its own: it measures the memory of the process.

import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import {
  Dealer,
  Pair,
  Pull,
  Push,
  Reply,
  Router,
  type Socket,
  Stream,
  toText,
  XPublisher,
  type ZmqError,
} from "../../mod.ts";
import { collect } from "../support/collect.ts";
import { test } from "../support/harness.ts";
import { NetPeer } from "../support/net_peer.ts";
import { command, message, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, record, take, turn, until } from "../sockets/support.ts";

const SIZE = 10_000;
const EACH = 20;
/** The leftovers of five peers, or a little more. */
const LIMIT = 5 * EACH * SIZE;
const MOST = { maxLeftoverBytes: LIMIT, linger: 0 };

type Receiving = Socket & {
  receive(): Promise<readonly Uint8Array[]>;
  tryReceive(): readonly Uint8Array[] | undefined;
};

/** Each with what its peers say, and of which type they are. */
const RECEIVERS: readonly (readonly [() => Receiving, type: string, words: (text: string) => Uint8Array])[] = [
  [() => new Pull(MOST), "PUSH", (text) => message(text, new Uint8Array(SIZE))],
  [() => new Dealer(MOST), "DEALER", (text) => message(text, new Uint8Array(SIZE))],
  [() => new Router({ ...MOST, notify: "both" }), "DEALER", (text) => message(text, new Uint8Array(SIZE))],
  [() => new Reply(MOST), "DEALER", (text) => message("", text, new Uint8Array(SIZE))],
  [() => new Pair(MOST), "PAIR", (text) => message(text, new Uint8Array(SIZE))],
  [
    () => new XPublisher({ ...MOST, verbosity: "allSubs" }),
    "SUB",
    (text) => command("SUBSCRIBE", text.padEnd(SIZE, ".")),
  ],
];

/** A peer comes, says it all, and has left when the socket knows; `false` if it was refused. */
async function visit(socket: Receiving, endpoint: string, type: string, words: Uint8Array[]): Promise<boolean> {
  const before = socket.statistics().held;
  await using peer = await RawPeer.connect(endpoint);
  let gone = false;
  peer.gone.then(() => gone = true);
  const ready = peer.handshake({ type }).then(() => true, () => false);
  await Promise.race([ready, peer.gone]);
  for (const each of words) await Promise.race([peer.write(each), peer.gone]);
  await until(() => gone || socket.statistics().held >= before + words.length);
  if (gone) return false;
  const left = nextEvent(socket, "disconnect");
  await peer.end();
  await left;
  return true;
}

for (const where of [ANY, "ipc://*"]) {
  const scheme = where.split(":")[0];
  for (const [make, type, words] of RECEIVERS) {
    test(
      `${scheme}: messages that peers leave at a ${make().type} that does not receive are bounded, and all are received later`,
      async () => {
        await using socket = make();
        const endpoint = await socket.bind(where);
        const events = record(socket);
        let [visits, refused] = [0, 0];
        while (refused < 10) {
          assert(visits < 10, `${visits} have left their messages`);
          const said = Array.from({ length: EACH }, (_, i) => words(`${visits} ${i}`));
          if (await visit(socket, endpoint, type, said)) visits++;
          else refused++;
        }
        assert(visits >= 3, `only ${visits} could leave their messages`);
        assertEquals(socket.statistics().refusals.maxLeftoverBytes, 10);
        const told = events.filter((event) => event.type === "accept:refused");
        assert(told.length >= 1 && told.every((event) => event.limit === "maxLeftoverBytes"));
        // All that was accepted comes, and then others may.
        let taken = 0;
        while (socket.tryReceive() !== undefined) {
          taken++;
          if (socket instanceof Reply) await socket.send("so it is");
        }
        assert(taken >= visits * EACH, `${taken} of ${visits * EACH} were received`);
        assertEquals(socket.statistics().held, 0);
        assert(await visit(socket, endpoint, type, [words("again")]));
      },
      { timeout: 30_000 },
    );
  }

  test(`${scheme}: a Stream with peers that connect and disconnect queues only their notices`, async () => {
    await using stream = new Stream({ maxLeftoverBytes: 100_000 });
    const endpoint = await stream.bind(where);
    let [visits, refused] = [0, 0];
    while (refused < 10) {
      const before = stream.statistics().refused;
      // On Deno a refused connection may already be closed when it is established.
      const peer = await NetPeer.connect(endpoint).catch(() => undefined);
      await until(() => stream.peerCount === 1 || stream.statistics().refused > before);
      if (stream.statistics().refused > before) refused++;
      else {
        visits++;
        const left = nextEvent(stream, "disconnect");
        peer!.socket.destroy();
        await left;
      }
      peer?.socket.destroy();
      await peer?.gone;
      assert(visits < 100, `${visits} came and went`);
    }
    assertEquals(stream.statistics().held, 2 * visits);
  });

  test(`${scheme}: peers that are connected are not disturbed`, async () => {
    await using pull = new Pull(MOST);
    const endpoint = await pull.bind(where);
    await using push = new Push({ linger: 0 });
    push.connect(endpoint);
    await push.send("before");
    await until(() => pull.statistics().held === 1);
    const words = Array.from({ length: EACH }, () => message("x", new Uint8Array(SIZE)));
    while (await visit(pull, endpoint, "PUSH", words));
    await push.send("after");
    const { held } = pull.statistics();
    const all = [];
    for (let i = 0; i < held + (await pulled(pull, held) ? 0 : 1); i++) all.push(toText((await pull.receive())[0]));
    assertEquals(all.filter((text) => text !== "x"), ["before", "after"]);
    assertEquals(push.statistics().reconnects, 0);
  });

  test(
    `${scheme}: clients that connect and disconnect repeatedly lose nothing, though the receiver is slow`,
    async () => {
      await using pull = new Pull({ maxLeftoverBytes: 10 * SIZE });
      const endpoint = await pull.bind(where);
      const clients = Array.from({ length: 20 }, async (_, i) => {
        const push = new Push({ reconnectInterval: 5, linger: -1 });
        push.connect(endpoint);
        for (let j = 0; j < 10; j++) await push.send([`${i} ${j}`, new Uint8Array(SIZE)]);
        await push.close();
      });
      const got = [];
      while (got.length < 200) {
        got.push(toText((await pull.receive())[0]));
        await turn(2);
      }
      await Promise.all(clients);
      const wanted = Array.from({ length: 200 }, (_, i) => `${Math.floor(i / 10)} ${i % 10}`);
      assertEquals(got.sort(), wanted.sort());
      assertEquals(pull.tryReceive(), undefined);
    },
    { timeout: 30_000 },
  );
}

/** Returns whether one more message than `held` was received. */
async function pulled(pull: Pull, held: number): Promise<boolean> {
  await until(() => pull.statistics().messagesReceived > 0);
  return pull.statistics().held > held;
}

test("inproc: sockets that leave their messages wait while there are too many, and lose none", async () => {
  await using pull = new Pull(MOST);
  await pull.bind("inproc://leftovers");
  const leave = async () => {
    const push = new Push({ reconnectInterval: 5, linger: -1 });
    push.connect("inproc://leftovers");
    for (let i = 0; i < EACH; i++) await push.send(new Uint8Array(SIZE));
    await push.close();
  };
  const visits: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    let left = false;
    visits.push(leave().then(() => void (left = true)));
    await turn(3);
    if (!left) break;
  }
  assert(visits.length >= 4 && visits.length <= 6, `${visits.length - 1} could leave their messages`);
  assertEquals(pull.statistics().held, (visits.length - 1) * EACH);
  for (let i = 0; i < visits.length * EACH; i++) await pull.receive();
  await Promise.all(visits);
  assertEquals([pull.tryReceive(), pull.statistics().held], [undefined, 0]);
});

test("a server that a Router connects to, and that disconnects repeatedly with a full inbox, is limited as well", async () => {
  await using router = new Router({ ...MOST, reconnectInterval: 1 });
  const endpoint = "inproc://again";
  let served = 0;
  router.connect(endpoint);
  const failed = nextEvent(router, "connect:retry", ({ error }) => (error as ZmqError | undefined)?.code === "EAGAIN");
  let over = false;
  failed.then(() => over = true);
  while (!over) {
    const dealer = new Dealer({ linger: -1 });
    await dealer.bind(endpoint);
    await Promise.race([dealer.waitForPeers(1).catch(() => {}), failed]);
    if (!over) {
      for (let i = 0; i < EACH; i++) await dealer.send(new Uint8Array(SIZE));
      served++;
    }
    await dealer.close();
    assert(served < 10, `${served} have left their messages`);
  }
  assertEquals(router.statistics().held, served * EACH);
});

test("maxLeftoverBytes 0 means no limit, and messages left at the end count as closed", async () => {
  const pull = new Pull({ maxLeftoverBytes: 0, linger: 0 });
  const endpoint = await pull.bind("ipc://*");
  for (let i = 0; i < 12; i++) {
    assert(await visit(pull, endpoint, "PUSH", Array.from({ length: EACH }, () => message(new Uint8Array(SIZE)))));
  }
  assertEquals(pull.statistics().held, 12 * EACH);
  await pull.close();
  assertEquals([pull.statistics().held, pull.statistics().drops.closed], [0, 12 * EACH]);
});

// A routing id that another peer has: the figures of the issue.

const PEERS = 20;
const MESSAGES = 100;
const LARGE = 100_000;
/** All of a flood is 200 MB; garbage that is not collected yet is less than half of that. */
const GROWTH = 90_000_000;

/** Peers that share a routing id: by hand, or sockets of this library. */
const SENDERS: readonly (readonly [string, where: string, at: number, (endpoint: string) => Promise<void>])[] = [
  ...[ANY, "ipc://*"].map((where) =>
    [`${where.split(":")[0]}, by hand`, where, PEERS, async (endpoint: string) => {
      const peer = await RawPeer.join(endpoint, { type: "DEALER", identity: "taken" });
      const one = message(new Uint8Array(LARGE));
      for (let i = 0; i < MESSAGES; i++) await peer.write(one);
      await peer.end();
    }] as const
  ),
  ...["inproc://taken"].map((where) =>
    [`${where.split(":")[0]}, a Dealer`, where, 4, async (endpoint: string) => {
      const dealer = new Dealer({ routingId: "taken", linger: -1 });
      dealer.connect(endpoint);
      for (let i = 0; i < MESSAGES; i++) await dealer.send(new Uint8Array(LARGE));
      await dealer.close();
    }] as const
  ),
];

for (const [how, where, at, send] of SENDERS) {
  for (const handover of [false, true]) {
    for (const assigned of handover ? [false] : [false, true]) {
      const whose = assigned ? "one that was given by connect" : "one that a peer has";
      test(`${how}: routing id taken, ${whose}, handover ${handover}: no memory is kept`, async () => {
        await using router = new Router({ handover });
        const endpoint = await router.bind(where);
        await using owner = new Dealer(assigned ? {} : { routingId: "taken" });
        if (assigned) router.connect(await owner.bind(ANY), { routingId: "taken" });
        else owner.connect(endpoint);
        await router.waitForPeers(1);
        const receiving = new AbortController();
        let received = 0;
        const { signal } = receiving;
        const loop = (async () => {
          for (;;) {
            await router.receive({ signal });
            received++;
          }
        })().catch(() => {});
        let sent = 0;
        const count = () => received + router.statistics().drops.refusedPeer;
        const flood = async () => {
          // Sockets of this process hold what they send as well: few of them at a time.
          for (let i = 0; i < PEERS; i += at) await Promise.all(Array.from({ length: at }, () => send(endpoint)));
          sent += PEERS * MESSAGES;
          await until(() => count() === sent);
          await collect();
          return process.memoryUsage().rss;
        };
        // The first one also makes room for data in flight, which the runtimes keep. A leak grows with every flood;
        // garbage does not.
        let before = await flood();
        let growth = Infinity;
        for (let round = 0; round < 3 && growth >= GROWTH; round++) {
          const after = await flood();
          [growth, before] = [Math.min(growth, after - before), after];
        }
        assert(growth < GROWTH, `${(growth / 1e6).toFixed()} MB more`);
        if (!handover) assertEquals(received, 0);
        assertEquals(router.statistics().held, 0);
        receiving.abort();
        await loop;
      }, { timeout: 60_000 });
    }
  }
}

test("a Pair that has its peer keeps nothing of those that it refuses", async () => {
  await using pair = new Pair();
  const endpoint = await pair.bind(ANY);
  await using peer = new Pair({ linger: 0 });
  peer.connect(endpoint);
  await pair.waitForPeers(1);
  for (let i = 0; i < PEERS; i++) {
    const second = await RawPeer.connect(endpoint);
    second.handshake({ type: "PAIR" }).catch(() => {});
    await Promise.race([second.write(message(new Uint8Array(LARGE))), second.gone]);
    await second.gone;
  }
  await peer.send("still");
  assertEquals([await take(pair, 1), pair.statistics().held, pair.statistics().messagesReceived], [["still"], 0, 1]);
});
