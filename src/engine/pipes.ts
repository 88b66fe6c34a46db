/**
 * The pipes of one socket: those that are open, those that its pattern knows, and the counters and messages that the others leave
 * behind. Connections and dialers open and drop them.
 *
 * @module
 */

import type { ZmqError } from "../base/errors.ts";
import type { DropReason, DropsHost } from "../routing/drops.ts";
import type { Pipe, ThreadInbound } from "../routing/pipe.ts";
import { CounterSet } from "./counters.ts";
import type { PipeHost } from "./pipe/contracts.ts";
import { Leftovers } from "./pipe/leftovers.ts";
import { PeerPipe } from "./pipe/pipe.ts";
import type { Settings } from "./settings.ts";

/** The socket, as its pipes together see it. */
export interface PipesHost extends PipeHost, DropsHost {
  readonly settings: Settings;
  /** A message was dropped, the first one for this reason; of which peer, if that is known. */
  firstDrop(reason: DropReason, pipe?: Pipe): void;
  /** Waiting sends may have a queue now, or no peer left to wait for. */
  routesChanged(): void;
}

/** All pipes of one socket. */
export class Pipes {
  readonly #host: PipesHost;
  readonly #open = new Set<PeerPipe>();
  /** Those that the pattern knows. */
  readonly #attached = new Set<PeerPipe>();
  /** Counters of all pipes that have ended. */
  readonly #past = new CounterSet();
  /** Received messages of those. */
  readonly leftovers: Leftovers = new Leftovers();
  /** Called with each new pipe, while the debug log is on. */
  onOpen: ((pipe: PeerPipe) => void) | undefined;
  /** Called with each that ends, while the debug log is on. */
  onEnd: ((pipe: PeerPipe) => void) | undefined;

  constructor(host: PipesHost) {
    this.#host = host;
    this.#past.drops.host = host;
  }

  /** Those that have not ended. */
  [Symbol.iterator](): Iterator<PeerPipe> {
    return this.#open.values();
  }

  /** Makes a pipe that the pattern does not know yet. */
  open(assignedId?: Uint8Array): PeerPipe {
    const pipe = new PeerPipe(this.#host, this.#host.settings.conflate, assignedId);
    this.#open.add(pipe);
    this.onOpen?.(pipe);
    return pipe;
  }

  /** Makes a pipe to a thread that serves subscribers of this socket, and counts its messages itself. */
  openToThread(inbound: ThreadInbound): PeerPipe {
    const pipe = new PeerPipe(this.#host, false);
    pipe.thread = inbound;
    this.#open.add(pipe);
    return pipe;
  }

  /** Shows a pipe to the pattern; returns why it is refused, if it is. */
  attach(pipe: PeerPipe): ZmqError | undefined {
    const refused = this.#host.pattern.attach?.(pipe);
    if (refused === undefined) this.#attached.add(pipe);
    else this.drop(pipe);
    return refused;
  }

  /** Returns whether the pattern knows a pipe. */
  attached(pipe: PeerPipe): boolean {
    return this.#attached.has(pipe);
  }

  /** Takes a pipe from the pattern. */
  detach(pipe: PeerPipe): void {
    if (!this.#attached.delete(pipe)) return;
    this.#host.pattern.detach?.(pipe);
    this.#host.routesChanged();
  }

  /** Ends a pipe; returns the number of messages that are lost. Received messages stay available. */
  drop(pipe: PeerPipe): number {
    const lost = pipe.drop();
    if (this.#open.delete(pipe)) {
      if (pipe.thread === undefined) {
        this.onEnd?.(pipe);
        this.#past.add(pipe.counters);
      } else this.#past.drops.addAll(pipe.counters.drops);
      // Messages sent to it from now on are dropped, and still counted.
      pipe.counters = this.#past;
      this.leftovers.keep(pipe);
      pipe.leftOver = () => this.leftovers.keepMore(pipe);
    }
    return lost;
  }

  /** The high-water marks were changed. */
  marksChanged(): void {
    for (const pipe of this.#open) pipe.marksChanged();
  }

  /** Writes what is queued, as far as peers take it. */
  flush(): void {
    for (const pipe of this.#open) pipe.flush();
  }

  /** Bytes of messages that wait to be sent. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const pipe of this.#open) bytes += pipe.outbox.bytes;
    return bytes;
  }

  /** The sum of the counters of all pipes, past and present. */
  counters(): CounterSet {
    const sum = new CounterSet();
    sum.add(this.#past);
    for (const pipe of this.#open) {
      if (pipe.thread === undefined) sum.add(pipe.counters);
      else sum.drops.addAll(pipe.counters.drops);
    }
    return sum;
  }

  /** Messages that wait to be sent, and to be received. */
  waiting(): { queued: number; held: number } {
    let queued = 0;
    let { held } = this.leftovers;
    for (const pipe of this.#open) {
      queued += pipe.outbox.messages;
      held += pipe.inbox.length;
    }
    return { queued, held };
  }

  /** Drops unreceived messages: the socket is closed. */
  forgetReceived(): void {
    for (const pipe of this.#open) pipe.forget();
    this.leftovers.forget();
  }
}
