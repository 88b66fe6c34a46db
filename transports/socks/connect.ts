/**
 * Connecting through a SOCKS5 proxy: a link to the proxy, on which the handshake is done, and which then leads to the target.
 *
 * @module
 */

import { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import type { ConnectOptions, LinkSink, SocksProxy } from "../../src/transport/transport.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { SocksHandshake, type SocksStep } from "./handshake.ts";

/** An exchange on a link before it is open. */
export interface Handshake {
  /** To be sent first. */
  readonly greeting: Uint8Array;
  /** Takes what the peer said. Throws to end the connection. */
  receive(chunk: Uint8Array): SocksStep;
}

/**
 * Opens a link to a target through a proxy.
 *
 * @param connect Opens the link to the proxy, from the source address of the proxy's or of the target's endpoint, if one has any.
 * @throws {ZmqError} Why the proxy could not be reached, or what it refused.
 */
export async function connectBySocks(
  connect: CoreTransport["connect"],
  target: TcpEndpoint,
  proxy: SocksProxy,
  options: ConnectOptions,
): Promise<LinkCore> {
  const { socks: _, ...rest } = options;
  const remote = new TcpEndpoint(target.host, target.port).toString();
  const handshake = new SocksHandshake(target, proxy);
  let link: LinkCore | undefined;
  try {
    link = await connect(new TcpEndpoint(proxy.host, proxy.port, proxy.source ?? target.source), rest);
    await shakeHands(link, handshake, remote, options.signal);
    return link;
  } catch (cause) {
    link?.abort();
    if (options.signal?.aborted || !(cause instanceof ZmqError)) throw cause;
    const where = link === undefined ? "no way to the SOCKS proxy: " : "";
    throw new ZmqError(cause.code, `Cannot connect to ${endpointText(remote)}: ${where}${cause.message}`, { cause });
  }
}

/**
 * Does a handshake on a link that was not started. When it is done the link is still not started, leads to `remote`, and gives
 * back what came right behind the last answer.
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
    sink.say(handshake.greeting);
  });
}

/** The two ends of a handshake. */
interface Outcome {
  /** It is done; the link gave these bytes besides, which belong to its next sink. */
  done(unread: Uint8Array): void;
  failed(error: unknown): void;
}

/** Receives what happens on a link during a handshake. */
class HandshakeSink implements LinkSink {
  readonly #link: LinkCore;
  readonly #handshake: Handshake;
  readonly #outcome: Outcome;
  /** The link has not given back yet what was said. */
  #writing = false;
  /** To be said next. */
  #unsent: Uint8Array | undefined;
  /** Bytes that came right behind the last answer. */
  #unread: Uint8Array | undefined;

  constructor(link: LinkCore, handshake: Handshake, outcome: Outcome) {
    this.#link = link;
    this.#handshake = handshake;
    this.#outcome = outcome;
  }

  say(bytes: Uint8Array): void {
    // An answer may overtake the word that the link is done with the question.
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
    this.#outcome.failed(error ?? new ZmqError("ECONNRESET", "the SOCKS proxy ended the connection"));
  }
}
