/**
 * The requests to a ZAP handler, frame by frame, and the effect of its answers: ZAP 1.0 (RFC 27) over inproc.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { AuthError, Dealer, Pull, Push, Router, userIdOf } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, nextEvent, rejectsWith, take, texts } from "../sockets/support.ts";
import { decodeZ85 } from "../../src/security/z85.ts";
import { CLIENT, SERVER } from "./keys.ts";
import { routerHandler, ZAP, zapReply, ZapRig } from "./zap_rig.ts";

const HOST = /^127\.\d+\.\d+\.\d+$/;

test("PLAIN: the request says version, id, domain, address, our routing id, mechanism, user name and password", async () => {
  await using rig = await ZapRig.make();
  rig.client();
  const [version, id, domain, address, ...rest] = await rig.answer(zapReply());
  assertEquals([version, id, domain, ...rest], ["1.0", "1", "test", "", "PLAIN", "ann", "secret"]);
  assert(HOST.test(address!), address);
  assertEquals(await take(rig.pull, 1), ["let in"]);
});

test("CURVE: the request has the key as 32 bytes, and the routing id of the socket that asks", async () => {
  await using rig = await ZapRig.make();
  const security = { curveServer: true, curveSecretKey: SERVER.secretKey };
  await using router = new Router({ ...security, context: rig.context, routingId: "front", zapDomain: "keys" });
  const { publicKey, secretKey } = CLIENT;
  await using dealer = new Dealer({
    curveServerKey: SERVER.publicKey,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
    routingId: "the client's own",
  });
  dealer.connect(await router.bind(ANY));
  const frames = await rig.handler.receive();
  assertEquals(texts(frames.slice(0, 3)), ["1.0", "1", "keys"]);
  assertEquals([...texts(frames.slice(4, 6)), frames.length], ["front", "CURVE", 7]);
  assertEquals(frames[6], decodeZ85(publicKey));
  await rig.handler.send(zapReply({ userId: "joe" }));
  await dealer.send("hello");
  assertEquals(userIdOf(await router.receive()), "joe");
});

test("NULL: the request has no credentials, and is made only where there is a domain", async () => {
  await using rig = await ZapRig.make();
  await using open = new Pull({ context: rig.context });
  await using asks = new Pull({ context: rig.context, zapDomain: "guests" });
  await using push = new Push();
  push.connect(await open.bind(ANY));
  await push.send("nobody asked");
  assertEquals(await take(open, 1), ["nobody asked"]);
  await using guest = new Push();
  guest.connect(await asks.bind(ANY));
  const [version, id, domain, , ...rest] = await rig.answer(zapReply());
  assertEquals([version, id, domain, ...rest], ["1.0", "1", "guests", "", "NULL"]);
  await guest.send("asked");
  assertEquals(await take(asks, 1), ["asked"]);
});

test("a connecting socket authenticates as well: NULL with a domain, for either connecting side", async () => {
  await using rig = await ZapRig.make();
  await using pull = new Pull();
  await using push = new Push({ context: rig.context, zapDomain: "servers" });
  push.connect(await pull.bind(ANY));
  assertEquals((await rig.answer(zapReply()))[2], "servers");
  await push.send("checked");
  assertEquals(await take(pull, 1), ["checked"]);
});

for (const status of [400, 500] as const) {
  test(`${status}: both sides have an event with it, the client reconnects with back-off, and may be accepted then`, async () => {
    await using rig = await ZapRig.make();
    const ours = rig.event("handshake:error:auth");
    const push = rig.client();
    const theirs = nextEvent(push, "handshake:error:auth");
    const retry = nextEvent(push, "connect:retry");
    await rig.answer(zapReply({ status: `${status}`, text: "because" }));
    const { error } = await ours;
    assert(error instanceof AuthError);
    assertEquals([(await ours).status, error.message], [status, `The peer was rejected (${status}: because)`]);
    assertEquals([(await theirs).status, (await theirs).error.message.includes("because")], [status, false]);
    assert((await retry).interval >= 25);
    await rig.answer(zapReply());
    assertEquals(await take(rig.pull, 1), ["let in"]);
  });
}

test("300: the client gets no reason, and reconnects at its usual interval", async () => {
  await using rig = await ZapRig.make();
  const ours = rig.event("handshake:error:auth");
  const push = rig.client();
  const theirs = nextEvent(push, "handshake:error:other");
  const retry = nextEvent(push, "connect:retry");
  await rig.answer(zapReply({ status: "300" }));
  assertEquals([(await ours).status, (await theirs).type], [300, "handshake:error:other"]);
  assert((await retry).interval <= 10);
  await rig.answer(zapReply());
  assertEquals(await take(rig.pull, 1), ["let in"]);
});

const MALFORMED: [what: string, rule: string, reply: (string | Uint8Array)[]][] = [
  ["another version", "ZAP_BAD_VERSION", zapReply({ version: "1.1" })],
  ["another id", "ZAP_BAD_REQUEST_ID", zapReply({ id: "2" })],
  ["a status that does not exist", "ZAP_INVALID_STATUS_CODE", zapReply({ status: "201" })],
  ["a status that is not a number", "ZAP_INVALID_STATUS_CODE", zapReply({ status: "200 " })],
  ["metadata cut short", "ZAP_INVALID_METADATA", zapReply({ metadata: Uint8Array.of(3, 65) })],
  ["a frame too few", "ZAP_MALFORMED_REPLY", zapReply().slice(0, -1)],
  ["a frame too many", "ZAP_MALFORMED_REPLY", [...zapReply(), ""]],
  ["one frame", "ZAP_MALFORMED_REPLY", ["200"]],
  ["a user id too long", "ZAP_MALFORMED_REPLY", zapReply({ userId: "u".repeat(256) })],
  ["a status text too long", "ZAP_MALFORMED_REPLY", zapReply({ text: "t".repeat(256) })],
];

for (const [what, rule, reply] of MALFORMED) {
  test(`a reply with ${what} accepts no peer: ${rule}`, async () => {
    await using rig = await ZapRig.make();
    const ours = rig.event("handshake:error:protocol");
    const theirs = nextEvent(rig.client({ reconnectInterval: 60_000 }), "handshake:error:other");
    await rig.answer(reply);
    assertEquals([(await ours).rule, (await ours).error.code, (await theirs).type], [
      rule,
      "EPROTO",
      "handshake:error:other",
    ]);
    await rig.stillWorks();
  });
}

test("a Router may be the handler: a reply without the delimiter is ZAP_UNSPECIFIED, a whole one accepts", async () => {
  await using rig = await ZapRig.make();
  await using router = await routerHandler(rig);
  const told = rig.event("handshake:error:protocol");
  rig.client({ reconnectInterval: 60_000 });
  const [address, delimiter, version] = await router.receive();
  assertEquals([delimiter.length, texts([version!])[0]], [0, "1.0"]);
  await router.send([address, "x", ...zapReply()]);
  assertEquals((await told).rule, "ZAP_UNSPECIFIED");
  rig.client();
  const [again] = await router.receive();
  await router.send([again, "", ...zapReply()]);
  assertEquals(await take(rig.pull, 1), ["let in"]);
});

test("the second of two answers of a handler is ignored, and answers no other request", async () => {
  await using rig = await ZapRig.make();
  await using router = await routerHandler(rig);
  rig.client();
  const [address] = await router.receive();
  await router.send([address, "", ...zapReply({ userId: "first" })]);
  await router.send([address, "", ...zapReply({ status: "400" })]);
  const message = await rig.pull.receive();
  assertEquals([userIdOf(message), rig.pull.peerCount], ["first", 1]);
  const refused = rig.event("handshake:error:auth");
  rig.client({ reconnectInterval: 60_000 });
  const [next] = await router.receive();
  await router.send([address, "", ...zapReply({ userId: "not the next one" })]);
  await router.send([next, "", ...zapReply({ status: "400" })]);
  assertEquals((await refused).status, 400);
  assertEquals([rig.pull.peerCount, rig.pull.tryReceive()], [1, undefined]);
});

test("answers may arrive in another order than the requests", async () => {
  await using rig = await ZapRig.make();
  await using router = await routerHandler(rig);
  rig.client({ plainUsername: "one" });
  const first = await router.receive();
  rig.client({ plainUsername: "two" });
  const second = await router.receive();
  for (const frames of [second, first]) {
    const user = texts(frames)[8]!;
    await router.send([frames[0], "", ...zapReply({ userId: user })]);
    assertEquals(userIdOf(await rig.pull.receive()), user);
  }
});

test("a slow handler: the handshake has timed out, and the late answer accepts no peer", async () => {
  await using rig = await ZapRig.make({ handshakeInterval: 100 });
  await using router = await routerHandler(rig);
  const told = rig.event("handshake:error:other");
  rig.client({ reconnectInterval: 60_000 });
  const [address] = await router.receive();
  assertEquals((await told).error.message.includes("100 ms"), true);
  await router.send([address, "", ...zapReply()]);
  // The next client is authenticated anew, and alone.
  rig.pull.handshakeInterval = 0;
  rig.client();
  const [again] = await router.receive();
  await router.send([again, "", ...zapReply()]);
  assertEquals(await take(rig.pull, 1), ["let in"]);
  assertEquals(rig.pull.peerCount, 1);
});

test("a handler that closes during a request: 500, and so for peers without a handler", async () => {
  await using rig = await ZapRig.make();
  const push = rig.client({ reconnectInterval: 60_000 });
  const theirs = nextEvent(push, "handshake:error:auth");
  const told = rig.event("handshake:error:auth");
  await rig.handler.receive();
  await rig.handler.close();
  assertEquals([(await told).status, (await theirs).status], [500, 500]);
  assert(`${(await told).error.cause}`.includes("was closed"));
  const absent = rig.event("handshake:error:auth");
  rig.client();
  assertEquals((await absent).status, 500);
  assert(`${(await absent).error.cause}`.includes("does not exist"));
  assertEquals(rig.pull.peerCount, 0);
  await routerHandler(rig).then((router) => router.close());
});

test("a client that disconnects during its request is forgotten, and the server closes immediately", async () => {
  await using rig = await ZapRig.make();
  await using router = await routerHandler(rig);
  const push = rig.client();
  const told = rig.event("handshake:error:other");
  const asked = await router.receive();
  const forgotten = nextEvent(router, "disconnect");
  await push.close();
  await told;
  await forgotten;
  await router.send([asked[0], "", ...zapReply()]);
  assertEquals(router.peerCount, 0);
});

test("two handlers cannot be in one context", async () => {
  await using rig = await ZapRig.make();
  await using second = new Router({ context: rig.context });
  const refused = await second.bind(ZAP).then(() => "bound", (error) => error.code);
  assertEquals(refused, "EADDRINUSE");
  await rig.stillWorks();
});

test("zapEnforceDomain: without a domain nothing is bound, with one the handler gets it", async () => {
  await using rig = await ZapRig.make();
  await using pull = new Pull({ context: rig.context, plainServer: true, zapEnforceDomain: true });
  await rejectsWith("EINVAL", () => pull.bind(ANY));
  pull.zapDomain = "enforced";
  await using push = new Push({ plainUsername: "ann", plainPassword: "secret" });
  push.connect(await pull.bind(ANY));
  assertEquals((await rig.answer(zapReply()))[2], "enforced");
  await push.send("in");
  assertEquals(await take(pull, 1), ["in"]);
});

test("a handler that is closed and bound again: clients that were rejected meanwhile are accepted", async () => {
  await using rig = await ZapRig.make();
  await rig.handler.close();
  const refused = rig.event("handshake:error:auth");
  rig.client();
  assertEquals((await refused).status, 500);
  await using router = new Router({ context: rig.context });
  await router.bind(ZAP);
  const [address] = await router.receive();
  await router.send([address, "", ...zapReply()]);
  assertEquals(await take(rig.pull, 1), ["let in"]);
});

test("where handshakes have no limit, a handler that never answers does not keep a socket from closing", async () => {
  await using rig = await ZapRig.make({ handshakeInterval: 0 });
  rig.client();
  await rig.handler.receive();
});
