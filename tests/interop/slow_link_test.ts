/**
 * Heartbeats over a link that is slower than the program: a large message takes longer than the timeout, and arrives over one
 * connection, as with libzmq. A peer that stops reading is still found.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { connect, createServer, type Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Push, ZmqError } from "../../mod.ts";
import { nextEvent } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";

const libzmq = new Peer("libzmq");
const MIB = 1024 * 1024;

/**
 * A relay that forwards a limited number of bytes per 10 ms to the bound peer; in the other direction it is not
 * limited.
 */
class SlowRelay implements AsyncDisposable {
  readonly #folder = mkdtempSync(`${tmpdir()}/slow-`);
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => this.#join(near));
  readonly #timers = new Set<ReturnType<typeof setInterval>>();
  readonly #port: number;
  readonly #bytesPerTick: number;
  /** The number of connections so far. */
  connections = 0;
  /** The number of forwarded bytes. */
  passed = 0;
  /** The number of bytes after which reading stops. */
  stopAfter = Infinity;

  private constructor(target: string, bytesPerTick: number) {
    this.#port = Number(new URL(target.replace("tcp:", "http:")).port);
    this.#bytesPerTick = bytesPerTick;
  }

  static async to(target: string, bytesPerTick: number): Promise<SlowRelay> {
    const self = new SlowRelay(target, bytesPerTick);
    await new Promise<void>((resolve) => self.#server.listen(`${self.#folder}/near`, resolve));
    return self;
  }

  /** Where to connect: buffers of Unix domain sockets are small, so that it is the relay that holds bytes up. */
  get endpoint(): string {
    return `ipc://${this.#folder}/near`;
  }

  #join(near: Socket): void {
    this.connections++;
    const far = connect(this.#port, "127.0.0.1");
    for (const socket of [near, far]) this.#sockets.add(socket.on("error", () => {}));
    far.on("data", (chunk) => near.write(chunk)).on("close", () => near.destroy());
    const held: Uint8Array[] = [];
    let ended = false;
    near.on("data", (chunk: Uint8Array) => {
      held.push(chunk);
      near.pause();
    }).on("close", () => ended = true);
    const timer = setInterval(() => {
      for (let room = this.#bytesPerTick; room > 0 && held.length > 0 && this.passed < this.stopAfter;) {
        const [first] = held;
        const part = first!.subarray(0, room);
        held[0] = first!.subarray(part.length);
        if (held[0].length === 0) held.shift();
        far.write(part);
        this.passed += part.length;
        room -= part.length;
      }
      if (held.length === 0 && !ended) near.resume();
      if (held.length === 0 && ended) far.end();
    }, 10);
    this.#timers.add(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

// 12 MiB at no more than 4 MiB a second take at least 3 s, twice the timeout, which a busy machine may need.
const HEARTBEAT = { heartbeatInterval: 150, heartbeatTimeout: 1500, reconnectInterval: 5, linger: 0 };
const PER_TICK = 40 * 1024;

test("one message that takes longer than the timeout arrives over one connection", async () => {
  await using pull = await libzmq.open("PULL");
  await using relay = await SlowRelay.to(await pull.bind("tcp://127.0.0.1:0"), PER_TICK);
  await using push = new Push(HEARTBEAT);
  push.connect(relay.endpoint);
  await push.send(new Uint8Array(12 * MIB).fill(7));
  await push.send("after");
  const [large, after] = [await pull.receive(), await pull.receive()];
  assertEquals([large[0]!.length, new TextDecoder().decode(after[0]), relay.connections], [12 * MIB, "after", 1]);
}, { timeout: 60_000 });

test("many messages that together take longer than the timeout arrive over one connection", async () => {
  await using pull = await libzmq.open("PULL");
  await using relay = await SlowRelay.to(await pull.bind("tcp://127.0.0.1:0"), PER_TICK);
  await using push = new Push(HEARTBEAT);
  push.connect(relay.endpoint);
  const count = 96;
  for (let i = 0; i < count; i++) await push.send(new Uint8Array(MIB / 8));
  for (let i = 0; i < count; i++) assertEquals((await pull.receive())[0]!.length, MIB / 8);
  assertEquals(relay.connections, 1);
}, { timeout: 60_000 });

test("a peer that stops reading amid a large message is still detected", async () => {
  await using pull = await libzmq.open("PULL");
  await using relay = await SlowRelay.to(await pull.bind("tcp://127.0.0.1:0"), PER_TICK);
  relay.stopAfter = MIB;
  await using push = new Push({ ...HEARTBEAT, reconnectInterval: 60_000 });
  const lost = nextEvent(push, "disconnect");
  push.connect(relay.endpoint);
  await push.send(new Uint8Array(12 * MIB));
  const { error } = await lost;
  assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
}, { timeout: 30_000 });
