/**
 * The client side of PLAIN (RFC 24): HELLO, WELCOME, INITIATE, READY. The password is sent in clear text.
 *
 * | Event              | WELCOME | READY    | COMPLETE | OVER |
 * | ------------------ | ------- | -------- | -------- | ---- |
 * | WELCOME            | READY   | OVER     | OVER     | x    |
 * | WELCOME, malformed | OVER    | OVER     | OVER     | x    |
 * | READY              | OVER    | COMPLETE | OVER     | x    |
 * | READY, malformed   | OVER    | OVER     | OVER     | x    |
 * | ERROR              | OVER    | OVER     | OVER     | x    |
 * | other command      | OVER    | OVER     | OVER     | x    |
 * | end                | OVER    | OVER     | OVER     | -    |
 *
 * A state is named for the command that it waits for. Every error leads to OVER, because the session ends the mechanism then, and
 * passes no further commands to it (`x`). `-` changes nothing. `tests/security/mechanism_states_test.ts` walks the table.
 *
 * @module
 */

import { encodeCommandBody, parseCommand } from "../zmtp/command.ts";
import type { Mechanism, MechanismHost } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import { plainErrorData } from "./plain_error.ts";
import { encodePlainHello } from "./plain_hello.ts";
import { refusedBy, unexpected } from "./refused.ts";
import { authorizedMetadata } from "./zap.ts";

/** The parameters of a PLAIN client. */
export interface PlainClientOptions {
  /** The metadata of this socket, encoded. */
  readonly metadata: Uint8Array;
  /** The user name, up to 255 bytes. */
  readonly username: Uint8Array;
  /** The password, up to 255 bytes. */
  readonly password: Uint8Array;
}

/** PLAIN for one connection, as client. */
export class PlainClient implements Mechanism {
  readonly name = "PLAIN";
  readonly asServer = false;
  readonly #metadata: Uint8Array;
  readonly #hello: Uint8Array;
  #expected: "WELCOME" | "READY" | "nothing" = "WELCOME";

  /** @throws {RangeError} If the user name or the password is too long. */
  constructor({ metadata, username, password }: PlainClientOptions) {
    this.#metadata = metadata;
    this.#hello = encodePlainHello(username, password);
  }

  start(host: MechanismHost): void {
    host.send(encodeCommandBody("HELLO", this.#hello));
  }

  receive(commandBody: Uint8Array, host: MechanismHost): void {
    const error = plainErrorData(commandBody);
    if (error !== undefined) return host.fail(refusedBy(error));
    const { name, data } = parseCommand(commandBody);
    if (name === "ERROR") return host.fail(refusedBy(data));
    if (name !== this.#expected) throw unexpected(name, this.#expected);
    if (name === "READY") {
      this.#expected = "nothing";
      return host.complete(authorizedMetadata(parseMetadata(data), undefined));
    }
    if (data.length > 0) {
      throw new ProtocolError("EPROTO", "MALFORMED_COMMAND_WELCOME", "The peer sent a WELCOME command with data");
    }
    this.#expected = "READY";
    host.send(encodeCommandBody("INITIATE", this.#metadata));
  }

  end(): void {
    this.#hello.fill(0);
  }
}
