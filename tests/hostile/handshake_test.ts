/**
 * Peers with an invalid handshake: the connection ends with an event, without effect on other peers.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Dealer, Push, Request, Router, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import {
  bytes,
  command,
  frame,
  greeting,
  longHeader,
  message,
  property,
  RawListener,
  RawPeer,
  ready,
} from "../support/raw_peer.ts";
import { ANY, nextEvent } from "../sockets/support.ts";
import { Victim } from "./support.ts";

const TYPE = property("Socket-Type", "PUSH");
const NOT_ZERO = (length: number) => new Uint8Array(length).fill(0x55);

/** The signature of peers that send a version, and that of ZMTP 2.0. */
const V2 = bytes(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1);
const EIGHT = (length: bigint) => longHeader(0, length).subarray(1);

const REFUSED: [name: string, bytes: Uint8Array, code: string, part: string][] = [
  ["text", bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "EPROTO", "no signature"],
  ["a single wrong byte", bytes(0), "EPROTO", "no signature"],
  ["a signature that is not one", bytes(0xff, NOT_ZERO(8), 0x7e), "EPROTO", "bad signature"],
  ["a wrong type of ZMTP 2.0", bytes(V2, 7, 0, 0), "EPROTO", "PULL socket, which cannot talk to PULL"],
  ["a type that ZMTP 2.0 does not have", bytes(V2, 200, 0, 0), "EPROTO", "socket of type 200"],
  ["a command instead of a routing id of ZMTP 2.0", bytes(V2, 8, ready("PUSH")), "EPROTO", "not a routing id"],
  ["a routing id of ZMTP 2.0 that goes on", bytes(V2, 8, message("a", "b")), "EPROTO", "not a routing id"],
  ["a routing id of ZMTP 2.0 too long", bytes(V2, 8, 2, EIGHT(256n)), "EPROTO", "longer than 255"],
  ["a routing id of ZMTP 2.0 of 2^63 bytes", bytes(V2, 8, 2, EIGHT(1n << 63n)), "EPROTO", "longer than 255"],
  ["a routing id of a router in ZMTP 2.0", bytes(V2, 8, message("\0abc")), "EPROTO", "zero byte"],
  ["a routing id of ZMTP 1.0 too long", bytes(0xff, EIGHT(257n), 0), "EPROTO", "bad signature"],
  ["a routing id of ZMTP 1.0 of 2^63 bytes", bytes(0xff, EIGHT(1n << 63n), 0), "EPROTO", "bad signature"],
  ["a routing id of ZMTP 1.0 of no length", bytes(0xff, EIGHT(0n), 0), "EPROTO", "bad signature"],
  ["a routing id of ZMTP 1.0 that goes on", bytes(3, 1, "id"), "EPROTO", "no signature"],
  ["a routing id of a router in ZMTP 1.0", bytes(3, 0, "\0a"), "EPROTO", "zero byte"],
  ["a greeting of TLS", bytes(0x16, 0x03, 0x01, 0x02, 0x00, 0x01), "EPROTO", "no signature"],
  ["a greeting of SSH", bytes("SSH-2.0-OpenSSH_9.2\r\n"), "EPROTO", "no signature"],
  ["another mechanism", greeting(1, "PLAIN"), "EPROTO", `"PLAIN", and this socket's is NULL`],
  ["a mechanism that only begins like ours", greeting(1, "NULLL"), "EPROTO", "NULLL"],
  ["a mechanism that is not padded with zeros", greeting(1, "NULL\0X"), "EPROTO", "NULL"],
  ["no mechanism", greeting(1, ""), "EPROTO", `"", and this socket's is NULL`],
  ["another command than READY", bytes(greeting(), command("HELLO", "you")), "EPROTO", "HELLO where READY"],
  ["a message before READY", bytes(greeting(), message("early"), ready("PUSH")), "EPROTO", "before the handshake"],
  ["an empty command", bytes(greeting(), frame(4, "")), "EPROTO", "without a name"],
  ["a command with a name longer than it", bytes(greeting(), frame(4, "\x09READY")), "EPROTO", "without a name"],
  ["an ERROR", bytes(greeting(), command("ERROR", "\x05go on")), "EPROTO", "refused the handshake: go on"],
  ["an ERROR that does not fit", bytes(greeting(), command("ERROR", "\x63short")), "EPROTO", "malformed ERROR"],
  ["reserved flags", bytes(greeting(), 0x0c, 0), "EPROTO", "reserved flags"],
  ["a READY that is too long", bytes(greeting(), longHeader(4, 65_537n)), "EMSGSIZE", "65537 bytes"],
  ["a READY of 2^63 bytes", bytes(greeting(), longHeader(4, 1n << 63n)), "EMSGSIZE", "the limit is 65536"],
  ["no socket type", bytes(greeting(), command("READY")), "EPROTO", "socket type"],
  [
    "a socket type that cannot be",
    bytes(greeting(), ready("PULL")),
    "EPROTO",
    "PULL socket, which cannot talk to PULL",
  ],
  ["a socket type that does not exist", bytes(greeting(), ready("PIGEON")), "EPROTO", "PIGEON"],
  ["a property twice", bytes(greeting(), command("READY", bytes(TYPE, TYPE))), "EPROTO", "twice"],
  [
    "a property twice, in another case",
    bytes(greeting(), command("READY", bytes(TYPE, property("socket-type", "PUSH")))),
    "EPROTO",
    "twice",
  ],
  ["a byte too many", bytes(greeting(), command("READY", bytes(TYPE, 0))), "EPROTO", "does not fit"],
  ["a property cut short", bytes(greeting(), command("READY", TYPE.subarray(0, -1))), "EPROTO", "does not fit"],
  ["a property of 4 GiB", bytes(greeting(), command("READY", bytes(1, "X", 255, 255, 255, 255))), "EPROTO", "not fit"],
  ["an identity too long", bytes(greeting(), ready("PUSH", "i".repeat(256))), "EPROTO", "longer than 255"],
  ["an identity of a router", bytes(greeting(), ready("PUSH", "\0abc")), "EPROTO", "zero byte"],
];

for (const [name, attack, code, part] of REFUSED) {
  test(`handshake with ${name}: rejected and reported, without effect on other peers`, async () => {
    await using victim = await Victim.make();
    const told = victim.event("handshake:error:protocol");
    await using peer = await RawPeer.connect(victim.endpoint);
    peer.write(attack);
    await peer.gone;
    const { error, endpoint, remote } = await told;
    assert(error instanceof ZmqError);
    assertEquals(error.code, code, error.message);
    assertStringIncludes(error.message, part);
    assertEquals(endpoint, victim.endpoint);
    assert(/^tcp:\/\/127\.0\.0\.1:\d+$/.test(remote));
    await victim.unharmed();
  });
}

test("handshake: an incompatible socket type gets the reason in an ERROR command", async () => {
  await using victim = await Victim.make();
  await using peer = await RawPeer.connect(victim.endpoint);
  peer.write(greeting(), ready("SUB"));
  await peer.read(64);
  assertEquals((await peer.message())[0]!.startsWith("READY"), true);
  assertEquals(await peer.message(), ["ERROR\x1cSUB cannot talk to PULL".replace("\x1c", String.fromCharCode(23))]);
  await peer.gone;
  await victim.unharmed();
});

test("handshake: permitted variations of a correct peer are accepted", async () => {
  await using router = new Router();
  const endpoint = await router.bind(ANY);
  const padded = greeting();
  padded.fill(0xaa, 1, 9);
  padded[9] = 0x01;
  padded.fill(0xaa, 33);
  const introductions = [
    bytes(padded, ready("DEALER", "p")),
    bytes(greeting(9), ready("DEALER", "p")),
    bytes(greeting(0, "NULL", 4), ready("DEALER", "p")),
    bytes(greeting(), command("READY", bytes(property("SOCKET-TYPE", "DEALER"), property("identity", "p")))),
    bytes(
      greeting(),
      command("READY", bytes(property("X-Own", "1"), property("Socket-Type", "DEALER"), property("Identity", "p"))),
    ),
  ];
  for (const introduction of introductions) {
    await using peer = await RawPeer.connect(endpoint);
    const gone = nextEvent(router, "disconnect");
    // Byte by byte, as a slow network might.
    for (const byte of introduction) await peer.write(Uint8Array.of(byte));
    peer.write(message("hello"));
    assertEquals((await router.receive()).map((part) => new TextDecoder().decode(part)), ["p", "hello"]);
    await peer.end();
    await gone;
  }
});

test("handshake: a peer that waits for our greeting before it sends more gets it", async () => {
  await using victim = await Victim.make();
  const joined = victim.event("handshake");
  await using peer = await RawPeer.connect(victim.endpoint);
  const ours = greeting();
  await peer.read(10);
  peer.write(ours.subarray(0, 10));
  await peer.read(1);
  peer.write(ours.subarray(10, 11));
  await peer.read(53);
  peer.write(ours.subarray(11));
  assertEquals((await peer.message())[0], "READY\x0bSocket-Type\0\0\0\x04PULL");
  peer.write(ready("PUSH"));
  assertEquals((await joined).peerType, "PUSH");
});

test("handshake: a server whose handshake fails is retried, and works as soon as its handshake is right", async () => {
  await using listener = await RawListener.bind();
  for (
    const socket of [
      new Push({ reconnectInterval: 5 }),
      new Dealer({ reconnectInterval: 5 }),
      new Request({ reconnectInterval: 5 }),
    ]
  ) {
    const told = nextEvent(socket, "handshake:error:protocol");
    const retried = nextEvent(socket, "connect:retry");
    socket.connect(listener.endpoint);
    await socket.send("still wanted");
    const bad = await listener.accept();
    bad.write(bytes("220 mail.example.com ESMTP\r\n"));
    await bad.gone;
    assertStringIncludes((await told).error.message, "no signature");
    await retried;
    const type = socket.type === "PUSH" ? "PULL" : "ROUTER";
    const good = await listener.join({ type });
    assertEquals((await good.message()).at(-1), "still wanted");
    await socket.close();
  }
});
