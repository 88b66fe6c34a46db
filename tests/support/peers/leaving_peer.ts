/**
 * A ZMTP peer in its own process that disconnects in an orderly way, repeatedly: some milliseconds after each handshake
 * it ends its side, continues reading until the socket has ended its own, and counts every message that arrived whole.
 * Written by hand on Node's `net`, so that nothing of what it counts goes through the code under test.
 *
 * On every other connection it stops reading now and then. Arguments: `listen` or `connect`, the endpoint, its socket type, and
 * the shortest and longest time (ms) until it leaves. Lines on standard input: `stay` (no connection is left from now on), and
 * `report`, which is answered when no connection is open.
 *
 * @module
 */

import { createServer, Socket } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";

const [mode, endpoint, socketType, shortest, longest] = process.argv.slice(2);
const GREETING = Buffer.alloc(64);
GREETING.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
GREETING.write("NULL", 12);

/** The number of times that each number arrived. */
const arrived = new Map<number, number>();
const open = new Set<Socket>();
let connections = 0;
let staying = false;
let broken = 0;

function ready(type: string): Buffer {
  const name = Buffer.from("\x05READY\x0bSocket-Type");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  const body = Buffer.concat([name, length, Buffer.from(type)]);
  return Buffer.concat([Buffer.from([4, body.length]), body]);
}

function between(from: number, to: number): number {
  return from + Math.random() * (to - from);
}

/** Takes the frames out of a stream; what is not whole at the end does not count. */
class Frames {
  #left = GREETING.length;
  #parts: Buffer[] = [];
  #have = 0;
  #flags = -1;
  #need = 2;

  take(chunk: Buffer): void {
    const skipped = Math.min(this.#left, chunk.length);
    this.#left -= skipped;
    if (skipped === chunk.length) return;
    this.#parts.push(chunk.subarray(skipped));
    this.#have += chunk.length - skipped;
    if (this.#have < this.#need) return;
    let bytes = Buffer.concat(this.#parts);
    for (;;) {
      const long = bytes.length > 0 && (bytes[0]! & 2) !== 0;
      const header = long ? 9 : 2;
      const size = bytes.length < header ? 0 : long ? Number(bytes.readBigUInt64BE(1)) : bytes[1]!;
      this.#need = header + size;
      if (bytes.length < this.#need) break;
      this.#flags = bytes[0]!;
      if ((this.#flags & 4) === 0) {
        const number = bytes.readUInt32BE(header);
        arrived.set(number, (arrived.get(number) ?? 0) + 1);
      }
      bytes = bytes.subarray(this.#need);
    }
    this.#parts = [bytes];
    this.#have = bytes.length;
  }
}

function serve(socket: Socket): void {
  const slow = ++connections % 2 === 0;
  open.add(socket);
  const frames = new Frames();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const later = (time: number, action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, time);
    timers.add(timer);
  };
  socket.setNoDelay(true);
  socket.write(Buffer.concat([GREETING, ready(socketType!)]));
  socket.on("data", (chunk: Buffer) => {
    frames.take(chunk);
    if (!slow || staying || Math.random() > 0.2) return;
    socket.pause();
    later(between(1, 20), () => socket.resume());
  });
  later(between(Number(shortest), Number(longest)), () => {
    if (!staying) socket.end();
  });
  socket.on("end", () => socket.end());
  socket.on("error", () => broken++);
  socket.on("close", () => {
    for (const timer of timers) clearTimeout(timer);
    open.delete(socket);
    if (mode === "connect") setTimeout(dial, 2);
    report?.();
  });
}

function dial(): void {
  const socket = new Socket({ allowHalfOpen: true });
  socket.once("error", () => {
    if (open.has(socket)) return;
    setTimeout(dial, 2);
  });
  socket.once("connect", () => serve(socket));
  if (endpoint!.startsWith("ipc://")) socket.connect(endpoint!.slice(6));
  else socket.connect(Number(new URL(endpoint!.replace("tcp:", "http:")).port), "127.0.0.1");
}

let report: (() => void) | undefined;

createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "stay") staying = true;
  if (line === "report") {
    report = () => {
      if (open.size > 0) return;
      const twice = [...arrived.values()].filter((times) => times > 1).length;
      process.stdout.write(`${JSON.stringify({ numbers: [...arrived.keys()], twice, connections, broken })}\n`);
    };
    report();
  }
}).on("close", () => process.exit());

if (mode === "connect") dial();
else {
  const server = createServer({ allowHalfOpen: true }, serve);
  const bound = () => {
    const address = server.address() as { port: number } | string;
    const text = typeof address === "string" ? `ipc://${address}` : `tcp://127.0.0.1:${address.port}`;
    process.stdout.write(`${text}\n`);
  };
  if (endpoint!.startsWith("ipc://")) server.listen(endpoint!.slice(6), bound);
  else server.listen(0, "127.0.0.1", bound);
}
