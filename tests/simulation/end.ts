/**
 * One end of a simulated connection: a driver under the link core that all links share, with the bytes that it has sent
 * and the peer has not read.
 *
 * @module
 */

import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { Unwritten } from "../../src/transport/unwritten.ts";
import type { Random } from "./random.ts";
import type { Process, World } from "./world.ts";

/** The terms of the network of a scenario. */
export interface NetworkTerms {
  /** One way, in ms; each piece takes up to `jitter` more, without overtaking. */
  readonly latency: number;
  readonly jitter: number;
  /** Bytes per ms; 0 means no limit. */
  readonly bandwidth: number;
  /** Bytes that are on their way in one direction before the writer has to wait. */
  readonly buffer: number;
  /** Most bytes that arrive at once; 0 means no limit. */
  readonly piece: number;
  /** Writes are taken in the next turn, as on Deno, instead of at once. */
  readonly lazy: boolean;
}

/** The network, as an end sees it. */
interface EndHost {
  readonly world: World;
  readonly terms: NetworkTerms;
  readonly random: Random;
  readonly ends: Set<End>;
  readonly past: End[];
  /** Most bytes that a socket may hand over in one write. */
  largestWrite(): number;
  /** The time for one way. */
  delay(): number;
  /** True if nothing passes between two addresses. */
  parted(a: string, b: string): boolean;
}

/** Bytes on their way. */
interface Piece {
  readonly due: number;
  /** `undefined` is the end of the stream. */
  bytes: Uint8Array | undefined;
}

/** One end of a connection. */
export class End implements Driver {
  readonly holdsProcess = true;
  readonly process: Process;
  readonly address: string;
  readonly port: number;
  peer!: End;
  bytesTaken = 0;
  /** Everything that the operating system took from this end, for the account of lost messages. */
  readonly sent: Uint8Array[] = [];
  /** The number of these bytes that the program of the peer was given. */
  delivered = 0;
  /** Its machine lost power, so that the peer sees no end. */
  vanished = false;
  /** The socket of the peer refused this side after the handshake. */
  refused = false;
  /** Bytes were on their way when the connection broke. */
  destroyed = false;

  /** Messages stay apart and whole. */
  readonly #whole: boolean;
  readonly #network: EndHost;
  #sink: DriverSink | undefined;
  #flowing = false;
  #dead = false;
  #broken = false;
  #ended = false;
  /** From this end to its peer. */
  readonly #out: Piece[] = [];
  #outBytes = 0;
  /** When the last piece arrives: none overtakes another. */
  #lastDue = 0;
  readonly #unwritten = new Unwritten();
  #writing = false;
  #scheduled = false;
  #continues = false;

  constructor(network: EndHost, process: Process, address: string, port: number, whole: boolean) {
    this.#network = network;
    this.#whole = whole;
    this.process = process;
    this.address = address;
    this.port = port;
  }

  get mostTaken(): number {
    return this.bytesTaken;
  }

  /** Bytes that the peer has not read yet, or that wait for room. */
  get busy(): boolean {
    return this.#writing || this.#outBytes > 0;
  }

  /** The connection broke. */
  get broken(): boolean {
    return this.#broken;
  }

  open(sink: DriverSink): void {
    this.#sink = sink;
  }

  resume(): void {
    this.#flowing = true;
    this.arrive();
  }

  pause(): void {
    this.#flowing = false;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#dead || this.#broken) return false;
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    if (bytes > this.#network.largestWrite()) {
      this.#network.world.violate("memory-bounded", `${this.address} writes ${bytes} bytes at once`);
    }
    this.#unwritten.keep(chunks);
    if (!this.#network.terms.lazy && this.#take()) return true;
    this.#writing = true;
    if (this.#network.terms.lazy) this.#continueWriting(0);
    return false;
  }

  finish(): void {
    this.#end();
    this.#sink!.endSent();
  }

  drop(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#unwritten.clear();
    this.#goAway();
    this.#sink!.closed();
  }

  /** The program never took it. */
  refuse(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#forget();
    this.peer.#resetLater();
  }

  /** The process died: its operating system closes the connection, unless it lost power. */
  die(power: boolean): void {
    if (this.#dead) return;
    this.#dead = true;
    this.vanished = power;
    // A read that was scheduled never runs.
    this.#scheduled = false;
    if (power) this.#forget();
    else this.#goAway();
  }

  /** The connection breaks at this end. */
  reset(code: ZmqErrorCode): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#destroy();
    this.peer.#destroy();
    this.#forget();
    if (this.#dead) return;
    this.#network.world.trace.add(this.address, `${code} from ${this.peer.address}`);
    this.#network.world.after(0, () => {
      if (this.#dead) return;
      if (this.#sink === undefined) this.#dead = true;
      else this.#sink.lost(new ZmqError(code, `The connection broke: ${code}`));
    }, this.process);
  }

  /** The program at this end reads what has arrived. */
  arrive(): void {
    if (this.#scheduled) return;
    const { world } = this.#network;
    const next = this.peer.#out[0];
    if (next === undefined || (!this.#flowing && !this.#dead)) return;
    this.#scheduled = true;
    world.after(Math.max(0, next.due - world.now), () => {
      this.#scheduled = false;
      this.#read();
    }, this.#dead ? undefined : this.process);
  }

  #read(): void {
    const { world } = this.#network;
    const pieces = this.peer.#out;
    if (this.#network.parted(this.address, this.peer.address)) return;
    let read = 0;
    while (pieces.length > 0 && pieces[0]!.due <= world.now) {
      if (this.#dead) {
        const { bytes } = pieces.shift()!;
        if (bytes === undefined) continue;
        // The program no longer reads it.
        this.peer.#destroy();
        return this.peer.#resetLater();
      }
      if (!this.#flowing || this.#sink === undefined) break;
      const { bytes } = pieces.shift()!;
      if (bytes === undefined) {
        world.trace.add(this.address, `end from ${this.peer.address}`);
        this.#sink.peerEnded();
        break;
      }
      read += bytes.length;
      this.peer.#outBytes -= bytes.length;
      // After its own end the program is given nothing more.
      if (!this.#ended) this.peer.delivered += bytes.length;
      this.#sink.received(bytes);
    }
    if (read > 0) {
      world.trace.add(this.address, `reads ${read} from ${this.peer.address}`);
      // As with an operating system, a writer that waits continues once half of its buffer is free, not for every byte.
      if (this.peer.#outBytes * 2 <= this.#network.terms.buffer) this.peer.#continueWriting(this.#network.delay());
    }
    this.arrive();
  }

  /** Takes what there is room for; `true` if that was all. */
  #take(): boolean {
    const { terms, random } = this.#network;
    for (let chunk = this.#unwritten.next(); chunk !== undefined; chunk = this.#unwritten.next()) {
      const room = terms.buffer - this.#outBytes;
      if (room <= 0) return false;
      // Small pieces of a large message would cost more than they find.
      const most = terms.piece > 0 ? random.whole(1, Math.max(terms.piece, chunk.length >> 4)) : room;
      const bytes = this.#whole ? chunk.slice() : chunk.slice(0, Math.min(room, most));
      this.#unwritten.take(bytes.length);
      this.sent.push(bytes);
      this.bytesTaken += bytes.length;
      this.#outBytes += bytes.length;
      this.#push(bytes);
    }
    return true;
  }

  #continueWriting(after: number): void {
    if (!this.#writing || this.#continues) return;
    this.#continues = true;
    this.#network.world.after(after, () => {
      this.#continues = false;
      if (!this.#writing || this.#dead || this.#broken || !this.#take()) return;
      this.#writing = false;
      this.#sink!.drained();
    }, this.process);
  }

  #push(bytes: Uint8Array | undefined): void {
    const { world, terms } = this.#network;
    const time = terms.bandwidth > 0 && bytes !== undefined ? bytes.length / terms.bandwidth : 0;
    this.#lastDue = Math.max(this.#lastDue, world.now + this.#network.delay()) + time;
    this.#out.push({ due: this.#lastDue, bytes });
    this.peer.arrive();
  }

  #end(): void {
    if (this.#ended || this.#broken) return;
    this.#ended = true;
    this.#push(undefined);
  }

  /** Closes both directions: with a reset if bytes were not read. */
  #goAway(): void {
    this.#forget();
    const unread = this.peer.#out.some(({ bytes, due }) => bytes !== undefined && due <= this.#network.world.now);
    if (unread) this.peer.#resetLater();
    else {
      this.#end();
      this.arrive();
    }
  }

  #resetLater(): void {
    this.#network.world.after(this.#network.delay(), () => {
      if (!this.#network.parted(this.address, this.peer.address)) this.reset("ECONNRESET");
    });
  }

  #destroy(): void {
    if (this.#out.some(({ bytes }) => bytes !== undefined)) this.destroyed = true;
    this.#out.length = 0;
  }

  #forget(): void {
    if (!this.#network.ends.delete(this)) return;
    this.#network.past.push(this);
  }
}
