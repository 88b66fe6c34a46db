/**
 * STREAM: raw bytes from and to peers that do not speak ZMTP. A message is a routing id and bytes. A received message
 * without bytes reports a new or a lost connection; a sent one closes the connection (libzmq stream.cpp).
 *
 * @module
 */

import { flag } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import { type Message, SmallFrames } from "../base/message.ts";
import { option, type OptionGroup, type Values } from "../base/option.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import { PeerIds } from "./peer_ids.ts";
import type { Pipe } from "./pipe.ts";
import { emptyMessage } from "./probe.ts";

/** Options of `Stream`. */
export interface StreamNoticeOptions {
  /** If true, an empty frame is received when a connection is made and when it ends. Default `true`. */
  readonly notify?: boolean | undefined;
}

/**
 * Definition of {@link StreamNoticeOptions}. A Router's `notify` is another option: libzmq has two names for the two.
 */
export const STREAM_NOTICE: OptionGroup<StreamNoticeOptions> = {
  notify: option(flag, true, "next message", "STREAM_NOTIFY"),
};

/** The options that the pattern reads. */
export type StreamSettings = Values<StreamNoticeOptions>;

/** The behavior of a STREAM socket. */
export class StreamPattern implements Pattern {
  readonly queuesAhead = false;
  readonly sendsByPeer = true;
  /** The peers by routing id. */
  readonly peers: PeerIds = new PeerIds();
  readonly #in = new FairQueue();
  readonly #options: StreamSettings;
  readonly #small = new SmallFrames();
  readonly #connected = new Set<Pipe>();
  /** Pipes whose connection is closed when everything queued is sent. */
  readonly #closing = new WeakSet<Pipe>();

  constructor(options: StreamSettings) {
    this.#options = options;
  }

  begin({ clock }: PatternHost): void {
    this.peers.useClock(clock);
  }

  attach(pipe: Pipe): ZmqError | undefined {
    const id = pipe.assignedId ?? this.peers.make();
    if (this.peers.get(id) !== undefined) {
      return new ZmqError("EADDRINUSE", "Cannot connect on Stream: another peer with this routing id is connected");
    }
    this.peers.set(id, pipe);
    return undefined;
  }

  connected(pipe: Pipe): void {
    this.#connected.add(pipe);
    if (this.#options.notify) pipe.deliver(emptyMessage());
  }

  disconnected(pipe: Pipe): void {
    // Bytes that were queued for one connection make no sense on the next one.
    pipe.discard();
    this.#closing.delete(pipe);
    this.#reportEnd(pipe);
  }

  detach(pipe: Pipe): void {
    this.#reportEnd(pipe);
    this.peers.delete(pipe);
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  trySend(message: Message): boolean {
    if (message.length !== 2) {
      throw new ZmqError("EINVAL", "Cannot send on Stream: a message has two frames, a routing id and bytes");
    }
    const pipe = this.peers.get(message[0]!);
    if (pipe === undefined || this.#closing.has(pipe)) {
      throw new ZmqError("EHOSTUNREACH", "Cannot send on Stream: no peer with this routing id is connected");
    }
    if (message[1]!.length > 0) return pipe.trySend([message[1]!]);
    // Sends that wait for room come before the close.
    if (!pipe.writable) return false;
    this.#closing.add(pipe);
    pipe.finish();
    return true;
  }

  canSend(): boolean {
    return true;
  }

  tryReceive(): Message | undefined {
    const message = this.#in.receive();
    if (message === undefined) return undefined;
    message.unshift(this.#small.copy(this.#in.last!.routingId));
    return message;
  }

  canReceive(): boolean {
    return this.#in.readable;
  }

  #reportEnd(pipe: Pipe): void {
    if (this.#connected.delete(pipe) && this.#options.notify) pipe.deliver(emptyMessage());
  }
}
