/**
 * Drives a port to another thread of this process. Small writes go through a ring in shared memory; the port carries large ones, each
 * copied once into memory that is then moved, and whatever ends the link. Where threads share no memory, all writes go through the
 * port. The kernel is not involved.
 *
 * Bytes in transit are limited: in the ring by its size, and in the port by credit that the receiver returns for what it has taken.
 *
 * | Event           | OPEN     | FULL | INDEBTED | ENDED | DEAD |
 * | --------------- | -------- | ---- | -------- | ----- | ---- |
 * | write           | -        | x    | x        | x     | x    |
 * | write, no room  | FULL     | x    | x        | x     | x    |
 * | write, window   | INDEBTED | x    | x        | x     | x    |
 * | little room     | -        | -    | -        | -     | -    |
 * | room            | -        | OPEN | -        | -     | -    |
 * | little credit   | -        | -    | -        | -     | -    |
 * | credit          | -        | -    | OPEN     | -     | -    |
 * | finish          | ENDED    | x    | x        | x     | x    |
 * | peer ends       | DEAD     | DEAD | DEAD     | DEAD  | -    |
 * | port ends       | DEAD     | DEAD | DEAD     | DEAD  | -    |
 * | drop            | DEAD     | DEAD | DEAD     | DEAD  | x    |
 *
 * The states of writing. `no room`: in the ring; `window`: a large write for which the peer has to return credit.
 *
 * | Event               | PAUSED  | LOOKING | ASLEEP  | AT BLOCK | DEAD |
 * | ------------------- | ------- | ------- | ------- | -------- | ---- |
 * | resume              | ASLEEP  | -       | -       | -        | x    |
 * | resume, bytes       | LOOKING | -       | LOOKING | -        | x    |
 * | pause               | -       | PAUSED  | PAUSED  | PAUSED   | x    |
 * | look                | -       | -       |         |          | -    |
 * | last look           | -       | ASLEEP  |         |          | -    |
 * | last look, bytes    | -       | LOOKING |         |          | -    |
 * | last look, pause    | -       | PAUSED  |         |          | -    |
 * | look, place         | -       | AT BLOCK |        |          | -    |
 * | wake, bytes         | -       | -       | LOOKING | -        | -    |
 * | wake, pause         | -       | -       | PAUSED  | -        | -    |
 * | block               | -       | -       | LOOKING | LOOKING  | -    |
 * | peer ends           | DEAD    | DEAD    | DEAD    | DEAD     | -    |
 * | drop                | DEAD    | DEAD    | DEAD    | DEAD     | x    |
 *
 * The states of reading, over a ring. LOOKING looks again in the next turn, ASLEEP is woken by the peer, AT BLOCK has the place of a block that has not
 * arrived. `bytes` are in the ring; at a last look, they come when this side lies down; `pause` there: the link pauses as it takes them. A `resume` is
 * LOOKING as well while turns of an earlier look are left.
 *
 * A link answers the end of its peer or port with `drop`, when it is not paused. `-` changes nothing; an empty cell cannot happen, as no turn is due; `x` would break the contract of
 * `Driver`. `tests/transports/port_driver_states_test.ts` walks the tables.
 *
 * More than 20 members because it has both directions, and in each the ring and the port.
 *
 * @module
 */

import { microtask, systemClock } from "../base/clock.ts";
import type { Driver, DriverSink } from "./driver.ts";
import { LinkCore } from "./link.ts";
import { newRing, RingReader, RingWriter } from "./shared_ring.ts";
import { OpenPort, type ThreadPort } from "./thread_port.ts";

/** Bytes that may be in the port before a write waits. A write that is larger goes alone. */
const WINDOW = 256 * 1024;
/** Bytes for which credit is returned at once. */
const CREDIT = 32 * 1024;
/** A larger write goes through the port: moving memory costs more than copying less than this a second time. */
const MOST_COPIED = 64 * 1024;
/**
 * Turns of the event loop in which a reader that has just read looks again before it sleeps: a wake-up takes longer than all of
 * them.
 */
const LOOKS = 8;

// A number is credit, an `ArrayBuffer` a block of bytes, and an object has the memory of the ring that the peer writes.
/** The message that ends a side. */
const END = "end";
/** Wakes a thread that sleeps. */
const WAKE = "wake";

/** Drives one end of a port. */
class PortDriver implements Driver {
  /** See {@link Driver.holdsProcess}: no link between threads keeps the process alive. */
  readonly holdsProcess = true;
  /** See {@link Driver.bytesTaken}. */
  bytesTaken = 0;
  readonly #port: ThreadPort;
  #opened!: OpenPort;
  #sink!: DriverSink;
  #open = true;

  /** The ring that this side writes: `undefined` before the first write, `null` where threads share no memory. */
  #out: RingWriter | null | undefined;
  /** A write for which the ring has no room. */
  #waiting: readonly Uint8Array[] = [];
  /** Its bytes; 0 if there is none. */
  #waitingBytes = 0;
  /** Bytes in the port for which the peer has not returned credit. */
  #unacknowledged = 0;
  /** A write waits for credit. */
  #indebted = false;

  #in: RingReader | undefined;
  /** Blocks that arrived, until their place in the ring is reached. */
  #blocks: ArrayBuffer[] = [];
  /** Bytes that this side has taken from the port since it returned credit last. */
  #taken = 0;
  #paused = true;
  /** Reading is due in a microtask, or in the next turn. */
  #due = false;
  #looks = 0;
  readonly #read = () => {
    this.#due = false;
    this.#deliver();
  };

  /** Takes over a port. */
  constructor(port: ThreadPort) {
    this.#port = port;
  }

  /** See {@link Driver.mostTaken}. */
  get mostTaken(): number {
    return this.bytesTaken;
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    this.#sink = sink;
    this.#opened = new OpenPort(this.#port, (data) => this.#received(data), () => {
      this.#deliverAll();
      this.#sink.lost();
    });
  }

  /** See {@link Driver.resume}. */
  resume(): void {
    this.#paused = false;
    this.#returnCredit();
    this.#readSoon();
  }

  /** See {@link Driver.pause}. The peer stops when the ring is full, or its credit is used up. */
  pause(): void {
    this.#paused = true;
  }

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#open) return false;
    let size = 0;
    for (let i = 0; i < chunks.length; i++) size += chunks[i]!.length;
    if (size === 0) return true;
    if (this.#out === undefined) this.#share();
    if (this.#out === null || size > MOST_COPIED) return this.#move(chunks, size);
    return this.#copy(this.#out!, chunks, size);
  }

  /** See {@link Driver.finish}. */
  finish(): void {
    if (!this.#open) return;
    this.#opened.post(END);
    this.#sink.endSent();
  }

  /** See {@link Driver.drop}. */
  drop(): void {
    this.#opened.close();
    this.#open = false;
    this.#out?.sleeper.close();
    this.#in?.sleeper.close();
    this.#out = null;
    this.#in = undefined;
    this.#blocks = [];
    this.#waiting = [];
    this.#sink.closed();
  }

  #received(data: unknown): void {
    if (typeof data === "number") this.#acknowledged(data);
    else if (data === WAKE) {
      this.#hasRoom();
      this.#deliver();
    } else if (data === END) {
      this.#deliverAll();
      this.#sink.peerEnded();
    } else {
      const { ring } = data as { readonly ring?: SharedArrayBuffer };
      if (ring === undefined) this.#blocks.push(data as ArrayBuffer);
      else this.#in = new RingReader(ring, () => this.#deliver());
      this.#deliver();
    }
  }

  // Writing.

  #share(): void {
    const ring = newRing();
    this.#out = ring === undefined ? null : new RingWriter(ring, () => this.#hasRoom());
    if (ring !== undefined) this.#opened.post({ ring });
  }

  #copy(ring: RingWriter, chunks: readonly Uint8Array[], size: number): boolean {
    if (!ring.write(chunks, size)) {
      ring.sleeper.lieDown();
      if (!ring.write(chunks, size)) {
        this.#waiting = [...chunks];
        this.#waitingBytes = size;
        ring.sleeper.wait();
        return false;
      }
      ring.sleeper.rise();
    }
    this.#written(ring, size);
    return true;
  }

  /** The reader may have made room. */
  #hasRoom(): void {
    const [chunks, size, ring] = [this.#waiting, this.#waitingBytes, this.#out];
    if (size === 0 || !ring) return;
    this.#waitingBytes = 0;
    if (!this.#copy(ring, chunks, size)) return;
    this.#waiting = [];
    this.#sink.drained();
  }

  #written(ring: RingWriter, size: number): void {
    this.bytesTaken += size;
    if (ring.wakeReader()) this.#opened.post(WAKE);
  }

  #move(chunks: readonly Uint8Array[], size: number): boolean {
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let i = 0; i < chunks.length; i++) {
      bytes.set(chunks[i]!, at);
      at += chunks[i]!.length;
    }
    this.#out?.block();
    this.#opened.post(bytes.buffer, [bytes.buffer]);
    this.bytesTaken += size;
    this.#unacknowledged += size;
    return !(this.#indebted = this.#unacknowledged > WINDOW);
  }

  #acknowledged(bytes: number): void {
    this.#unacknowledged -= bytes;
    if (!this.#indebted || this.#unacknowledged > WINDOW / 2) return;
    this.#indebted = false;
    this.#sink.drained();
  }

  // Reading.

  /** Delivers everything that has arrived, and waits for more. */
  #deliver(): void {
    if (this.#due) return;
    let some = false;
    while (this.#open && !this.#paused && this.#next()) some = true;
    const ring = this.#in;
    if (this.#paused || ring === undefined) return;
    if (some) {
      this.#looks = LOOKS;
      ring.sleeper.rise();
    }
    // A block that is next wakes this side when it arrives.
    if (ring.atBlock) return;
    if (this.#looks-- > 0) {
      this.#due = true;
      return systemClock.turn(this.#read);
    }
    ring.sleeper.lieDown();
    if (!this.#next()) return ring.sleeper.wait();
    ring.sleeper.rise();
    this.#looks = LOOKS;
    // Not `resume`: the link may have paused this driver when it took the bytes.
    this.#readSoon();
  }

  #readSoon(): void {
    if (this.#due) return;
    this.#due = true;
    microtask(this.#read);
  }

  /** The peer writes no more: delivers all that it wrote, which the link keeps if it is paused. */
  #deliverAll(): void {
    while (this.#open && this.#next());
  }

  /** Delivers some bytes; `false` if there are none. */
  #next(): boolean {
    const ring = this.#in;
    const chunk = ring?.read();
    if (chunk !== undefined) {
      if (ring!.wakeWriter()) this.#opened.post(WAKE);
      this.#sink.received(chunk);
      return true;
    }
    if (this.#blocks.length === 0 || ring?.atBlock === false) return false;
    ring?.passBlock();
    const block = new Uint8Array(this.#blocks.shift()!);
    this.#taken += block.length;
    this.#sink.received(block);
    this.#returnCredit();
    return true;
  }

  #returnCredit(): void {
    if (this.#paused || !this.#open || this.#taken < CREDIT) return;
    this.#opened.post(this.#taken);
    this.#taken = 0;
  }
}

/** A link over a port. `remote` is its name in events. */
export function portLink(port: ThreadPort, remote: string): LinkCore {
  return new LinkCore(new PortDriver(port), remote);
}
