/**
 * Floods of connections against the limits of a socket: those that are over are closed silently, before anything is
 * done for them, and those that are under get through.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, type PullOptions, Push, Router, type Socket, Stream } from "../../mod.ts";
import { systemClock } from "../../src/base/clock.ts";
import { contextOn } from "../../src/engine/context.ts";
import { FakeLink } from "../support/fake_link.ts";
import { NetPeer } from "../support/net_peer.ts";
import { bytes, command, greeting } from "../support/raw_peer.ts";
import { test } from "../support/harness.ts";
import { SERVER } from "../security/keys.ts";
import { ANY, record, take, turn, until } from "../sockets/support.ts";

const FLOOD = 100;
const HELLO = bytes(greeting(1, "CURVE"), command("HELLO", new Uint8Array(194).fill(1)));

/** Connects, says it, and waits until the server has closed the connection; returns how much the server has said. */
async function knock(endpoint: string, says: Uint8Array): Promise<number> {
  // On Deno a refused connection may already be closed when it is established.
  await using peer = await NetPeer.connect(endpoint).catch(() => undefined);
  if (peer === undefined) return 0;
  await peer.write(says).catch(() => {});
  await Promise.race([peer.ended, peer.gone]);
  return peer.buffered;
}

const SERVERS: [what: string, server: PullOptions, client: object, says: Uint8Array][] = [
  [
    "CURVE HELLOs",
    { curveServer: true, curveSecretKey: SERVER.secretKey, authenticate: () => true },
    { curveServerKey: SERVER.publicKey, linger: 0 },
    HELLO,
  ],
  ["greetings", {}, {}, greeting()],
];

for (const where of [ANY, "ipc://*"]) {
  const scheme = where.split(":")[0];
  for (const [what, server, client, says] of SERVERS) {
    test(
      `${scheme}: a flood of ${what} over maxHandshakesPerSecond is closed without a word, and counted`,
      async () => {
        // No second passes, however long the flood takes: the first connection has the one handshake that there is.
        const context = contextOn({ ...systemClock, now: () => 0 });
        await using pull = new Pull({ ...server, maxHandshakesPerSecond: 1, context });
        const events = record(pull);
        const endpoint = await pull.bind(where);
        await using push = new Push(client);
        push.connect(endpoint);
        await push.send("before");
        assertEquals(await take(pull, 1), ["before"]);

        for (let i = 0; i < FLOOD; i++) assertEquals(await knock(endpoint, says), 0);
        const { refused, refusals } = pull.statistics();
        assertEquals([refusals.maxHandshakesPerSecond, refused], [FLOOD, FLOOD]);
        assertEquals(events.filter(({ type }) => type === "accept").length, 1);
        await push.send("still");
        assertEquals([await take(pull, 1), push.statistics().reconnects], [["still"], 0]);
        await pull.close();
        const told = events.filter((event) => event.type === "accept:refused");
        assertEquals(told.reduce((sum, { count }) => sum + count, 0), refused);
        assert(told.length < 10 + refused / 10, `${told.length} events`);
        for (const { endpoint: at, limit } of told) assertEquals([at, limit], [endpoint, "maxHandshakesPerSecond"]);
      },
      { timeout: 30_000 },
    );
  }

  for (const make of [() => new Pull({ maxConnections: 3 }), () => new Stream({ maxConnections: 3 })]) {
    test(`${scheme}: maxConnections of a ${make().type} counts open connections`, async () => {
      await using socket = make();
      const endpoint = await socket.bind(where);
      const peers = [];
      for (let i = 0; i < 3; i++) {
        peers.push(await NetPeer.connect(endpoint));
        await peers[i]!.write(greeting());
      }
      await knock(endpoint, greeting());
      assertEquals(socket.statistics().refusals.maxConnections, 1);
      peers[0]!.socket.destroy();
      await peers[0]!.gone;
      // The server is notified when it does.
      for (;;) {
        const before = socket.statistics().refused;
        const peer = await NetPeer.connect(endpoint).catch(() => undefined);
        if (peer === undefined) continue;
        peers.push(peer);
        await peer.write(greeting()).catch(() => {});
        let left = false;
        Promise.race([peer.ended, peer.gone]).then(() => left = true);
        const heard = socket instanceof Stream ? () => socket.peerCount === 3 : () => peer.buffered > 0;
        await until(() => left || heard());
        if (heard()) break;
        assert(socket.statistics().refused > before);
      }
      for (const peer of peers) peer.socket.destroy();
    });
  }
}

test("maxConnectionsPerAddress: other addresses can connect, a closed connection makes room for one more, and ipc is not counted", async () => {
  await using router = new Router({ maxConnectionsPerAddress: 1 });
  const endpoint = await router.bind("tcp://0.0.0.0:0");
  const { port } = new URL(endpoint.replace("tcp:", "http:"));
  const from = (host: string) => {
    const dealer = new Dealer({ reconnectInterval: 20 });
    dealer.connect(`tcp://${host}:0;127.0.0.1:${port}`);
    return dealer;
  };
  await using first = from("127.0.0.2");
  await first.waitForPeers(1);
  await using second = from("127.0.0.2");
  await using other = from("127.0.0.3");
  await other.waitForPeers(1);
  await until(() => router.statistics().refusals.maxConnectionsPerAddress > 1);
  assertEquals([router.peerCount, second.peerCount], [2, 0]);
  await first.close();
  await second.waitForPeers(1);

  const path = await router.bind("ipc://*");
  await using here = new Dealer();
  await using too = new Dealer();
  for (const dealer of [here, too]) dealer.connect(path);
  await Promise.all([here.waitForPeers(1), too.waitForPeers(1)]);
});

test("connections that are made, and those of this process, are not counted", async () => {
  await using router = new Router({ maxConnections: 1, maxConnectionsPerAddress: 1, maxHandshakesPerSecond: 1 });
  const others: Socket[] = [];
  await router.bind("inproc://limits");
  for (let i = 0; i < 3; i++) {
    const bound = new Dealer();
    router.connect(await bound.bind(ANY));
    const dealer = new Dealer();
    dealer.connect("inproc://limits");
    others.push(bound, dealer);
  }
  await router.waitForPeers(6);
  await using dealer = new Dealer();
  dealer.connect(await router.bind(ANY));
  await router.waitForPeers(7);
  assertEquals(router.statistics().refused, 0);
  for (const other of others) await other.close();
});

test("links that are attached count, and one over the limit is aborted before it is started", async () => {
  await using pull = new Pull({ maxConnections: 1, linger: 0 });
  const links = [new FakeLink(), new FakeLink()];
  for (const link of links) pull.attach(link);
  assertEquals(links.map(({ aborts }) => aborts.length), [0, 1]);
  assertEquals([pull.statistics().refused, links[1]!.bytes], [1, 0]);
});

test("maxHandshakes: those that are dropped are counted as refused", async () => {
  await using pull = new Pull({ maxHandshakes: 2 });
  const endpoint = await pull.bind(ANY);
  const peers = [];
  for (let i = 0; i < 5; i++) peers.push(await NetPeer.connect(endpoint));
  await until(() => pull.statistics().refusals.maxHandshakes === 3);
  for (const peer of peers) peer.socket.destroy();
  await turn();
});

test("a listener that closes the socket at an accept:refused event", async () => {
  const pull = new Pull({ maxConnections: 1, linger: 0 });
  const links = [new FakeLink(), new FakeLink(), new FakeLink()];
  let closed: Promise<number> | undefined;
  pull.events.listen(({ type }) => {
    if (type === "accept:refused") closed ??= pull.close();
  });
  pull.attach(links[0]!);
  pull.attach(links[1]!);
  assert(pull.closed);
  await closed;
  assertEquals(links.map(({ aborts, closes }) => aborts.length + closes > 0), [true, true, false]);
});
