/**
 * A handshake on a link of bytes before it carries messages: with a SOCKS proxy, or the upgrade to a WebSocket.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { LinkSink } from "../../src/transport/transport.ts";

/** The result of bytes from the peer. */
export interface HandshakeStep {
  /** To be sent now. */
  readonly send?: Uint8Array;
  /** The handshake is complete; the bytes that arrived behind it, maybe none. */
  readonly rest?: Uint8Array;
}

/** An exchange on a link before it is open. */
export interface Handshake {
  /** To be sent first. Default: nothing, the peer begins. */
  readonly greeting?: Uint8Array;
  /** The peer, for the error when it ends the connection. */
  readonly peer: string;
  /** Takes bytes of the peer. Throws to end the handshake. */
  receive(chunk: Uint8Array): HandshakeStep;
}

/**
 * Does a handshake on a link that is not started. After it the link is again not started, leads to `remote`, and first delivers the
 * bytes that arrived behind the last answer.
 */
export function shakeHands(
  link: LinkCore,
  handshake: Handshake,
  remote: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const giveUp = () => reject(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    const over = (act: () => void) => {
      signal?.removeEventListener("abort", giveUp);
      act();
    };
    const sink = new HandshakeSink(link, handshake, {
      done: (unread) =>
        over(() => {
          link.handOver(remote, unread);
          resolve();
        }),
      failed: (error) => over(() => reject(error)),
    });
    link.start(sink);
    if (handshake.greeting !== undefined) sink.say(handshake.greeting);
  });
}

/** The two outcomes of a handshake. */
interface Outcome {
  /** It is complete; these bytes arrived behind it, and belong to the next sink of the link. */
  done(unread: Uint8Array): void;
  failed(error: unknown): void;
}

/** The sink of a link during a handshake. */
class HandshakeSink implements LinkSink {
  readonly #link: LinkCore;
  readonly #handshake: Handshake;
  readonly #outcome: Outcome;
  /** The link still has the last bytes. */
  #writing = false;
  /** The bytes to send next. */
  #unsent: Uint8Array | undefined;
  /** Bytes that arrived behind the last answer. */
  #unread: Uint8Array | undefined;

  constructor(link: LinkCore, handshake: Handshake, outcome: Outcome) {
    this.#link = link;
    this.#handshake = handshake;
    this.#outcome = outcome;
  }

  say(bytes: Uint8Array): void {
    // The answer may arrive before the link reports that the question is written.
    if (this.#writing) this.#unsent = bytes;
    else this.#writing = !this.#link.write([bytes]);
  }

  onData(chunk: Uint8Array): void {
    try {
      const { send, rest } = this.#handshake.receive(chunk);
      if (send !== undefined) this.say(send);
      if (rest === undefined) return;
      this.#unread = rest;
      this.#link.pause();
      if (!this.#writing) this.#outcome.done(rest);
    } catch (error) {
      this.#outcome.failed(error);
    }
  }

  onDrain(): void {
    this.#writing = false;
    const unsent = this.#unsent;
    this.#unsent = undefined;
    if (unsent !== undefined) this.say(unsent);
    if (!this.#writing && this.#unread !== undefined) this.#outcome.done(this.#unread);
  }

  onClose(error?: Error): void {
    this.#outcome.failed(error ?? new ZmqError("ECONNRESET", `${this.#handshake.peer} ended the connection`));
  }
}
