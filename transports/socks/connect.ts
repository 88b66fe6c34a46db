/**
 * Connecting through a SOCKS5 proxy: opens a link to the proxy and does the handshake on it; then the link leads to the target.
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
  /** Takes bytes of the peer. Throws to end the connection. */
  receive(chunk: Uint8Array): SocksStep;
}

/**
 * Opens a link to a target through a proxy.
 *
 * @param connect Opens the link to the proxy, from the source address of the proxy or of the target, if one of them has one.
 * @throws {ZmqError} If the proxy cannot be reached, or refuses the connection.
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
    const where = link === undefined ? "the SOCKS proxy cannot be reached: " : "";
    throw new ZmqError(cause.code, `Cannot connect to ${endpointText(remote)}: ${where}${cause.message}`, { cause });
  }
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
    sink.say(handshake.greeting);
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
    this.#outcome.failed(error ?? new ZmqError("ECONNRESET", "the SOCKS proxy ended the connection"));
  }
}
