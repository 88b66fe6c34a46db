/**
 * Connecting by way of a SOCKS5 proxy: a link to the proxy, the handshake on it, and then the same link for the target.
 *
 * @module
 */

import { microtask } from "../../src/clock.ts";
import { TcpEndpoint } from "../../src/endpoint.ts";
import { ZmqError } from "../../src/errors.ts";
import { endpointText } from "../../src/peer_text.ts";
import type { ConnectOptions, Link, LinkSink, SocksProxy, Transport } from "../../src/transport.ts";
import { SocksHandshake, type SocksStep } from "./handshake.ts";

/** What is said on a link before it is open. */
export interface Handshake {
  /** To be sent first. */
  readonly greeting: Uint8Array;
  /** Takes what the other end said. Throws to end the connection. */
  receive(chunk: Uint8Array): SocksStep;
}

/**
 * Opens a link to a target by way of a proxy.
 *
 * @param connect Opens the link to the proxy, from the source address of the proxy's or of the target's endpoint, if one has any.
 * @throws {ZmqError} Why the proxy could not be reached, or what it refused.
 */
export async function connectBySocks(
  connect: Transport["connect"],
  target: TcpEndpoint,
  proxy: SocksProxy,
  options: ConnectOptions,
): Promise<Link> {
  const { socks: _, ...rest } = options;
  const remote = new TcpEndpoint(target.host, target.port).toString();
  const handshake = new SocksHandshake(target, proxy);
  let link: Link | undefined;
  try {
    link = await connect(new TcpEndpoint(proxy.host, proxy.port, proxy.source ?? target.source), rest);
    return await new HandshakeLink(link, remote).open(handshake, options.signal);
  } catch (cause) {
    link?.abort();
    if (options.signal?.aborted || !(cause instanceof ZmqError)) throw cause;
    const where = link === undefined ? "no way to the SOCKS proxy: " : "";
    throw new ZmqError(cause.code, `Cannot connect to ${endpointText(remote)}: ${where}${cause.message}`, { cause });
  }
}

/** A link over another one, on which there is something to say before it is open. */
export class HandshakeLink implements Link, LinkSink {
  /** See {@link Link.remote}. */
  readonly remote: string;
  readonly #link: Link;
  #handshake: Handshake | undefined;
  /** Settles the promise of `open`. */
  #settle: ((error?: unknown) => void) | undefined;
  /** The link has not given back yet what was said. */
  #writing = false;
  /** To be said next. */
  #unsent: Uint8Array | undefined;

  #sink: LinkSink | undefined;
  /** What came right behind the last answer. */
  #first: Uint8Array | undefined;
  #paused = false;
  #gone = false;
  #error: Error | undefined;
  /** Bytes that the link had taken when the handshake was over. */
  #said = 0;

  /** Takes over a link that was not started. */
  constructor(link: Link, remote: string) {
    this.#link = link;
    this.remote = remote;
  }

  /** Does the handshake; resolves to this link, of which nothing is read before `start`. */
  open(handshake: Handshake, signal?: AbortSignal): Promise<Link> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => this.#settle?.(signal!.reason);
      this.#handshake = handshake;
      this.#settle = (error) => {
        this.#handshake = undefined;
        this.#settle = undefined;
        this.#said = this.#link.bytesTaken ?? 0;
        signal?.removeEventListener("abort", onAbort);
        if (error === undefined) resolve(this);
        else reject(error);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#link.start(this);
      this.#say(handshake.greeting);
    });
  }

  #say(bytes: Uint8Array): void {
    // An answer may overtake the word that the link is done with the question.
    if (this.#writing) this.#unsent = bytes;
    else this.#writing = !this.#link.write([bytes]);
  }

  /** See {@link LinkSink.onData}. */
  onData(chunk: Uint8Array): void {
    if (this.#settle === undefined) return this.#sink?.onData(chunk);
    try {
      const { send, rest } = this.#handshake!.receive(chunk);
      if (send !== undefined) this.#say(send);
      if (rest === undefined) return;
      this.#link.pause();
      if (rest.length > 0) this.#first = rest;
      this.#handshake = undefined;
      if (!this.#writing) this.#settle();
    } catch (error) {
      this.#settle(error);
    }
  }

  /** See {@link LinkSink.onDrain}. */
  onDrain(): void {
    if (!this.#writing) return this.#sink?.onDrain();
    this.#writing = false;
    const unsent = this.#unsent;
    this.#unsent = undefined;
    if (unsent !== undefined) this.#say(unsent);
    else if (this.#handshake === undefined) this.#settle?.();
  }

  /** See {@link LinkSink.onClose}. */
  onClose(error?: Error, taken?: number): void {
    this.#gone = true;
    this.#error = error;
    if (this.#settle === undefined) return this.#sink?.onClose(error, taken);
    this.#settle(error ?? new ZmqError("ECONNRESET", "the SOCKS proxy ended the connection"));
  }

  /** See {@link Link.start}. */
  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#gone) microtask(() => sink.onClose(this.#error, 0));
    else if (!this.#paused) this.#flow();
  }

  #flow(): void {
    if (this.#first !== undefined) microtask(() => this.#deliverFirst());
    else this.#link.resume();
  }

  #deliverFirst(): void {
    const chunk = this.#first;
    if (chunk === undefined || this.#paused || this.#gone) return;
    this.#first = undefined;
    this.#sink!.onData(chunk);
    if (!this.#paused) this.#link.resume();
  }

  /** See {@link Link.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    return this.#link.write(chunks);
  }

  /** See {@link Link.bytesTaken}. */
  get bytesTaken(): number | undefined {
    const taken = this.#link.bytesTaken;
    return taken === undefined ? undefined : taken - this.#said;
  }

  /** See {@link Link.pause}. */
  pause(): void {
    this.#paused = true;
    this.#link.pause();
  }

  /** See {@link Link.resume}. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#sink !== undefined) this.#flow();
  }

  /** See {@link Link.poll}. */
  get poll(): Link["poll"] {
    const link = this.#link;
    return link.poll?.bind(link);
  }

  /** See {@link Link.close}. */
  close(grace?: number): Promise<void> {
    this.#first = undefined;
    return this.#link.close(grace);
  }

  /** See {@link Link.unref}. */
  unref(): void {
    this.#link.unref?.();
  }

  /** See {@link Link.ref}. */
  ref(): void {
    this.#link.ref?.();
  }

  /** See {@link Link.abort}. */
  abort(reason?: Error): void {
    this.#first = undefined;
    this.#link.abort(reason);
  }
}
