/**
 * The Authenticator: lists of addresses, users and keys, for one socket and as the ZAP handler of a context.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  type AuthenticationRequest,
  Authenticator,
  Context,
  metadataOf,
  Pull,
  Push,
  Reply,
  Request,
  userIdOf,
} from "../../mod.ts";
import { decodeZ85 } from "../../src/security/z85.ts";
import { test } from "../support/harness.ts";
import { ANY, nextEvent, rejectsWith, take, texts } from "../sockets/support.ts";
import { CLIENT, SERVER } from "./keys.ts";
import { ZAP } from "./zap_rig.ts";

const NULL = { mechanism: "NULL", domain: "", address: "10.0.0.1" } as const;
const plain = (username: string, password: string, domain = ""): AuthenticationRequest => ({
  ...NULL,
  mechanism: "PLAIN",
  domain,
  username,
  password,
});
const curve = (publicKey: string, domain = ""): AuthenticationRequest => ({
  ...NULL,
  mechanism: "CURVE",
  domain,
  publicKey,
});

test("addresses: denied ones are rejected, and with an allow list all others", () => {
  const at = (address: string) => ({ ...NULL, address });
  const authenticator = new Authenticator().deny("10.0.0.6");
  const ask = (address: string) => authenticator.authenticate(at(address));
  assertEquals([ask("10.0.0.5"), ask("10.0.0.6"), ask("")], [true, false, true]);
  authenticator.allow("10.0.0.5", "10.0.0.6");
  assertEquals([ask("10.0.0.5"), ask("10.0.0.6"), ask("10.0.0.7"), ask("")], [true, false, false, false]);
});

test("addresses are checked before passwords and keys", () => {
  const authenticator = new Authenticator().addUser("ann", "secret").allowAnyKey().deny("10.0.0.1");
  assertEquals(authenticator.authenticate(plain("ann", "secret")), false);
  assertEquals(authenticator.authenticate(curve(CLIENT.publicKey)), false);
});

test("users: each with their passwords, in their domains, until they are removed", () => {
  const authenticator = new Authenticator()
    .addUser("ann", "secret")
    .addUser("bob", "one", { domain: "a", userId: "bob at a" })
    .addUser("bob", "two", { domain: "b", metadata: { "X-Role": "guest" } });
  const userId = (request: AuthenticationRequest) => {
    const answer = authenticator.authenticate(request) as { userId: string } | false;
    return answer && answer.userId;
  };
  assertEquals([userId(plain("ann", "secret")), userId(plain("ann", "secret", "a"))], ["ann", "ann"]);
  assertEquals([userId(plain("bob", "one", "a")), userId(plain("bob", "two", "b"))], ["bob at a", "bob"]);
  for (
    const [name, password, domain] of [
      ["bob", "one", "b"],
      ["bob", "two", "a"],
      ["bob", "one", ""],
      ["ann", "Secret", ""],
      ["ann", "secret ", ""],
      ["ann", "", ""],
      ["", "secret", ""],
      ["Ann", "secret", ""],
      ["nobody", "\0".repeat(32), ""],
      ["__proto__", "", ""],
    ] as const
  ) {
    assertEquals(userId(plain(name, password, domain)), false, `${name}/${password}/${domain}`);
  }
  authenticator.removeUser("bob");
  assertEquals([userId(plain("bob", "one", "a")), userId(plain("ann", "secret"))], [false, "ann"]);
});

test("keys: as text and as bytes, in their domains, until they are removed, and any key", () => {
  const authenticator = new Authenticator().allowKey(decodeZ85(CLIENT.publicKey), { domain: "a", userId: "client" });
  const ask = (key: string, domain?: string) => {
    const answer = authenticator.authenticate(curve(key, domain)) as { userId: string } | false;
    return answer && answer.userId;
  };
  assertEquals([ask(CLIENT.publicKey, "a"), ask(CLIENT.publicKey, "b"), ask(SERVER.publicKey, "a")], [
    "client",
    false,
    false,
  ]);
  authenticator.allowAnyKey({ domain: "b" });
  assertEquals([ask(CLIENT.publicKey, "a"), ask(CLIENT.publicKey, "b")], ["client", CLIENT.publicKey]);
  authenticator.removeKey(CLIENT.publicKey);
  assertEquals([ask(CLIENT.publicKey, "a"), ask(CLIENT.publicKey, "b")], [false, CLIENT.publicKey]);
});

test("an invalid key is rejected when it is added", () => {
  for (const key of ["", "short", new Uint8Array(31), "\u00e9".repeat(40)]) {
    let thrown: unknown;
    try {
      new Authenticator().allowKey(key);
    } catch (error) {
      thrown = error;
    }
    assertEquals(thrown instanceof RangeError, true, `${key}`);
  }
});

test("listen: all servers of a context use it, by domain, and their messages have a user id", async () => {
  const context = new Context();
  await using authenticator = new Authenticator()
    .addUser("ann", "secret", { domain: "a", userId: "staff/ann", metadata: { "X-Role": "admin" } })
    .allowKey(CLIENT.publicKey, { domain: "b", userId: "robot" });
  await authenticator.listen(context);
  await using a = new Pull({ context, plainServer: true, zapDomain: "a" });
  await using b = new Pull({ context, curveServer: true, curveSecretKey: SERVER.secretKey, zapDomain: "b" });
  await using c = new Pull({ context, plainServer: true, zapDomain: "c" });
  const ann = { plainUsername: "ann", plainPassword: "secret", linger: 0 };
  await using toA = new Push(ann);
  await using toB = new Push({
    curveServerKey: SERVER.publicKey,
    curvePublicKey: CLIENT.publicKey,
    curveSecretKey: CLIENT.secretKey,
  });
  await using toC = new Push(ann);
  for (const [push, pull] of [[toA, a], [toB, b]] as const) {
    push.connect(await pull.bind(ANY));
    await push.send("hello");
  }
  const fromAnn = await a.receive();
  assertEquals([userIdOf(fromAnn), userIdOf(await b.receive())], ["staff/ann", "robot"]);
  assertEquals(texts([metadataOf(fromAnn)!.get("x-role")!]), ["admin"]);
  const refused = nextEvent(c, "handshake:error:auth");
  toC.connect(await c.bind(ANY));
  assertEquals((await refused).status, 400);
});

test("listen: one in a context; after close another may, and it may itself again", async () => {
  const context = new Context();
  await using first = new Authenticator();
  await using second = new Authenticator();
  await first.listen(context);
  await rejectsWith("EADDRINUSE", () => first.listen(context));
  await rejectsWith("EADDRINUSE", () => second.listen(context));
  await first.close();
  await second.listen(context);
  await second.close();
  await first.listen(context);
  // In another context, it is no longer in the first.
  await first.listen(new Context());
  await second.listen(context);
});

test("listen: without a handler, a PLAIN server cannot bind, and a bound one accepts no peer", async () => {
  const context = new Context();
  await using authenticator = new Authenticator().addUser("ann", "secret");
  await authenticator.listen(context);
  await using pull = new Pull({ context, plainServer: true });
  const endpoint = await pull.bind(ANY);
  await authenticator.close();
  await rejectsWith("EINVAL", () => pull.bind(ANY));
  await using push = new Push({ plainUsername: "ann", plainPassword: "secret", reconnectInterval: 5, linger: 0 });
  const refused = nextEvent(pull, "handshake:error:auth");
  push.connect(endpoint);
  assertEquals((await refused).status, 500);
  await authenticator.listen(context);
  await push.send("again");
  assertEquals(await take(pull, 1), ["again"]);
});

test("listen: an invalid request is answered 500, and the next one is served", async () => {
  const context = new Context();
  await using authenticator = new Authenticator().addUser("ann", "secret", { userId: "é".repeat(200) }).addUser(
    "bob",
    "b",
  );
  await authenticator.listen(context);
  await using request = new Request({ context });
  request.connect(ZAP);
  const ask = async (...frames: string[]) => {
    await request.send(frames);
    return texts(await request.receive())[2];
  };
  const question = (version: string, ...credentials: string[]) =>
    ask(version, "7", "", "127.0.0.1", "", "PLAIN", ...credentials);
  assertEquals(await ask("nonsense"), "500");
  assertEquals(await question("1.1", "bob", "b"), "500");
  assertEquals(await question("1.0", "bob"), "400");
  assertEquals(await ask("1.0", "7", "", "", "", "CURVE", "not a key"), "500");
  // Ann has metadata that ZAP cannot encode.
  assertEquals(await question("1.0", "ann", "secret"), "500");
  assertEquals(await question("1.0", "bob", "guess"), "400");
  assertEquals(await question("1.0", "bob", "b"), "200");
});

test("listen: it answers frame by frame as RFC 27 has it", async () => {
  const context = new Context();
  await using authenticator = new Authenticator().addUser("ann", "secret", {
    userId: "a",
    metadata: { "X-Role": "r" },
  });
  await authenticator.listen(context);
  await using request = new Request({ context });
  request.connect(ZAP);
  await request.send(["1.0", "id 9", "domain", "127.0.0.1", "", "PLAIN", "ann", "secret"]);
  assertEquals(texts(await request.receive()), ["1.0", "id 9", "200", "", "a", "\x06x-role\0\0\0\x01r"]);
  await request.send(["1.0", "id 10", "domain", "127.0.0.1", "", "GSSAPI", "ann"]);
  assertEquals(texts(await request.receive())[2], "400");
});

test("a handler may be bound before or after the servers that do not need it yet", async () => {
  const context = new Context();
  await using pull = new Pull({ context, zapDomain: "later" });
  const endpoint = await pull.bind(ANY);
  await using handler = new Reply({ context });
  await handler.bind(ZAP);
  await using push = new Push({ linger: 0 });
  push.connect(endpoint);
  assertEquals(texts(await handler.receive())[2], "later");
});

test("Authenticator: addresses are compared in canonical form, and invalid ones are rejected", () => {
  const request = (address: string) => ({ mechanism: "NULL", domain: "", address }) as const;
  const denies = new Authenticator().deny("2001:DB8:0::1", "::ffff:10.0.0.7", "fe80::1");
  for (const address of ["2001:db8::1", "10.0.0.7", "fe80::1%eth0"]) {
    assertEquals(denies.authenticate(request(address)), false, address);
  }
  assertEquals(denies.authenticate(request("10.0.0.8")), true);
  for (const wrong of ["10.0.0.0/8", "localhost", "10.0.0.06", "10.0.0.1 ", "", "10.0.0", "1.2.3.4.5"]) {
    assertThrows(() => new Authenticator().deny(wrong), RangeError, "not an IP address");
    assertThrows(() => new Authenticator().allow(wrong), RangeError, "not an IP address");
  }
  assertThrows(() => new Authenticator().deny(["10.0.0.1"] as unknown as string), TypeError);
  assertEquals(new Authenticator().allow().authenticate(request("10.0.0.1")), false);
});

test("Authenticator: an invalid password is rejected, and passwords are compared in every byte and in length", () => {
  const authenticator = new Authenticator();
  for (const wrong of [undefined, null, 1, {}]) {
    assertThrows(() => authenticator.addUser("ann", wrong as unknown as string), TypeError);
  }
  assertThrows(() => authenticator.addUser("ann", "x".repeat(256)), RangeError, "255");
  authenticator.addUser("ann", "").addUser("bob", "\uFEFFsecret").addUser("max", "m".repeat(255));
  const asks = (username: string, password: string) =>
    authenticator.authenticate({ mechanism: "PLAIN", domain: "", address: "", username, password }) !== false;
  assertEquals([asks("ann", ""), asks("ann", "\0"), asks("ann", " ")], [true, false, false]);
  assertEquals([asks("bob", "\uFEFFsecret"), asks("bob", "secret"), asks("\uFEFFbob", "\uFEFFsecret")], [
    true,
    false,
    false,
  ]);
  assertEquals([asks("max", "m".repeat(255)), asks("max", "m".repeat(254))], [true, false]);
  assertEquals([asks("nobody", ""), asks("nobody", "\xff".repeat(127))], [false, false]);
});

test("Authenticator: with users or keys, NULL peers are rejected, except from allowed addresses", () => {
  const request = { mechanism: "NULL", domain: "", address: "10.0.0.1" } as const;
  for (
    const authenticator of [
      new Authenticator().addUser("ann", "secret"),
      new Authenticator().allowKey(CLIENT.publicKey),
      new Authenticator().allowAnyKey(),
    ]
  ) {
    assertEquals(authenticator.authenticate(request), false);
    assertEquals(authenticator.allow("10.0.0.1").authenticate(request), true);
  }
});
