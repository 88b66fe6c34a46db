/**
 * One side of a ZMTP connection without its I/O: greeting, handshake, traffic (RFC 37). Peers of ZMTP 2.0 and 1.0 have no
 * handshake: their greeting ends with their routing id (RFC 15, RFC 13). A wire (`wires/`) knows the form of frames, and an
 * opening the greeting: over whole frames (RFC 45) there is none, and `start` leads to HANDSHAKE.
 *
 * Bytes go in by `feed`; the session reports to its handler, and gives it the bytes to send. It has no timer: the handler
 * calls `onTime` when a deadline has passed. Nothing throws: a peer that breaks the protocol ends in `onFailure`, once,
 * and the session takes no more bytes.
 *
 * | Event           | GREETING  | HANDSHAKE | TRAFFIC | ENDED |
 * | --------------- | --------- | --------- | ------- | ----- |
 * | greeting        | HANDSHAKE | ENDED     | ENDED   | -     |
 * | older greeting  | TRAFFIC   | ENDED     | ENDED   | -     |
 * | other mechanism | ENDED     | ENDED     | ENDED   | -     |
 * | READY           | ENDED     | TRAFFIC   | -       | -     |
 * | wrong type      | ENDED     | ENDED     | -       | -     |
 * | ERROR           | ENDED     | ENDED     | ENDED   | -     |
 * | message         | ENDED     | ENDED     | -       | -     |
 * | too large       | ENDED     | ENDED     | ENDED   | -     |
 * | accepted        |           | TRAFFIC   | -       | -     |
 * | rejected        |           | ENDED     | ENDED   | -     |
 * | deadline        | ENDED     | ENDED     | -       | -     |
 * | silence         |           |           | ENDED   | -     |
 * | end             | ENDED     | ENDED     | ENDED   | -     |
 *
 * `-` changes nothing; an empty cell cannot happen. "accepted" and "rejected" are answers of a mechanism that had to ask an authenticator; "silence" is a
 * heartbeat that was not answered. `tests/zmtp/session_states_test.ts` walks the table.
 *
 * More than 20 members because it is the protocol of a connection, the host of a mechanism, and a method per command.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { peerText } from "../base/peer_text.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { encodeCommand, encodeErrorReason, parseCommand, parseErrorReason } from "./command.ts";
import { COMMAND, type Framing } from "./frame.ts";
import type { Greeting } from "./greeting.ts";
import { Handshake, type HandshakeHost } from "./handshake.ts";
import { Heartbeat, NO_HEARTBEATS, type Output } from "./heartbeat.ts";
import type { Mechanism } from "./mechanism.ts";
import { Multipart } from "./multipart.ts";
import type { PeerWithoutHandshake } from "./older_peer.ts";
import { newOpening, type Opening } from "./opening.ts";
import type { PeerInfo } from "./peer_info.ts";
import { encodePing, encodePong, parsePing, wireTimeToLive } from "./ping.ts";
import { PeerRejection } from "./peer_rejection.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { SessionHandler, SessionOptions } from "./session_handler.ts";
import type { SlicedMessage } from "./sliced_message.ts";
import { newWire } from "./wires/new_wire.ts";
import type { Wire } from "./wires/wire.ts";

/** The room of a command for everything but its topic, in bytes. */
const COMMAND_ROOM = 256;

/** The cost of a command in credit, besides that of its size. */
const COMMAND_COST = 16;

// In the order in which a session goes through them.
const GREETING = 0;
const HANDSHAKE = 1;
const TRAFFIC = 2;
const ENDED = 3;

/** A ZMTP session for one connection. */
export class Session implements HandshakeHost {
  readonly #handler: SessionHandler;
  readonly #options: SessionOptions;
  readonly #opening: Opening;
  readonly #handshake: Handshake;
  readonly #heartbeat: Heartbeat;
  readonly #multipart: Multipart;

  #state = GREETING;
  #wire: Wire;
  #deadline = Infinity;
  /** The inbox of the handler is full, or other connections have their turn: bytes wait in the wire. */
  #stopped = false;
  /** Inside `#decode`: a `resume` from a handler need not go deeper. */
  #decoding = false;

  constructor(options: SessionOptions, mechanism: Mechanism, handler: SessionHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#opening = newOpening(options, mechanism, (bytes) => handler.send(bytes));
    this.#handshake = new Handshake(options.type, mechanism, handler, this);
    this.#wire = newWire("3.1", options);
    this.#heartbeat = new Heartbeat(options.heartbeat ?? NO_HEARTBEATS);
    this.#multipart = new Multipart(options.limits);
  }

  /** Sends the beginning of our greeting. `now` is the time in ms, of any clock that only goes forward. */
  start(now: number): void {
    const { handshakeInterval } = this.#options.limits;
    if (handshakeInterval > 0) this.#deadline = now + handshakeInterval;
    try {
      this.#opening.start();
      // Over whole frames, only a routing id can be waited for.
      if (this.#opening.peer !== undefined) this.#onGreeting(this.#opening.peer);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** The time at which `onTime` is to be called, by the clock of `start`; `Infinity` if never. */
  get nextDeadline(): number {
    return this.ready ? this.#heartbeat.nextDeadline : this.#deadline;
  }

  /** Acts on deadlines that have passed. `output`: the progress of the bytes to send since the last call. */
  onTime(now: number, output: Output = "free"): void {
    if (this.ready) {
      try {
        return this.#onHeartbeat(now, output);
      } catch (error) {
        // Encrypting a PING may fail.
        return this.fail(error as Error);
      }
    }
    if (now < this.#deadline) return;
    this.fail(
      new ZmqError("ETIMEDOUT", `The handshake took longer than ${this.#options.limits.handshakeInterval} ms`),
    );
  }

  /** True if the peer has proved its identity, although the handshake is not complete. */
  get proven(): boolean {
    return this.#handshake.proven;
  }

  /** True if the handshake is complete and nothing has failed. */
  get ready(): boolean {
    return this.#state === TRAFFIC;
  }

  /**
   * Takes a chunk, which belongs to the session from now on. While the session is stopped (a handler returned
   * `false`) no chunk may be fed.
   *
   * @returns `false` if the session stopped before the end of the chunk; `resume` continues.
   */
  feed(chunk: Uint8Array): boolean {
    if (this.#state === ENDED) return true;
    this.#heartbeat.heard();
    try {
      if (this.#state === GREETING) {
        const taken = this.#opening.read(chunk);
        if (this.#opening.peer === undefined) return true;
        this.#onGreeting(this.#opening.peer);
        if (taken === chunk.length) return !this.#stopped;
        chunk = chunk.subarray(taken);
      }
      if (this.#multipart.begun) this.#multipart.nextChunk();
      this.#wire.frames.push(chunk);
    } catch (error) {
      this.fail(error as Error);
      return true;
    }
    return this.#decode();
  }

  /** Continues after a handler returned `false`; returns `false` if it stopped again, and `true` when all bytes are used up. */
  resume(): boolean {
    if (this.#state === ENDED) return true;
    if (this.#decoding) return !this.#stopped;
    this.#stopped = false;
    return this.#decode();
  }

  /** Stops until `resume`, as if a handler had returned `false`. */
  stop(): void {
    this.#stopped = true;
  }

  /** True if this peer reads messages as `Broadcast` encodes them. */
  get plain(): boolean {
    return this.#wire.plain;
  }

  /** Encodes a message into a batch. After the handshake only. */
  encode(message: Message, batch: BatchEncoder): void {
    this.#wire.encode(message, batch);
  }

  /** Encodes a message that takes long into an empty batch, in slices; `undefined` if `encode` is quick. After the handshake only. */
  slices(message: Message, batch: BatchEncoder): SlicedMessage | undefined {
    return this.#wire.slices?.(message, batch);
  }

  /** Encodes a subscription or its cancellation into a batch. After the handshake only. */
  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    this.#wire.encodeSubscription(cancel, topic, batch);
  }

  /** The form of frames on the link. */
  get framing(): Framing | undefined {
    return this.#wire.framing;
  }

  /** Returns the ERROR command for a peer that is rejected after the handshake, with the reason; none for peers without commands. */
  refusal(reason: Error): Uint8Array | undefined {
    return this.#wire.command?.(encodeCommand("ERROR", encodeErrorReason(reason.message)));
  }

  /** Returns the likely reason if the peer ends the connection now; `undefined` if none is known. */
  leftBy(cause?: Error): ZmqError | undefined {
    return this.#state === GREETING ? this.#opening.leftBy?.(cause) : undefined;
  }

  /** Takes no more bytes: the connection is closed. */
  end(): void {
    this.#state = ENDED;
    this.#deadline = Infinity;
    this.#multipart.clear();
    this.#wire.frames.drop();
    this.#handshake.end();
  }

  #decode(): boolean {
    // Only the end of the handshake changes it.
    let { frames } = this.#wire;
    const { credit } = this.#handler;
    this.#decoding = true;
    try {
      while (!this.#stopped) {
        if (credit.left <= 0 && !this.#handler.mayRead()) {
          this.#stopped = true;
          break;
        }
        if (credit.left > 0 && frames.takeMessages !== undefined && this.#state === TRAFFIC && !this.#multipart.begun) {
          if (!frames.takeMessages(this.#handler)) {
            this.#stopped = true;
            break;
          }
          if (credit.left <= 0) continue;
        }
        if (!frames.next()) {
          if (frames.busy) continue;
          break;
        }
        credit.left--;
        if (this.#state === TRAFFIC) {
          if (frames.flags === 0 && !this.#multipart.begun) {
            if (!this.#handler.onMessage([frames.body])) this.#stopped = true;
          } else if ((frames.flags & COMMAND) === 0) {
            this.#onFrame(frames.flags, frames.body);
          } else {
            this.#onCommand(frames.body);
          }
        } else if (this.#state === HANDSHAKE) {
          this.#handshake.receive(frames.flags, frames.body);
          frames = this.#wire.frames;
        } else {
          return true;
        }
      }
    } catch (error) {
      this.fail(error as Error);
      return true;
    } finally {
      this.#decoding = false;
    }
    return !this.#stopped;
  }

  #onGreeting(peer: Greeting | PeerWithoutHandshake): void {
    if ("version" in peer) return this.#joinWithoutHandshake(peer);
    if (peer.major === 3 && peer.minor === 0) this.#wire = newWire("3.0", this.#options);
    this.#state = HANDSHAKE;
    this.#handshake.start(peer.mechanism, this.#wire);
  }

  /** Called by the handshake. */
  handshakeComplete(peer: PeerInfo, wire: Wire): void {
    this.#wire = wire;
    this.#heartbeat.start(this.#handler.now());
    this.#join(peer);
  }

  #joinWithoutHandshake(peer: PeerWithoutHandshake): void {
    this.#wire = newWire(peer.version, this.#options);
    this.#join({ ...peer, minor: 0, metadata: new Map() });
    // The subscribers of libzmq 2.x filter what they receive, and send no subscriptions.
    if (peer.version !== "1.0" || peer.socketType !== "" || this.#options.type.publishes !== true || !this.ready) {
      return;
    }
    if (!this.#handler.onSubscription(false, NO_BYTES)) this.#stopped = true;
  }

  #join(peer: PeerInfo): void {
    this.#state = TRAFFIC;
    this.#deadline = Infinity;
    this.#wire.frames.maxCommandSize = this.#options.limits.maxTopicSize + COMMAND_ROOM;
    this.#limitFrames();
    this.#handler.onReady(peer);
  }

  #sendCommand(frame: Uint8Array): void {
    const bytes = this.#wire.command?.(frame);
    if (bytes !== undefined) this.#handler.send(bytes);
  }

  #onFrame(flags: number, body: Uint8Array): void {
    const message = this.#multipart.add(flags, body);
    this.#limitFrames();
    if (message !== undefined && !this.#handler.onMessage(message)) this.#stopped = true;
  }

  /** So that the next frame is rejected by its length, before memory is allocated for it. */
  #limitFrames(): void {
    this.#wire.frames.maxFrameSize = this.#multipart.room;
  }

  #onCommand(body: Uint8Array): void {
    // A long topic is looked up byte by byte.
    this.#handler.credit.left -= COMMAND_COST + (body.length >> 6);
    const { name, data } = parseCommand(body);
    switch (name) {
      case "PING": {
        const { ttl, context } = parsePing(data);
        this.#heartbeat.pinged(ttl, this.#handler.now());
        return this.#sendCommand(encodePong(context));
      }
      case "SUBSCRIBE":
        if (!this.#handler.onSubscription(false, data)) this.#stopped = true;
        return;
      case "CANCEL":
        if (!this.#handler.onSubscription(true, data)) this.#stopped = true;
        return;
      case "ERROR": {
        throw new PeerRejection("The peer reported an error", peerText(parseErrorReason(data)));
      }
        // PONG only shows that the peer lives. Unknown commands are ignored, as in libzmq.
    }
  }

  #onHeartbeat(now: number, output: Output): void {
    // While this side does not read, the silence of the peer does not count.
    if (this.#stopped) this.#heartbeat.heard();
    switch (this.#heartbeat.onTime(now, output)) {
      case "ping":
        return this.#sendCommand(encodePing(wireTimeToLive(this.#options.heartbeat!.timeToLive), NO_BYTES));
      case "timeout":
        return this.fail(new ZmqError("ETIMEDOUT", "The peer did not answer a heartbeat in time"));
      case "expired":
        return this.fail(new ZmqError("ETIMEDOUT", "The peer was silent for longer than its own heartbeats allow"));
    }
  }

  /** Ends the session with an error, unless it has ended. Also called by the handshake. */
  fail(error: Error): void {
    if (this.#state === ENDED) return;
    this.end();
    const known = error instanceof ZmqError
      ? error
      : new ProtocolError("EPROTO", "UNSPECIFIED", "The connection failed", { cause: error });
    this.#handler.onFailure(known);
  }
}
