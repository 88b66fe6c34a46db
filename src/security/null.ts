/**
 * The NULL mechanism (RFC 37 §3.1): both sides send READY with their metadata, at once. Nothing is authenticated, but where
 * there is a ZAP domain somebody is asked about the peer's address, and READY waits for the answer.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { encodeCommandBody, parseCommand } from "../zmtp/command.ts";
import type { Mechanism, MechanismPort } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { Admission } from "./admission.ts";
import { refusedBy, unexpected } from "./refused.ts";
import { admittedMetadata, type PeerCheck, type ZapVerdict } from "./zap.ts";

/** NULL for one connection. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly asServer = false;
  readonly admitsOlderPeers: boolean;
  readonly #metadata: Uint8Array;
  readonly #check: PeerCheck | undefined;
  readonly #admission = new Admission();
  #verdict: ZapVerdict | undefined;
  /** What a peer told that was faster than the answer about it: its bytes alone until then, as it may not be let in. */
  #told: Uint8Array | undefined;

  /**
   * @param metadata Our own, encoded.
   * @param check Whom to ask about the peer; default: everybody may join, older peers as well, who cannot be told an answer.
   */
  constructor(metadata: Uint8Array, check?: PeerCheck) {
    this.#metadata = metadata;
    this.admitsOlderPeers = check === undefined;
    this.#check = check;
  }

  start(port: MechanismPort): void {
    if (this.#check === undefined) return this.#introduce(port);
    this.#admission.ask(this.#check, this.name, [], port, (verdict) => {
      this.#verdict = verdict;
      this.#introduce(port);
      if (this.#told !== undefined) this.#complete(this.#told, port);
    });
  }

  receive(commandBody: Uint8Array, port: MechanismPort): void {
    const { name, data } = parseCommand(commandBody);
    if (name === "ERROR") return port.fail(refusedBy(data));
    if (name !== "READY" || this.#told !== undefined) throw unexpected(name, this.#told ? "nothing" : "READY");
    const waits = this.#check !== undefined && this.#verdict === undefined;
    // The chunk that it came in may be larger.
    this.#told = waits ? data.slice() : data;
    if (!waits) this.#complete(this.#told, port);
  }

  end(): void {
    this.#admission.end();
  }

  #introduce(port: MechanismPort): void {
    port.send(encodeCommandBody("READY", this.#metadata));
  }

  #complete(told: Uint8Array, port: MechanismPort): void {
    this.#told = NO_BYTES;
    port.complete(admittedMetadata(parseMetadata(told), this.#verdict));
  }
}
