/**
 * The NULL mechanism (RFC 37 §3.1): both sides send READY with their metadata, at once; nothing is authenticated.
 *
 * @module
 */

import { AuthError, authStatus } from "../zmtp/auth_error.ts";
import { encodeCommandBody, parseCommand, parseErrorReason } from "../zmtp/command.ts";
import type { Mechanism, MechanismPort } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";

/** NULL for one connection. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly asServer = false;
  readonly admitsOlderPeers: boolean;
  readonly #metadata: Uint8Array;

  /**
   * @param metadata Our own, encoded.
   * @param admitsOlderPeers Not where a ZAP handler decides who may join: older peers cannot be asked who they are.
   */
  constructor(metadata: Uint8Array, admitsOlderPeers = true) {
    this.#metadata = metadata;
    this.admitsOlderPeers = admitsOlderPeers;
  }

  start(port: MechanismPort): void {
    port.send(encodeCommandBody("READY", this.#metadata));
  }

  receive(commandBody: Uint8Array, port: MechanismPort): void {
    const { name, data } = parseCommand(commandBody);
    if (name === "READY") port.complete(parseMetadata(data));
    else if (name === "ERROR") {
      const reason = parseErrorReason(data);
      const status = authStatus(reason);
      if (status !== undefined) return port.fail(new AuthError(status));
      port.fail(new ProtocolError("EPROTO", "UNSPECIFIED", `The peer refused the handshake: ${reason}`));
    } else {
      throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", `The peer sent ${name} where READY was expected`);
    }
  }
}
