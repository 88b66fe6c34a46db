/**
 * PLAIN and CURVE with the real libzmq, in both roles, by sessions on real links without the engine: messages, subscriptions,
 * heartbeats, and the reports of both sides about a rejected peer.
 *
 * @module
 */

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { type Message, toText } from "../../src/base/message.ts";
import { CurveClient } from "../../src/security/curve_client.ts";
import { CurveServer } from "../../src/security/curve_server.ts";
import { PlainClient } from "../../src/security/plain_client.ts";
import { PlainServer } from "../../src/security/plain_server.ts";
import type { Authenticate } from "../../src/security/zap.ts";
import { AuthError } from "../../src/zmtp/auth_error.ts";
import type { Mechanism } from "../../src/zmtp/mechanism.ts";
import { checkBy } from "../security/curve_rig.ts";
import { bytesOf, CLIENT, SERVER } from "../security/keys.ts";
import { WELCOME } from "../security/scenes.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { Peer, type PeerEnd } from "../support/peers/controller.ts";
import { SessionPeer } from "../support/session_peer.ts";
import { ownMetadata, type SocketType } from "../support/socket_types.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:*";
const ZAP = "inproc://zeromq.zap.01";
const text = (value: string) => new TextEncoder().encode(value);
const metadata = (type: SocketType) => ownMetadata(type, new Uint8Array(0));

const SIZES = [0, 1, 222, 223, 255, 256, 16 * 1024, 100_000, 1_000_000];
const MESSAGES: Message[] = [
  ...SIZES.map((size) => [new Uint8Array(size).fill(size)]),
  SIZES.slice(0, 6).map((size) => new Uint8Array(size)),
];

function curveClient(
  type: SocketType,
  keys: { publicKey: Uint8Array; secretKey: Uint8Array } = bytesOf(CLIENT),
): CurveClient {
  return new CurveClient({ crypto, metadata: metadata(type), ...keys, serverKey: bytesOf(SERVER).publicKey });
}

function curveServer(type: SocketType, authenticate: Authenticate = () => WELCOME): CurveServer {
  return new CurveServer({ crypto, metadata: metadata(type), ...bytesOf(SERVER), check: checkBy(authenticate) });
}

function plainClient(type: SocketType, password = "secret"): PlainClient {
  return new PlainClient({ metadata: metadata(type), username: text("admin"), password: text(password) });
}

const onlyAdmin: Authenticate = ({ credentials }) => {
  const status = credentials.map(toText).join("/") === "admin/secret" ? 200 : 400;
  return Promise.resolve({ ...WELCOME, status, userId: "admin" });
};

const LIBZMQ_CLIENT = {
  CURVE: { curveServerKey: SERVER.publicKey, curvePublicKey: CLIENT.publicKey, curveSecretKey: CLIENT.secretKey },
  PLAIN: { plainUsername: "admin", plainPassword: "secret" },
} as const;
const LIBZMQ_SERVER = {
  CURVE: { curveServer: true, curveSecretKey: SERVER.secretKey, zapDomain: "test" },
  PLAIN: { plainServer: true, zapDomain: "test" },
} as const;

/** A ZAP handler of libzmq that gives one answer, and what it was asked. */
async function answer(zap: PeerEnd, status: string): Promise<string[]> {
  const [version, id, domain, , , mechanism, ...credentials] = await zap.receive();
  await zap.send(["1.0", toText(id!), status, "", "joe", ""]);
  return [version, domain, mechanism, ...credentials].map((frame) => frame!.length === 32 ? "key" : toText(frame!));
}

async function exchange(ours: SessionPeer, theirs: PeerEnd): Promise<void> {
  for (const message of MESSAGES) {
    ours.write(message);
    assertEquals(await theirs.receive(), message);
    await theirs.send(message);
    assertEquals(await ours.receive(), message);
  }
  // libzmq answers a PING, and takes it.
  ours.ping();
  ours.write([text("after")]);
  assertEquals((await theirs.receive()).map(toText), ["after"]);
}

const CLIENTS: Readonly<Record<"CURVE" | "PLAIN", () => Mechanism>> = {
  CURVE: () => curveClient("DEALER"),
  PLAIN: () => plainClient("DEALER"),
};
const SERVERS: Readonly<Record<"CURVE" | "PLAIN", () => Mechanism>> = {
  CURVE: () => curveServer("DEALER", () => WELCOME),
  PLAIN: () => plainServer(),
};

function plainServer(): PlainServer {
  return new PlainServer({ metadata: metadata("DEALER"), check: checkBy(onlyAdmin) });
}

/** A ZAP handler in libzmq's process, which frees the name of the one before only some time after that was closed. */
async function zapHandler() {
  for (;;) {
    const zap = await libzmq.open("REP");
    try {
      await zap.bind(ZAP);
      return zap;
    } catch (error) {
      await zap[Symbol.asyncDispose]();
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    }
  }
}

for (const mechanism of ["CURVE", "PLAIN"] as const) {
  test(`${mechanism}: our client talks to libzmq's server, which asked its ZAP handler`, async () => {
    await using zap = await zapHandler();
    await using theirs = await libzmq.open("DEALER", LIBZMQ_SERVER[mechanism]);
    const connecting = SessionPeer.connect(await theirs.bind(ANY), "DEALER", CLIENTS[mechanism]());
    const credentials = mechanism === "CURVE" ? ["key"] : ["admin", "secret"];
    await using ours = await connecting;
    assertEquals(await answer(zap, "200"), ["1.0", "test", mechanism, ...credentials]);
    assertEquals((await ours.ready).socketType, "DEALER");
    await exchange(ours, theirs);
  }, { timeout: 30_000 });

  test(`${mechanism}: libzmq's client talks to our server`, async () => {
    await using theirs = await libzmq.open("DEALER", LIBZMQ_CLIENT[mechanism]);
    await using ours = await SessionPeer.accept(
      "DEALER",
      SERVERS[mechanism](),
      (endpoint) => theirs.connect(endpoint),
    );
    const { socketType, metadata } = await ours.ready;
    assertEquals([socketType, metadata.has("user-id")], ["DEALER", mechanism === "PLAIN"]);
    await exchange(ours, theirs);
  }, { timeout: 30_000 });

  test(`${mechanism}: libzmq's server refuses our client`, async () => {
    await using zap = await zapHandler();
    await using theirs = await libzmq.open("DEALER", LIBZMQ_SERVER[mechanism]);
    await using ours = await SessionPeer.connect(await theirs.bind(ANY), "DEALER", CLIENTS[mechanism]());
    await answer(zap, "400");
    const error = await assertRejects(() => ours.ready);
    assertInstanceOf(error, AuthError);
    assertEquals(error.status, 400);
  });
}

test("PLAIN: our server refuses libzmq's client", async () => {
  await using theirs = await libzmq.open("DEALER", { ...LIBZMQ_CLIENT.PLAIN, plainPassword: "guess" });
  await using ours = await SessionPeer.accept("DEALER", plainServer(), (endpoint) => theirs.connect(endpoint));
  const error = await assertRejects(() => ours.ready);
  assertInstanceOf(error, AuthError);
  await theirs.seen("handshake:error:auth", 1);
});

test("CURVE: our server refuses libzmq's client", async () => {
  await using theirs = await libzmq.open("DEALER", LIBZMQ_CLIENT.CURVE);
  const refusing = curveServer("DEALER", () => ({ ...WELCOME, status: 400 }));
  await using ours = await SessionPeer.accept("DEALER", refusing, (endpoint) => theirs.connect(endpoint));
  assertInstanceOf(await assertRejects(() => ours.ready), AuthError);
  await theirs.seen("handshake:error:auth", 1);
});

test("CURVE: a libzmq client with another server key is rejected", async () => {
  const curveServerKey = CLIENT.publicKey;
  await using theirs = await libzmq.open("DEALER", { ...LIBZMQ_CLIENT.CURVE, curveServerKey });
  await using ours = await SessionPeer.accept("DEALER", curveServer("DEALER"), (endpoint) => theirs.connect(endpoint));
  await assertRejects(() => ours.ready, Error, "cannot be decrypted");
});

test("CURVE: subscriptions go both ways", async () => {
  {
    await using theirs = await libzmq.open("XPUB", LIBZMQ_SERVER.CURVE);
    await using zap = await zapHandler();
    await using ours = await SessionPeer.connect(await theirs.bind(ANY), "SUB", curveClient("SUB"));
    await answer(zap, "200");
    await ours.ready;
    ours.subscribe(text("weather."));
    assertEquals((await theirs.receive()).map(toText), ["\x01weather."]);
    await theirs.send(["news.today"]);
    await theirs.send(["weather.today"]);
    assertEquals((await ours.receive()).map(toText), ["weather.today"]);
  }
  await using theirs = await libzmq.open("SUB", LIBZMQ_CLIENT.CURVE);
  await theirs.subscribe("weather.");
  await using ours = await SessionPeer.accept("PUB", curveServer("PUB"), (endpoint) => theirs.connect(endpoint));
  assertEquals((await ours.receive()).map(toText), ["\x01", "weather."]);
  ours.write([text("weather.today")]);
  assertEquals((await theirs.receive()).map(toText), ["weather.today"]);
});
