/**
 * A connection of a hostile peer: sends plain bytes over `node:net`, as fast as the server takes them. Everything that
 * the server sends is read and dropped.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { bytes, greeting, ready } from "../../tests/support/raw_peer.ts";

/** One connection. */
export class HostilePeer {
  /** Resolves when the connection is closed. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  #over = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.gone = new Promise((resolve) => socket.once("close", () => resolve()));
    this.gone.then(() => this.#over = true);
    socket.on("error", () => {});
    socket.resume();
  }

  /** Connects; `undefined` where the server does not accept. The connection ends with the signal. */
  static async connect(endpoint: string, signal: AbortSignal): Promise<HostilePeer | undefined> {
    if (signal.aborted) return undefined;
    const { hostname, port } = new URL(endpoint.replace("tcp:", "http:"));
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const end = () => socket.destroy();
    signal.addEventListener("abort", end, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", end));
    const peer = new HostilePeer(socket);
    const connected = await Promise.race([
      new Promise<true>((resolve) => socket.once("connect", () => resolve(true))),
      peer.gone,
    ]);
    return connected === undefined ? undefined : peer;
  }

  /** Connects as a socket of this type with NULL, without waiting for the server's part of the handshake. */
  static async join(
    endpoint: string,
    signal: AbortSignal,
    type: string,
    identity?: string,
  ): Promise<HostilePeer | undefined> {
    const peer = await HostilePeer.connect(endpoint, signal);
    peer?.write(bytes(greeting(), ready(type, identity)));
    return peer;
  }

  /** `true` if the connection is closed. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when the server has sent something. */
  heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once("data", () => resolve());
      this.#socket.once("close", () => resolve());
    });
  }

  /** Stops reading. */
  pause(): void {
    this.#socket.pause();
  }

  /** Writes; `false` if the connection was closed before the operating system took it. */
  write(chunk: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const gone = () => resolve(false);
      this.#socket.once("close", gone);
      this.#socket.write(chunk, (error) => {
        this.#socket.off("close", gone);
        resolve(!error);
      });
    });
  }

  /** Writes the chunk repeatedly until the connection is closed, and counts its operations each time. */
  async pour(chunk: Uint8Array, operations: number, count: (operations: number) => void): Promise<void> {
    while (!this.#over && await this.write(chunk)) count(operations);
  }

  /** Drops the connection with a reset. */
  drop(): void {
    this.#socket.resetAndDestroy();
  }
}

/** Bytes repeated up to about 64 KiB, and how often. */
export function repeated(part: Uint8Array, size = 64 * 1024): { chunk: Uint8Array; times: number } {
  const times = Math.max(1, Math.floor(size / part.length));
  const chunk = new Uint8Array(times * part.length);
  for (let i = 0; i < times; i++) chunk.set(part, i * part.length);
  return { chunk, times };
}

/** Writes copies of a few bytes as fast as the server takes them, over a new connection when it ends the old one. */
export async function pourCopies(
  part: Uint8Array,
  join: () => Promise<HostilePeer | undefined>,
  { signal, count }: { readonly signal: AbortSignal; count(operations: number): void },
): Promise<void> {
  const { chunk, times } = repeated(part);
  while (!signal.aborted) await (await join())?.pour(chunk, times, count);
}
