/**
 * One side of a ZMTP connection without its I/O: greeting, handshake, traffic (RFC 37). Peers of ZMTP 2.0 and 1.0 have no
 * handshake: their greeting ends with their routing id, and they have neither commands nor heartbeats (RFC 15, RFC 13).
 *
 * Bytes go in by `feed`, what they mean comes out as calls of the handler, and what is to be sent goes to the handler's
 * `send`. It has no timer: the handler tells the time when it is asked, and when a deadline has passed. Nothing throws: a
 * peer that breaks the protocol ends in `onFailure`, once, and the session takes no more bytes.
 *
 * Over 400 lines because its states decide of every frame.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { peerText, quotedPeerText } from "../base/peer_text.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { encodeCommand, encodeErrorReason, parseCommand, parseErrorReason } from "./command.ts";
import { COMMAND, encodeFrame, sealFrame } from "./frame.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { FrameDecoderV1 } from "./frame_decoder_v1.ts";
import { type FrameSource, overLimit } from "./frame_source.ts";
import { addMessageV1 } from "./frame_v1.ts";
import type { Greeting } from "./greeting.ts";
import { GreetingExchange } from "./greeting_exchange.ts";
import { Heartbeat, NO_HEARTBEATS, type Output } from "./heartbeat.ts";
import type { Mechanism, MechanismPort, TrafficCipher } from "./mechanism.ts";
import type { Metadata } from "./metadata.ts";
import { Multipart } from "./multipart.ts";
import type { OlderPeer } from "./older_peer.ts";
import { type PeerInfo, readPeer } from "./peer_info.ts";
import { encodePing, encodePong, parsePing, wireTimeToLive } from "./ping.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { SessionHandler, SessionOptions } from "./session_handler.ts";
import { SlicedMessage, takesSlices } from "./sliced_message.ts";
import { MOST_AT_ONCE, SLICE_COST, type Slices } from "./slices.ts";
import { compatible } from "./socket_type.ts";
import { encodeSubscription, subscriptionFrame } from "./subscription.ts";
import { writeError } from "../base/write_error.ts";

/** What a command has besides its topic, in bytes. */
const COMMAND_ROOM = 256;

/** What a command and a sealed frame cost of the credit, besides what their size does. */
const COMMAND_COST = 16;
/** What a command of the handshake costs of the credit, unless its mechanism says otherwise. */
const HANDSHAKE_COST = 512;

const GREETING = 0;
const HANDSHAKE = 1;
const ENDED = 2;
const TRAFFIC = 3;
/** Traffic of which every frame is sealed. */
const SEALED = 4;

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
  #cipher: TrafficCipher | undefined;
  /** The frame that is being opened in slices, and what does it. */
  #sealed: Uint8Array | undefined;
  #opening: Slices | undefined;
  /** Largest frame of a message, in bytes, as it stands: what is sealed shows its size only when it is opened. */
  #frameLimit = 0;
  /** Largest command after the handshake, in bytes. */
  readonly #commandLimit: number;
  #minor: 0 | 1 = 0;
  /** The peer speaks ZMTP 2.0 or 1.0. */
  #older = false;
  #deadline = Infinity;
  /** The handler's inbox is full, or others are to have their turn: bytes wait in the decoder. */
  #stopped = false;
  /** Inside `#decode`: a `resume` from a handler need not go deeper. */
  #decoding = false;
  readonly #multipart: Multipart;

  constructor(options: SessionOptions, mechanism: Mechanism, handler: SessionHandler) {
    this.#options = options;
    this.#commandLimit = options.limits.maxTopicSize + COMMAND_ROOM;
    this.#multipart = new Multipart(options.limits);
    this.#mechanism = mechanism;
    this.#handler = handler;
    this.#greeting = new GreetingExchange(options, mechanism, (bytes) => handler.send(bytes));
    this.#decoder = new FrameDecoder(options.limits.maxHandshakeSize);
    this.#heartbeat = new Heartbeat(options.heartbeat ?? NO_HEARTBEATS);
    this.#port = {
      send: (body) => this.#sendHandshake(body),
      complete: (metadata, last) => {
        try {
          this.#complete(metadata, last);
        } catch (error) {
          this.#fail(error as Error);
        }
      },
      fail: (error) => this.#fail(error),
      flush: () => this.#handler.flush(),
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
    return this.ready ? this.#heartbeat.nextDeadline : this.#deadline;
  }

  /** Tells the time, and what became of the bytes to send since it was told last. */
  onTime(now: number, output: Output = "free"): void {
    if (this.ready) {
      try {
        return this.#onHeartbeat(now, output);
      } catch (error) {
        // Encrypting a PING may fail.
        return this.#fail(error as Error);
      }
    }
    if (now < this.#deadline) return;
    this.#fail(
      new ZmqError("ETIMEDOUT", `The handshake took longer than ${this.#options.limits.handshakeInterval} ms`),
    );
  }

  /** Whether the peer has proved who it is, though the handshake is not complete. */
  get proven(): boolean {
    return this.#mechanism.proven === true;
  }

  /** Whether the handshake is complete and nothing has failed. */
  get ready(): boolean {
    return this.#state >= TRAFFIC;
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
      if (this.#multipart.begun) this.#multipart.nextChunk();
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

  /** Encodes a message that takes long into an empty batch, in slices; `undefined` if `encode` is quick. After the handshake only. */
  slices(message: Message, batch: BatchEncoder): SlicedMessage | undefined {
    if (this.#cipher === undefined || !takesSlices(message)) return undefined;
    return new SlicedMessage(message, this.#cipher, batch);
  }

  /** Adds a subscription or a cancel to what is written next. After the handshake only. */
  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    if (this.#minor === 0) this.#addMessage([subscriptionFrame(cancel, topic)], batch);
    else batch.addEncoded(this.#seal(encodeSubscription(cancel, topic, this.#minor)));
  }

  /** The ERROR command that tells the peer why it is refused after all; none for peers that have no commands. */
  refusal(reason: Error): Uint8Array | undefined {
    if (this.#older) return undefined;
    return this.#seal(encodeCommand("ERROR", encodeErrorReason(reason.message)));
  }

  /**
   * What it means that the peer ends the connection now, if it means anything. libzmq leaves without having sent its own
   * mechanism when it finds that ours is another one.
   */
  leftBy(cause?: Error): ZmqError | undefined {
    if (this.#state !== GREETING || !this.#greeting.awaitsMechanism) return undefined;
    const text = "The peer closed the connection after this socket's greeting, before it completed its own: " +
      `it may want another security mechanism than ${this.#mechanism.name}`;
    return new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text, { cause });
  }

  /** Takes no more bytes: the connection is gone. */
  end(): void {
    this.#state = ENDED;
    this.#deadline = Infinity;
    this.#multipart.clear();
    this.#sealed = this.#opening = undefined;
    this.#mechanism.end?.();
  }

  #decode(): boolean {
    const decoder = this.#decoder;
    const { credit } = this.#handler;
    this.#decoding = true;
    try {
      if (this.#opening !== undefined) this.#openOn(this.#opening);
      while (!this.#stopped) {
        if (credit.left <= 0 && !this.#handler.mayRead()) {
          this.#stopped = true;
          break;
        }
        if (!decoder.next()) break;
        credit.left--;
        if (this.#state === TRAFFIC) {
          if (decoder.flags === 0 && !this.#multipart.begun) {
            if (!this.#handler.onMessage([decoder.body])) this.#stopped = true;
          } else if ((decoder.flags & COMMAND) === 0) {
            this.#onFrame(decoder.flags, decoder.body);
          } else {
            this.#onCommand(decoder.body);
          }
        } else if (this.#state === SEALED) {
          this.#onSealed(decoder.body);
        } else if (this.#state === HANDSHAKE) {
          credit.left -= this.#mechanism.commandCost ?? HANDSHAKE_COST;
          this.#onHandshakeFrame(decoder.flags, decoder.body);
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
      const theirs = quotedPeerText(peer.mechanism);
      const text = `The peer's security mechanism is ${theirs}, and this socket's is ${this.#mechanism.name}`;
      throw new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text);
    }
    this.#minor = peer.major > 3 || peer.minor > 0 ? 1 : 0;
    this.#state = HANDSHAKE;
    this.#mechanism.start(this.#port);
  }

  /** Only commands can come: their names say what they are, and libzmq does not ask for the flag. */
  #onHandshakeFrame(flags: number, body: Uint8Array): void {
    if ((flags & COMMAND) !== 0) return this.#mechanism.receive(body, this.#port);
    try {
      this.#mechanism.receive(body, this.#port);
    } catch (error) {
      const rule = error instanceof ProtocolError ? error.rule : undefined;
      if (rule !== "UNEXPECTED_COMMAND" && rule !== "MALFORMED_COMMAND_UNSPECIFIED") throw error;
      const text = "The peer sent a message before the handshake was complete";
      throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", text, { cause: error });
    }
  }

  #sendHandshake(commandBody: Uint8Array): void {
    if (this.#state === HANDSHAKE) this.#handler.send(encodeFrame(COMMAND, commandBody));
  }

  #complete(metadata: Metadata, last: Uint8Array | undefined): void {
    if (this.#state !== HANDSHAKE) return;
    const { type } = this.#options;
    const peer = readPeer(metadata, this.#minor);
    // Without a last command of ours, the peer's handshake is complete already.
    if (last === undefined) this.#cipher = this.#mechanism.cipher;
    if (!compatible(type, peer.socketType)) {
      const theirs = peerText(peer.socketType);
      const reason = encodeErrorReason(`${theirs} cannot talk to ${type.name}`);
      this.#handler.send(this.#seal(encodeCommand("ERROR", reason)));
      const text = `The peer is a ${theirs} socket, which cannot talk to ${type.name}`;
      throw new ProtocolError("EPROTO", "INVALID_METADATA", text);
    }
    if (last !== undefined) this.#sendHandshake(last);
    this.#decoder.maxCommandSize = this.#commandLimit;
    const cipher = this.#cipher = this.#mechanism.cipher;
    if (cipher !== undefined) this.#addMessage = (message, batch) => batch.addSealed(message, cipher);
    this.#heartbeat.start(this.#handler.now());
    this.#join(peer);
  }

  #joinOlder(peer: OlderPeer): void {
    const { type, limits } = this.#options;
    this.#older = true;
    if (peer.version === "1.0") {
      this.#decoder = new FrameDecoderV1(limits.maxFrameSize);
      this.#addMessage = addMessageV1;
    } else {
      this.#decoder = new FrameDecoder(limits.maxFrameSize, 0, false);
    }
    this.#join({ ...peer, minor: 0, metadata: new Map() });
    // The subscribers of libzmq 2.x filter what they get, and tell nobody what they want.
    if (peer.socketType !== "" || type.publishes !== true || !this.ready) return;
    if (!this.#handler.onSubscription(false, NO_BYTES)) this.#stopped = true;
  }

  #join(peer: PeerInfo): void {
    this.#state = this.#cipher === undefined ? TRAFFIC : SEALED;
    this.#deadline = Infinity;
    this.#limitFrames();
    this.#decoder.copies = this.#options.zeroCopyReceive === false;
    this.#handler.onReady(peer);
  }

  /**
   * The flags of the frame outside do not count: anyone on the way can change them, and some implementations repeat there
   * what is sealed inside.
   */
  #onSealed(body: Uint8Array): void {
    const cipher = this.#cipher!;
    this.#handler.credit.left -= COMMAND_COST;
    if (body.length > MOST_AT_ONCE) {
      this.#sealed = body;
      return this.#openOn(this.#opening = cipher.openInSlices(body));
    }
    this.#handler.credit.left -= body.length >> 5;
    this.#onOpened(cipher.open(body));
  }

  /** Goes on to open a frame, as far as may be read now: the frames behind it wait. */
  #openOn(opening: Slices): void {
    const { credit } = this.#handler;
    while (!opening.next()) {
      credit.left -= SLICE_COST;
      if (credit.left > 0 || this.#handler.mayRead()) continue;
      this.#stopped = true;
      return;
    }
    const payload = this.#sealed!.subarray(this.#cipher!.overhead);
    this.#sealed = this.#opening = undefined;
    this.#onOpened(payload);
  }

  #onOpened(payload: Uint8Array): void {
    const { flags } = this.#cipher!;
    const command = (flags & COMMAND) !== 0;
    const limit = command ? this.#commandLimit : this.#frameLimit;
    if (payload.length > limit) throw overLimit(payload.length, limit, command);
    if (command) this.#onCommand(payload);
    else if (flags !== 0 || this.#multipart.begun) this.#onFrame(flags, payload);
    else if (!this.#handler.onMessage([payload])) this.#stopped = true;
  }

  /** A frame in the clear, as it goes out. */
  #seal(frame: Uint8Array): Uint8Array {
    if (this.#cipher === undefined) return frame;
    try {
      return sealFrame(frame, this.#cipher);
    } catch (cause) {
      throw writeError("the peer", cause);
    }
  }

  #onFrame(flags: number, body: Uint8Array): void {
    const message = this.#multipart.add(flags, body);
    this.#limitFrames();
    if (message !== undefined && !this.#handler.onMessage(message)) this.#stopped = true;
  }

  /** So that the next frame is refused by its length, before memory is taken for it. */
  #limitFrames(): void {
    const limit = this.#frameLimit = this.#multipart.room;
    const decoder = this.#decoder;
    if (this.#cipher === undefined) decoder.maxFrameSize = limit;
    // Whether a sealed frame is a command shows only when it is opened.
    else decoder.maxFrameSize = decoder.maxCommandSize = Math.max(limit, this.#commandLimit) + this.#cipher.overhead;
  }

  #onCommand(body: Uint8Array): void {
    // A long topic is looked up byte by byte.
    this.#handler.credit.left -= COMMAND_COST + (body.length >> 6);
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
        throw new ProtocolError(
          "EPROTO",
          "UNSPECIFIED",
          `The peer reported an error: ${peerText(parseErrorReason(data))}`,
        );
        // PONG says only that the peer lives. Unknown commands are ignored, as libzmq does.
    }
  }

  #onPing(data: Uint8Array): void {
    const { ttl, context } = parsePing(data);
    this.#heartbeat.pinged(ttl, this.#handler.now());
    this.#handler.send(this.#seal(encodePong(context)));
  }

  #onHeartbeat(now: number, output: Output): void {
    // While we do not read, the peer's silence is ours.
    if (this.#stopped) this.#heartbeat.heard();
    switch (this.#heartbeat.onTime(now, output)) {
      case "ping":
        this.#handler.send(this.#seal(encodePing(wireTimeToLive(this.#options.heartbeat!.timeToLive), NO_BYTES)));
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
