/**
 * A link on a socket of `node:net`. See `src/transport.ts` for what a link promises.
 *
 * Chunks come from `data` events, each with memory of its own. A write is known to be complete at once when nothing
 * of it is left in the stream's queue; otherwise the write callback tells.
 *
 * @module
 */

import { microtask } from "../../src/clock.ts";
import type { Socket } from "node:net";
import { Grace } from "../../src/transport/grace.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../src/transport.ts";
import { Hold } from "../../src/transport/hold.ts";
import { tcpError } from "../shared/tcp.ts";

const OPEN = 0;
/** `close` was called: what was written goes out, what comes in is dropped. */
const CLOSING = 1;
/** The socket is destroyed; its `close` event is still to come. */
const DEAD = 2;
const CLOSED = 3;

/** A link on a connected socket whose stream high-water mark is 1. */
export class NodeLink implements Link {
  /** See {@link Link.remote}. */
  readonly remote: string;
  /** See {@link Link.poll}. Set where it runs on Deno; Node looks at its sockets in every turn. */
  poll?: Link["poll"];
  readonly #socket: Socket;
  readonly #hold = new Hold();
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #error: Error | undefined;
  readonly #grace = new Grace(() => {
    if (this.#state === CLOSING) this.#destroy();
  });
  #writesIssued = 0;
  #writesDone = 0;
  /** Bytes of all writes that are complete. */
  #written = 0;
  /** Bytes of the write that is not known to be complete; 0 if there is none. */
  #pending = 0;
  /** The most that `bytesTaken` has been so far. */
  #seen = 0;
  /** Bytes of the last write that the kernel has, at most; set when the link dies. */
  #taken = 0;
  #paused = false;
  /** The peer ended its side while the link was paused. */
  #endHeld = false;

  /** Takes over a connected socket; nothing is read before `start`. */
  constructor(socket: Socket, remote: string) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.remote = remote;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
    socket.on("error", (error) => {
      // Once the end is sent, a peer that drops the connection instead of ending it does no harm.
      if (this.#state === OPEN || (this.#state === CLOSING && !this.#grace.running)) {
        this.#error ??= tcpError(`Connection to ${this.remote} failed`, error);
      }
    });
    socket.on("end", () => {
      // Told even while the stream is paused: the peer's end waits, as it does on the other runtimes.
      if (this.#paused) this.#endHeld = true;
      else if (this.#state === OPEN) this.#destroy();
    });
    socket.on("close", () => this.#onClosed());
    const { _destroy } = socket;
    // The stream's own hook, as every stream class overrides it: the last moment at which the handle can be asked.
    socket._destroy = (error, done) => {
      this.#taken = this.#takenAtEnd(error);
      _destroy.call(socket, error, done);
    };
  }

  /** See {@link Link.start}. */
  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#state === CLOSED) return microtask(() => sink.onClose(this.#error, this.#taken));
    if (this.#state !== OPEN) return;
    this.#socket.on("data", (chunk: Uint8Array) => {
      if (this.#state === OPEN) sink.onData(chunk);
    });
    if (!this.#paused) this.#socket.resume();
  }

  /** See {@link Link.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    // A socket that broke is not writable any more, long before it says so by an event.
    if (this.#state !== OPEN || !socket.writable) return false;
    let size = 0;
    if (chunks.length === 1) {
      size = chunks[0]!.length;
      this.#writesIssued++;
      socket.write(chunks[0]!, this.#onWritten);
    } else {
      socket.cork();
      for (let i = 0; i < chunks.length; i++) {
        size += chunks[i]!.length;
        this.#writesIssued++;
        socket.write(chunks[i]!, this.#onWritten);
      }
      socket.uncork();
    }
    // A write that failed at once leaves nothing in the queue either, and none of it was taken.
    if (!socket.writable) return false;
    if (socket.writableLength === 0) {
      this.#written += size;
      return true;
    }
    this.#pending = size;
    return false;
  }

  /** See {@link Link.bytesTaken}. */
  get bytesTaken(): number {
    const left = this.#pending === 0 || this.#socket.destroyed ? undefined : this.#leftNow();
    if (left !== undefined) this.#seen = Math.max(this.#seen, this.#written + this.#pending - left);
    return Math.max(this.#seen, this.#written);
  }

  // Callbacks of earlier writes, which completed at once, come late too: only the last one means drained. A socket that is
  // destroyed calls back without an error, as if it had written.
  readonly #onWritten = (error?: Error | null): void => {
    this.#writesDone++;
    if (error || this.#pending === 0 || this.#writesDone !== this.#writesIssued || this.#socket.destroyed) return;
    this.#written += this.#pending;
    this.#pending = 0;
    if (this.#state === OPEN) this.#sink?.onDrain();
  };

  /** See {@link Link.pause}. */
  pause(): void {
    if (this.#state !== OPEN) return;
    this.#paused = true;
    this.#socket.pause();
    this.#hold.hold();
  }

  /** See {@link Link.resume}. */
  resume(): void {
    if (this.#state !== OPEN || !this.#paused) return;
    this.#paused = false;
    this.#hold.release();
    if (this.#endHeld) {
      microtask(() => {
        if (this.#state === OPEN && !this.#paused) this.#destroy();
      });
    }
    // Before `start` nobody takes the data: a stream made to flow then would lose it.
    if (this.#sink !== undefined) this.#socket.resume();
  }

  /** See {@link Link.close}. */
  close(grace: number = CLOSE_GRACE): Promise<void> {
    this.#grace.limit(grace);
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#hold.release();
      this.#socket.once("finish", () => this.#grace.start());
      this.#socket.end();
      // Unread data at the time of the real close would make the kernel send a reset, which can destroy data on its way.
      this.#socket.resume();
    }
    return this.#closed;
  }

  /** See {@link Link.unref}. */
  unref(): void {
    this.#socket.unref();
    this.#hold.unref();
  }

  /** See {@link Link.ref}. */
  ref(): void {
    this.#socket.ref();
    this.#hold.ref();
  }

  /** See {@link Link.abort}. */
  abort(reason?: Error): void {
    if (this.#state >= DEAD) return;
    this.#error = reason ?? this.#error;
    this.#destroy();
  }

  /** How much of the write in flight is left. Deno's `node:net` does not tell. */
  #leftNow(): number | undefined {
    return (this.#socket as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize;
  }

  /** A write that has failed tells no longer how much of it is left; but then that was not nothing. */
  #takenAtEnd(error: Error | null): number {
    if (this.#pending === 0) return 0;
    if ((error as { syscall?: string } | null)?.syscall?.startsWith("write")) return this.#pending - 1;
    const left = this.#leftNow();
    if (left === undefined) return this.#pending;
    const taken = this.#pending - left;
    this.#written += taken;
    return taken;
  }

  #destroy(): void {
    this.#state = DEAD;
    this.#socket.destroy();
  }

  #onClosed(): void {
    this.#state = CLOSED;
    this.#hold.release();
    this.#grace.stop();
    this.#sink?.onClose(this.#error, this.#taken);
    this.#resolveClosed();
  }
}
