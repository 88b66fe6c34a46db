/**
 * The security options of sockets: which mechanism they make, and which of them do not fit together.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Context, curveKeyPair, Dealer, Pull, Reply, type SocketOptions } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, rejectsWith, throwsWith } from "../sockets/support.ts";
import { change, forgetSecrets, settle } from "../support/socket_types.ts";

const KEY = new Uint8Array(32).fill(7);
const authenticate = () => true;

test("the mechanism follows from the options, also from those set live", async () => {
  const cases: [SocketOptions, "plain" | "curve" | null][] = [
    [{}, null],
    [{ curveSecretKey: KEY, zapDomain: "d", authenticate }, null],
    [{ plainServer: true }, "plain"],
    [{ plainUsername: "u" }, "plain"],
    [{ plainPassword: "p" }, "plain"],
    [{ curveServer: true }, "curve"],
    [{ curveServerKey: KEY }, "curve"],
  ];
  for (const [options, mechanism] of cases) {
    await using socket = new Dealer(options);
    assertEquals(socket.securityMechanism, mechanism);
  }
  await using socket = new Dealer();
  socket.plainServer = true;
  assertEquals(socket.securityMechanism, "plain");
});

/** Options that do not fit, and what the error says. */
const UNFIT: [SocketOptions, string][] = [
  [{ plainServer: true }, "authenticate"],
  [{ curveServer: true, curveSecretKey: KEY }, "authenticate"],
  [{ curveServer: true, authenticate }, "curveSecretKey"],
  [{ curveServerKey: KEY, curvePublicKey: KEY }, "curveSecretKey"],
  [{ curveSecretKey: KEY }, "needs curveServer or curveServerKey"],
  [{ curveSecretKey: KEY, plainServer: true, authenticate }, "needs curveServer or curveServerKey"],
  [{ curveServer: true, curveSecretKey: KEY, curveServerKey: KEY, authenticate }, "curveServerKey"],
  [{ curveServerKey: KEY, plainUsername: "u" }, "both PLAIN and CURVE"],
  [{ curveServer: true, curveSecretKey: KEY, plainServer: true, authenticate }, "both PLAIN and CURVE"],
  [{ plainServer: true, plainUsername: "u", authenticate }, "PLAIN server"],
  [{ plainServer: true, zapEnforceDomain: true, authenticate }, "zapDomain"],
  [{ plainUsername: "u", authenticate }, "client does not authenticate"],
  [{ curveServerKey: KEY, authenticate }, "client does not authenticate"],
];

for (const [i, [options, words]] of UNFIT.entries()) {
  test(`contradictory security options, ${i}: nothing is bound or connected, and the reason is reported`, async () => {
    await using socket = new Dealer(options);
    assertStringIncludes((await rejectsWith("EINVAL", () => socket.bind(ANY))).message, words);
    assertStringIncludes(throwsWith("EINVAL", () => socket.connect("tcp://127.0.0.1:9")).message, words);
    // Connections within this process are not secured.
    await socket.bind(`inproc://unfit-${i}`);
  });
}

test("a ZAP handler in the same context is an authenticator, one in another is not", async () => {
  const context = new Context();
  await using handler = new Reply({ context });
  await handler.bind("inproc://zeromq.zap.01");
  await using asks = new Pull({ plainServer: true, context });
  await asks.bind(ANY);
  await using alone = new Pull({ plainServer: true });
  await rejectsWith("EINVAL", () => alone.bind(ANY));
});

test("keys are taken as bytes and as text, and the socket's copy is wiped when it is closed", async () => {
  const { publicKey, secretKey } = await curveKeyPair();
  const socket = new Pull({ curveServer: true, curvePublicKey: publicKey, curveSecretKey: secretKey, authenticate });
  assertEquals([socket.curvePublicKey?.length, socket.curveSecretKey?.length], [32, 32]);
  await socket.bind(ANY);
  await socket.close();
  assertEquals([socket.curveSecretKey, socket.plainPassword], [null, null]);
});

test("a secret key is wiped when another one takes its place, and in the end", () => {
  const settings = settle("PULL", { curveSecretKey: KEY, plainPassword: "p" });
  const first = settings.curveSecretKey!;
  assertEquals(first, KEY);
  change(settings, "PULL", "curveSecretKey", new Uint8Array(32).fill(9));
  const second = settings.curveSecretKey!;
  assertEquals([first, second[0]], [new Uint8Array(32), 9]);
  forgetSecrets(settings, "PULL");
  assertEquals([second, settings.curveSecretKey, settings.plainPassword], [new Uint8Array(32), null, null]);
});

test("a rejected secret is not in the error, and no secret is in the printed socket", async () => {
  const secret = "this is a secret that is not a key";
  const shown: string[] = [];
  try {
    new Pull({ curveSecretKey: secret });
  } catch (error) {
    shown.push(`${error}`, `${(error as Error).stack}`);
  }
  await using socket = new Pull({ plainPassword: secret, plainUsername: "u" });
  const { inspect } = await import("node:util");
  shown.push(inspect(socket, { depth: 20, showHidden: true }), JSON.stringify(socket), `${Object.entries(socket)}`);
  assertEquals(shown.length, 5);
  for (const text of shown) assert(!text.includes(secret), text);
});
