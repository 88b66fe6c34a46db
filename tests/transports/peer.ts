/**
 * One end of a link under test: calls the link, records what the link calls, and notes every breach of the contract in
 * `src/transport/transport.ts` that can be seen from one end. Also the endless byte pattern that the tests send.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Link, LinkSink, Listener, Transport } from "../../src/transport/transport.ts";
import { Endpoint } from "../../src/schemes/endpoint.ts";

/** A link, its sink, and what happened to them. */
export class Peer implements LinkSink {
  readonly link: Link;
  /** Violations of the link's contract. */
  readonly breaches: string[] = [];
  chunks: Uint8Array[] = [];
  received = 0;
  drains = 0;
  closes = 0;
  error: Error | undefined;
  /** The report of `onClose` about the last write. */
  taken: number | undefined;
  /** Called with each chunk, after it was recorded. */
  react: ((chunk: Uint8Array) => void) | undefined;
  #inside = "";
  #paused = false;
  #ended = false;
  #awaitsDrain = false;
  /** A write to a link that was not open was refused. */
  #refused = false;
  /** The last that `bytesTaken` was. */
  #counted = 0;
  #waiting: { until: () => boolean; resolve: () => void }[] = [];

  constructor(link: Link) {
    this.link = link;
  }

  /** Starts the link with this sink. */
  start(): this {
    this.#call("start", () => this.link.start(this));
    return this;
  }

  write(...chunks: Uint8Array[]): boolean {
    if (this.#awaitsDrain && !this.#ended) throw new Error("The test wrote before onDrain");
    const done = this.#call("write", () => this.link.write(chunks));
    // The array, unlike the memory of its chunks, is the caller's at once.
    chunks.fill(new Uint8Array([0xbd]));
    if (this.#ended) {
      assertEquals(done, false, "a link that is not open takes nothing, and says so");
      this.#refused ||= !this.#awaitsDrain;
    } else this.#awaitsDrain = !done;
    return done;
  }

  /** The number of bytes that the operating system has taken, by the link's report. */
  get bytesTaken(): number {
    const taken = this.link.bytesTaken;
    if (taken === undefined) throw new Error("The link does not count what it has sent");
    if (taken < this.#counted) this.breaches.push("bytesTaken shrank");
    return this.#counted = taken;
  }

  /** Writes and waits until the memory is free again. */
  async send(...chunks: Uint8Array[]): Promise<void> {
    const drains = this.drains;
    if (!this.write(...chunks)) await this.until(() => this.drains > drains || this.closes > 0);
  }

  pause(): void {
    this.#paused = true;
    this.#call("pause", () => this.link.pause());
  }

  resume(): void {
    this.#paused = false;
    this.#call("resume", () => this.link.resume());
  }

  close(grace?: number): Promise<void> {
    this.#ended = true;
    return this.#call("close", () => this.link.close(grace));
  }

  abort(reason?: Error): void {
    this.#ended = true;
    this.#call("abort", () => this.link.abort(reason));
  }

  /** Resolves as soon as `condition` holds; looked at after each callback. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: condition, resolve }));
  }

  /** Resolves when the link is closed. */
  gone(): Promise<void> {
    return this.until(() => this.closes > 0);
  }

  /** All bytes received. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.received);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  onData(chunk: Uint8Array): void {
    this.#note("onData");
    if (this.#paused) this.breaches.push("onData while paused");
    if (this.#ended) this.breaches.push("onData after close or abort");
    if (chunk.length === 0) this.breaches.push("onData without a byte");
    this.chunks.push(chunk);
    this.received += chunk.length;
    this.react?.(chunk);
    this.#wake();
  }

  onDrain(): void {
    this.#note("onDrain");
    if (!this.#awaitsDrain) this.breaches.push("onDrain without a write that returned false");
    if (this.#ended) this.breaches.push("onDrain after close or abort");
    this.#awaitsDrain = false;
    this.drains++;
    this.#wake();
  }

  onClose(error?: Error, taken?: number): void {
    this.#note("onClose");
    this.closes++;
    this.#ended = true;
    this.error = error;
    this.taken = taken;
    if (this.#refused && taken !== 0) this.breaches.push(`onClose told that ${taken} bytes were taken after the end`);
    if (this.link.bytesTaken! < this.#counted) this.breaches.push("bytesTaken shrank");
    this.#wake();
  }

  #note(callback: string): void {
    if (this.#inside !== "") this.breaches.push(`${callback} from inside ${this.#inside}`);
    if (this.closes > 0) this.breaches.push(`${callback} after onClose`);
  }

  #call<T>(name: string, call: () => T): T {
    const outer = this.#inside;
    this.#inside = name;
    try {
      return call();
    } finally {
      this.#inside = outer;
    }
  }

  #wake(): void {
    const ready = this.#waiting.filter((waiter) => waiter.until());
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }
}

/** A listener and the two ends of one link to it. */
export interface Pair {
  readonly listener: Listener;
  readonly client: Peer;
  readonly server: Peer;
}

/** Takes accepted links one by one. */
export class Accepted {
  readonly peers: Peer[] = [];
  #waiting: ((peer: Peer) => void)[] = [];
  #next = 0;

  /** To be given to `listen`. */
  readonly onLink = (link: Link): void => {
    this.peers.push(new Peer(link));
    this.#waiting.shift()?.(this.peers[this.#next++]!);
  };

  /** The next accepted link. */
  next(): Promise<Peer> {
    if (this.#next < this.peers.length) return Promise.resolve(this.peers[this.#next++]!);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Listens, connects, and runs `body` with both ends started; then ends everything and looks for breaches. */
export async function withPair(
  transport: Transport,
  endpoint: string,
  body: (pair: Pair) => Promise<void>,
  options: { readonly start?: boolean } = {},
): Promise<void> {
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), accepted.onLink);
  const client = new Peer(await transport.connect(Endpoint.parse(listener.endpoint, "connect")));
  const server = await accepted.next();
  const peers = [client, server];
  if (options.start !== false) { for (const peer of peers) peer.start(); }
  try {
    await body({ listener, client, server });
  } finally {
    for (const peer of peers) peer.abort();
    await Promise.all([...peers.map((peer) => peer.close()), listener.close()]);
  }
  for (const peer of peers) {
    if (options.start !== false) assertEquals(peer.closes, 1, "onClose is called exactly once");
    assertEquals(peer.breaches, []);
  }
}

// A prime, so that no buffer size divides it: a byte that is out of place is seen.
const PERIOD = 1_000_003;
const pattern = new Uint8Array(PERIOD);
for (let i = 0, state = 1; i < PERIOD; i++) {
  state = Math.imul(state, 48271) % 0x7fffffff;
  pattern[i] = state >>> 7;
}

/** Fills `into` with the pattern's bytes from `offset` on. */
export function fillPattern(into: Uint8Array, offset: number): Uint8Array {
  for (let at = 0; at < into.length;) {
    const from = (offset + at) % PERIOD;
    const part = pattern.subarray(from, Math.min(PERIOD, from + into.length - at));
    into.set(part, at);
    at += part.length;
  }
  return into;
}

/** The first `length` bytes of the pattern. */
export function patternBytes(length: number): Uint8Array {
  return fillPattern(new Uint8Array(length), 0);
}

/** Fails unless the chunks, put together, are the first bytes of the pattern. */
export function assertPattern(chunks: readonly Uint8Array[], length: number): void {
  let offset = 0;
  for (const chunk of chunks) {
    for (let i = 0, p = offset % PERIOD; i < chunk.length; i++) {
      if (chunk[i] !== pattern[p]) throw new Error(`Wrong byte at ${offset + i}: ${chunk[i]} instead of ${pattern[p]}`);
      if (++p === PERIOD) p = 0;
    }
    offset += chunk.length;
  }
  assertEquals(offset, length);
}

/**
 * Writes the pattern until the link takes no more, and returns how many bytes that were; the last write is not drained.
 *
 * The one timer of these tests: if it gave up too early, the test would prove less, but not fail.
 */
export async function writeUntilStuck(peer: Peer, limit: number): Promise<number> {
  const size = 1 << 20;
  for (let written = 0;;) {
    const drains = peer.drains;
    const done = peer.write(fillPattern(new Uint8Array(size), written));
    written += size;
    assert(written <= limit, `a paused reader held back nothing: ${written} bytes went out`);
    if (done) continue;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const quiet = new Promise<void>((resolve) => timer = setTimeout(resolve, 100));
    await Promise.race([quiet, peer.until(() => peer.drains > drains)]);
    clearTimeout(timer);
    if (peer.drains === drains) return written;
  }
}
