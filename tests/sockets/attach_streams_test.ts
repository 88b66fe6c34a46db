/**
 * attach with `linkOf` over streams of real programs: TLS, standard input and output of a child process, and Web
 * streams of the runtime.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import process from "node:process";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { Dealer, Pull, Push, Request, Router, toText } from "../../mod.ts";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";
import { connectToTls, listenTls } from "../support/tls_streams.ts";
import { type ByteStreams, webReadable, webWritable } from "../support/web_streams.ts";
import { ANY, nextEvent, take } from "./support.ts";

test("TLS: messages both ways, small and large, in order", async () => {
  await using router = new Router();
  await using listener = await listenTls((streams, client) => {
    router.attach(linkOf(streams, { remote: `tls://${client}` }));
  });
  const clients = await Promise.all(Array.from({ length: 3 }, async (_, i) => {
    const dealer = new Dealer({ routingId: `client ${i}` });
    dealer.attach(linkOf(await connectToTls(listener.port), { remote: `tls://localhost:${listener.port}` }));
    return dealer;
  }));
  await router.waitForPeers(3);
  for (const { remote } of router.statistics().peers) assert(/^tls:\/\/127\.0\.0\.1:\d+$/.test(remote), remote);
  const count = 300;
  const body = (i: number) => new Uint8Array(i % 50 === 0 ? 1 << 20 : i * 7).fill(i);
  const echo = (async () => {
    for (let i = 0; i < count * clients.length; i++) await router.send(await router.receive());
  })();
  await Promise.all(clients.map(async (dealer) => {
    const sent = (async () => {
      for (let i = 0; i < count; i++) await dealer.send([`${i}`, body(i)]);
    })();
    for (let i = 0; i < count; i++) {
      const [number, received] = await dealer.receive();
      assertEquals(toText(number), `${i}`);
      assertEquals(received, body(i));
    }
    await sent;
  }));
  await echo;
  const lost = nextEvent(router, "disconnect");
  await clients[0]!.close();
  await lost;
  assertEquals(router.peerCount, 2);
  for (const dealer of clients) await dealer.close();
}, { timeout: 30_000 });

test("TLS: close delivers sent messages, and the peer detects the end", async () => {
  await using pull = new Pull();
  await using listener = await listenTls((streams) => pull.attach(linkOf(streams)));
  const push = new Push({ sendHighWaterMark: 0 });
  push.attach(linkOf(await connectToTls(listener.port)));
  await push.waitForPeers(1);
  for (let i = 0; i < 2000; i++) await push.send(["x".repeat(i), `${i}`]);
  const lost = nextEvent(pull, "disconnect");
  const closing = push.close();
  for (let i = 0; i < 2000; i++) assertEquals((await take(pull, 1))[0]!.slice(i), `|${i}`);
  assertEquals(await closing, 0);
  assertEquals((await lost).error, undefined);
});

test("TLS: a receiver that does not receive blocks the sender", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  await using listener = await listenTls((streams) => pull.attach(linkOf(streams)));
  await using push = new Push({ sendHighWaterMark: 2, sendTimeout: 100 });
  push.attach(linkOf(await connectToTls(listener.port)));
  await push.waitForPeers(1);
  const body = new Uint8Array(1 << 20);
  let sent = 0;
  let full = false;
  while (!full) {
    assert(sent < 64, "nothing was held up");
    await push.send([`${sent}`, body]).then(() => sent++, () => full = true);
  }
  for (let i = 0; i < sent; i++) assertEquals(toText((await pull.receive())[0]), `${i}`);
  push.sendTimeout = -1;
  await push.send("on");
  assertEquals(await take(pull, 1), ["on"]);
});

test("a child process: requests go to its standard input, replies come from its standard output", async () => {
  const path = fileURLToPath(new URL("./attach_child.ts", import.meta.url));
  const program = { deno: ["run", "-A", "--no-check", path], bun: [path], node: nodeProgram(path) }[runtime];
  const child = spawn(process.execPath, program, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    const request = new Request();
    const readable = webReadable(child.stdout, () => child.stdout.destroy());
    request.attach(linkOf({ readable, writable: webWritable(child.stdin) }, { remote: `process:${child.pid}` }));
    for (let i = 0; i < 100; i++) {
      await request.send([`${i}`, "x".repeat(i * 1000)]);
      assertEquals(await take(request, 1), [`reply to ${i}|${i * 1000}`]);
    }
    const [{ remote }] = request.statistics().peers as unknown as [{ remote: string }];
    assertEquals(remote, `process:${child.pid}`);
    await request.close();
    // The end of its input is what ends it.
    assertEquals(await exited, [0, null]);
  } finally {
    child.kill();
  }
}, { timeout: 20_000 });

test("a child process that is killed is a lost connection", async () => {
  const child = spawn("cat", [], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await using pull = new Pull();
  // Its own bytes come back: a peer of the same type.
  const failed = nextEvent(pull, "handshake:error:protocol");
  const readable = webReadable(child.stdout, () => child.stdout.destroy());
  pull.attach(linkOf({ readable, writable: webWritable(child.stdin) }));
  await failed;
  await exited;
  const silent = spawn("sleep", ["60"], { stdio: ["pipe", "pipe", "inherit"] });
  const gone = nextEvent(pull, "handshake:error:other");
  pull.attach(linkOf({
    readable: webReadable(silent.stdout, () => silent.stdout.destroy()),
    writable: webWritable(silent.stdin),
  }));
  silent.kill("SIGKILL");
  await gone;
});

/** A connection to a port of this machine, as the Web streams of the runtime itself. */
async function ownStreams(port: number): Promise<ByteStreams> {
  if (runtime === "deno") {
    const { Deno: net } = globalThis as unknown as {
      Deno: { connect(options: { hostname: string; port: number }): Promise<ByteStreams> };
    };
    return await net.connect({ hostname: "127.0.0.1", port });
  }
  const socket = connectTcp(port, "127.0.0.1");
  await once(socket, "connect");
  return Duplex.toWeb(socket) as unknown as ByteStreams;
}

test("the runtime's own Web streams: to a bound socket and back, and an end by either", async () => {
  for (const closer of ["bound", "attached"]) {
    const bound = new Dealer();
    const port = Number((await bound.bind(ANY.replace(/127.*:/, "127.0.0.1:"))).split(":").at(-1));
    const attached = new Dealer();
    attached.attach(linkOf(await ownStreams(port)));
    const body = new Uint8Array(2 << 20).fill(3);
    const exchange = async (from: Dealer, to: Dealer) => {
      const sent = (async () => {
        for (let i = 0; i < 1000; i++) await from.send(i % 200 === 0 ? [`${i}`, body] : `${i}`);
      })();
      for (let i = 0; i < 1000; i++) {
        const [number, large] = await to.receive();
        assertEquals([toText(number), large?.length], [`${i}`, i % 200 === 0 ? body.length : undefined]);
      }
      await sent;
    };
    await Promise.all([exchange(bound, attached), exchange(attached, bound)]);
    const [first, last] = closer === "bound" ? [bound, attached] : [attached, bound];
    const lost = nextEvent(last, "disconnect");
    await first.send("last words");
    await first.close();
    assertEquals(await take(last, 1), ["last words"]);
    await lost;
    await last.close();
  }
}, { timeout: 20_000 });
