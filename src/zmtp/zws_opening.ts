/**
 * The opening of ZWS 2.0 (RFC 45), for links of whole frames: version and mechanism are in the name of the protocol on which
 * the carrier has agreed before. With a mechanism its handshake comes at once; without one the first message of each side is
 * its routing id.
 *
 * | Event               | NEW     | WAITING | DONE | FAILED |
 * | ------------------- | ------- | ------- | ---- | ------ |
 * | start, mechanism    | DONE    | x       | x    | x      |
 * | start, no mechanism | WAITING | x       | x    | x      |
 * | start, other        | FAILED  | x       | x    | x      |
 * | routing id          | x       | DONE    | x    | x      |
 * | other message       | x       | FAILED  | x    | x      |
 *
 * The events of `start` are the protocols that the carrier may have agreed on. `x` would break the contract of `Opening`: it is started once,
 * and read as long as the peer is not known, but not after an exception. `tests/zmtp/opening_states_test.ts` walks the table.
 *
 * @module
 */

import { quotedPeerText } from "../base/peer_text.ts";
import type { Greeting } from "./greeting.ts";
import { checkIdentity } from "./identity.ts";
import type { Mechanism } from "./mechanism.ts";
import type { PeerWithoutHandshake } from "./older_peer.ts";
import { ProtocolError } from "./protocol_error.ts";

/** The protocol without a mechanism; with one, a slash and its name follow. */
export const ZWS = "ZWS2.0";

/**
 * Returns the protocols of ZWS 2.0 for a mechanism, in libzmq's order.
 *
 * @param open True if peers without a handshake may connect, of which only a routing id is known.
 */
export function zwsProtocols(mechanism: string, open: boolean): string[] {
  return open ? [`${ZWS}/${mechanism}`, ZWS] : [`${ZWS}/${mechanism}`];
}

/** The opening of one connection. */
export class ZwsOpening {
  peer: Greeting | PeerWithoutHandshake | undefined;
  readonly #protocol: string;
  readonly #identity: Uint8Array;
  readonly #mechanism: Mechanism;
  readonly #send: (bytes: Uint8Array) => void;

  /** @param protocol The protocol that the carrier has agreed on. */
  constructor(protocol: string, identity: Uint8Array, mechanism: Mechanism, send: (bytes: Uint8Array) => void) {
    this.#protocol = protocol;
    this.#identity = identity;
    this.#mechanism = mechanism;
    this.#send = send;
  }

  /** @throws {ProtocolError} If this socket does not speak the protocol. */
  start(): void {
    const { name, asServer, admitsWithoutHandshake } = this.#mechanism;
    if (this.#protocol === ZWS && admitsWithoutHandshake === true) return this.#send(frameOf(this.#identity));
    if (this.#protocol !== `${ZWS}/${name}`) {
      const text = `The link has agreed on the protocol ${quotedPeerText(this.#protocol)}, ` +
        `and the security mechanism of this socket is ${name}`;
      throw new ProtocolError("EPROTO", "MECHANISM_MISMATCH", text);
    }
    this.peer = { major: 3, minor: 1, mechanism: name, asServer: !asServer };
  }

  /** Takes the first message, which is the routing id of the peer. */
  read(message: Uint8Array): number {
    if (message.length === 0 || message[0] !== 0) {
      throw new ProtocolError("EPROTO", "UNSPECIFIED", "The peer's first message is not a routing id");
    }
    this.peer = { version: ZWS, socketType: "", identity: checkIdentity(message.subarray(1)).slice() };
    return message.length;
  }
}

function frameOf(identity: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + identity.length);
  frame.set(identity, 1);
  return frame;
}
