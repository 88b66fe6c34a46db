/**
 * Links of whole frames in memory, and a transport of them: a stand-in for WebSocket. Messages stay apart, the server chooses
 * the protocol, and a message that is too large ends the link.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { toText } from "../../src/base/message.ts";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { registerScheme } from "../../src/schemes/registry.ts";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import type { FrameLink } from "../../src/transport/frame_link.ts";
import { LinkCore } from "../../src/transport/link.ts";
import {
  type ConnectOptions,
  type FrameTerms,
  type Link,
  type Listener,
  type ListenOptions,
  registerTransport,
  type Transport,
} from "../../src/transport/transport.ts";

import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { ownMetadata, type SocketType } from "./socket_types.ts";

/** More bytes than this on their way, and the writer waits. */
const BUFFER = 256 * 1024;

/** Everything between the two ends. */
export interface FrameNetwork {
  /** While true, nothing arrives: neither messages nor an end. */
  dark: boolean;
  /** The number of messages that have arrived. */
  carried: number;
}

/** A link on the core that all links share. */
class MemoryFrameLink extends LinkCore implements FrameLink {
  readonly protocol: string;

  constructor(driver: Driver, remote: string, protocol: string, clock: Clock) {
    super(driver, remote, clock);
    this.protocol = protocol;
  }
}

/** One end. */
class FrameDriver implements Driver {
  readonly holdsProcess = false;
  bytesTaken = 0;
  peer!: FrameDriver;
  readonly #network: FrameNetwork;
  readonly #clock: Clock;
  readonly #most: number;
  #sink!: DriverSink;
  #flowing = false;
  #dead = false;
  #scheduled = false;
  #ended = false;
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #unwritten: Uint8Array[] = [];

  constructor(most: number, network: FrameNetwork, clock: Clock) {
    this.#most = most;
    this.#network = network;
    this.#clock = clock;
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
    this.#unwritten.push(...chunks);
    return this.#writeOn();
  }

  #writeOn(): boolean {
    const { peer } = this;
    let message: Uint8Array | undefined;
    while (peer.#inboxBytes <= BUFFER && (message = this.#unwritten.shift()) !== undefined) {
      peer.#inbox.push(message.slice());
      peer.#inboxBytes += message.length;
      this.bytesTaken += message.length;
    }
    peer.#schedule();
    return this.#unwritten.length === 0;
  }

  finish(): void {
    this.peer.#peerEnded();
    this.#sink.endSent();
  }

  drop(): void {
    this.#dead = true;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#unwritten = [];
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
    this.#clock.turn(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#network.dark) return;
    while (this.#flowing && !this.#dead && this.#inbox.length > 0) {
      const message = this.#inbox.shift()!;
      this.#inboxBytes -= message.length;
      if (message.length > this.#most) {
        const text = `The peer sent a message of ${message.length} bytes; the limit is ${this.#most}`;
        return this.#sink.fail(new ZmqError("EMSGSIZE", text));
      }
      this.#network.carried++;
      this.#sink.received(message);
    }
    const { peer } = this;
    if (peer.#unwritten.length > 0 && !peer.#dead && !this.#dead && peer.#writeOn()) peer.#sink.drained();
    if (this.#flowing && this.#ended && this.#inbox.length === 0) this.#sink.peerEnded();
  }
}

/** Both ends of a link, for ends with these limits. */
export function frameLinks(
  protocol: string,
  [first, second]: readonly [most: number, most: number] = [Infinity, Infinity],
  remote = "frames:memory",
  network: FrameNetwork = { dark: false, carried: 0 },
  clock: Clock = systemClock,
): [FrameLink, FrameLink] {
  const drivers = [new FrameDriver(first, network, clock), new FrameDriver(second, network, clock)] as const;
  drivers[0].peer = drivers[1];
  drivers[1].peer = drivers[0];
  const link = (driver: FrameDriver) => new MemoryFrameLink(driver, remote, protocol, clock);
  return [link(drivers[0]), link(drivers[1])];
}

interface Bound {
  readonly onLink: (link: Link) => void;
  readonly terms: () => FrameTerms;
}

let made = 0;

/** A transport of its own scheme, under which it is registered. */
export class FrameTransport implements Transport, FrameNetwork {
  readonly scheme: string = `frames-${++made}`;
  /** Chooses from the protocols that a client offers and the server speaks. */
  choose: (offered: readonly string[], spoken: readonly string[]) => string | undefined = (offered, spoken) =>
    offered.find((protocol) => spoken.includes(protocol));
  dark = false;
  carried = 0;
  /** The protocols that were chosen. */
  readonly chosen: string[] = [];
  readonly #bound = new Map<string, Bound>();
  #names = 0;

  constructor() {
    registerScheme({ scheme: this.scheme, carrier: "frames" });
    registerTransport(this.scheme, () => Promise.resolve(this));
  }

  /** An endpoint that is not bound. */
  endpoint(): string {
    return `${this.scheme}://${++this.#names}`;
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async connect(endpoint: Endpoint, { frames, signal }: ConnectOptions = {}): Promise<Link> {
    signal?.throwIfAborted();
    const { protocols, maxFrameSize } = frames!();
    const [link] = this.#open(endpoint.toString(), protocols, maxFrameSize);
    return link;
  }

  /** The end of a client that a test plays. */
  raw(endpoint: string, protocol: string): FrameLink {
    return this.#open(endpoint, [protocol], Infinity)[0];
  }

  /** A client of this type that a test plays, with the handshake of NULL done. */
  async handshaken(endpoint: string, type: SocketType): Promise<RawFrames> {
    const raw = new RawFrames(this.raw(endpoint, "ZWS2.0/NULL"));
    raw.send(Uint8Array.of(2, ...encodeCommandBody("READY", ownMetadata(type, new Uint8Array(0)))));
    const [ready] = await raw.take(1);
    assertEquals([ready![0], toText(ready!.subarray(1, 7))], [2, "\x05READY"]);
    return raw;
  }

  #open(endpoint: string, offered: readonly string[], most: number): [FrameLink, FrameLink] {
    const bound = this.#bound.get(endpoint);
    if (bound === undefined) {
      throw new ZmqError("ECONNREFUSED", `Cannot connect to ${endpoint}: no socket is bound there`);
    }
    const terms = bound.terms();
    const protocol = this.choose(offered, terms.protocols);
    if (protocol === undefined) throw new ZmqError("EPROTO", `${endpoint} speaks none of ${offered.join(", ")}`);
    this.chosen.push(protocol);
    const links = frameLinks(protocol, [most, terms.maxFrameSize], endpoint, this);
    bound.onLink(links[1]);
    return links;
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async listen(endpoint: Endpoint, onLink: (link: Link) => void, { frames }: ListenOptions = {}): Promise<Listener> {
    const name = endpoint.toString();
    if (this.#bound.has(name)) throw new ZmqError("EADDRINUSE", `Cannot listen on ${name}: it is in use`);
    this.#bound.set(name, { onLink, terms: frames! });
    return { endpoint: name, close: () => Promise.resolve(void this.#bound.delete(name)) };
  }
}

/** A client that a test plays: sends messages of any content, and keeps what it receives. */
export class RawFrames {
  readonly received: Uint8Array[] = [];
  readonly gone: Promise<void>;
  readonly #link: FrameLink;
  #wake: (() => void) | undefined;
  #over = false;

  constructor(link: FrameLink) {
    this.#link = link;
    this.gone = new Promise((resolve) =>
      link.start({
        onData: (message) => {
          this.received.push(message);
          this.#wake?.();
        },
        onDrain: () => {},
        onClose: () => {
          this.#over = true;
          this.#wake?.();
          resolve();
        },
      })
    );
  }

  send(...messages: Uint8Array[]): void {
    this.#link.write(messages);
  }

  /** Returns the next messages; fails if the link ends before. */
  async take(count: number): Promise<Uint8Array[]> {
    while (this.received.length < count) {
      if (this.#over) throw new Error(`The link ended after ${this.received.length} messages`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.received.splice(0, count);
  }

  end(): Promise<void> {
    return this.#link.close();
  }

  abort(): void {
    this.#link.abort();
  }
}
