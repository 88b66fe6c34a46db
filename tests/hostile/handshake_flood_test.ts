/**
 * Floods of peers that begin a handshake and stop: the oldest is disconnected, other peers connect meanwhile, and the
 * memory per peer is bounded.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { curveKeyPair, Pull, type PullOptions, Push, type ZmqError } from "../../mod.ts";
import { bytes, command, greeting, longHeader } from "../support/raw_peer.ts";
import { NetPeer } from "../support/net_peer.ts";
import { test } from "../support/harness.ts";
import { SERVER } from "../security/keys.ts";
import { ANY, nextEvent, record, take, turn, until } from "../sockets/support.ts";

const LIMIT = 20;
const FLOOD = 200;

const CURVE_SERVER: PullOptions = { curveServer: true, curveSecretKey: SERVER.secretKey, authenticate: () => true };
const CURVE_CLIENT = { curveServerKey: SERVER.publicKey, linger: 0 };
const HELLO = bytes(greeting(1, "CURVE"), command("HELLO", new Uint8Array(194).fill(1)));
const PLAIN_HELLO = bytes(greeting(1, "PLAIN"), command("HELLO", bytes(3, "ann", 3, "pwd")));

interface Flood {
  readonly name: string;
  readonly server: PullOptions;
  readonly client: object;
  /** The bytes that a peer of the flood sends. */
  readonly says: Uint8Array;
}

const FLOODS: readonly Flood[] = [
  { name: "nothing", server: CURVE_SERVER, client: CURVE_CLIENT, says: bytes() },
  { name: "a greeting", server: CURVE_SERVER, client: CURVE_CLIENT, says: greeting(1, "CURVE") },
  { name: "half a HELLO", server: CURVE_SERVER, client: CURVE_CLIENT, says: HELLO.subarray(0, 150) },
  { name: "half a greeting, to NULL", server: {}, client: {}, says: greeting().subarray(0, 30) },
  {
    name: "HELLO, to somebody who never answers strangers",
    server: {
      plainServer: true,
      authenticate: ({ username }) => username === "friend" || new Promise<boolean>(() => {}),
    },
    client: { plainUsername: "friend", plainPassword: "x", linger: 0 },
    says: PLAIN_HELLO,
  },
];

/** Resolves when the server has left this peer, by an end or by a reset. */
function left(peer: NetPeer): Promise<unknown> {
  return Promise.race([peer.ended, peer.gone]);
}

for (const { name, server, client, says } of FLOODS) {
  test(`a flood of peers that send ${name}: at most maxHandshakes are kept, and other peers connect`, async () => {
    await using pull = new Pull({ ...server, maxHandshakes: LIMIT });
    const events = record(pull);
    let [live, most] = [0, 0];
    pull.events.listen(({ type }) => {
      if (type === "accept") most = Math.max(most, ++live);
      if (type === "handshake:error:other" || type === "disconnect") live--;
    });
    const endpoint = await pull.bind(ANY);
    await using before = new Push(client);
    before.connect(endpoint);
    await before.send("before");
    assertEquals(await take(pull, 1), ["before"]);

    const peers: NetPeer[] = [];
    for (let i = 0; i < FLOOD; i++) {
      const peer = await NetPeer.connect(endpoint);
      peers.push(peer);
      await peer.write(says);
      if (i !== FLOOD / 2) continue;
      await using meanwhile = new Push(client);
      meanwhile.connect(endpoint);
      await meanwhile.send("meanwhile");
      assertEquals(await take(pull, 1), ["meanwhile"]);
    }
    const accepted = () => events.filter(({ type }) => type === "accept").length;
    await until(() => accepted() === FLOOD + 2);
    // Those that came first are the ones that are dropped, all of them but the last.
    for (const peer of peers.slice(0, FLOOD - LIMIT)) await left(peer);
    assert(most < 2 * LIMIT, `${most} connections were there at once`);
    const dropped = events.filter((event) => event.type === "handshake:error:other");
    for (const event of dropped) assertEquals((event.error as ZmqError).code, "EMFILE");
    await before.send("still");
    assertEquals(await take(pull, 1), ["still"]);
    await using after = new Push(client);
    after.connect(endpoint);
    await after.send("after");
    assertEquals(await take(pull, 1), ["after"]);
    assertEquals(before.statistics().reconnects, 0);
    for (const peer of peers) peer.reset();
    for (const peer of peers) await peer.gone;
  }, { timeout: 30_000 });
}

test("maxHandshakes counts connections during their handshake only, and a change applies to later ones", async () => {
  await using pull = new Pull({ maxHandshakes: 1 });
  const endpoint = await pull.bind(ANY);
  const pushes = Array.from({ length: 5 }, () => new Push());
  for (const push of pushes) {
    push.connect(endpoint);
    await push.waitForPeers(1);
  }
  await pull.waitForPeers(5);
  const dropped = nextEvent(pull, "handshake:error:other");
  await using first = await NetPeer.connect(endpoint);
  await first.write(greeting().subarray(0, 20));
  await using second = await NetPeer.connect(endpoint);
  await left(first);
  assertEquals(((await dropped).error as ZmqError).code, "EMFILE");
  pull.maxHandshakes = 2;
  const accepted = nextEvent(pull, "accept");
  await using third = await NetPeer.connect(endpoint);
  await accepted;
  const again = nextEvent(pull, "handshake:error:other");
  await using fourth = await NetPeer.connect(endpoint);
  await left(second);
  await again;
  for (const peer of [third, fourth]) peer.reset();
  assertEquals(pull.peerCount, 5);
  for (const push of pushes) await push.close();
});

const TOO_MUCH: [what: string, server: PullOptions, attack: Uint8Array, code: string][] = [
  ["a HELLO of 65537 bytes", CURVE_SERVER, bytes(greeting(1, "CURVE"), longHeader(4, 65_537n)), "EMSGSIZE"],
  [
    "a HELLO of 65000 bytes",
    CURVE_SERVER,
    bytes(greeting(1, "CURVE"), command("HELLO", new Uint8Array(65_000))),
    "EPROTO",
  ],
  ["two HELLOs at once", CURVE_SERVER, bytes(HELLO, command("HELLO", new Uint8Array(194))), "EPROTO"],
  [
    "ten HELLOs at once",
    CURVE_SERVER,
    bytes(greeting(1, "CURVE"), ...Array(10).fill(command("HELLO", new Uint8Array(194)))),
    "EPROTO",
  ],
  [
    "commands without end",
    CURVE_SERVER,
    bytes(greeting(1, "CURVE"), ...Array(500).fill(command("PING", "\0\0"))),
    "EPROTO",
  ],
  ["an INITIATE first", CURVE_SERVER, bytes(greeting(1, "CURVE"), command("INITIATE", new Uint8Array(300))), "EPROTO"],
  ["a message first", CURVE_SERVER, bytes(greeting(1, "CURVE"), 0, 2, "hi"), "EPROTO"],
  ["a MESSAGE first", CURVE_SERVER, bytes(greeting(1, "CURVE"), 0, 40, "\x07MESSAGE", new Uint8Array(32)), "EPROTO"],
];

for (const [what, server, attack, code] of TOO_MUCH) {
  test(`${what} instead of a handshake: an end, an event, and nothing delivered`, async () => {
    await using pull = new Pull(server);
    const endpoint = await pull.bind(ANY);
    const told = nextEvent(pull, "handshake:error:protocol");
    await using peer = await NetPeer.connect(endpoint);
    await peer.write(attack);
    assertEquals((await told).error.code, code);
    await peer.ended;
    assertEquals([pull.peerCount, pull.tryReceive()], [0, undefined]);
  });
}

test("a peer that sends more while its authentication is pending is disconnected: nothing can pile up", async () => {
  let asked!: () => void;
  const thinking = new Promise<void>((resolve) => asked = resolve);
  await using pull = new Pull({
    plainServer: true,
    authenticate: () => {
      asked();
      return new Promise(() => {});
    },
  });
  const endpoint = await pull.bind(ANY);
  await using peer = await NetPeer.connect(endpoint);
  await peer.write(PLAIN_HELLO);
  await thinking;
  const told = nextEvent(pull, "handshake:error:protocol");
  await peer.write(command("HELLO", "\x01a\x01b"));
  assertEquals((await told).rule, "UNEXPECTED_COMMAND");
  await peer.ended;
});

test("a handshake that trickles byte by byte ends after handshakeInterval", async () => {
  const { secretKey } = await curveKeyPair();
  await using pull = new Pull({
    curveServer: true,
    curveSecretKey: secretKey,
    authenticate: () => true,
    handshakeInterval: 200,
  });
  const endpoint = await pull.bind(ANY);
  const told = nextEvent(pull, "handshake:error:other");
  await using peer = await NetPeer.connect(endpoint);
  let over = false;
  left(peer).then(() => over = true);
  await peer.write(bytes(greeting(1, "CURVE"), longHeader(4, 65_000n)));
  while (!over) {
    await peer.write(bytes(0));
    await turn();
  }
  assertEquals(((await told).error as ZmqError).code, "ETIMEDOUT");
});
