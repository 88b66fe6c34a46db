/**
 * A peer process that ends by itself, as libzmq does by a failed assertion: it fails one test, and those that follow get a new
 * process. One that a test has killed stays dead.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { ADMISSION, CLIENT_OPTIONS, SERVER_OPTIONS } from "../interop/secured.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";

const ABORTED = "The libzmq peer has ended (SIGABRT)";

/** Exercises what a socket of the peer must be able to do, including the ZAP handler of its process. */
async function talk(peer: Peer): Promise<void> {
  await using pull = await peer.open("PULL", SERVER_OPTIONS.CURVE);
  await using push = new OurEnd("PUSH", CLIENT_OPTIONS.CURVE);
  await push.connect(await pull.bind("tcp://127.0.0.1:0"));
  await push.send(["hello"]);
  assertEquals(new TextDecoder().decode((await pull.receive())[0]), "hello");
}

test("a peer that ends by itself while it is asked fails that call, and the next test has a new one", async () => {
  await using peer = new Peer("libzmq");
  await peer.admit(ADMISSION);
  const pull = await peer.open("PULL");
  const failed = assertRejects(() => pull.receive(), Error, ABORTED);
  await peer.abort();
  await failed;
  // The failure is known: closing does not hide it behind another one.
  await pull[Symbol.asyncDispose]();
  await talk(peer);
});

test("a peer that exits between tests fails the next test, and only that", async () => {
  await using peer = new Peer("libzmq");
  await peer.admit(ADMISSION);
  await peer.abort();
  await assertRejects(() => peer.open("PULL"), Error, ABORTED);
  await talk(peer);
});

test("a peer that ends by itself after the last call of a test fails it when its sockets close, once", async () => {
  await using peer = new Peer("libzmq");
  await peer.admit(ADMISSION);
  const [first, second] = [await peer.open("PULL"), await peer.open("PULL")];
  await peer.abort();
  await assertRejects(() => first[Symbol.asyncDispose](), Error, ABORTED);
  await second[Symbol.asyncDispose]();
  await talk(peer);
});

test("a peer that a test has killed stays dead, and its sockets close quietly", async () => {
  await using peer = new Peer("libzmq");
  const pull = await peer.open("PULL");
  await peer.kill();
  await assertRejects(() => peer.open("PULL"), Error, "The libzmq peer has ended (SIGKILL)");
  await assertRejects(() => peer.open("PULL"), Error, "The libzmq peer has ended (SIGKILL)");
  await pull[Symbol.asyncDispose]();
});

// zeromq.js's asynchronous calls bind in another thread: they refuse what comes meanwhile, and crash what was there before.
test("a libzmq peer binds and unbinds while it receives", async () => {
  await using peer = new Peer("libzmq");
  await using pull = await peer.open("PULL");
  await using push = new OurEnd("PUSH");
  const first = await pull.bind("tcp://127.0.0.1:0");
  const [second, message] = [pull.bind("tcp://127.0.0.1:0"), pull.receive()];
  await Promise.all([pull.unbind(first), second.then((endpoint) => push.connect(endpoint))]);
  await push.send(["hello"]);
  assertEquals(new TextDecoder().decode((await message)[0]), "hello");
});
