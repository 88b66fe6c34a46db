/**
 * Stream: raw bytes from and to peers that do not speak ZMTP, as server and as client; connects and disconnects.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Stream, toText } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { NetPeer, NetServer } from "../support/net_peer.ts";
import { ANY, nextEvent, rejectsWith, texts, throwsWith } from "./support.ts";

/** The id of the connection whose notice is received next. */
async function notice(stream: Stream): Promise<Uint8Array> {
  const [id, bytes] = await stream.receive();
  assertEquals(bytes.length, 0, "a notice is an empty frame");
  return id;
}

/** Receives until `length` bytes of one connection have arrived; returns them as text. */
async function receiveText(stream: Stream, id: Uint8Array, length: number): Promise<string> {
  let text = "";
  while (text.length < length) {
    const [from, bytes] = await stream.receive();
    assertEquals([...from], [...id]);
    assert(bytes.length > 0, `the connection is gone after "${text}"`);
    text += toText(bytes);
  }
  return text;
}

test("stream: a server receives the start of a connection, its bytes, and its end", async () => {
  await using server = new Stream();
  const endpoint = await server.bind(ANY);
  await using peer = await NetPeer.connect(endpoint);
  const id = await notice(server);
  assertEquals([id.length, id[0]], [5, 0]);
  assertEquals(server.peerCount, 1);
  await peer.write("GET / HTTP/1.0\r\n\r\n");
  assertEquals(await receiveText(server, id, 18), "GET / HTTP/1.0\r\n\r\n");
  await server.send([id, "HTTP/1.0 "]);
  await server.send([id, "204\r\n\r\n"]);
  assertEquals(await peer.text(16), "HTTP/1.0 204\r\n\r\n");
  peer.end();
  assertEquals(await notice(server), id);
  assertEquals(server.peerCount, 0);
});

test("stream: received bytes are a plain Uint8Array on every runtime, whose slice() is a copy", async () => {
  await using server = new Stream();
  await using peer = await NetPeer.connect(await server.bind(ANY));
  await notice(server);
  await peer.write("hello");
  const [id, bytes] = await server.receive();
  assertEquals([id.constructor.name, bytes.constructor.name], ["Uint8Array", "Uint8Array"]);
  assert(bytes.slice().buffer !== bytes.buffer);
});

test("stream: notify false reports neither connects nor disconnects, and can be changed", async () => {
  await using server = new Stream({ notify: false });
  const endpoint = await server.bind(ANY);
  {
    await using peer = await NetPeer.connect(endpoint);
    await peer.write("1");
    const [id, bytes] = await server.receive();
    assertEquals(toText(bytes), "1");
    const gone = nextEvent(server, "disconnect");
    peer.end();
    await gone;
    throwsWith("EHOSTUNREACH", () => server.trySend([id, "gone"]));
    assertEquals(server.tryReceive(), undefined);
  }
  server.notify = true;
  await using peer = await NetPeer.connect(endpoint);
  const id = await notice(server);
  server.notify = false;
  const gone = nextEvent(server, "disconnect");
  peer.end();
  await gone;
  assertEquals(server.tryReceive(), undefined);
  throwsWith("EHOSTUNREACH", () => server.trySend([id, "gone"]));
});

test("stream: a client knows its peer by the assigned id, or by a generated one", async () => {
  await using server = await NetServer.listen();
  await using client = new Stream({ reconnectInterval: -1 });
  client.connect(server.endpoint, { routingId: "the server" });
  await using first = await server.accept();
  assertEquals(toText(await notice(client)), "the server");
  await client.send(["the server", "hello"]);
  assertEquals(await first.text(5), "hello");
  await first.write("world");
  assertEquals(texts(await client.receive()), ["the server", "world"]);

  client.connect(server.endpoint);
  await using second = await server.accept();
  const id = await notice(client);
  assertEquals([id.length, id[0]], [5, 0]);
  await client.send([id, "you?"]);
  assertEquals(await second.text(4), "you?");
  first.end();
  assertEquals(toText(await notice(client)), "the server");
  throwsWith("EHOSTUNREACH", () => client.trySend(["the server", "gone"]));
  assertEquals(client.trySend([id, "here"]), true);
  assertEquals(await second.text(4), "here");
});

test("stream: two Streams talk, over tcp and ipc", async () => {
  for (const endpoint of [ANY, "ipc://*"]) {
    await using server = new Stream();
    await using client = new Stream({ reconnectInterval: -1 });
    client.connect(await server.bind(endpoint), { routingId: "s" });
    assertEquals(toText(await notice(client)), "s");
    const id = await notice(server);
    await client.send(["s", "ping"]);
    assertEquals(await receiveText(server, id, 4), "ping");
    await server.send([id, "pong"]);
    assertEquals(await receiveText(client, new TextEncoder().encode("s"), 4), "pong");
    await client.send(["s", ""]);
    assertEquals([await notice(client), await notice(server)], [new TextEncoder().encode("s"), id]);
  }
});

test("stream: an empty frame closes the connection after everything sent before", async () => {
  await using server = new Stream({ sendHighWaterMark: 0 });
  await using peer = await NetPeer.connect(await server.bind(ANY));
  const id = await notice(server);
  const size = 20 << 20;
  const body = Uint8Array.from({ length: size }, (_, i) => i % 251);
  peer.pause();
  await server.send([id, "before"]);
  await server.send([id, body]);
  await server.send([id, ""]);
  peer.resume();
  const received = await peer.rest();
  assertEquals(received.length, size + 6);
  assertEquals(toText(received.subarray(0, 6)), "before");
  assert(received.subarray(6).every((byte, i) => byte === i % 251));
  assertEquals(await notice(server), id);
  throwsWith("EHOSTUNREACH", () => server.trySend([id, ""]));
});

test("stream: nothing is sent after the empty frame, though earlier bytes are still in transit", async () => {
  await using server = new Stream({ sendHighWaterMark: 0 });
  await using peer = await NetPeer.connect(await server.bind(ANY));
  const id = await notice(server);
  const size = 20 << 20;
  peer.pause();
  await server.send([id, new Uint8Array(size)]);
  await server.send([id, ""]);
  // Refused or dropped, but not for the peer.
  try {
    server.trySend([id, "too late"]);
  } catch (error) {
    assertEquals((error as { code?: string }).code, "EHOSTUNREACH");
  }
  peer.resume();
  assertEquals((await peer.rest()).length, size);
});

test("stream: an empty frame closes only the connection that it names, in the midst of others", async () => {
  await using server = new Stream();
  const endpoint = await server.bind(ANY);
  await using one = await NetPeer.connect(endpoint);
  const first = await notice(server);
  await using two = await NetPeer.connect(endpoint);
  const second = await notice(server);
  assertNotEquals(first, second);
  await server.send([first, null]);
  await one.ended;
  assertEquals(await notice(server), first);
  await server.send([second, "still here"]);
  assertEquals(await two.text(10), "still here");
});

test("stream: an unknown id is EHOSTUNREACH", async () => {
  await using server = new Stream();
  await using peer = await NetPeer.connect(await server.bind(ANY));
  const id = await notice(server);
  for (const unknown of ["nobody", "", new Uint8Array(300), id.slice(0, 4), new Uint8Array([...id, 0])]) {
    const error = await rejectsWith("EHOSTUNREACH", () => server.send([unknown, "x"]));
    assertEquals(error.message, "Cannot send on Stream: no peer with this routing id is connected");
    throwsWith("EHOSTUNREACH", () => server.trySend([unknown, ""]));
  }
  await server.send([id, "x"]);
  assertEquals(await peer.text(1), "x");
});

test("stream: a message other than an id and bytes is EINVAL, and nothing is sent", async () => {
  await using server = new Stream();
  await using peer = await NetPeer.connect(await server.bind(ANY));
  const id = await notice(server);
  for (const wrong of [id, [id], [id, "a", "b"], [id, "", "b"], "text"]) {
    await rejectsWith("EINVAL", () => server.send(wrong));
    throwsWith("EINVAL", () => server.trySend(wrong));
  }
  await assertRejects(() => server.send([] as never), TypeError);
  await server.send([id, "!"]);
  await server.send([id, ""]);
  assertEquals(toText(await peer.rest()), "!");
});

test("stream: an id in use is EADDRINUSE, and can be used again when its peer has disconnected", async () => {
  await using server = await NetServer.listen();
  await using client = new Stream({ reconnectInterval: -1 });
  client.connect(server.endpoint, { routingId: "a" });
  await using peer = await server.accept();
  await notice(client);
  throwsWith("EADDRINUSE", () => client.connect(server.endpoint, { routingId: "a" }));
  peer.end();
  await notice(client);
  client.connect(server.endpoint, { routingId: "a" });
  await using next = await server.accept();
  await notice(client);
  await client.send(["a", "again"]);
  assertEquals(await next.text(5), "again");
});

test("connect: a routing id that is already given to an endpoint is EADDRINUSE, connected or not", async () => {
  await using server = await NetServer.listen();
  await using client = new Stream({ linger: 0 });
  client.connect(server.endpoint, { routingId: "a" });
  throwsWith("EADDRINUSE", () => client.connect(server.endpoint, { routingId: "a" }));
});

test("stream: a client that lost its peer reconnects as a new connection, with its assigned id if it has one", async () => {
  for (const routingId of ["mine", null]) {
    // One each: a client that lost its last peer may come once more before it is closed.
    await using server = await NetServer.listen();
    await using client = new Stream({ reconnectInterval: 5 });
    client.connect(server.endpoint, { routingId });
    const ids: Uint8Array[] = [];
    for (let round = 0; round < 3; round++) {
      await using peer = await server.accept();
      const id = await notice(client);
      ids.push(id);
      await client.send([id, `round ${round}`]);
      assertEquals(await peer.text(7), `round ${round}`);
      await peer.write("bye");
      peer.end();
      assertEquals(await receiveText(client, id, 3), "bye");
      assertEquals(await notice(client), id);
    }
    if (routingId !== null) assertEquals(ids.map(toText), Array(3).fill(routingId));
    else assertEquals(new Set(ids.map(String)).size, 3);
    // The third connection was the second reconnect.
    assertEquals(client.statistics().reconnects >= 2, true);
  }
});

test("stream: messages that wait for a lost peer are dropped, and are not sent to the next", async () => {
  await using server = await NetServer.listen();
  await using client = new Stream({ reconnectInterval: 5, sendHighWaterMark: 0 });
  client.connect(server.endpoint, { routingId: "s" });
  {
    await using peer = await server.accept();
    await notice(client);
    peer.pause();
    for (let i = 0; i < 40; i++) await client.send(["s", new Uint8Array(1 << 20).fill(1)]);
    peer.reset();
  }
  await notice(client);
  await using peer = await server.accept();
  await notice(client);
  await client.send(["s", "clean"]);
  assertEquals(await peer.text(5), "clean");
  assert(client.statistics().dropped > 0);
});

test("stream: a peer that resets its connection is removed, and no other", async () => {
  await using server = new Stream();
  const endpoint = await server.bind(ANY);
  await using good = await NetPeer.connect(endpoint);
  const id = await notice(server);
  for (let i = 0; i < 20; i++) {
    await using bad = await NetPeer.connect(endpoint);
    const badId = await notice(server);
    await server.send([badId, "hello"]);
    bad.reset();
    assertEquals(await notice(server), badId);
    throwsWith("EHOSTUNREACH", () => server.trySend([badId, "there?"]));
  }
  await good.write("alive");
  assertEquals(await receiveText(server, id, 5), "alive");
  assertEquals(server.peerCount, 1);
});

test("stream: the end of a connection is reported after all its bytes, even with a full inbox", async () => {
  await using server = new Stream({ receiveHighWaterMark: 1 });
  await using peer = await NetPeer.connect(await server.bind(ANY));
  const size = 3 << 20;
  const gone = nextEvent(server, "disconnect");
  peer.write(new Uint8Array(size));
  peer.end();
  const id = await notice(server);
  let received = 0;
  for (;;) {
    const [from, bytes] = await server.receive();
    assertEquals(from, id);
    if (bytes.length === 0) break;
    received += bytes.length;
  }
  assertEquals(received, size);
  await gone;
});

test("stream: 200 connections, each with its own bytes", async () => {
  await using server = new Stream({ notify: false });
  const endpoint = await server.bind(ANY);
  const serving = (async () => {
    for await (const [id, bytes] of server) await server.send([id, bytes]);
  })();
  const peers = await Promise.all(Array.from({ length: 200 }, () => NetPeer.connect(endpoint)));
  await Promise.all(peers.map((peer, i) => peer.write(`hello ${i}`)));
  for (const [i, peer] of peers.entries()) {
    const expected = `hello ${i}`;
    assertEquals(await peer.text(expected.length), expected);
  }
  const ids = new Set(server.statistics().peers.map(({ routingId }) => String(routingId)));
  assertEquals(ids.size, 200);
  for (const peer of peers) await peer[Symbol.asyncDispose]();
  await server.close();
  await serving;
}, { timeout: 30_000 });

test("stream: counts bytes and connections; unknown properties of a peer are empty", async () => {
  await using server = new Stream();
  const endpoint = await server.bind(ANY);
  const events: string[] = [];
  server.events.listen(({ type }) => type !== "hint" && events.push(type));
  await using peer = await NetPeer.connect(endpoint);
  const id = await notice(server);
  await peer.write("12345");
  await receiveText(server, id, 5);
  await server.send([id, "123"]);
  assertEquals(await peer.text(3), "123");
  const { peers: [known], bytesReceived, bytesSent, messagesSent } = server.statistics();
  assertEquals([bytesReceived, bytesSent, messagesSent], [5, 3, 1]);
  assertEquals([known!.routingId, known!.peerType, known!.version, known!.metadata.size], [id, "", "", 0]);
  assertEquals(known!.endpoint, endpoint);
  peer.end();
  await notice(server);
  if (!events.includes("disconnect")) await nextEvent(server, "disconnect");
  assertEquals(events, ["accept", "disconnect"]);
});

test("stream: unbind and disconnect end their connections", async () => {
  await using server = new Stream();
  await using client = new Stream();
  const endpoint = await server.bind(ANY);
  client.connect(endpoint);
  const [there, here] = [await notice(server), await notice(client)];
  client.disconnect(endpoint);
  assertEquals([await notice(server), await notice(client)], [there, here]);
  await using peer = await NetPeer.connect(endpoint);
  const id = await notice(server);
  await server.send([id, "last words"]);
  await server.unbind(endpoint);
  assertEquals(toText(await peer.rest()), "last words");
  assertEquals(await notice(server), id);
});

test("stream: does not support inproc", async () => {
  await using stream = new Stream();
  await rejectsWith("EPROTONOSUPPORT", () => stream.bind("inproc://raw"));
  throwsWith("EPROTONOSUPPORT", () => stream.connect("inproc://raw"));
});

test("stream: the empty frame that closes a connection is queued behind earlier sends", async () => {
  await using server = new Stream({ sendHighWaterMark: 2 });
  await using peer = await NetPeer.connect(await server.bind(ANY));
  const id = await notice(server);
  const sends = Array.from({ length: 40 }, () => server.send([id, new Uint8Array(256 * 1024)]));
  sends.push(server.send([id, ""]));
  const [rest] = await Promise.all([peer.rest(), ...sends]);
  assertEquals(rest.length, 40 * 256 * 1024);
});
