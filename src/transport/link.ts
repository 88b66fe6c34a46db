/**
 * Implements the guarantees of a link (`src/transport/transport.ts`) once, over a {@link Driver} that knows one kind of
 * socket.
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
 * `-` changes nothing; an empty cell cannot happen, as the time of the peer begins with the end of this side. In OPEN and DEAF, an end or a loss takes effect only after all queued chunks are delivered; an
 * end also waits until the link is resumed. If the driver has no `leave`, or the peer ended its side before `endSent`,
 * the link enters DEAD immediately. Bytes that arrive outside OPEN and DEAF are dropped; writes are possible only in
 * OPEN. `tests/transports/link_states_test.ts` tests the table.
 *
 * More than 20 members because it implements two contracts, `Link` for the socket and `DriverSink` for the driver, over
 * one state.
 *
 * @module
 */

import { type Clock, microtask, systemClock } from "../base/clock.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "./transport.ts";
import type { Driver, DriverSink } from "./driver.ts";
import { Grace } from "./grace.ts";
import { Hold } from "./hold.ts";

/** Reads and writes. */
const OPEN = 0;
/** Writes fail. Bytes that the peer sent before are still delivered; the link ends when reading ends. */
const DEAF = 1;
/** `close` was called: sends what was written, then the end; drops incoming bytes. */
const CLOSING = 2;
/** The end is sent; waits for the peer's end. */
const ENDED = 3;
/** The peer has ended its side; the driver sends what it was given. */
const LEAVING = 4;
/** The driver is dropped, but has not called `closed` yet. */
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
  /** `onClose` was called, or was due before there was a sink. */
  #reported = false;

  #paused = false;
  /** Bytes go straight to the sink: the link is started, not paused, and has no queued chunks. */
  #flowing = false;
  /** Chunks that arrived when they could not be delivered. */
  #queued: Uint8Array[] = [];
  #peerEnded = false;
  /** The stream has ended, but queued chunks must be delivered first. */
  #lost = false;

  /** The last write returned `false`, and `drained` was not called yet. */
  #writing = false;
  /** Bytes that were taken before the last write. */
  #before = 0;
  /** Bytes that were taken before the hand-over. */
  #base = 0;
  /** The argument of `onClose`. */
  #taken = 0;

  /**
   * Creates a link over a driver; nothing is read before `start`.
   *
   * @param clock A clock other than the runtime's, for a driver that simulates a socket.
   */
  constructor(driver: Driver, remote: string, clock: Clock = systemClock) {
    this.#grace = new Grace(() => this.#drop(), clock);
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
    if (this.#sink !== undefined) {
      throw new TypeError("A link can be started only once, because it belongs to one socket");
    }
    this.#sink = sink;
    if (this.#reported) microtask(() => sink.onClose(this.#error, this.#taken));
    else this.#flow();
  }

  /**
   * Detaches the link from its sink, which has completed its own handshake over it, and returns it to the state before
   * `start`. No write may be in progress.
   *
   * @param remote The peer's address from now on.
   * @param unread Bytes to deliver first.
   */
  handOver(remote: string, unread: Uint8Array): void {
    this.#sink = undefined;
    this.#remote = remote;
    this.#base = this.#driver.bytesTaken;
    if (this.#state > DEAF) return;
    this.#paused = this.#flowing = false;
    this.#hold.release();
    if (unread.length > 0) this.#queued.unshift(unread);
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
      this.#drop();
      return this.#closed;
    }
    this.#enter(CLOSING);
    // Unread bytes at the time of the real close would make the kernel send a reset, which can destroy bytes in
    // transit. And a peer that waits until its bytes are read would not read either.
    if (!this.#peerEnded) this.#driver.resume();
    if (!this.#writing && this.#state === CLOSING) this.#driver.finish();
    return this.#closed;
  }

  /** See {@link Link.abort}. */
  abort(reason?: Error): void {
    if (this.#state >= DEAD) return;
    this.#error = reason ?? this.#error;
    this.#drop();
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

  // Events of the driver.

  /** See {@link DriverSink.received}. */
  received(chunk: Uint8Array): void {
    if (this.#flowing) this.#sink!.onData(chunk);
    else if (this.#state <= DEAF) this.#queued.push(chunk);
  }

  /** See {@link DriverSink.peerEnded}. */
  peerEnded(): void {
    this.#peerEnded = true;
    if (this.#flowing) this.#leave();
    // While the link is closing, the peer may still read the rest.
    else if (this.#state === ENDED) this.#drop();
  }

  /** See {@link DriverSink.drained}. */
  drained(): void {
    this.#writing = false;
    if (this.#state === OPEN) this.#sink?.onDrain();
    else if (this.#state === CLOSING) this.#driver.finish();
  }

  /** See {@link DriverSink.endSent}. */
  endSent(): void {
    if (this.#state !== CLOSING) return;
    this.#state = ENDED;
    if (this.#peerEnded) this.#drop();
    else this.#grace.start();
  }

  /** See {@link DriverSink.writeFailed}. */
  writeFailed(error: Error): void {
    this.#blame(error);
    if (this.#state === OPEN) this.#state = DEAF;
    else if (this.#state === CLOSING || this.#state === LEAVING) this.#drop();
  }

  /** See {@link DriverSink.lost}. */
  lost(error?: Error): void {
    this.#blame(error);
    if (this.#state <= DEAF && this.#queued.length > 0) this.#lost = true;
    else this.#drop();
  }

  /** See {@link DriverSink.fail}. */
  fail(reason: Error): void {
    this.abort(reason);
  }

  /** See {@link DriverSink.closed}. */
  closed(): void {
    if (this.#state === CLOSED) return;
    this.#enter(CLOSED);
    this.#grace.stop();
    // The driver may call this from inside any call, including `write`.
    microtask(() => {
      this.#reported = true;
      if (this.#writing) this.#taken = this.#driver.mostTaken - this.#before;
      this.#sink?.onClose(this.#error, this.#taken);
      this.#resolveClosed();
    });
  }

  // State transitions.

  /** Delivers the queued chunks and continues reading, if the link is started and not paused. */
  #flow(): void {
    if (!this.#mayDeliver()) return;
    if (this.#queued.length > 0 || this.#peerEnded) return microtask(() => this.#deliverQueued());
    this.#flowing = true;
    this.#driver.resume();
  }

  #deliverQueued(): void {
    while (this.#mayDeliver() && this.#queued.length > 0) this.#sink!.onData(this.#queued.shift()!);
    if (!this.#mayDeliver()) return;
    if (this.#lost) return this.#drop();
    if (this.#peerEnded) return this.#leave();
    this.#flowing = true;
    this.#driver.resume();
  }

  #mayDeliver(): boolean {
    return this.#state <= DEAF && this.#sink !== undefined && !this.#paused;
  }

  /**
   * Keeps the first error only. Once the end is sent, a peer that drops the connection instead of ending it does no
   * harm.
   */
  #blame(error: Error | undefined): void {
    if (this.#state !== ENDED && this.#state < DEAD) this.#error ??= error;
  }

  #leave(): void {
    if (this.#driver.leave === undefined) return this.#drop();
    this.#enter(LEAVING);
    this.#driver.leave();
  }

  #drop(): void {
    if (this.#state >= DEAD) return;
    this.#enter(DEAD);
    this.#grace.stop();
    this.#driver.drop(this.#error);
  }

  /** Enters a state in which nothing is delivered. */
  #enter(state: number): void {
    this.#state = state;
    this.#flowing = false;
    this.#queued = [];
    this.#hold.release();
  }
}
