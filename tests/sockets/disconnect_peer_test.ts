/**
 * `disconnectPeer`: one peer's connection is closed, for every socket type and transport; authorized peers reconnect,
 * others are rejected.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Authenticator,
  curveKeyPair,
  Dealer,
  Pair,
  type PeerStatistics,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Stream,
  Subscriber,
  toText,
  userIdOf,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { NetPeer } from "../support/net_peer.ts";
import { bytes, command, greeting, RawPeer, ready } from "../support/raw_peer.ts";
import { ANY, fill, nextEvent, record, take, texts, throwsWith, until } from "./support.ts";

const FAST = { reconnectInterval: 10, linger: 0 };

/** Every type, with one that can talk to it. */
const TYPES: readonly (readonly [() => Socket, () => Socket])[] = [
  [() => new Request(FAST), () => new Reply(FAST)],
  [() => new Reply(FAST), () => new Request(FAST)],
  [() => new Dealer(FAST), () => new Router(FAST)],
  [() => new Router(FAST), () => new Dealer(FAST)],
  [() => new Publisher(FAST), () => new Subscriber(FAST)],
  [() => new Subscriber(FAST), () => new Publisher(FAST)],
  [() => new XPublisher(FAST), () => new XSubscriber(FAST)],
  [() => new XSubscriber(FAST), () => new XPublisher(FAST)],
  [() => new Push(FAST), () => new Pull(FAST)],
  [() => new Pull(FAST), () => new Push(FAST)],
  [() => new Pair(FAST), () => new Pair(FAST)],
];

for (const where of [ANY, "ipc://*", "inproc://kick"]) {
  const scheme = where.split(":")[0];
  for (const [make, makePeer] of TYPES) {
    test(`${scheme}: a ${make().type} disconnects an accepted peer, which reconnects as after a loss`, async () => {
      await using socket = make();
      await using peer = makePeer();
      const endpoint = await socket.bind(where);
      peer.connect(endpoint);
      await Promise.all([socket.waitForPeers(1), peer.waitForPeers(1)]);
      const [here, there] = [record(socket), record(peer)];
      const local = nextEvent(socket, "disconnect:local");
      const lost = nextEvent(peer, "disconnect");
      const back = nextEvent(peer, "handshake");
      const [shown] = socket.statistics().peers;
      assertEquals(socket.disconnectPeer(shown!), 1);
      assertEquals([socket.peerCount, socket.statistics().peers.length], [0, 0]);
      assertEquals(socket.disconnectPeer(shown!), 0);
      assertEquals((await local).remote, shown!.remote);
      await Promise.all([lost, back, socket.waitForPeers(1)]);
      assertEquals(here.filter(({ type }) => type === "disconnect"), []);
      assert(there.some(({ type }) => type === "connect:retry"));
    });

    test(`${scheme}: a ${make().type} disconnects a peer it connected to, and makes the connection again`, async () => {
      await using socket = make();
      await using peer = makePeer();
      socket.connect(await peer.bind(where));
      await Promise.all([socket.waitForPeers(1), peer.waitForPeers(1)]);
      const retry = nextEvent(socket, "connect:retry");
      const back = nextEvent(socket, "handshake");
      assertEquals(socket.disconnectPeer(() => true), 1);
      assertEquals(socket.peerCount, 0);
      await Promise.all([retry, back]);
      assertEquals(socket.peerCount, 1);
    });
  }

  test(`${scheme}: only the chosen peer is disconnected; its queue is dropped, and its earlier messages are received`, async () => {
    await using router = new Router({ ...FAST, sendHighWaterMark: 0 });
    const endpoint = await router.bind(where);
    const [ann, ben] = ["ann", "ben"].map((routingId) => new Dealer({ routingId, reconnectInterval: -1 }));
    for (const [i, dealer] of [ann!, ben!].entries()) {
      dealer.connect(endpoint);
      await dealer.send(`${i}`);
    }
    await until(() => router.statistics().held === 2);
    const lost = nextEvent(ann!, "disconnect");
    assertEquals(router.disconnectPeer("ann"), 1);
    await lost;
    assertEquals((await take(router, 2)).sort(), ["ann|0", "ben|1"]);
    await router.send(["ann", "to nobody"]);
    await router.send(["ben", "still"]);
    assertEquals(texts(await ben!.receive()), ["still"]);
    assertEquals([router.statistics().drops.unroutable, router.peerCount, ben!.peerCount], [1, 1, 1]);
    assertEquals(router.disconnectPeer(new TextEncoder().encode("ben")), 1);
    assertEquals(router.disconnectPeer("ben"), 0);
    await ann!.close();
    await ben!.close();
  });
}

test("the queue of an accepted peer is dropped and counted; the queue of a connected endpoint goes over the next connection", async () => {
  await using push = new Push({ ...FAST, sendHighWaterMark: 10 });
  const endpoint = await push.bind("ipc://*");
  await using deaf = await RawPeer.join(endpoint, { type: "PULL" });
  await push.waitForPeers(1);
  deaf.pause();
  const big = new Uint8Array(1 << 20);
  while (push.trySend(big));
  const { queued } = push.statistics();
  assert(queued > 0);
  assertEquals(push.disconnectPeer(({ remote }) => remote === endpoint), 1);
  const { drops, queued: left } = push.statistics();
  assert(drops.lost >= queued && left === 0, `${drops.lost} lost of ${queued}, ${left} left`);

  await using pull = new Pull({ receiveHighWaterMark: 1 });
  await using sender = new Push({ ...FAST, sendHighWaterMark: 100 });
  sender.connect(await pull.bind("inproc://kept"));
  await pull.waitForPeers(1);
  const sent = fill(sender);
  const back = nextEvent(sender, "handshake");
  assertEquals(sender.disconnectPeer(() => true), 1);
  await back;
  const got = await take(pull, sent);
  assertEquals(got, Array.from({ length: sent }, (_, i) => `${i}`));
});

test("after disconnectPeer no message of the peer arrives, not even one in transit", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using push = new Push({ reconnectInterval: -1, linger: 0 });
  push.connect(endpoint);
  for (let i = 0; i < 5000; i++) push.trySend(`${i}`);
  await until(() => pull.statistics().held > 0);
  assertEquals(pull.disconnectPeer(() => true), 1);
  const { held } = pull.statistics();
  await nextEvent(pull, "disconnect:local");
  assertEquals(pull.statistics().held, held);
  assertEquals(await take(pull, held), Array.from({ length: held }, (_, i) => `${i}`));
  assertEquals([pull.tryReceive(), pull.statistics().held], [undefined, 0]);
});

test("a Stream disconnects a peer by its id, and reports its end", async () => {
  await using stream = new Stream();
  const endpoint = await stream.bind(ANY);
  await using peer = await NetPeer.connect(endpoint);
  const [id, hello] = await stream.receive();
  assertEquals(hello.length, 0);
  assertEquals(stream.disconnectPeer(id), 1);
  const [same, end] = await stream.receive();
  assertEquals([same, end.length], [id, 0]);
  await peer.ended;
  await throwsWithUnreachable(stream, id);
});

async function throwsWithUnreachable(stream: Stream, id: Uint8Array): Promise<void> {
  await stream.send([id, "x"]).then(() => assert(false), ({ code }) => assertEquals(code, "EHOSTUNREACH"));
}

test("a Reply whose client is disconnected drops the reply, and continues", async () => {
  await using reply = new Reply();
  const endpoint = await reply.bind(ANY);
  await using first = new Request({ reconnectInterval: -1 });
  first.connect(endpoint);
  await first.send("one");
  await reply.receive();
  assertEquals(reply.disconnectPeer(({ peerType }) => peerType === "REQ"), 1);
  await reply.send("to nobody");
  assertEquals(reply.statistics().drops.noPeer, 1);
  await using second = new Request();
  second.connect(endpoint);
  await second.send("two");
  assertEquals(await take(reply, 1), ["two"]);
  await reply.send("too");
  assertEquals(await take(second, 1), ["too"]);
});

test("disconnectPeer causes neither a disconnectMessage nor a notice", async () => {
  await using router = new Router({ notify: "disconnect", disconnectMessage: "gone" });
  const endpoint = await router.bind(ANY);
  await using dealer = new Dealer({ routingId: "ann", reconnectInterval: -1 });
  dealer.connect(endpoint);
  await router.waitForPeers(1);
  router.disconnectPeer("ann");
  await nextEvent(router, "disconnect:local");
  assertEquals(router.tryReceive(), undefined);
});

test("a user or key that is removed from an Authenticator is disconnected and then rejected; others continue", async () => {
  const server = await curveKeyPair();
  const [ann, ben] = [await curveKeyPair(), await curveKeyPair()];
  const authenticate = new Authenticator()
    .allowKey(ann.publicKey, { userId: "ann" }).allowKey(ben.publicKey, { userId: "ben" });
  await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate });
  const endpoint = await pull.bind(ANY);
  const client = (curveSecretKey: string) => {
    const push = new Push({ curveServerKey: server.publicKey, curveSecretKey, reconnectInterval: 10, linger: 0 });
    push.connect(endpoint);
    return push;
  };
  await using first = client(ann.secretKey);
  await using second = client(ben.secretKey);
  await Promise.all([first.send("a"), second.send("b")]);
  const users = [await pull.receive(), await pull.receive()].map((message) => userIdOf(message));
  assertEquals(users.sort(), ["ann", "ben"]);
  assertEquals(pull.statistics().peers.map(({ userId }) => userId).sort(), ["ann", "ben"]);
  const { hostname } = new URL(endpoint.replace("tcp:", "http:"));
  assert(pull.statistics().peers.every(({ address }) => address.split(".")[0] === hostname.split(".")[0]));

  const refused = nextEvent(first, "handshake:error:auth");
  authenticate.removeKey(ann.publicKey);
  assertEquals(pull.disconnectPeer(({ userId }) => userId === "ann"), 1);
  assertEquals((await refused).status, 400);
  await second.send("still");
  assertEquals([await take(pull, 1), pull.peerCount], [["still"], 1]);
});

test("a peer that was accepted and has not completed its handshake is authenticated again", async () => {
  let asked = 0;
  const authenticator = new Authenticator().addUser("ann", "secret");
  await using pull = new Pull({
    plainServer: true,
    authenticate: (request) => (asked++, authenticator.authenticate(request)),
  });
  const endpoint = await pull.bind(ANY);
  await using peer = await RawPeer.connect(endpoint);
  peer.write(greeting(1, "PLAIN"), command("HELLO", bytes(3, "ann", 6, "secret")));
  await peer.read(64);
  // WELCOME: it was accepted.
  await peer.frame();
  assertEquals([asked, pull.peerCount], [1, 0]);
  authenticator.removeUser("ann");
  assertEquals(pull.disconnectPeer(({ userId }) => userId === "ann"), 0);
  await peer.gone;
  assertEquals(pull.peerCount, 0);
});

test("peers of a socket without authentication continue their handshake", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using peer = await RawPeer.connect(endpoint);
  const accepted = pull.statistics();
  assertEquals(accepted.peers, []);
  peer.write(greeting());
  await peer.read(64);
  assertEquals(pull.disconnectPeer(() => true), 0);
  peer.write(command("READY", bytes(11, "Socket-Type", 0, 0, 0, 4, "PUSH")));
  await pull.waitForPeers(1);
});

test("a function is called once per peer, and one that throws disconnects none", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  const pushes = Array.from({ length: 3 }, () => new Push(FAST));
  for (const push of pushes) push.connect(endpoint);
  await pull.waitForPeers(3);
  const seen: PeerStatistics[] = [];
  assertThrows(
    () =>
      pull.disconnectPeer((peer) => {
        if (seen.push(peer) === 3) throw new RangeError("mine");
        return true;
      }),
    RangeError,
    "mine",
  );
  assertEquals([pull.peerCount, new Set(seen.map(({ remote }) => remote)).size], [3, 3]);
  for (const push of pushes) await push.close();
});

test("a listener that closes the socket meanwhile", async () => {
  const pull = new Pull();
  const endpoint = await pull.bind("inproc://meanwhile");
  const pushes = Array.from({ length: 3 }, () => new Push({ ...FAST, reconnectInterval: -1 }));
  for (const push of pushes) push.connect(endpoint);
  pushes[0]!.events.listen(({ type }) => void (type === "disconnect" && pull.close({ linger: 0 })));
  const count = pull.disconnectPeer(() => true);
  assertEquals(count, 3);
  await pull.close();
  for (const push of pushes) await push.close();
});

test("an invalid peer is an error, and so is a closed socket", async () => {
  const pull = new Pull();
  await using other = new Pull();
  await using push = new Push();
  push.connect(await other.bind("inproc://others"));
  const [foreign] = other.statistics().peers;
  for (const wrong of [undefined, null, 1, true, {}, [], foreign, { ...foreign }]) {
    assertThrows(() => pull.disconnectPeer(wrong as never), TypeError, "peer");
  }
  for (const wrong of ["", new Uint8Array(0), "x".repeat(256)]) {
    assertThrows(() => pull.disconnectPeer(wrong), RangeError, "routing id");
  }
  assertEquals(pull.disconnectPeer("nobody"), 0);
  assertEquals(toText(other.statistics().peers[0]!.routingId), "");
  await pull.close();
  throwsWith("ENOTSOCK", () => pull.disconnectPeer(() => true));
});

for (const end of ["disconnectPeer", "close"] as const) {
  test(`${end} while the authenticator decides: its request is aborted, and a late acceptance has no effect`, async () => {
    let asked!: (signal: AbortSignal) => void;
    const request = new Promise<AbortSignal>((resolve) => asked = resolve);
    let allow!: (answer: boolean) => void;
    const answer = new Promise<boolean>((resolve) => allow = resolve);
    await using push = new Push({
      linger: 0,
      zapDomain: "test",
      authenticate: (_request, signal) => {
        asked(signal);
        return answer;
      },
    });
    const events = record(push);
    await using peer = await RawPeer.connect(await push.bind(ANY));
    peer.write(bytes(greeting(), ready("PULL")));
    const signal = await request;
    assertEquals(signal.aborted, false);
    if (end === "close") await push.close({ linger: 0 });
    else push.disconnectPeer(() => true);
    assert(signal.aborted);
    allow(true);
    await answer;
    await peer.gone;
    assertEquals(events.filter(({ type }) => type === "handshake"), []);
    if (end === "disconnectPeer") assertEquals([push.trySend("lost"), push.statistics().drops.lost], [false, 0]);
  });
}
