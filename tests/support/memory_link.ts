/**
 * Links in memory: two ends with a buffer of some bytes between them each way, on the core that all links share. Unlike
 * `played_driver.ts`, which a test plays, they work by themselves.
 *
 * @module
 */

import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { LinkCore } from "../../src/transport/link.ts";
import { Unwritten } from "../../src/transport/unwritten.ts";

/** More bytes than this on their way, and the writer waits. */
const BUFFER = 256 * 1024;
const PIECE = 64 * 1024;

/** The network between both links. */
export interface Network {
  /** The clock by which bytes arrive, and by which a link stops waiting for its peer's end. */
  readonly clock: Clock;
  /** While it is, nothing arrives: neither bytes nor an end. */
  dark: boolean;
}

/** Both ends of a stream in memory. */
export function memoryLinks(
  first = "memory:first",
  second = "memory:second",
  network: Network = { clock: systemClock, dark: false },
): [LinkCore, LinkCore] {
  const drivers: [MemoryDriver, MemoryDriver] = [new MemoryDriver(network), new MemoryDriver(network)];
  drivers[0].peer = drivers[1];
  drivers[1].peer = drivers[0];
  return [new LinkCore(drivers[0], second, network.clock), new LinkCore(drivers[1], first, network.clock)];
}

class MemoryDriver implements Driver {
  readonly holdsProcess = false;
  readonly #network: Network;
  bytesTaken = 0;
  peer!: MemoryDriver;
  #sink!: DriverSink;
  #flowing = false;
  #dead = false;
  #scheduled = false;
  /** Written by the peer and not yet delivered. */
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  /** The peer writes no more. */
  #ended = false;
  readonly #unwritten = new Unwritten();
  /** `true` while unwritten bytes wait for the peer to read. */
  #blocked = false;

  constructor(network: Network) {
    this.#network = network;
  }

  get mostTaken(): number {
    return this.bytesTaken;
  }

  open(sink: DriverSink): void {
    this.#sink = sink;
  }

  resume(): void {
    this.#flowing = true;
    this.#schedule();
  }

  pause(): void {
    this.#flowing = false;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.peer.#dead) return false;
    this.#unwritten.keep(chunks);
    return this.#writeOn();
  }

  /** Puts into the peer's buffer what it takes; `true` if that was all. */
  #writeOn(): boolean {
    const { peer } = this;
    for (let chunk = this.#unwritten.next(); chunk !== undefined; chunk = this.#unwritten.next()) {
      this.#blocked = peer.#inboxBytes > BUFFER;
      if (this.#blocked) return false;
      const part = chunk.slice(0, PIECE);
      peer.#inbox.push(part);
      peer.#inboxBytes += part.length;
      peer.#schedule();
      this.bytesTaken += part.length;
      this.#unwritten.take(part.length);
    }
    return true;
  }

  finish(): void {
    this.peer.#peerEnded();
    this.#sink.endSent();
  }

  drop(): void {
    this.#dead = true;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.peer.#peerEnded();
    this.#sink.closed();
  }

  #peerEnded(): void {
    this.#ended = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#network.clock.turn(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#network.dark) return;
    while (this.#flowing && !this.#dead && this.#inbox.length > 0) {
      const chunk = this.#inbox.shift()!;
      this.#inboxBytes -= chunk.length;
      this.#sink.received(chunk);
    }
    if (this.#inboxBytes <= BUFFER) this.peer.#unblock();
    if (this.#flowing && this.#ended && this.#inbox.length === 0) this.#sink.peerEnded();
  }

  #unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#network.clock.turn(() => {
      if (!this.#dead && !this.peer.#dead && this.#writeOn()) this.#sink.drained();
    });
  }
}
