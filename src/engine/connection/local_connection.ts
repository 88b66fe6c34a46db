/**
 * One side of a connection between two sockets of this process: messages go from pipe to pipe by reference, without frames or
 * bytes. The queues are those of the two pipes, so that the high-water mark is the sum of both, and no limit where one of them has
 * none, as in libzmq.
 *
 * | Event  | NEW     | STARTED | OPEN  | ENDED |
 * | ------ | ------- | ------- | ----- | ----- |
 * | start  | STARTED | x       | x     | -     |
 * | meet   |         | OPEN    |       |       |
 * | finish | ENDED   | ENDED   | ENDED | -     |
 * | drop   | ENDED   | ENDED   | ENDED | -     |
 * | fail   | ENDED   | ENDED   | ENDED | -     |
 * | peer   | ENDED   | ENDED   | ENDED | -     |
 *
 * `-` changes nothing; an empty cell cannot happen, as the two sides meet once; `x` would break the contract of `Connection`, which is started once. `start` of the side that connects starts the accepting side as well, and
 * lets both `meet`, at once: that leads to OPEN, or to ENDED if they do not fit. `peer`: the peer's side has ended. The owner knows
 * of a connection from `start` on; one that ended before is reported at `start`. `tests/engine/connection/local_states_test.ts` walks the table.
 *
 * More than 20 members because pipe, socket and the peer's side each have their contract with it.
 *
 * @module
 */

import { NO_BYTES } from "../../base/bytes.ts";
import { microtask } from "../../base/clock.ts";
import { ZmqError } from "../../base/errors.ts";
import { handedOver, type Message } from "../../base/message.ts";
import { endpointText } from "../../base/peer_text.ts";
import { ProtocolError } from "../../zmtp/protocol_error.ts";
import { inprocPeer } from "../../zmtp/peer_info.ts";
import { compatible, type ZmtpSocketType } from "../../zmtp/socket_type.ts";
import type { DroppedMessage } from "../pipe/dropped_message.ts";
import type { Connection, ConnectionHost } from "./contract.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { PipeConnection, PipeSink } from "../pipe/contracts.ts";
import type { ThreadPort } from "../../transport/thread_port.ts";
import { writeError } from "../../base/write_error.ts";

/** A socket as one side of such connections. */
export interface LocalSocket {
  readonly type: ZmtpSocketType;
  readonly owner: ConnectionHost;
  /** Takes an incoming connection; `false` if the socket is closed. */
  accept(connection: Connection): boolean;
  /** Creates a connection to a socket of another thread, which is not started yet. */
  over?(port: ThreadPort, endpoint: string): Connection;
  readonly settings: { readonly routingId: Uint8Array | null; readonly metadata: Readonly<Record<string, string>> };
}

/** One side of a connection. */
export class LocalConnection implements Connection, PipeConnection, PipeSink {
  readonly endpoint: string;
  readonly linked = false;
  readonly unsent = 0;
  unsendable: DroppedMessage | undefined;
  /** Peers within one process are not authenticated. */
  readonly proven = true;
  readonly #socket: LocalSocket;
  /** It is the side that connects. */
  readonly #calls: boolean;
  #other!: LocalConnection;
  #pipe: PeerPipe | undefined;
  /** Its owner knows it. */
  #known = false;
  #ended = false;
  /** True if this side ended it, and not because of an error. */
  #endedHere = false;
  #moving = false;

  private constructor(endpoint: string, socket: LocalSocket, calls: boolean) {
    this.endpoint = endpoint;
    this.#socket = socket;
    this.#calls = calls;
  }

  /** The caller's side of a connection; when it is started, the binder gets the peer's side. */
  static to(endpoint: string, caller: LocalSocket, binder: LocalSocket): LocalConnection {
    const near = new LocalConnection(endpoint, caller, true);
    const far = new LocalConnection(endpoint, binder, false);
    near.#other = far;
    far.#other = near;
    return near;
  }

  get remote(): string {
    return this.endpoint;
  }

  get handshaken(): boolean {
    return this.#pipe !== undefined;
  }

  /** The caller's start makes both sides ready, at once. */
  start(): void {
    this.#known = true;
    if (this.#ended) return this.#reportClosed(undefined, this.#endedHere);
    if (!this.#calls) return;
    if (!this.#other.#socket.accept(this.#other)) {
      return this.fail(new ZmqError("ECONNREFUSED", `${endpointText(this.endpoint)} is no longer bound`));
    }
    const [ours, theirs] = [this.#socket.type, this.#other.#socket.type];
    if (!compatible(ours, theirs.name) || !compatible(theirs, ours.name)) {
      const text = `${ours.name} and ${theirs.name} sockets cannot talk to each other`;
      return this.fail(new ProtocolError("EPROTO", "INVALID_METADATA", text));
    }
    // A listener may have closed either socket.
    const refused = this.#ended ? undefined : this.#other.#ready() ?? (this.#ended ? undefined : this.#ready());
    if (refused !== undefined) return this.fail(refused);
    this.#move();
    this.#other.#move();
  }

  readonly takesRuns = false;
  readonly written = 0;

  /** At once, as the peer takes everything: what was accepted before the end is delivered, whatever its high-water mark says. */
  finish(): void {
    let error: Error | undefined;
    const all: PipeSink = {
      full: false,
      written: 0,
      message: (message) => this.message(message),
      first: (message) => this.message(message),
      subscription: (cancel, topic) => this.subscription(cancel, topic),
    };
    while (this.#pipe !== undefined && this.#other.#pipe !== undefined) {
      try {
        this.#pipe.outbox.moveTo(all);
        break;
      } catch (cause) {
        // The message that threw is dropped: those behind it are not lost with it.
        error ??= writeError(this.endpoint, cause);
        this.unsendable = this.#pipe?.outbox.takeUnsendable();
      } finally {
        this.#pipe?.outbox.handedOver();
      }
    }
    this.#end(error);
  }

  drop(): void {
    this.#end(undefined);
  }

  fail(error: Error): void {
    this.#end(error);
  }

  /** Removes messages that the peer has not received yet. */
  takeBack(): void {
    this.#other.#pipe?.forget();
  }

  // Requests of the pipe.

  queued(): void {
    this.#move();
  }

  flush(): void {
    this.#move();
  }

  get passes(): boolean {
    return !this.#moving && this.#pipe !== undefined && !this.full;
  }

  pass(frames: Message): void {
    const { outbox } = this.#pipe!;
    this.#moving = true;
    try {
      this.#other.#pipe!.arrived(frames);
    } catch (error) {
      outbox.spoilPassed(frames);
      this.#moveFailed(error);
    }
    this.#moving = false;
    // A listener may have sent something meanwhile.
    if (!outbox.drained) this.#move();
  }

  resumeReading(): void {
    this.#other.#move();
  }

  // The sink of the pipe: the peer.

  get full(): boolean {
    return this.#ended || this.#other.#pipe?.inbox.hasRoom() !== true;
  }

  message(message: Message): void {
    this.#other.#pipe?.arrived(handedOver(message));
  }

  first(message: Message): void {
    this.message(message);
  }

  subscription(cancel: boolean, topic: Uint8Array): void {
    this.#other.#pipe?.subscribed(cancel, topic);
  }

  #ready(): ZmqError | undefined {
    const { type, settings } = this.#other.#socket;
    const peer = inprocPeer(type, settings.routingId ?? NO_BYTES, settings.metadata);
    const pipe = this.#socket.owner.connectionReady(this, peer);
    if (pipe instanceof ZmqError) return pipe;
    this.#pipe = pipe;
    // A listener of the event may have closed either socket.
    if (this.#ended) this.#leavePipe();
    return undefined;
  }

  #move(): void {
    if (this.#moving || this.#pipe === undefined || this.#other.#pipe === undefined) return;
    this.#moving = true;
    try {
      this.#pipe.outbox.moveTo(this);
      this.#pipe?.outbox.handedOver();
      this.#moving = false;
      this.#pipe?.outbox.flushed();
    } catch (error) {
      this.#moveFailed(error);
      this.#moving = false;
    }
  }

  /** Something threw: messages moved before are with the peer, and the message that was the cause is dropped. */
  #moveFailed(cause: unknown): void {
    this.#pipe?.outbox.handedOver();
    this.unsendable = this.#pipe?.outbox.takeUnsendable();
    this.#end(writeError(this.endpoint, cause));
  }

  #end(error: Error | undefined, here = true): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endedHere = here && error === undefined;
    try {
      this.#leavePipe();
    } catch (cause) {
      // The end is reported to both sides nevertheless.
      error ??= writeError(this.endpoint, cause);
    }
    if (this.#known) this.#reportClosed(error, this.#endedHere);
    this.#other.#end(error, false);
  }

  #leavePipe(): void {
    if (this.#pipe === undefined) return;
    this.#pipe.disconnect();
    this.#pipe = undefined;
    this.#socket.owner.connectionEnding?.(this);
  }

  /** Never synchronously: the caller may be in the middle of an operation. */
  #reportClosed(error: Error | undefined, local: boolean): void {
    microtask(() => this.#socket.owner.connectionClosed(this, error, local));
  }
}
