/**
 * STREAM: of this library and of libzmq, with peers that do not speak ZMTP and with each other. The notifications of
 * connections are tested with both as the subject.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Stream } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { NetPeer, NetServer } from "../support/net_peer.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { bytes, text, texts } from "./frames.ts";
import { testBoth } from "./subjects.ts";

const libzmq = new Peer("libzmq");
/** A client that does not reconnect during the test. With −1, libzmq does not report the end either. */
const ONCE = { reconnectInterval: 60_000 };

/** The id of the connection whose notice is received next. */
async function notice(stream: End): Promise<Uint8Array> {
  const message = await stream.receive();
  assertEquals(message.map((frame) => frame.length === 0), [false, true], "a notice is an id and an empty frame");
  return message[0]!;
}

/** Receives `length` bytes of one connection. */
async function receive(stream: End, id: Uint8Array, length: number): Promise<Uint8Array> {
  const all = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const [from, chunk] = await stream.receive();
    assertEquals([...from!], [...id]);
    assert(chunk!.length > 0, `the connection is gone after ${at} bytes`);
    all.set(chunk!, at);
    at += chunk!.length;
  }
  return all;
}

testBoth(libzmq, "STREAM as a server: a connection, bytes both ways, the peer's end", async (open) => {
  await using server = await open("STREAM");
  await using peer = await NetPeer.connect(await server.bind("tcp://127.0.0.1:0"));
  const id = await notice(server);
  assertEquals([id.length, id[0]], [5, 0]);
  await peer.write("hello");
  assertEquals(await receive(server, id, 5), text("hello"));
  await server.send([id, "HTTP/1.0 200 OK"]);
  assertEquals(await peer.text(15), "HTTP/1.0 200 OK");
  peer.end();
  assertEquals(await notice(server), id);
});

testBoth(libzmq, "STREAM as a server: notify false reports no connection", async (open) => {
  await using server = await open("STREAM", { notify: false });
  const endpoint = await server.bind("tcp://127.0.0.1:0");
  await using one = await NetPeer.connect(endpoint);
  await one.write("1");
  assertEquals(texts(await server.receive())[1], "1");
  one.end();
  await server.seen("disconnect", 1);
  await using two = await NetPeer.connect(endpoint);
  await two.write("2");
  assertEquals(texts(await server.receive())[1], "2");
});

testBoth(
  libzmq,
  "STREAM as a server: an empty frame closes the connection after what was sent before",
  async (open) => {
    await using server = await open("STREAM");
    await using peer = await NetPeer.connect(await server.bind("tcp://127.0.0.1:0"));
    const id = await notice(server);
    const body = bytes(300_000);
    await server.send([id, body]);
    await server.send([id, ""]);
    // A socket of libzmq does its part of closing while it is used.
    server.receive().catch(() => {});
    assertEquals(await peer.rest(), body);
  },
);

testBoth(libzmq, "STREAM as a client: knows the server by the id that was chosen", async (open) => {
  await using server = await NetServer.listen();
  await using client = await open("STREAM", ONCE);
  await client.connect(server.endpoint, "server");
  await using peer = await server.accept();
  assertEquals(await notice(client), text("server"));
  await client.send(["server", "hello"]);
  assertEquals(await peer.text(5), "hello");
  await peer.write("world");
  assertEquals(await receive(client, text("server"), 5), text("world"));
  peer.end();
  assertEquals(await notice(client), text("server"));
});

testBoth(libzmq, "STREAM as a client: after a loss it reconnects, as a new connection", async (open) => {
  await using server = await NetServer.listen();
  await using client = await open("STREAM", { reconnectInterval: 10 });
  await client.connect(server.endpoint);
  for (let round = 0; round < 3; round++) {
    await using peer = await server.accept();
    const id = await notice(client);
    await client.send([id, `round ${round}`]);
    assertEquals(await peer.text(7), `round ${round}`);
    peer.end();
    assertEquals(await notice(client), id);
  }
});

testBoth(libzmq, "STREAM as a server: an unknown id is EHOSTUNREACH", async (open) => {
  await using server = await open("STREAM");
  await server.bind("tcp://127.0.0.1:0");
  const error = await server.send(["nobody", "x"]).then(() => undefined, (error) => error as { code?: string });
  assertEquals(error?.code, "EHOSTUNREACH");
});

for (const binder of ["ours", "theirs"] as const) {
  test(`our STREAM and libzmq's: bytes both ways and an end by each, ${binder} binds`, async () => {
    for (const closer of ["ours", "theirs"] as const) {
      await using ours = new OurEnd("STREAM", ONCE);
      await using theirs = await libzmq.open("STREAM", ONCE);
      if (binder === "ours") await theirs.connect(await ours.bind("tcp://127.0.0.1:0"), "binder");
      else await ours.connect(await theirs.bind("tcp://127.0.0.1:0"), "binder");
      const [here, there] = [await notice(theirs), await notice(ours)];
      const body = bytes(2 << 20);
      const [received, answered] = await Promise.all([
        receive(theirs, here, body.length),
        receive(ours, there, body.length),
        ours.send([there, body]),
        theirs.send([here, body]),
      ]);
      assertEquals(received, body);
      assertEquals(answered, body);
      if (closer === "ours") {
        await ours.send([there, ""]);
        assertEquals(await notice(theirs), here);
      } else {
        await theirs.send([here, ""]);
        theirs.receive().catch(() => {});
        assertEquals(await notice(ours), there);
      }
    }
  });
}

test("our STREAM receives the greeting of a libzmq socket", async () => {
  await using stream = new Stream();
  await using dealer = await libzmq.open("DEALER");
  await dealer.connect(await stream.bind("tcp://127.0.0.1:0"));
  await stream.receive();
  const [id, first] = await stream.receive();
  assertEquals([first[0], first[9]], [0xff, 0x7f]);
  // Hands are shaken by hand: a greeting, and READY as a ROUTER.
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1, ...text("NULL")]);
  await stream.send([id, greeting]);
  await stream.send([
    id,
    Uint8Array.of(4, 28, 5, ...text("READY"), 11, ...text("Socket-Type"), 0, 0, 0, 6, ...text("ROUTER")),
  ]);
  await dealer.seen("handshake", 1);
  await dealer.send(["over a Stream"]);
  let seen = "";
  while (!seen.endsWith("over a Stream")) seen += texts(await stream.receive())[1];
  await stream.send([id, Uint8Array.of(0, 2, ...text("ok"))]);
  assertEquals(texts(await dealer.receive()), ["ok"]);
});
