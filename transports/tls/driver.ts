/**
 * Drives sockets of `node:tls`. They do not show how much of a write is encrypted and taken, so what a write that failed had taken is
 * an upper limit.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { connectionError } from "../shared/tcp.ts";

/** Drives a connected socket whose handshake is complete. */
export class TlsDriver implements Driver {
  /** See {@link Driver.holdsProcess}. */
  readonly holdsProcess = false;
  /** See {@link Driver.bytesTaken}. */
  bytesTaken = 0;
  /** See {@link Driver.mostTaken}. */
  mostTaken = 0;
  readonly #socket: TLSSocket;
  #sink!: DriverSink;
  #read = false;
  #dead = false;
  /** The number of the write whose callback is awaited; 0 if there is none. */
  #awaited = 0;
  #writes = 0;

  /** Takes over a socket. */
  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    const socket = this.#socket;
    this.#sink = sink;
    socket.on("error", (error) => sink.lost(connectionError(sink.remote, error)));
    socket.on("end", () => sink.peerEnded());
    socket.on("finish", () => sink.endSent());
    socket.on("close", () => {
      this.#dead = true;
      sink.closed();
    });
  }

  /** See {@link Driver.resume}. */
  resume(): void {
    if (!this.#read) this.#socket.on("data", (chunk: Uint8Array) => this.#sink.received(chunk));
    this.#read = true;
    this.#socket.resume();
  }

  /** See {@link Driver.pause}. */
  pause(): void {
    this.#socket.pause();
  }

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (!socket.writable || this.#dead) return false;
    const write = ++this.#writes;
    let size = 0;
    // One record for small chunks.
    socket.cork();
    for (const chunk of chunks) {
      size += chunk.length;
      if (chunk.length > 0) socket.write(chunk);
    }
    socket.write(NOTHING, (error?: Error | null) => {
      if (error || this.#dead || socket.destroyed) return;
      this.bytesTaken += size;
      if (this.#awaited !== write) return;
      this.#awaited = 0;
      this.#sink.drained();
    });
    socket.uncork();
    if (!socket.writable) return false;
    this.mostTaken += size;
    this.#awaited = write;
    return false;
  }

  /** See {@link Driver.finish}. */
  finish(): void {
    this.#socket.end();
  }

  /** See {@link Driver.drop}. */
  drop(): void {
    this.#dead = true;
    this.#socket.destroy();
  }

  /** See {@link Driver.unref}. */
  unref(): void {
    this.#socket.unref();
  }

  /** See {@link Driver.ref}. */
  ref(): void {
    this.#socket.ref();
  }
}

const NOTHING = new Uint8Array(0);
