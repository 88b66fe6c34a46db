/**
 * `authenticate`: a function or an object that accepts or rejects peers, and every kind of answer.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type AuthenticateFunction, type AuthenticationRequest, metadataOf, Pull, Push, userIdOf } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";
import { CLIENT, SERVER } from "./keys.ts";

const PLAIN = { plainUsername: "ann", plainPassword: "secret", reconnectInterval: 60_000, linger: 0 };
const CURVE = {
  curveServerKey: SERVER.publicKey,
  curvePublicKey: CLIENT.publicKey,
  curveSecretKey: CLIENT.secretKey,
  linger: 0,
};

/** Binds a PLAIN server that asks this. */
async function server(authenticate: AuthenticateFunction): Promise<{ pull: Pull; endpoint: string }> {
  const pull = new Pull({ plainServer: true, authenticate });
  return { pull, endpoint: await pull.bind(ANY) };
}

test("authenticate gets the credentials of each mechanism", async () => {
  const asked: AuthenticationRequest[] = [];
  const authenticate = (request: AuthenticationRequest) => asked.push(request) > 0;
  const zapDomain = "d";
  for (
    const [asServer, asClient] of [
      [{}, {}],
      [{ plainServer: true }, PLAIN],
      [{ curveServer: true, curveSecretKey: SERVER.secretKey }, CURVE],
    ]
  ) {
    await using pull = new Pull({ ...asServer, authenticate, zapDomain });
    await using push = new Push(asClient);
    push.connect(await pull.bind(ANY));
    await push.send("in");
    assertEquals(await take(pull, 1), ["in"]);
  }
  const address = asked[0]!.address;
  assert(/^127\./.test(address));
  assertEquals(asked, [
    { mechanism: "NULL", domain: "d", address },
    { mechanism: "PLAIN", domain: "d", address, username: "ann", password: "secret" },
    { mechanism: "CURVE", domain: "d", address, publicKey: CLIENT.publicKey },
  ]);
});

test("authenticate may be an object, whose method is called as its own", async () => {
  class Doorman {
    readonly name = "ann";
    authenticate({ username }: AuthenticationRequest): boolean {
      return username === this.name;
    }
  }
  await using pull = new Pull({ plainServer: true, authenticate: new Doorman() });
  await using push = new Push(PLAIN);
  push.connect(await pull.bind(ANY));
  await push.send("in");
  assertEquals(await take(pull, 1), ["in"]);
});

const LETS_IN: [what: string, answer: AuthenticateFunction, userId: string | undefined][] = [
  ["true", () => true, undefined],
  ["true, later", () => Promise.resolve(true), undefined],
  ["an object", () => ({}), undefined],
  ["a user id", () => ({ userId: "ann" }), "ann"],
  ["a user id, some turns later", () => new Promise((resolve) => setTimeout(resolve, 1, { userId: "zoë" })), "zoë"],
  ["an empty user id", () => ({ userId: "" }), undefined],
];

for (const [what, answer, userId] of LETS_IN) {
  test(`${what} accepts`, async () => {
    const { pull, endpoint } = await server(answer);
    await using _closing = pull;
    await using push = new Push(PLAIN);
    push.connect(endpoint);
    await push.send("in");
    const message = await pull.receive();
    assertEquals([userIdOf(message), metadataOf(message)?.has("socket-type")], [userId, true]);
  });
}

/** Answers that are none of a program in TypeScript. */
const odd = (value: unknown) => (() => value) as AuthenticateFunction;

const KEEPS_OUT: [what: string, answer: AuthenticateFunction, status: number][] = [
  ["false", () => false, 400],
  ["false, later", () => Promise.resolve(false), 400],
  ["nothing", odd(undefined), 400],
  ["null", odd(null), 400],
  ["1", odd(1), 400],
  ['"yes"', odd("yes"), 400],
  ["a promise of nothing", odd(Promise.resolve()), 400],
  ["a function", odd(() => true), 400],
  ["an error that is returned, not thrown", odd(new Error("no")), 400],
  ["a list", odd([]), 400],
  ["an error", () => {
    throw new Error("the database is gone");
  }, 500],
  ["a rejection", () => Promise.reject(new Error("the database is gone")), 500],
  ["a rejection without a reason", () => Promise.reject(undefined), 500],
  ["metadata of the wrong type", odd({ metadata: 5n, userId: Symbol("no text") }), 500],
  ["a user id of more than 255 bytes", () => ({ userId: "é".repeat(128) }), 500],
];

for (const [what, answer, status] of KEEPS_OUT) {
  test(`${what} rejects: ${status}`, async () => {
    const { pull, endpoint } = await server(answer);
    await using _closing = pull;
    await using push = new Push(PLAIN);
    const events = [nextEvent(pull, "handshake:error:auth"), nextEvent(push, "handshake:error:auth")];
    push.connect(endpoint);
    push.trySend("not in");
    for (const event of events) assertEquals([(await event).status, (await event).error.code], [status, "EACCES"]);
    assertEquals([pull.peerCount, pull.tryReceive()], [0, undefined]);
  });
}

test("an answer that never arrives ends with handshakeInterval, and a late one accepts no peer", async () => {
  let answer!: (value: boolean) => void;
  const authenticate = () => new Promise<boolean>((resolve) => answer = resolve);
  await using pull = new Pull({ plainServer: true, authenticate, handshakeInterval: 100 });
  await using push = new Push(PLAIN);
  const [ours, theirs] = [nextEvent(pull, "handshake:error:other"), nextEvent(push, "handshake:error:other")];
  push.connect(await pull.bind(ANY));
  assertEquals((await ours).error.message.includes("100 ms"), true);
  await theirs;
  answer(true);
  pull.authenticate = () => true;
  pull.handshakeInterval = 0;
  await using next = new Push(PLAIN);
  next.connect(pull.lastEndpoint!);
  await next.send("after");
  assertEquals(await take(pull, 1), ["after"]);
  assertEquals(pull.peerCount, 1);
});

test("a socket that is closed while it waits for an answer closes immediately", async () => {
  let asked!: () => void;
  const waiting = new Promise<void>((resolve) => asked = resolve);
  const { pull, endpoint } = await server(() => {
    asked();
    return new Promise(() => {});
  });
  await using push = new Push(PLAIN);
  push.connect(endpoint);
  await waiting;
  await pull.close();
});

test("authenticate precedes the ZAP handler of the context, which is not asked", async () => {
  const { pull, endpoint } = await server(() => ({ userId: "by the function" }));
  await using _closing = pull;
  pull.zapDomain = "nobody answers for this";
  await using push = new Push(PLAIN);
  push.connect(endpoint);
  await push.send("in");
  assertEquals(userIdOf(await pull.receive()), "by the function");
});

test("a property of a peer is not its user id, and comes after those of the authenticator", async () => {
  await using pull = new Pull({ authenticate: () => ({ metadata: { "X-Room": "7" } }) });
  await using push = new Push({ metadata: { "X-Room": "1", "X-Own": "mine" } });
  push.connect(await pull.bind(ANY));
  await push.send("in");
  const told = metadataOf(await pull.receive())!;
  const text = (name: string) => new TextDecoder().decode(told.get(name));
  assertEquals([text("x-room"), text("x-own"), told.has("user-id")], ["7", "mine", false]);
});
