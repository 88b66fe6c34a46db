/**
 * The NULL mechanism (RFC 37 §3.1): both sides send READY with their metadata immediately. Peers are not authenticated,
 * but with a ZAP domain the authenticator checks the peer's address, and READY waits for its reply.
 *
 * | Event            | ASKING  | CLAIMED  | READY    | COMPLETE | OVER |
 * | ---------------- | ------- | -------- | -------- | -------- | ---- |
 * | READY            | CLAIMED | OVER     | COMPLETE | OVER     | x    |
 * | READY, malformed | CLAIMED | OVER     | OVER     | OVER     | x    |
 * | accepted         | READY   | COMPLETE |          |          | -    |
 * | rejected         | OVER    | OVER     |          |          | -    |
 * | ERROR            | OVER    | OVER     | OVER     | OVER     | x    |
 * | other command    | OVER    | OVER     | OVER     | OVER     | x    |
 * | end              | OVER    | OVER     | OVER     | OVER     | -    |
 *
 * ASKING: the authenticator is asked; without one it begins in READY. CLAIMED: the peer's READY waits for the answer. Every error
 * leads to OVER, because the session ends the mechanism then, and passes no further commands to it (`x`). `-` changes nothing; an
 * empty cell cannot happen, as the authenticator answers once. `tests/security/mechanism_states_test.ts` walks the table.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { encodeCommandBody, parseCommand } from "../zmtp/command.ts";
import type { Mechanism, MechanismHost } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { Admission } from "./admission.ts";
import { refusedBy, unexpected } from "./refused.ts";
import { authorizedMetadata, type PeerCheck, type ZapVerdict } from "./zap.ts";

/** NULL for one connection. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly asServer = false;
  readonly admitsWithoutHandshake: boolean;
  readonly #metadata: Uint8Array;
  readonly #check: PeerCheck | undefined;
  readonly #admission = new Admission();
  #verdict: ZapVerdict | undefined;
  /**
   * The metadata of a READY that arrived before the authenticator's reply. It stays unparsed until then, because the
   * peer may be rejected.
   */
  #claimed: Uint8Array | undefined;

  /**
   * @param metadata The metadata of this socket, encoded.
   * @param check Authorizes the peer. Default: every peer is accepted, including older peers, which cannot be sent an
   * ERROR.
   */
  constructor(metadata: Uint8Array, check?: PeerCheck) {
    this.#metadata = metadata;
    this.admitsWithoutHandshake = check === undefined;
    this.#check = check;
  }

  start(host: MechanismHost): void {
    if (this.#check === undefined) return this.#introduce(host);
    this.#admission.ask(this.#check, this.name, [], host, (verdict) => {
      this.#verdict = verdict;
      this.#introduce(host);
      if (this.#claimed !== undefined) this.#complete(this.#claimed, host);
    });
  }

  receive(commandBody: Uint8Array, host: MechanismHost): void {
    const { name, data } = parseCommand(commandBody);
    if (name === "ERROR") return host.fail(refusedBy(data));
    if (name !== "READY" || this.#claimed !== undefined) throw unexpected(name, this.#claimed ? "nothing" : "READY");
    const waits = this.#check !== undefined && this.#verdict === undefined;
    // A copy, because the chunk that it arrived in may be larger.
    this.#claimed = waits ? data.slice() : data;
    if (!waits) this.#complete(this.#claimed, host);
  }

  end(): void {
    this.#admission.end();
  }

  #introduce(host: MechanismHost): void {
    host.send(encodeCommandBody("READY", this.#metadata));
  }

  #complete(claimed: Uint8Array, host: MechanismHost): void {
    this.#claimed = NO_BYTES;
    host.complete(authorizedMetadata(parseMetadata(claimed), this.#verdict));
  }
}
