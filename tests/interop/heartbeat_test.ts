/**
 * libzmq pings our sockets: they answer, and stay connected. A peer that does not answer, and whose connection libzmq
 * closes repeatedly, shows that the test waits long enough.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createServer, type Server, type Socket } from "node:net";
import { Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { bytes, command, RawPeer } from "../support/raw_peer.ts";
import { Relay } from "../support/relay.ts";
import { text, texts } from "./frames.ts";

const libzmq = new Peer("libzmq");
/** The timeout leaves a busy machine time to answer. */
const HEARTBEAT = { heartbeatInterval: 50, heartbeatTimeout: 3000, reconnectInterval: 10 };
/** Connections that the silent peer loses meanwhile: that takes as long as it takes libzmq to miss an answer. */
const LOSSES = 1;

/** A greeting, and READY with the socket type PULL. */
const HANDSHAKE = new Uint8Array([
  ...[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1],
  ...text("NULL".padEnd(52, "\0")),
  ...[0x04, 26, 5, ...text("READY"), 11, ...text("Socket-Type"), 0, 0, 0, 4, ...text("PULL")],
]);

/** A PULL that completes the handshake, and never says a word more. */
class SilentPull implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket)).resume();
    socket.write(HANDSHAKE);
  });

  /** Listens, and resolves with the endpoint. */
  bind(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address() as { readonly port: number };
        resolve(`tcp://127.0.0.1:${address.port}`);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

// libzmq keeps a peer's time to live in 16 bits of milliseconds: it reads 65,600 as 64, and 131,100 as 28.
for (const timeToLive of [65_600, 131_100]) {
  test(`libzmq itself disconnects soon after a PING with a time to live of ${timeToLive} ms`, async () => {
    await using pull = await libzmq.open("PULL");
    await using peer = await RawPeer.join(await pull.bind("tcp://127.0.0.1:0"), { type: "PUSH" });
    const tenths = timeToLive / 100;
    peer.write(command("PING", bytes(tenths >>> 8, tenths & 0xff)));
    await peer.gone;
  });

  test(`libzmq stays connected with our heartbeatTimeToLive of ${timeToLive}`, async () => {
    await using pull = await libzmq.open("PULL");
    // Between two PINGs libzmq would have left.
    const options = { heartbeatInterval: 200, heartbeatTimeout: 0, heartbeatTimeToLive: timeToLive, linger: 0 };
    await using relay = await Relay.to(await pull.bind("tcp://127.0.0.1:0"));
    await using push = new Push({ ...options, reconnectInterval: 5 });
    push.connect(relay.endpoint);
    const READY_AND_PINGS = 5;
    await relay.sent("client", READY_AND_PINGS);
    await push.send("still there");
    assertEquals([texts(await pull.receive()), relay.connections], [["still there"], 1]);
  });
}

for (const binder of ["ours", "theirs"] as const) {
  test(`a connection with only heartbeats of libzmq stays open: ${binder} binds`, async () => {
    await using silent = new SilentPull();
    await using clock = await libzmq.open("PUSH", HEARTBEAT);
    await using ours = new OurEnd("DEALER");
    await using theirs = await libzmq.open("DEALER", HEARTBEAT);
    if (binder === "ours") await theirs.connect(await ours.bind("tcp://127.0.0.1:0"));
    else await ours.connect(await theirs.bind("tcp://127.0.0.1:0"));
    await Promise.all([ours.seen("handshake", 1), theirs.seen("handshake", 1)]);

    let lost = false;
    void ours.seen("disconnect", 1).then(() => lost = true);
    await clock.connect(await silent.bind());
    await clock.seen("disconnect", LOSSES);
    assertEquals(lost, false);
    await theirs.send(["still", "there"]);
    assertEquals(texts(await ours.receive()), ["still", "there"]);
    await ours.send(["so", "am I"]);
    assertEquals(texts(await theirs.receive()), ["so", "am I"]);
    assertEquals(lost, false);
  }, { timeout: 20_000 });
}

test("heartbeats of libzmq are answered while messages flow both ways", async () => {
  await using silent = new SilentPull();
  await using clock = await libzmq.open("PUSH", HEARTBEAT);
  await using ours = new OurEnd("REP");
  await using theirs = await libzmq.open("REQ", HEARTBEAT);
  await theirs.connect(await ours.bind("tcp://127.0.0.1:0"));
  let lost = false;
  void ours.seen("disconnect", 1).then(() => lost = true);
  await clock.connect(await silent.bind());
  let over = false;
  const time = clock.seen("disconnect", LOSSES).then(() => over = true);
  const frame = new Uint8Array(1 << 16);
  while (!over) {
    await theirs.send([frame, "?"]);
    await ours.send(await ours.receive());
    assertEquals(await theirs.receive(), [frame, text("?")]);
  }
  await time;
  assertEquals(lost, false);
}, { timeout: 20_000 });
