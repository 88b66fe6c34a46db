/**
 * Drives a {@link Session} without I/O: records its calls as a flat list of events, and replays bytes whole, byte by
 * byte and at given splits.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import type { ZmqError } from "../../src/base/errors.ts";
import { type Message, toText } from "../../src/base/message.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { encodeGreeting } from "../../src/zmtp/greeting.ts";
import type { HeartbeatOptions } from "../../src/zmtp/heartbeat.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/zmtp/limits.ts";
import type { Mechanism } from "../../src/zmtp/mechanism.ts";
import type { PeerInfo } from "../../src/zmtp/peer_info.ts";
import { Session } from "../../src/zmtp/session.ts";
import type { ReadCredit, SessionHandler } from "../../src/zmtp/session_handler.ts";
import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { toHex } from "./hex.ts";
import { ownMetadata, type SocketType, wireType } from "./socket_types.ts";

/** A call of a session, in a form that can be compared and read. */
export type RecordedEvent =
  | { readonly ready: string; readonly identity: string; readonly minor: number }
  | { readonly message: readonly string[] }
  | { readonly subscribe: string }
  | { readonly cancel: string }
  | { readonly failure: string; readonly code: string };

/** The options of a recorded session. */
export interface RecorderOptions {
  readonly socketType?: SocketType;
  readonly identity?: Uint8Array;
  readonly limits?: Partial<Limits>;
  readonly heartbeat?: HeartbeatOptions;
  /** Default: NULL. */
  readonly mechanism?: Mechanism;
  /** Over whole frames. Default: over bytes. */
  readonly protocol?: string;
}

/** A session, with NULL by default, and all of its calls. */
export class SessionRecorder implements SessionHandler {
  readonly session: Session;
  readonly events: RecordedEvent[] = [];
  /** The bytes that it sends. */
  readonly sent: Uint8Array[] = [];
  /** The messages themselves. */
  readonly messages: Message[] = [];
  peer: PeerInfo | undefined;
  error: ZmqError | undefined;
  /** The return value of `onMessage` and `onSubscription`. */
  goOn: () => boolean = () => true;

  constructor(options: RecorderOptions = {}) {
    const { socketType = "PULL", identity = new Uint8Array(0), limits, heartbeat, mechanism, protocol } = options;
    this.session = new Session(
      {
        type: wireType(socketType),
        identity,
        limits: { ...DEFAULT_LIMITS, ...limits },
        ...heartbeat && { heartbeat },
        ...protocol !== undefined && { protocol },
      },
      mechanism ?? new NullMechanism(ownMetadata(socketType, identity)),
      this,
    );
  }

  /** Everything sent so far, as hex. */
  get sentHex(): string {
    return toHex(concat(this.sent));
  }

  /** Returns the bytes of these messages, as hex. */
  encodeHex(...messages: Message[]): string {
    return this.#batchHex((batch) => {
      for (const message of messages) this.session.encode(message, batch);
    });
  }

  /** Returns the bytes of a subscription or a cancel, as hex. */
  encodeSubscriptionHex(cancel: boolean, topic: Uint8Array): string {
    return this.#batchHex((batch) => this.session.encodeSubscription(cancel, topic, batch));
  }

  #batchHex(fill: (batch: BatchEncoder) => void): string {
    const batch = new BatchEncoder(new SlabPool());
    fill(batch);
    return toHex(concat(batch.complete()));
  }

  /** The result of `now`. */
  time = 0;

  readonly credit: ReadCredit = { left: Infinity };
  /** The result of `mayRead`, once the credit is used up. */
  goOnReading: () => boolean = () => true;

  mayRead(): boolean {
    return this.goOnReading();
  }

  now(): number {
    return this.time;
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes.slice());
  }

  /** The number of calls of `flush`. */
  flushes = 0;

  flush(): void {
    this.flushes++;
  }

  onReady(peer: PeerInfo): void {
    this.peer = peer;
    this.events.push({ ready: peer.socketType, identity: toText(peer.identity), minor: peer.minor });
  }

  onMessage(message: Message): boolean {
    this.messages.push(message);
    this.events.push({ message: message.map(summary) });
    return this.goOn();
  }

  onSubscription(cancel: boolean, topic: Uint8Array): boolean {
    this.events.push(cancel ? { cancel: summary(topic) } : { subscribe: summary(topic) });
    return this.goOn();
  }

  onFailure(error: ZmqError): void {
    this.error = error;
    this.events.push({ failure: error.message, code: error.code });
  }
}

/** Short texts as they are, longer bodies by length and first byte. */
function summary(frame: Uint8Array): string {
  return frame.length <= 32 ? toText(frame) : `${frame.length} × ${frame[0]}`;
}

/** The greeting and the READY of a peer of this type: what comes before traffic. */
export function peerHandshake(socketType: SocketType, identity: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat([encodeGreeting("NULL", false), readyFrame(ownMetadata(socketType, identity))]);
}

/** A READY command with this metadata. */
export function readyFrame(metadata: Uint8Array): Uint8Array {
  return encodeFrame(4, encodeCommandBody("READY", metadata));
}

/** A recorder whose session has been started and has taken these bytes in one chunk. */
export function recorded(options: RecorderOptions, ...parts: Uint8Array[]): SessionRecorder {
  const recorder = new SessionRecorder(options);
  recorder.session.start(0);
  recorder.session.feed(concat(parts));
  return recorder;
}

/** A recorder with its handshake done, the events of which are left out. */
export function readyRecorder(options: RecorderOptions, peerType: SocketType): SessionRecorder {
  const recorder = recorded(options, peerHandshake(peerType));
  assertEquals(recorder.events, [{ ready: peerType, identity: "", minor: 1 }]);
  recorder.events.length = 0;
  recorder.sent.length = 0;
  return recorder;
}

/** Feeds `bytes` cut at these places; each chunk has memory of its own. */
export function feedSplit(session: Session, bytes: Uint8Array, cuts: Iterable<number>): void {
  let at = 0;
  for (const cut of [...new Set(cuts)].sort((a, b) => a - b)) {
    if (cut <= at || cut >= bytes.length) continue;
    session.feed(bytes.slice(at, cut));
    at = cut;
  }
  session.feed(bytes.slice(at));
}

/**
 * Feeds `bytes` to new sessions whole, byte by byte and at random splits (fast-check prints the seed of a failure), and
 * asserts that the events and the bytes sent are the same each time. Returns the recorder of the whole replay.
 */
export function replay(options: RecorderOptions, bytes: Uint8Array): SessionRecorder {
  const whole = recorded(options, bytes);
  const check = (cuts: Iterable<number>) => {
    const recorder = new SessionRecorder(options);
    recorder.session.start(0);
    feedSplit(recorder.session, bytes, cuts);
    assertEquals(recorder.events, whole.events);
    assertEquals(recorder.sentHex, whole.sentHex);
  };
  check(bytes.keys());
  fc.assert(fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), check), { numRuns: 50 });
  return whole;
}
