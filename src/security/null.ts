/**
 * The NULL mechanism (RFC 37 §3.1): both sides send READY with their metadata, at once; nothing is authenticated.
 *
 * @module
 */

import { ZmqError } from "../errors.ts";
import { encodeCommandBody, parseCommand, parseErrorReason } from "../zmtp/command.ts";
import type { Mechanism, MechanismPort } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";

/** NULL for one connection. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly asServer = false;
  readonly #metadata: Uint8Array;

  /** @param metadata Our own, encoded. */
  constructor(metadata: Uint8Array) {
    this.#metadata = metadata;
  }

  start(port: MechanismPort): void {
    port.send(encodeCommandBody("READY", this.#metadata));
  }

  receive(commandBody: Uint8Array, port: MechanismPort): void {
    const { name, data } = parseCommand(commandBody);
    if (name === "READY") port.complete(parseMetadata(data));
    else if (name === "ERROR") {
      port.fail(new ZmqError("EPROTO", `The peer refused the handshake: ${parseErrorReason(data)}`));
    } else throw new ZmqError("EPROTO", `The peer sent ${name} where READY was expected`);
  }
}
