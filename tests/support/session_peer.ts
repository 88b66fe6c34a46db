/**
 * A session on a real link without the engine: for mechanisms, which are to be tried against libzmq alone.
 *
 * @module
 */

import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { Message } from "../../src/base/message.ts";
import type { Link, LinkSink } from "../../src/transport/transport.ts";
import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { DEFAULT_LIMITS } from "../../src/zmtp/limits.ts";
import type { Mechanism } from "../../src/zmtp/mechanism.ts";
import type { PeerInfo } from "../../src/zmtp/peer_info.ts";
import { Session } from "../../src/zmtp/session.ts";
import type { SessionHandler } from "../../src/zmtp/session_handler.ts";
import { loadTransport } from "../../transports/mod.ts";
import { type SocketType, wireType } from "./socket_types.ts";

const PING_INTERVAL = 1000;

/** One side of a connection. */
export class SessionPeer implements LinkSink, SessionHandler, AsyncDisposable {
  /** Everything that was received, and sent. */
  readonly received: Uint8Array[] = [];
  readonly sent: Uint8Array[] = [];
  /** The peer, when the handshake is complete; rejects with what went wrong instead. */
  readonly ready: Promise<PeerInfo>;
  /** Resolves when the connection is closed, with the error if the session ended it. */
  readonly gone: Promise<ZmqError | undefined>;
  readonly session: Session;
  readonly #link: Link;
  readonly #pool = new SlabPool();
  readonly #messages: Message[] = [];
  #resolveReady!: (peer: PeerInfo) => void;
  #rejectReady!: (error: Error) => void;
  #resolveGone!: (error: ZmqError | undefined) => void;
  #error: ZmqError | undefined;
  #wake: (() => void) | undefined;
  #time = 0;
  readonly #queue: Uint8Array[] = [];
  /** The link holds what it got. */
  #blocked = false;
  /** The session has failed: its last words go out. */
  #ending = false;

  constructor(link: Link, socketType: SocketType, mechanism: Mechanism) {
    this.#link = link;
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // A test may not want to know.
    this.ready.catch(() => {});
    this.gone = new Promise((resolve) => this.#resolveGone = resolve);
    const heartbeat = { interval: PING_INTERVAL, timeout: 0, timeToLive: 0 };
    const options = { type: wireType(socketType), identity: new Uint8Array(0), limits: DEFAULT_LIMITS, heartbeat };
    this.session = new Session(options, mechanism, this);
    link.start(this);
    this.session.start(this.#time);
  }

  /** Connects. */
  static async connect(endpoint: string, socketType: SocketType, mechanism: Mechanism): Promise<SessionPeer> {
    const transport = await loadTransport();
    return new SessionPeer(await transport.connect(Endpoint.parse(endpoint, "connect")), socketType, mechanism);
  }

  /** Accepts one connection at an endpoint of its own, the rest of which `dial` gets. */
  static async accept(
    socketType: SocketType,
    mechanism: Mechanism,
    dial: (endpoint: string) => Promise<void>,
  ): Promise<SessionPeer> {
    const transport = await loadTransport();
    let accepted!: (peer: SessionPeer) => void;
    const peer = new Promise<SessionPeer>((resolve) => accepted = resolve);
    let first = true;
    const listener = await transport.listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), (link) => {
      if (first) accepted(new SessionPeer(link, socketType, mechanism));
      else link.abort();
      first = false;
    });
    await dial(listener.endpoint);
    const session = await peer;
    await listener.close();
    return session;
  }

  /** Sends a message. */
  write(message: Message): void {
    this.#write((batch) => this.session.encode(message, batch));
  }

  /** Subscribes to a topic of a publisher. */
  subscribe(topic: Uint8Array): void {
    this.#write((batch) => this.session.encodeSubscription(false, topic, batch));
  }

  /** Sends a PING. */
  ping(): void {
    this.session.onTime(this.#time += PING_INTERVAL);
  }

  /** The next message. */
  async receive(): Promise<Message> {
    while (this.#messages.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#messages.shift()!;
  }

  #write(fill: (batch: BatchEncoder) => void): void {
    const batch = new BatchEncoder(this.#pool);
    fill(batch);
    for (const chunk of batch.complete()) this.send(chunk.slice());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.session.end();
    this.#link.abort();
    await this.gone;
  }

  readonly credit = { left: Infinity };

  mayRead(): boolean {
    return true;
  }

  now(): number {
    return this.#time;
  }

  send(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.sent.push(copy);
    this.#queue.push(copy);
    this.#pump();
  }

  #pump(): void {
    while (!this.#blocked && this.#queue.length > 0) this.#blocked = !this.#link.write(this.#queue.splice(0));
    if (this.#ending && !this.#blocked) void this.#link.close();
  }

  flush(): void {}

  onReady(peer: PeerInfo): void {
    this.#resolveReady(peer);
  }

  onMessage(message: Message): boolean {
    this.#messages.push(message.map((frame) => frame.slice()));
    this.#wake?.();
    return true;
  }

  onSubscription(cancel: boolean, topic: Uint8Array): boolean {
    return this.onMessage([Uint8Array.of(cancel ? 0 : 1), topic]);
  }

  onFailure(error: ZmqError): void {
    this.#error = error;
    this.#rejectReady(error);
    this.#ending = true;
    this.#pump();
  }

  onData(chunk: Uint8Array): void {
    // Not slice(), which does not copy a Node Buffer: the session opens frames in place.
    this.received.push(Uint8Array.from(chunk));
    this.session.feed(chunk);
  }

  onDrain(): void {
    this.#blocked = false;
    this.#pump();
  }

  onClose(): void {
    this.session.end();
    this.#resolveGone(this.#error);
    this.#error ??= new ZmqError("ECONNRESET", "The connection is closed");
    this.#rejectReady(this.#error);
    this.#wake?.();
  }
}
