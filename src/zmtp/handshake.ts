/**
 * The handshake of ZMTP 3 (RFC 37 §2.4): the commands of a security mechanism, until both sides know each other's metadata.
 *
 * | Event               | NEW     | RUNNING  | COMPLETE | ENDED |
 * | ------------------- | ------- | -------- | -------- | ----- |
 * | start               | RUNNING | x        | x        | x     |
 * | start, other name   | ENDED   | x        | x        | x     |
 * | command             | x       | -        | x        | x     |
 * | wrong command       | x       | ENDED    | x        | x     |
 * | message             | x       | ENDED    | x        | x     |
 * | complete            |         | COMPLETE | -        | -     |
 * | complete, misfit    |         | ENDED    | -        | -     |
 * | complete, malformed |         | ENDED    | -        | -     |
 * | send                |         | -        | -        | -     |
 * | fail                |         | ENDED    | ENDED    | -     |
 * | end                 | ENDED   | ENDED    | ENDED    | -     |
 *
 * `complete`, `send` and `fail` are calls of the mechanism, which has no host in NEW, and may call late: in COMPLETE and ENDED nothing is
 * sent. `-` changes nothing; `x` would break the contract of the session, which starts a handshake once, and gives it frames in RUNNING
 * only. An exception and a `fail` are ended by the session, with `end`. `tests/zmtp/opening_states_test.ts` walks the table.
 *
 * @module
 */

import { peerText, quotedPeerText } from "../base/peer_text.ts";
import { encodeCommand, encodeErrorReason } from "./command.ts";
import { COMMAND, encodeFrame } from "./frame.ts";
import type { Mechanism, MechanismHost } from "./mechanism.ts";
import type { Metadata } from "./metadata.ts";
import { type PeerInfo, readPeer } from "./peer_info.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { SessionHandler } from "./session_handler.ts";
import { compatible, type ZmtpSocketType } from "./socket_type.ts";
import { SealedWire } from "./wires/sealed_wire.ts";
import type { Wire } from "./wires/wire.ts";

/** The cost of a command in credit, unless its mechanism has another one. */
const COMMAND_COST = 512;

/** The session of a handshake. */
export interface HandshakeHost {
  /** The handshake is complete; `wire` carries the traffic. */
  handshakeComplete(peer: PeerInfo, wire: Wire): void;
  /** The handshake has failed. Also called after its end. */
  fail(error: Error): void;
}

/** The handshake of one connection. */
export class Handshake implements MechanismHost {
  readonly #type: ZmtpSocketType;
  readonly #mechanism: Mechanism;
  readonly #handler: SessionHandler;
  readonly #host: HandshakeHost;
  /** From `start` until the handshake is over. */
  #wire: Wire | undefined;

  /** Creates a handshake; nothing is sent before `start`. */
  constructor(type: ZmtpSocketType, mechanism: Mechanism, handler: SessionHandler, host: HandshakeHost) {
    this.#type = type;
    this.#mechanism = mechanism;
    this.#handler = handler;
    this.#host = host;
  }

  /** True if the peer has proved its identity, although the handshake is not complete. */
  get proven(): boolean {
    return this.#mechanism.proven === true;
  }

  /**
   * Starts the mechanism. The commands go over this wire.
   *
   * @param theirs The mechanism of the peer.
   * @throws {ProtocolError} If it is not ours.
   */
  start(theirs: string, wire: Wire): void {
    const { name } = this.#mechanism;
    if (theirs !== name) {
      const text = `The peer's security mechanism is ${quotedPeerText(theirs)}, and this socket's is ${name}`;
      throw new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text);
    }
    this.#wire = wire;
    this.#mechanism.start?.(this);
  }

  /**
   * Takes a frame. Only commands can come: their names identify them, and libzmq does not ask for the flag.
   *
   * @throws {ProtocolError} If it is not the expected command, or malformed.
   */
  receive(flags: number, body: Uint8Array): void {
    this.#handler.credit.left -= this.#mechanism.commandCost ?? COMMAND_COST;
    if ((flags & COMMAND) !== 0) return this.#mechanism.receive(body, this);
    try {
      this.#mechanism.receive(body, this);
    } catch (error) {
      const rule = error instanceof ProtocolError ? error.rule : undefined;
      if (rule !== "UNEXPECTED_COMMAND" && rule !== "MALFORMED_COMMAND_UNSPECIFIED") throw error;
      const text = "The peer sent a message before the handshake was complete";
      throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", text, { cause: error });
    }
  }

  /** Forgets secrets, and ignores answers that are still to come. */
  end(): void {
    this.#wire = undefined;
    this.#mechanism.end?.();
  }

  // Calls of the mechanism.

  send(commandBody: Uint8Array): void {
    this.#sendFrame(this.#wire, encodeFrame(COMMAND, commandBody));
  }

  complete(metadata: Metadata, last?: Uint8Array): void {
    try {
      if (this.#wire !== undefined) this.#complete(this.#wire, metadata, last);
    } catch (error) {
      this.#host.fail(error as Error);
    }
  }

  fail(error: Error): void {
    this.#host.fail(error);
  }

  flush(): void {
    this.#handler.flush();
  }

  #complete(clear: Wire, metadata: Metadata, last: Uint8Array | undefined): void {
    const peer = readPeer(metadata, clear);
    const { name } = this.#type;
    const fits = compatible(this.#type, peer.socketType);
    if (fits && last !== undefined) this.send(last);
    const { cipher } = this.#mechanism;
    // While our last command is not sent, the peer is in the handshake and reads ERROR in the clear only.
    const sealed = cipher !== undefined && (fits || last === undefined);
    const wire = sealed ? new SealedWire(clear, cipher, this.#handler.credit) : clear;
    if (!fits) {
      const theirs = peerText(peer.socketType);
      this.#sendFrame(wire, encodeCommand("ERROR", encodeErrorReason(`${theirs} cannot talk to ${name}`)));
      const text = `The peer is a ${theirs} socket, which cannot talk to ${name}`;
      throw new ProtocolError("EPROTO", "INVALID_METADATA", text);
    }
    this.#wire = undefined;
    this.#host.handshakeComplete(peer, wire);
  }

  #sendFrame(wire: Wire | undefined, frame: Uint8Array): void {
    const bytes = wire?.command?.(frame);
    if (bytes !== undefined) this.#handler.send(bytes);
  }
}
