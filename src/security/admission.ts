/**
 * Asks the authenticator about one peer, and tells that peer if it says no (RFC 27; libzmq zap_client.cpp). The answer may
 * come at once or later, and is not heard after the end of the connection.
 *
 * @module
 */

import { peerText } from "../base/peer_text.ts";
import { AuthError, type AuthStatus } from "../zmtp/auth_error.ts";
import { encodeCommandBody, encodeErrorReason } from "../zmtp/command.ts";
import type { MechanismPort } from "../zmtp/mechanism.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import type { PeerCheck, ZapVerdict } from "./zap.ts";

/** One question about one peer. */
export class Admission {
  readonly #encodeError: (data: Uint8Array) => Uint8Array;
  readonly #over = new AbortController();

  /** `encodeError` makes the body of the mechanism's ERROR command. */
  constructor(encodeError: (data: Uint8Array) => Uint8Array = (data) => encodeCommandBody("ERROR", data)) {
    this.#encodeError = encodeError;
  }

  /**
   * Asks. `admitted` is called if the peer may join; otherwise the handshake fails. An authenticator that throws or
   * rejects has failed: 500; with a `ProtocolError`, its answer could not be read, and the peer is told nothing.
   */
  ask(
    check: PeerCheck,
    mechanism: string,
    credentials: readonly Uint8Array[],
    port: MechanismPort,
    admitted: (verdict: ZapVerdict) => void,
  ): void {
    const { domain, address, identity } = check;
    const settle = (verdict: ZapVerdict) => this.#settle(verdict, port, admitted);
    const failed = (error: unknown) => this.#failed(error, port);
    try {
      const answer = check.authenticate({ domain, address, identity, mechanism, credentials }, this.#over.signal);
      if (!("then" in answer)) return settle(answer);
      void answer.then(settle).catch(failed).then(() => port.flush());
    } catch (error) {
      failed(error);
    }
  }

  /** Nobody waits for the answer any more. */
  end(): void {
    this.#over.abort();
  }

  #settle(verdict: ZapVerdict, port: MechanismPort, admitted: (verdict: ZapVerdict) => void): void {
    if (this.#over.signal.aborted) return;
    const { status, text } = verdict;
    if (status !== 200) return this.#refuse(isRefusal(status) ? status : 500, text, port);
    try {
      admitted(verdict);
    } catch (error) {
      // Not the authenticator's error.
      port.fail(error as Error);
    }
  }

  #failed(error: unknown, port: MechanismPort): void {
    if (this.#over.signal.aborted) return;
    if (error instanceof ProtocolError) port.fail(error);
    else this.#refuse(500, "the authenticator has failed", port, error);
  }

  #refuse(status: AuthStatus, text: string, port: MechanismPort, cause?: unknown): void {
    // Who is to come again later is told nothing, and finds out by the end of the connection.
    if (status !== 300) port.send(this.#encodeError(encodeErrorReason(String(status))));
    const words = text === "" ? String(status) : `${status}: ${peerText(text)}`;
    port.fail(new AuthError(status, `The peer was rejected (${words})`, { cause }));
  }
}

function isRefusal(status: number): status is AuthStatus {
  return status === 300 || status === 400 || status === 500;
}
