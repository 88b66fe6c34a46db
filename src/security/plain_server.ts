/**
 * The server side of PLAIN (RFC 24): answers HELLO with WELCOME once the authenticator has accepted the credentials,
 * and INITIATE with READY.
 *
 * | Event               | HELLO  | ASKING   | INITIATE | COMPLETE | OVER |
 * | ------------------- | ------ | -------- | -------- | -------- | ---- |
 * | HELLO               | ASKING | OVER     | OVER     | OVER     | x    |
 * | HELLO, malformed    | OVER   | OVER     | OVER     | OVER     | x    |
 * | INITIATE            | OVER   | OVER     | COMPLETE | OVER     | x    |
 * | INITIATE, malformed | OVER   | OVER     | OVER     | OVER     | x    |
 * | accepted            |        | INITIATE |          |          | -    |
 * | rejected            |        | OVER     |          |          | -    |
 * | ERROR               | OVER   | OVER     | OVER     | OVER     | x    |
 * | other command       | OVER   | OVER     | OVER     | OVER     | x    |
 * | end                 | OVER   | OVER     | OVER     | OVER     | -    |
 *
 * ASKING: the authenticator is asked. The other states are named for the command that they wait for. Every error leads to OVER,
 * because the session ends the mechanism then, and passes no further commands to it (`x`). `-` changes nothing; an empty cell cannot
 * happen, as the authenticator answers once. `tests/security/mechanism_states_test.ts` walks the table.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { encodeCommandBody, parseCommand } from "../zmtp/command.ts";
import type { Mechanism, MechanismHost } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { Admission } from "./admission.ts";
import { encodePlainError } from "./plain_error.ts";
import { parsePlainHello } from "./plain_hello.ts";
import { unexpected } from "./refused.ts";
import { authorizedMetadata, type PeerCheck, type ZapVerdict } from "./zap.ts";

/** The parameters of a PLAIN server. */
export interface PlainServerOptions {
  /** The metadata of this socket, encoded. */
  readonly metadata: Uint8Array;
  /** Authenticates the user name and the password. */
  readonly check: PeerCheck;
}

/** PLAIN for one connection, as server. */
export class PlainServer implements Mechanism {
  readonly name = "PLAIN";
  readonly asServer = true;
  readonly #metadata: Uint8Array;
  readonly #check: PeerCheck;
  readonly #admission = new Admission(encodePlainError);
  #expected: "HELLO" | "INITIATE" | "nothing" = "HELLO";
  #verdict: ZapVerdict | undefined;

  constructor({ metadata, check }: PlainServerOptions) {
    this.#metadata = metadata;
    this.#check = check;
  }

  receive(commandBody: Uint8Array, host: MechanismHost): void {
    const { name, data } = parseCommand(commandBody);
    if (name !== this.#expected) throw unexpected(name, this.#expected);
    this.#expected = "nothing";
    if (name === "HELLO") {
      this.#admission.ask(this.#check, this.name, parsePlainHello(data), host, (verdict) => {
        this.#verdict = verdict;
        this.#expected = "INITIATE";
        host.send(encodeCommandBody("WELCOME", NO_BYTES));
      });
    } else {
      const metadata = authorizedMetadata(parseMetadata(data), this.#verdict);
      host.complete(metadata, encodeCommandBody("READY", this.#metadata));
    }
  }

  end(): void {
    this.#admission.end();
  }
}
