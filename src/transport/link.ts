/**
 * The one implementation of what a link promises (`src/transport/transport.ts`), over a {@link Driver} that knows one kind of socket.
 *
 * | Event       | OPEN    | DEAF    | CLOSING | ENDED  | LEAVING | DEAD   | CLOSED |
 * | ----------- | ------- | ------- | ------- | ------ | ------- | ------ | ------ |
 * | close       | CLOSING | DEAD    | -       | -      | -       | -      | -      |
 * | abort       | DEAD    | DEAD    | DEAD    | DEAD   | DEAD    | -      | -      |
 * | grace over  |         |         | -       | DEAD   | -       | -      | -      |
 * | peerEnded   | LEAVING | LEAVING | -       | DEAD   | -       | -      | -      |
 * | endSent     | -       | -       | ENDED   | -      | -       | -      | -      |
 * | writeFailed | DEAF    | -       | DEAD    | -      | DEAD    | -      | -      |
 * | lost        | DEAD    | DEAD    | DEAD    | DEAD   | DEAD    | -      | -      |
 * | closed      | CLOSED  | CLOSED  | CLOSED  | CLOSED | CLOSED  | CLOSED | -      |
 *
 * `-` changes nothing. In OPEN and DEAF an end or a loss waits until all chunks that are kept for later are delivered, an end also
 * until the link is resumed. Where a driver has nothing to do in LEAVING, and where the peer has ended its side before `endSent`,
 * the link goes on to DEAD at once. Bytes that arrive outside OPEN and DEAF are dropped; only OPEN takes writes. `tests/transports/link_states_test.ts` walks the table.
 *
 * The class has many methods because it is two contracts, `Link` upward and `DriverSink` downward, over one state.
 *
 * @module
 */

import { type Clock, microtask, systemClock } from "../base/clock.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "./transport.ts";
import type { Driver, DriverSink } from "./driver.ts";
import { Grace } from "./grace.ts";
import { Hold } from "./hold.ts";

/** Bytes go both ways. */
const OPEN = 0;
/** Writes fail. Bytes that the peer sent before it went are still to be read: the link ends when reading does. */
const DEAF = 1;
/** `close` was called: what was written goes out, then the end; what comes in is dropped. */
const CLOSING = 2;
/** The end is sent; the peer's is waited for. */
const ENDED = 3;
/** The peer has ended its side; what the driver was given goes out. */
const LEAVING = 4;
/** The driver is destroyed; its `closed` is still to come. */
const DEAD = 5;
const CLOSED = 6;

/** A link over a driver. */
export class LinkCore implements Link, DriverSink {
  /** See {@link Link.poll}. */
  readonly poll: Link["poll"];
  readonly #driver: Driver;
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  readonly #grace: Grace;
  readonly #hold = new Hold();
  #remote: string;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #error: Error | undefined;
  /** `onClose` was called, or there was no sink for it yet. */
  #told = false;

  #paused = false;
  /** Bytes go straight to the sink: the link is started, not paused, and keeps nothing for later. */
  #flowing = false;
  /** Arrived when it could not be delivered. */
  #held: Uint8Array[] = [];
  #peerEnded = false;
  /** The stream is over, but something is held back. */
  #lost = false;

  /** The last write returned `false`, and `drained` has not come. */
  #writing = false;
  /** Bytes that were taken before the last write. */
  #before = 0;
  /** Bytes that were taken before the link was handed over. */
  #base = 0;
  /** For `onClose`. */
  #taken = 0;

  /**
   * Takes over a driver; nothing is read before `start`.
   *
   * @param clock Another one than the runtime's where the driver simulates a socket.
   */
  constructor(driver: Driver, remote: string, clock: Clock = systemClock) {
    this.#grace = new Grace(() => this.#destroy(), clock);
    this.#driver = driver;
    this.#remote = remote;
    this.poll = driver.poll;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
    driver.open(this);
  }

  /** See {@link Link.remote}. */
  get remote(): string {
    return this.#remote;
  }

  /** See {@link Link.bytesTaken}. */
  get bytesTaken(): number {
    return this.#driver.bytesTaken - this.#base;
  }

  /** See {@link Link.start}. */
  start(sink: LinkSink): void {
    if (this.#sink !== undefined) throw new TypeError("A link is started once, and belongs to one socket");
    this.#sink = sink;
    if (this.#told) microtask(() => sink.onClose(this.#error, this.#taken));
    else this.#flow();
  }

  /**
   * Takes the link from its sink, which has said on it what had to be said first: from now on it is as before `start`. Nothing
   * may be in flight.
   *
   * @param remote Where the peer is, from now on.
   * @param unread Bytes to be delivered first.
   */
  handOver(remote: string, unread: Uint8Array): void {
    this.#sink = undefined;
    this.#remote = remote;
    this.#base = this.#driver.bytesTaken;
    if (this.#state > DEAF) return;
    this.#paused = this.#flowing = false;
    this.#hold.release();
    if (unread.length > 0) this.#held.unshift(unread);
    this.#driver.pause();
  }

  /** See {@link Link.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#state !== OPEN) return false;
    this.#before = this.#driver.bytesTaken;
    const taken = this.#driver.write(chunks);
    this.#writing = !taken;
    return taken;
  }

  /** See {@link Link.pause}. */
  pause(): void {
    if (this.#state > DEAF) return;
    this.#paused = true;
    this.#flowing = false;
    this.#driver.pause();
    if (!this.#driver.holdsProcess) this.#hold.hold();
  }

  /** See {@link Link.resume}. */
  resume(): void {
    if (this.#state > DEAF || !this.#paused) return;
    this.#paused = false;
    this.#hold.release();
    this.#flow();
  }

  /** See {@link Link.close}. */
  close(grace: number = CLOSE_GRACE): Promise<void> {
    this.#grace.limit(grace);
    if (this.#state > DEAF) return this.#closed;
    if (this.#state === DEAF || this.#lost) {
      this.#destroy();
      return this.#closed;
    }
    this.#enter(CLOSING);
    // Unread data at the time of the real close would make the kernel send a reset, which can destroy data in transit. And a
    // peer that waits until it is read from would not read either.
    if (!this.#peerEnded) this.#driver.resume();
    if (!this.#writing && this.#state === CLOSING) this.#driver.end();
    return this.#closed;
  }

  /** See {@link Link.abort}. */
  abort(reason?: Error): void {
    if (this.#state >= DEAD) return;
    this.#error = reason ?? this.#error;
    this.#destroy();
  }

  /** See {@link Link.unref}. */
  unref(): void {
    this.#driver.unref?.();
    this.#hold.unref();
  }

  /** See {@link Link.ref}. */
  ref(): void {
    this.#driver.ref?.();
    this.#hold.ref();
  }

  // Reports of the driver.

  /** See {@link DriverSink.received}. */
  received(chunk: Uint8Array): void {
    if (this.#flowing) this.#sink!.onData(chunk);
    else if (this.#state <= DEAF) this.#held.push(chunk);
  }

  /** See {@link DriverSink.peerEnded}. */
  peerEnded(): void {
    this.#peerEnded = true;
    if (this.#flowing) this.#leave();
    // While it is closing the peer may go on reading what is still to be sent.
    else if (this.#state === ENDED) this.#destroy();
  }

  /** See {@link DriverSink.drained}. */
  drained(): void {
    this.#writing = false;
    if (this.#state === OPEN) this.#sink?.onDrain();
    else if (this.#state === CLOSING) this.#driver.end();
  }

  /** See {@link DriverSink.endSent}. */
  endSent(): void {
    if (this.#state !== CLOSING) return;
    this.#state = ENDED;
    if (this.#peerEnded) this.#destroy();
    else this.#grace.start();
  }

  /** See {@link DriverSink.writeFailed}. */
  writeFailed(error: Error): void {
    this.#blame(error);
    if (this.#state === OPEN) this.#state = DEAF;
    else if (this.#state === CLOSING || this.#state === LEAVING) this.#destroy();
  }

  /** See {@link DriverSink.lost}. */
  lost(error?: Error): void {
    this.#blame(error);
    if (this.#state <= DEAF && this.#held.length > 0) this.#lost = true;
    else this.#destroy();
  }

  /** See {@link DriverSink.closed}. */
  closed(): void {
    if (this.#state === CLOSED) return;
    this.#enter(CLOSED);
    this.#grace.stop();
    // It may come from inside a call, also of `write`.
    microtask(() => {
      this.#told = true;
      if (this.#writing) this.#taken = this.#driver.mostTaken - this.#before;
      this.#sink?.onClose(this.#error, this.#taken);
      this.#resolveClosed();
    });
  }

  // Steps.

  /** Delivers the chunks that are kept and reads on, if the link is started and not paused. */
  #flow(): void {
    if (!this.#mayDeliver()) return;
    if (this.#held.length > 0 || this.#peerEnded) return microtask(() => this.#deliverHeld());
    this.#flowing = true;
    this.#driver.resume();
  }

  #deliverHeld(): void {
    while (this.#mayDeliver() && this.#held.length > 0) this.#sink!.onData(this.#held.shift()!);
    if (!this.#mayDeliver()) return;
    if (this.#lost) return this.#destroy();
    if (this.#peerEnded) return this.#leave();
    this.#flowing = true;
    this.#driver.resume();
  }

  #mayDeliver(): boolean {
    return this.#state <= DEAF && this.#sink !== undefined && !this.#paused;
  }

  /** The first reason counts. Once the end is sent, a peer that drops the connection instead of ending it does no harm. */
  #blame(error: Error | undefined): void {
    if (this.#state !== ENDED && this.#state < DEAD) this.#error ??= error;
  }

  #leave(): void {
    if (this.#driver.leave === undefined) return this.#destroy();
    this.#enter(LEAVING);
    this.#driver.leave();
  }

  #destroy(): void {
    if (this.#state >= DEAD) return;
    this.#enter(DEAD);
    this.#grace.stop();
    this.#driver.destroy(this.#error);
  }

  /** Enters a state in which nothing is delivered. */
  #enter(state: number): void {
    this.#state = state;
    this.#flowing = false;
    this.#held = [];
    this.#hold.release();
  }
}
