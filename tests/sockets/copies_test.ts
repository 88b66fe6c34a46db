/**
 * Two copies of the library in one program, as `import` beside `require` or a test runner creates them: objects of one
 * work with the other, wherever they are passed.
 *
 * @module
 */
// A process of its own: it loads the library a second time.

import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as one from "../../mod.ts";
import { loadTransport } from "../../transports/mod.ts";
import { test } from "../support/harness.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A copy with everything that it loads later. */
interface Copy {
  readonly library: typeof one;
  readonly loadTransport: typeof loadTransport;
}

const mine: Copy = { library: one, loadTransport };
const copied = await copy();

async function copy(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), "zmq-copy-"));
  for (const part of ["mod.ts", "core.ts", "src", "transports"]) {
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  }
  await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
  const at = (path: string) => pathToFileURL(join(folder, path)).href;
  const library = await import(at("mod.ts")) as typeof one;
  const { loadTransport: load } = await import(at("transports/mod.ts")) as Pick<Copy, "loadTransport">;
  // Lazily loaded modules are loaded before the files are removed.
  await load();
  await rm(folder, { recursive: true });
  return { library, loadTransport: load };
}

/** Both ways: what the first made is handed to the second. */
function bothWays(name: string, body: (maker: Copy, user: Copy) => Promise<void>): void {
  test(`copies: ${name}`, () => body(mine, copied), { timeout: 30_000 });
  test(`copies: ${name}, the other way round`, () => body(copied, mine), { timeout: 30_000 });
}

bothWays("they are two", (maker, user) => {
  assertEquals(Object.is(maker.library.ZmqError, user.library.ZmqError), false);
  return Promise.resolve();
});

bothWays("errors and endpoints are known by instanceof", (maker, user) => {
  const { library: a } = maker;
  const { library: b } = user;
  const made = {
    ZmqError: new a.ZmqError("EAGAIN", "later"),
    AuthError: new a.AuthError(400),
    ProtocolError: new a.ProtocolError("EPROTO", "UNSPECIFIED", "broken"),
    EndpointError: new a.EndpointError("port", "none"),
    TcpEndpoint: a.Endpoint.parse("tcp://127.0.0.1:1"),
    IpcEndpoint: a.Endpoint.parse("ipc:///a"),
    InprocEndpoint: a.Endpoint.parse("inproc://a"),
    WebSocketEndpoint: a.Endpoint.parse("ws://a"),
    OtherEndpoint: a.Endpoint.parse("other://a"),
  };
  class MyError extends b.ZmqError {}
  for (const [name, value] of Object.entries(made)) {
    const known = Object.keys(made).filter((type) => value instanceof b[type as keyof typeof made]);
    const expected = Object.keys(made).filter((type) => value instanceof a[type as keyof typeof made]);
    assertEquals(known, expected);
    assertEquals(known.includes(name), true);
    assertEquals(value instanceof MyError, false);
  }
  return Promise.resolve();
});

for (const endpoint of ["tcp://127.0.0.1:0", "ipc://*"]) {
  bothWays(`sockets of one over the transport of the other: ${endpoint}`, async (maker, user) => {
    const scheme = endpoint.split(":")[0]!;
    user.library.registerTransport(scheme, maker.loadTransport, user.library.capability);
    try {
      await using pull = new user.library.Pull();
      await using push = new user.library.Push();
      push.connect(await pull.bind(endpoint));
      await push.send("across");
      assertEquals(one.toText((await pull.receive())[0]), "across");
    } finally {
      user.library.registerTransport(scheme, user.loadTransport, user.library.capability);
    }
  });
}

bothWays("a link of one carries sockets of both", async ({ library: a }, { library: b }) => {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  await using left = new a.Pair();
  await using right = new b.Pair();
  left.attach(b.linkOf({ readable: back.readable, writable: there.writable }));
  right.attach(a.linkOf({ readable: there.readable, writable: back.writable }));
  await left.send("over any stream");
  assertEquals(one.toText((await right.receive())[0]), "over any stream");
});

bothWays("poll, streams and a Proxy take sockets of the other", async ({ library: a }, { library: b }) => {
  await using pull = new a.Pull();
  const push = new a.Push();
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  assertEquals(await b.poll([{ socket: push, for: "writable" }]), [{ socket: push, for: "writable" }]);
  const writer = b.writableStreamOf(push).getWriter();
  await writer.write("through a stream");
  assertEquals(await b.poll([pull]), [pull]);
  const reader = b.readableStreamOf(pull).getReader();
  assertEquals(one.toText((await reader.read()).value![0]), "through a stream");
  await writer.close();
  await pull.close();
  assertEquals((await reader.read()).done, true);
  await push.close();

  await using front = new a.Router();
  await using backside = new b.Dealer();
  await using reply = new a.Reply();
  await using request = new b.Request();
  request.connect(await front.bind("tcp://127.0.0.1:0"));
  reply.connect(await backside.bind("tcp://127.0.0.1:0"));
  const proxy = new b.Proxy(front, backside);
  const stop = new AbortController();
  const running = proxy.run({ signal: stop.signal }).catch(() => {});
  await request.send("ask");
  assertEquals(one.toText((await reply.receive())[0]), "ask");
  await reply.send("answer");
  assertEquals(one.toText((await request.receive())[0]), "answer");
  stop.abort();
  await running;
});

bothWays("serve answers on a Router of the other, and ends with it", async ({ library: a }, { library: b }) => {
  const router = new a.Router();
  await using requester = new b.Requester(await router.bind("tcp://127.0.0.1:0"));
  const serving = b.serve(router, (request) => request);
  assertEquals(one.toText((await requester.request("echo"))[0]), "echo");
  await router.close();
  await serving;
});

bothWays("an error of one ends what the other waits for", async ({ library: a }, { library: b }) => {
  await using pull = new b.Pull();
  const controller = new AbortController();
  const waiting = pull.receive({ signal: controller.signal });
  controller.abort(new a.ZmqError("EAGAIN", "enough"));
  await assertRejects(() => waiting, b.ZmqError, "enough");
});

bothWays("a Context of the other is refused in plain words", ({ library: a }, { library: b }) => {
  assertThrows(() => new b.Pair({ context: new a.Context() }), TypeError, "another copy of this library");
  return Promise.resolve();
});
