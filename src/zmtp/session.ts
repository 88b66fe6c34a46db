/**
 * One side of a ZMTP connection without its I/O: greeting, handshake, traffic (RFC 37). Peers of ZMTP 2.0 and 1.0 have no
 * handshake: their greeting ends with their routing id, and they have neither commands nor heartbeats (RFC 15, RFC 13).
 *
 * Bytes go in by `feed`, what they mean comes out as calls of the handler, and what is to be sent goes to the handler's
 * `send`. It has no timer: the handler tells the time when it is asked, and when a deadline has passed. Nothing throws: a peer that breaks
 * the protocol ends in `onFailure`, once, and the session takes no more bytes.
 *
 * @module
 */

import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { encodeCommand, encodeErrorReason, parseCommand, parseErrorReason } from "./command.ts";
import { COMMAND, encodeFrame, MORE } from "./frame.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { FrameDecoderV1 } from "./frame_decoder_v1.ts";
import type { FrameSource } from "./frame_source.ts";
import { addMessageV1 } from "./frame_v1.ts";
import type { Greeting } from "./greeting.ts";
import { GreetingExchange } from "./greeting_exchange.ts";
import { Heartbeat, type HeartbeatOptions, NO_HEARTBEATS } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { Mechanism, MechanismPort } from "./mechanism.ts";
import type { Metadata } from "./metadata.ts";
import type { OlderPeer } from "./older_peer.ts";
import { type PeerInfo, readPeer } from "./peer_info.ts";
import { encodePing, encodePong, parsePing } from "./ping.ts";
import { ProtocolError } from "./protocol_error.ts";
import { compatible, type SocketType } from "./socket_type.ts";
import { encodeSubscription, subscriptionFrame } from "./subscription.ts";

export { MAX_IDENTITY } from "./identity.ts";
export { ownMetadata, type PeerInfo } from "./peer_info.ts";

/** What a session calls. Calls come from inside `start`, `feed`, `resume` and `onTime` only. */
export interface SessionHandler {
  /** The time, on the clock of `start`. */
  now(): number;
  /** Bytes to send before everything that is queued. */
  send(bytes: Uint8Array): void;
  /** The handshake is complete. */
  onReady(peer: PeerInfo): void;
  /** A whole message. `false` stops the session until `resume`. */
  onMessage(message: Message): boolean;
  /** A SUBSCRIBE or CANCEL command. `false` stops the session until `resume`. */
  onSubscription(cancel: boolean, topic: Uint8Array): boolean;
  /** The peer broke the protocol, refused the handshake or was too slow. Once; the connection must be closed. */
  onFailure(error: ZmqError): void;
}

/** What a session is made with. */
export interface SessionOptions {
  /** Our socket type. */
  readonly socketType: SocketType;
  /** The routing id that we tell; empty lets the peer choose. */
  readonly identity: Uint8Array;
  /** What one peer may cost. */
  readonly limits: Limits;
  /** Whether frames may be views of the chunks that they came in. Default: yes. */
  readonly zeroCopyReceive?: boolean;
  /** Default: none. */
  readonly heartbeat?: HeartbeatOptions;
}

/** What a command has besides its topic, in bytes. */
const COMMAND_ROOM = 256;

const NO_BYTES = new Uint8Array(0);

const GREETING = 0;
const HANDSHAKE = 1;
const TRAFFIC = 2;
const ENDED = 3;

function addMessage(message: Message, batch: BatchEncoder): void {
  batch.addMessage(message);
}

/** A ZMTP session for one connection. */
export class Session {
  readonly #handler: SessionHandler;
  readonly #options: SessionOptions;
  readonly #mechanism: Mechanism;
  readonly #port: MechanismPort;
  readonly #greeting: GreetingExchange;
  readonly #heartbeat: Heartbeat;

  #state = GREETING;
  #decoder: FrameSource;
  #addMessage = addMessage;
  #minor: 0 | 1 = 0;
  #deadline = Infinity;
  /** The handler's inbox is full: bytes wait in the decoder. */
  #stopped = false;
  /** Inside `#decode`: a `resume` from a handler need not go deeper. */
  #decoding = false;
  /** The frames so far of a message that is not complete. */
  #frames: Uint8Array[] | undefined;
  #frameBytes = 0;

  constructor(options: SessionOptions, mechanism: Mechanism, handler: SessionHandler) {
    this.#options = options;
    this.#mechanism = mechanism;
    this.#handler = handler;
    this.#greeting = new GreetingExchange(options, mechanism, (bytes) => handler.send(bytes));
    this.#decoder = new FrameDecoder(options.limits.maxHandshakeSize);
    this.#heartbeat = new Heartbeat(options.heartbeat ?? NO_HEARTBEATS);
    this.#port = {
      send: (body) => this.#handler.send(encodeFrame(COMMAND, body)),
      complete: (metadata) => {
        try {
          this.#complete(metadata);
        } catch (error) {
          this.#fail(error as Error);
        }
      },
      fail: (error) => this.#fail(error),
    };
  }

  /** Begins our greeting. `now` is the time in ms, of any clock that only goes forward. */
  start(now: number): void {
    const { handshakeInterval } = this.#options.limits;
    if (handshakeInterval > 0) this.#deadline = now + handshakeInterval;
    this.#greeting.start();
  }

  /** The time at which `onTime` wants to be called, on the clock of `start`; `Infinity` if there is none. */
  get nextDeadline(): number {
    return this.#state === TRAFFIC ? this.#heartbeat.nextDeadline : this.#deadline;
  }

  /** Tells the time. */
  onTime(now: number): void {
    if (this.#state === TRAFFIC) return this.#onHeartbeat(now);
    if (now < this.#deadline) return;
    this.#fail(
      new ZmqError("ETIMEDOUT", `The handshake took longer than ${this.#options.limits.handshakeInterval} ms`),
    );
  }

  /** Whether the handshake is complete and nothing has failed. */
  get ready(): boolean {
    return this.#state === TRAFFIC;
  }

  /**
   * Takes a chunk, which belongs to the session from now on. While the session is stopped (a handler returned
   * `false`) no chunk may be fed.
   *
   * @returns `false` if the session stopped before the end of the chunk; it goes on at `resume`.
   */
  feed(chunk: Uint8Array): boolean {
    if (this.#state === ENDED) return true;
    this.#heartbeat.heard();
    try {
      if (this.#state === GREETING) {
        const taken = this.#greeting.read(chunk);
        if (this.#greeting.peer === undefined) return true;
        this.#onGreeting(this.#greeting.peer);
        chunk = chunk.subarray(taken);
      }
      this.#decoder.push(chunk);
      return this.#decode();
    } catch (error) {
      this.#fail(error as Error);
      return true;
    }
  }

  /**
   * Goes on after a handler returned `false`.
   *
   * @returns `false` if it stopped again; `true` when all that was fed is used up.
   */
  resume(): boolean {
    if (this.#state === ENDED) return true;
    if (this.#decoding) return !this.#stopped;
    this.#stopped = false;
    try {
      return this.#decode();
    } catch (error) {
      this.#fail(error as Error);
      return true;
    }
  }

  /** Stops until `resume`, as if a handler had returned `false`. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether this peer reads messages as `Broadcast` encodes them. */
  get plain(): boolean {
    return this.#addMessage === addMessage;
  }

  /** Adds a message to what is written next, as this peer reads it. After the handshake only. */
  encode(message: Message, batch: BatchEncoder): void {
    this.#addMessage(message, batch);
  }

  /** Adds a subscription or a cancel to what is written next. After the handshake only. */
  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    if (this.#minor === 0) this.#addMessage([subscriptionFrame(cancel, topic)], batch);
    else batch.addEncoded(encodeSubscription(cancel, topic, this.#minor));
  }

  /** The ERROR command that tells the peer why it is refused after all. */
  refusal(reason: ZmqError): Uint8Array {
    return encodeCommand("ERROR", encodeErrorReason(reason.message));
  }

  /** Takes no more bytes: the connection is gone. */
  end(): void {
    this.#state = ENDED;
    this.#deadline = Infinity;
    this.#frames = undefined;
  }

  #decode(): boolean {
    const decoder = this.#decoder;
    this.#decoding = true;
    try {
      while (!this.#stopped && decoder.next()) {
        if (this.#state === TRAFFIC) {
          if (decoder.flags === 0 && this.#frames === undefined) {
            if (!this.#handler.onMessage([decoder.body])) this.#stopped = true;
          } else if ((decoder.flags & COMMAND) === 0) {
            this.#onFrame(decoder.flags, decoder.body);
          } else {
            this.#onCommand(decoder.body);
          }
        } else if (this.#state === HANDSHAKE) {
          if ((decoder.flags & COMMAND) === 0) {
            const text = "The peer sent a message before the handshake was complete";
            throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", text);
          }
          this.#mechanism.receive(decoder.body, this.#port);
        } else {
          return true;
        }
      }
    } finally {
      this.#decoding = false;
    }
    return !this.#stopped;
  }

  #onGreeting(peer: Greeting | OlderPeer): void {
    if ("version" in peer) return this.#joinOlder(peer);
    if (peer.mechanism !== this.#mechanism.name) {
      const theirs = JSON.stringify(peer.mechanism);
      const text = `The peer's security mechanism is ${theirs}, ours is ${this.#mechanism.name}`;
      throw new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text);
    }
    this.#minor = peer.major > 3 || peer.minor > 0 ? 1 : 0;
    this.#state = HANDSHAKE;
    this.#mechanism.start(this.#port);
  }

  #complete(metadata: Metadata): void {
    if (this.#state !== HANDSHAKE) return;
    const { socketType, limits } = this.#options;
    const peer = readPeer(metadata, this.#minor);
    if (!compatible(socketType, peer.socketType)) {
      this.#handler.send(encodeCommand("ERROR", encodeErrorReason(`${peer.socketType} cannot talk to ${socketType}`)));
      const text = `The peer is a ${peer.socketType} socket, which cannot talk to ${socketType}`;
      throw new ProtocolError("EPROTO", "INVALID_METADATA", text);
    }
    this.#decoder.maxCommandSize = limits.maxTopicSize + COMMAND_ROOM;
    this.#heartbeat.start(this.#handler.now());
    this.#join(peer);
  }

  #joinOlder(peer: OlderPeer): void {
    const { socketType, limits } = this.#options;
    if (peer.version === "1.0") {
      this.#decoder = new FrameDecoderV1(limits.maxFrameSize);
      this.#addMessage = addMessageV1;
    } else {
      this.#decoder = new FrameDecoder(limits.maxFrameSize, 0, false);
    }
    this.#join({ ...peer, minor: 0, metadata: new Map() });
    // The subscribers of libzmq 2.x filter what they get, and tell nobody what they want.
    const wantsAll = peer.socketType === "" && (socketType === "PUB" || socketType === "XPUB");
    if (!wantsAll || this.#state !== TRAFFIC) return;
    if (!this.#handler.onSubscription(false, NO_BYTES)) this.#stopped = true;
  }

  #join(peer: PeerInfo): void {
    this.#state = TRAFFIC;
    this.#deadline = Infinity;
    this.#limitFrames(0);
    this.#decoder.copies = this.#options.zeroCopyReceive === false;
    this.#handler.onReady(peer);
  }

  #onFrame(flags: number, body: Uint8Array): void {
    const { maxFrames } = this.#options.limits;
    const frames = this.#frames ??= [];
    if (frames.length === maxFrames) {
      throw new ProtocolError("EMSGSIZE", "UNSPECIFIED", `The peer sent a message of more than ${maxFrames} frames`);
    }
    frames.push(body);
    this.#frameBytes += body.length;
    if ((flags & MORE) !== 0) {
      this.#limitFrames(this.#frameBytes);
      return;
    }
    this.#frames = undefined;
    this.#frameBytes = 0;
    this.#limitFrames(0);
    if (!this.#handler.onMessage(frames)) this.#stopped = true;
  }

  /** So that the next frame is refused by its length, before memory is taken for it. */
  #limitFrames(have: number): void {
    const { maxFrameSize, maxMessageSize } = this.#options.limits;
    this.#decoder.maxFrameSize = Math.min(maxFrameSize, maxMessageSize - have);
  }

  #onCommand(body: Uint8Array): void {
    const { name, data } = parseCommand(body);
    switch (name) {
      case "PING":
        this.#onPing(data);
        return;
      case "SUBSCRIBE":
        if (!this.#handler.onSubscription(false, data)) this.#stopped = true;
        return;
      case "CANCEL":
        if (!this.#handler.onSubscription(true, data)) this.#stopped = true;
        return;
      case "ERROR":
        throw new ProtocolError("EPROTO", "UNSPECIFIED", `The peer reported an error: ${parseErrorReason(data)}`);
        // PONG says only that the peer lives. Unknown commands are ignored, as libzmq does.
    }
  }

  #onPing(data: Uint8Array): void {
    const { ttl, context } = parsePing(data);
    this.#heartbeat.pinged(ttl, this.#handler.now());
    this.#handler.send(encodePong(context));
  }

  #onHeartbeat(now: number): void {
    // While we do not read, the peer's silence is ours.
    if (this.#stopped) this.#heartbeat.heard();
    switch (this.#heartbeat.onTime(now)) {
      case "ping":
        this.#handler.send(encodePing(this.#options.heartbeat!.timeToLive, NO_BYTES));
        return;
      case "timeout":
        return this.#fail(new ZmqError("ETIMEDOUT", "The peer did not answer a heartbeat in time"));
      case "expired":
        return this.#fail(new ZmqError("ETIMEDOUT", "The peer was silent for longer than its own heartbeats allow"));
    }
  }

  #fail(error: Error): void {
    if (this.#state === ENDED) return;
    this.end();
    const known = error instanceof ZmqError
      ? error
      : new ProtocolError("EPROTO", "UNSPECIFIED", "The connection failed", { cause: error });
    this.#handler.onFailure(known);
  }
}
