/**
 * Drives the WebSocket (RFC 6455) on a link of bytes whose upgrade is complete: messages in, messages out. The link below reports
 * what the operating system has taken, holds back a peer that sends too fast, and keeps the process alive.
 *
 * - A piece of a message may be in flight: control frames wait until the write is complete.
 * - Only the last of several pings is answered (RFC 6455 §5.5.3), so a peer that does not read cannot make replies pile up.
 * - After a close frame nothing is read. The answer to it is the last that is sent.
 *
 * More than 20 members because reading, writing and ending are asynchronous, each with what it has to remember.
 *
 * @module
 */

import { microtask, type Timer } from "../../src/base/clock.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import type { Driver, DriverSink } from "../../src/transport/driver.ts";
import { idleTimer } from "../../src/transport/hold.ts";
import { CLOSE_GRACE, type Link, type LinkSink } from "../../src/transport/transport.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import { closeCodeOf, failureOf, NORMAL } from "./frame_error.ts";
import { BINARY, CLOSE, FrameReader, NOTHING, PING, PONG } from "./frame_reader.ts";
import { closeFrame, controlFrame, FrameWriter } from "./frame_writer.ts";

/** Drives one side of a WebSocket. */
export class WebSocketDriver implements Driver, LinkSink {
  /** See {@link Driver.holdsProcess}. */
  readonly holdsProcess = true;
  /** See {@link Driver.poll}. */
  readonly poll: Link["poll"];
  readonly #link: LinkCore;
  /** True on the side that connects, which masks what it sends. */
  readonly #client: boolean;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  #sink!: DriverSink;

  #flowing = false;
  /** Frames of the last chunk are decoded later. */
  #scheduled = false;
  /** The peer has sent its close frame, or violated the protocol: nothing is read after it. */
  #readAll = false;

  /** A write is not complete. */
  #writing = false;
  /** The link below has not taken the last bytes yet. */
  #busy = false;
  /** Those are a piece of the write, and not a control frame. */
  #piece = false;
  /** Bytes that are counted by the link below before the piece. */
  #base = 0;
  /** A control frame that waits. */
  #control: Uint8Array | undefined;

  /** `finish` was called: `endSent` is due as soon as the close frame is taken. */
  #finishing = false;
  #closeSent = false;
  /** The end of the link below is the end of this one, and no failure. */
  #dead = false;
  /** The link below has ended. */
  #gone = false;
  #timer: Timer | undefined;
  /** See {@link Driver.mostTaken}. */
  mostTaken = 0;

  /**
   * Takes over a link that is not started.
   *
   * @param most The size of the largest message that is delivered, in bytes.
   */
  constructor(link: LinkCore, client: boolean, most: number) {
    this.#link = link;
    this.#client = client;
    this.#reader = new FrameReader(!client, most);
    this.#writer = new FrameWriter(client);
    this.poll = link.poll;
  }

  /** See {@link Driver.open}. */
  open(sink: DriverSink): void {
    this.#sink = sink;
    this.#link.pause();
    this.#link.start(this);
  }

  // Reading.

  /** See {@link Driver.resume}. */
  resume(): void {
    this.#flowing = true;
    if (this.#reader.empty) this.#link.resume();
    else this.#schedule();
  }

  /** See {@link Driver.pause}. */
  pause(): void {
    this.#flowing = false;
    this.#link.pause();
  }

  /** See {@link LinkSink.onData}. */
  onData(chunk: Uint8Array): void {
    if (this.#readAll) return;
    this.#reader.push(chunk);
    this.#decode();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    microtask(() => {
      this.#scheduled = false;
      if (!this.#flowing || this.#gone) return;
      this.#decode();
      if (this.#flowing && this.#reader.empty) this.#link.resume();
    });
  }

  /** Decodes the chunk, until the link is paused. */
  #decode(): void {
    while (this.#flowing && !this.#readAll) {
      let failed: string | undefined;
      try {
        const kind = this.#reader.next();
        const { body } = this.#reader;
        if (kind === NOTHING) return;
        if (kind === BINARY) {
          this.#sink.received(body);
          continue;
        }
        if (kind === PING) this.#answer(controlFrame(PONG, body, this.#client));
        if (kind !== CLOSE) continue;
        this.#readAll = true;
        failed = failureOf(body);
      } catch (error) {
        this.#readAll = true;
        return this.#sink.fail(error as Error);
      }
      if (failed === undefined) this.#sink.peerEnded();
      else this.#sink.lost(this.#lost(failed));
    }
  }

  #lost(why: string): ZmqError {
    return new ZmqError("ECONNRESET", `Connection to ${endpointText(this.#sink.remote)} was ${why}`);
  }

  // Writing.

  /** See {@link Driver.bytesTaken}. */
  get bytesTaken(): number {
    const { taken } = this.#writer;
    return this.#piece ? taken + this.#writer.bytesIn(this.#link.bytesTaken - this.#base) : taken;
  }

  /** See {@link Driver.write}. */
  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#gone || this.#dead) return false;
    this.#writer.start(chunks);
    this.#writing = true;
    if (this.#pump()) return true;
    this.#writer.keep();
    return false;
  }

  /** Passes the pieces of the write to the link; `true` if it has taken all of them. */
  #pump(): boolean {
    if (this.#busy) return false;
    const link = this.#link;
    const writer = this.#writer;
    for (let piece = writer.next(); piece !== undefined; piece = writer.next()) {
      this.#base = link.bytesTaken;
      if (!link.write(piece)) {
        this.#busy = this.#piece = true;
        return false;
      }
      writer.done();
    }
    this.#writing = false;
    return true;
  }

  /** Sends a control frame now, or when the write is complete; then instead of one that waits. */
  #answer(frame: Uint8Array): void {
    if (this.#closeSent) return;
    if (this.#busy || this.#writing) this.#control = frame;
    else this.#busy = !this.#link.write([frame]);
  }

  /** See {@link LinkSink.onDrain}. */
  onDrain(): void {
    this.#busy = false;
    if (this.#piece) this.#writer.done();
    this.#piece = false;
    if (this.#dead) return;
    const wrote = this.#writing;
    if (wrote && !this.#pump()) return;
    const control = this.#control;
    this.#control = undefined;
    if (control !== undefined) this.#busy = !this.#link.write([control]);
    if (wrote) this.#sink.drained();
    if (this.#finishing && !this.#busy) this.#sink.endSent();
  }

  // Ending.

  /** See {@link Driver.finish}. */
  finish(): void {
    this.#finishing = true;
    this.#answer(closeFrame(NORMAL, this.#client));
    this.#closeSent = true;
    if (!this.#busy) this.#sink.endSent();
  }

  /** See {@link Driver.leave}. */
  leave(): void {
    if (this.#gone) this.drop(undefined);
    else this.#end(NORMAL);
  }

  /** See {@link Driver.drop}. */
  drop(reason: Error | undefined): void {
    if (this.#gone) {
      this.#dead = true;
      return this.#sink.closed();
    }
    if (!this.#dead) this.#end(closeCodeOf(reason));
    else this.#link.abort();
  }

  /** Ends the link, with a close frame if the last frame is complete and the operating system takes it at once. */
  #end(code: number): void {
    this.#dead = true;
    this.#readAll = true;
    const link = this.#link;
    const whole = !this.#busy && !this.#writing;
    if (!whole || (!this.#closeSent && !link.write([closeFrame(code, this.#client)]))) return link.abort();
    this.#closeSent = true;
    // Over TLS even an end waits for a peer that does not read.
    this.#timer = idleTimer(CLOSE_GRACE, () => link.abort());
    void link.close(0);
  }

  /** See {@link LinkSink.onClose}. */
  onClose(error?: Error, taken?: number): void {
    this.#timer?.cancel();
    const certain = this.bytesTaken;
    this.mostTaken = this.#writer.taken + (this.#piece ? this.#writer.bytesIn(taken) : 0);
    this.#writer.taken = certain;
    this.#writer.drop();
    this.#piece = false;
    this.#gone = true;
    if (this.#dead) return this.#sink.closed();
    // A reset does not wait until the link is resumed: what arrived before it counts.
    this.#flowing = true;
    this.#decode();
    if (this.#dead) return;
    const ended = this.#readAll ? undefined : this.#lost("lost: the peer ended it without a close frame (1006)");
    this.#sink.lost(error ?? ended);
  }

  /** See {@link Driver.unref}. */
  unref(): void {
    this.#link.unref();
  }

  /** See {@link Driver.ref}. */
  ref(): void {
    this.#link.ref();
  }
}
