/**
 * Authenticates one peer: asks the authenticator, and reports a rejection to the peer (RFC 27; libzmq zap_client.cpp).
 * The reply may come synchronously or later, and is ignored after the connection has ended.
 *
 * | Event         | NEW     | ASKING  | DECIDED | ENDED |
 * | ------------- | ------- | ------- | ------- | ----- |
 * | ask           | ASKING  | x       | x       | -     |
 * | ask, answered | DECIDED | x       | x       | -     |
 * | ask, throws   | DECIDED | x       | x       | -     |
 * | accepts       |         | DECIDED |         | -     |
 * | rejects       |         | DECIDED |         | -     |
 * | fails         |         | DECIDED |         | -     |
 * | malformed     |         | DECIDED |         | -     |
 * | end           | ENDED   | ENDED   | ENDED   | -     |
 *
 * `answered` and `throws`: before `ask` returns; `malformed` is a reply of a ZAP handler that cannot be parsed. In ENDED the authenticator is
 * asked with a signal that is aborted already, and nothing is decided. `-` changes nothing; an empty cell cannot happen, as no answer is
 * awaited; `x` would break the contract of a mechanism, which asks once. `tests/security/admission_states_test.ts` walks the table.
 *
 * @module
 */

import { peerText } from "../base/peer_text.ts";
import { AuthError, type AuthStatus } from "../zmtp/auth_error.ts";
import { encodeCommandBody, encodeErrorReason } from "../zmtp/command.ts";
import type { MechanismHost } from "../zmtp/mechanism.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import type { PeerCheck, ZapVerdict } from "./zap.ts";

/** One authentication request about one peer. */
export class Admission {
  readonly #encodeError: (data: Uint8Array) => Uint8Array;
  /** For the authenticator; most connections have none. */
  #over: AbortController | undefined;
  #ended = false;

  /** @param encodeError Encodes the body of the mechanism's ERROR command. */
  constructor(encodeError: (data: Uint8Array) => Uint8Array = (data) => encodeCommandBody("ERROR", data)) {
    this.#encodeError = encodeError;
  }

  /**
   * Asks the authenticator. Calls `accepted` if it accepts the peer; otherwise the handshake fails. If the
   * authenticator throws or rejects, the status is 500. If it rejects with a `ProtocolError`, its reply could not be
   * parsed, and no ERROR is sent to the peer.
   */
  ask(
    check: PeerCheck,
    mechanism: string,
    credentials: readonly Uint8Array[],
    host: MechanismHost,
    accepted: (verdict: ZapVerdict) => void,
  ): void {
    const { domain, address, identity } = check;
    const over = this.#over = new AbortController();
    if (this.#ended) over.abort();
    const settle = (verdict: ZapVerdict) => this.#settle(verdict, host, accepted);
    const failed = (error: unknown) => this.#failed(error, host);
    try {
      const answer = check.authenticate({ domain, address, identity, mechanism, credentials }, over.signal);
      if (!("then" in answer)) return settle(answer);
      void answer.then(settle).catch(failed).then(() => host.flush());
    } catch (error) {
      failed(error);
    }
  }

  /** Ignores the reply from now on. */
  end(): void {
    this.#ended = true;
    this.#over?.abort();
  }

  #settle(verdict: ZapVerdict, host: MechanismHost, accepted: (verdict: ZapVerdict) => void): void {
    if (this.#ended) return;
    const { status, text } = verdict;
    if (status !== 200) return this.#refuse(isRefusal(status) ? status : 500, text, host);
    try {
      accepted(verdict);
    } catch (error) {
      // Thrown by `accepted`, not by the authenticator.
      host.fail(error as Error);
    }
  }

  #failed(error: unknown, host: MechanismHost): void {
    if (this.#ended) return;
    if (error instanceof ProtocolError) host.fail(error);
    else this.#refuse(500, "the authenticator failed", host, error);
  }

  #refuse(status: AuthStatus, text: string, host: MechanismHost, cause?: unknown): void {
    // 300 is a temporary failure: no ERROR is sent, and the peer reconnects after the connection has ended.
    if (status !== 300) host.send(this.#encodeError(encodeErrorReason(String(status))));
    const reason = text === "" ? String(status) : `${status}: ${peerText(text)}`;
    host.fail(new AuthError(status, `The peer was rejected (${reason})`, { cause }));
  }
}

function isRefusal(status: number): status is AuthStatus {
  return status === 300 || status === 400 || status === 500;
}
