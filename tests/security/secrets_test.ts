/**
 * Secrets are in no report of a socket, in no error, and no longer in memory after the socket is closed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { inspect } from "node:util";
import { Authenticator, Context, Pull, type PullOptions, Push, type PushOptions, type SocketEvent } from "../../mod.ts";
import { decodeZ85 } from "../../src/security/z85.ts";
import { test } from "../support/harness.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";
import { CLIENT, SERVER } from "./keys.ts";
import { ZAP, zapReply, ZapRig } from "./zap_rig.ts";

const PASSWORD = "correct horse battery staple";
const GUESS = "incorrect donkey battery staple";

/** Each secret in all the ways in which it might be shown. */
const SECRETS: readonly string[] = [SERVER.secretKey, CLIENT.secretKey].flatMap((text) => {
  const bytes = Buffer.from(decodeZ85(text));
  const listed = [...bytes.subarray(0, 8)];
  return [
    text,
    bytes.toString("hex"),
    bytes.toString("base64"),
    bytes.toString("latin1"),
    listed.join(),
    listed.join(", "),
  ];
}).concat(
  ...[PASSWORD, GUESS].map((text) => [text, Buffer.from(text).toString("hex"), Buffer.from(text).toString("base64")]),
);

/** Everything that can be read of a value. */
function shown(value: unknown): string {
  const parts = [inspect(value, { depth: 12, showHidden: true, maxArrayLength: 1000 }), String(value)];
  if (value instanceof Error) parts.push(value.stack ?? "", inspect(value.cause, { depth: 12, showHidden: true }));
  try {
    parts.push(JSON.stringify(value) ?? "");
  } catch {
    // A value that JSON cannot represent is not shown in that form.
  }
  return parts.join("\n");
}

function hasNoSecret(values: readonly unknown[]): void {
  for (const value of values) {
    const text = shown(value);
    for (const secret of SECRETS) {
      assert(!text.includes(secret), `a secret is in ${text.replaceAll(secret, "<secret>")}`);
    }
  }
}

const curveClient: PushOptions = {
  curveServerKey: SERVER.publicKey,
  curvePublicKey: CLIENT.publicKey,
  curveSecretKey: CLIENT.secretKey,
};
const plainClient: PushOptions = { plainUsername: "ann", plainPassword: PASSWORD };
const authenticator = () => new Authenticator().addUser("ann", PASSWORD);
const curveServer = (authenticate: PullOptions["authenticate"]): PullOptions => ({
  curveServer: true,
  curveSecretKey: SERVER.secretKey,
  authenticate: authenticate ?? null,
});
const plainServer = (): PullOptions => ({ plainServer: true, authenticate: authenticator() });

const SCENES: [name: string, server: PullOptions, client: PushOptions, ends: SocketEvent["type"]][] = [
  ["a key that is let in", curveServer(() => true), curveClient, "handshake"],
  ["a key that is not let in", curveServer(() => false), curveClient, "handshake:error:auth"],
  [
    "another server's key",
    curveServer(() => true),
    { ...curveClient, curveServerKey: CLIENT.publicKey },
    "handshake:error:protocol",
  ],
  ["a password that is right", plainServer(), plainClient, "handshake"],
  ["a password that is wrong", plainServer(), { ...plainClient, plainPassword: GUESS }, "handshake:error:auth"],
  [
    "an authenticator that fails",
    { plainServer: true, authenticate: () => Promise.reject(new Error("down")) },
    plainClient,
    "handshake:error:auth",
  ],
  ["PLAIN where CURVE is wanted", curveServer(() => true), plainClient, "handshake:error:protocol"],
  ["CURVE where PLAIN is wanted", plainServer(), curveClient, "handshake:error:protocol"],
  [
    "an authenticator that never answers",
    { ...curveServer(() => new Promise(() => {})), handshakeInterval: 100 },
    curveClient,
    "handshake:error:other",
  ],
];

for (const [name, server, client, ends] of SCENES) {
  test(`${name}: no secret is in any event, error, statistic or picture of the sockets`, async () => {
    const told: unknown[] = [];
    await using pull = new Pull(server);
    await using push = new Push({ ...client, linger: 0, reconnectInterval: 60_000 });
    for (const socket of [pull, push]) socket.events.listen((event) => told.push(event));
    const over = nextEvent(pull, ends);
    push.connect(await pull.bind(ANY));
    push.trySend("hello");
    await over;
    if (ends === "handshake") told.push(await pull.receive());
    told.push(pull, push, pull.statistics(), push.statistics(), server.authenticate);
    hasNoSecret(told);
    await push.close();
    await pull.close();
    hasNoSecret([...told, pull, push]);
  });
}

test("a ZAP handler with an invalid answer: no secret in any report", async () => {
  await using rig = await ZapRig.make();
  const told: unknown[] = [];
  rig.pull.events.listen((event) => told.push(event));
  for (const reply of [zapReply({ status: "999" }), zapReply({ version: "x" }), ["?"]]) {
    const failed = nextEvent(rig.pull, "handshake:error:protocol");
    rig.client({ plainPassword: PASSWORD, reconnectInterval: 60_000 });
    await rig.answer(reply);
    await failed;
  }
  hasNoSecret([...told, rig.context, rig.handler]);
});

test("options that do not fit: no secret in their errors", async () => {
  const attempts: (() => unknown)[] = [
    () => new Pull({ curveSecretKey: `${SERVER.secretKey}x` }),
    () => new Pull({ curveSecretKey: `${SERVER.secretKey.slice(1)}"` }),
    () => new Pull({ plainPassword: PASSWORD.repeat(12) }),
    () => new Pull({ plainPassword: [PASSWORD] as unknown as string }),
    () => new Pull({ curveSecretKey: { key: SERVER.secretKey } as unknown as string }),
    () =>
      new Push({ curveSecretKey: CLIENT.secretKey, curveServerKey: SERVER.publicKey, plainPassword: PASSWORD }).connect(
        "tcp://127.0.0.1:9",
      ),
    () => new Pull({ curveSecretKey: SERVER.secretKey, curveServer: true }).bind(ANY),
  ];
  const errors: unknown[] = [];
  for (const attempt of attempts) {
    try {
      await attempt();
    } catch (error) {
      errors.push(error);
    }
  }
  assertEquals(errors.length, attempts.length);
  hasNoSecret(errors);
});

/** Runs `action`, and returns all byte arrays of 32 bytes that were made meanwhile by copying, and by chance. */
async function arraysMadeBy(action: () => Promise<void>): Promise<{ copied: Uint8Array[]; random: Uint8Array[] }> {
  const made = { copied: [] as Uint8Array[], random: [] as Uint8Array[] };
  const { slice } = Uint8Array.prototype;
  const { from } = Uint8Array;
  const { getRandomValues } = crypto;
  const note = <T>(array: T, list = made.copied): T => {
    if (array instanceof Uint8Array && array.length === 32) list.push(array);
    return array;
  };
  Uint8Array.prototype.slice = function (this: Uint8Array, ...args) {
    return note(slice.apply(this, args));
  } as typeof slice;
  Uint8Array.from = function (this: typeof Uint8Array, ...args: Parameters<typeof from>) {
    return note(from.apply(this, args));
  } as typeof from;
  crypto.getRandomValues =
    ((array: Uint8Array<ArrayBuffer>) =>
      note(getRandomValues.call(crypto, array), made.random)) as typeof getRandomValues;
  try {
    await action();
  } finally {
    Uint8Array.prototype.slice = slice;
    Uint8Array.from = from;
    crypto.getRandomValues = getRandomValues;
  }
  return made;
}

test("CURVE: after both sockets are closed, no key that is secret is left in memory that was made for it", async () => {
  const secrets = [SERVER.secretKey, CLIENT.secretKey].map((text) => Buffer.from(decodeZ85(text)).toString("hex"));
  // Loaded before, so that what it makes once does not count.
  await using warm = new Pull(curveServer(() => true));
  await using warmClient = new Push(curveClient);
  warmClient.connect(await warm.bind(ANY));
  await warmClient.waitForPeers(1);
  const made = await arraysMadeBy(async () => {
    const pull = new Pull(curveServer(() => true));
    const push = new Push(curveClient);
    const nobody = new Push({ curveServerKey: SERVER.publicKey });
    const refused = new Push({ ...curveClient, curveServerKey: CLIENT.publicKey, linger: 0 });
    const endpoint = await pull.bind(ANY);
    const failed = nextEvent(pull, "handshake:error:protocol");
    for (const socket of [push, nobody, refused]) socket.connect(endpoint);
    await push.send("hello");
    await nobody.send("hello");
    await take(pull, 2);
    await failed;
    for (const socket of [push, nobody, refused, pull]) await socket.close();
  });
  // Per connection: the random bytes of both sides, those of the server's cookie, and the keys of a client without its
  // own.
  assert(
    made.copied.length > 10 && made.random.length >= 3 + 2 * 2 + 1,
    `${made.copied.length}, ${made.random.length}`,
  );
  assertEquals(made.random.filter((array) => array.some((byte) => byte !== 0)).length, 0, "keys that were drawn");
  const left = made.copied.filter((array) => secrets.includes(Buffer.from(array).toString("hex")));
  assertEquals(left.length, 0, "copies of long-term keys");
});

test("PLAIN: a closed socket does not keep its password, nor does a context", async () => {
  const context = new Context();
  await using handler = authenticator();
  await handler.listen(context);
  const pull = new Pull({ plainServer: true, context });
  const push = new Push(plainClient);
  push.connect(await pull.bind(ANY));
  await push.send("hello");
  await take(pull, 1);
  await push.close();
  await pull.close();
  assertEquals([push.plainPassword, pull.curveSecretKey], [null, null]);
  hasNoSecret([push, pull, context, handler, ZAP]);
});
