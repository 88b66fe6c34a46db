/**
 * ROUTER: every peer has a routing id, which is the first frame of what is received and says where a message is sent
 * (RFC 28; libzmq router.cpp).
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { ZmqError } from "../errors.ts";
import { type Message, SmallFrames } from "../message.ts";
import { DropCount } from "./drops.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import { PeerIds } from "./peer_ids.ts";
import type { Pipe } from "./pipe.ts";
import { emptyMessage, type ProbeChoice } from "./probe.ts";

/** What a user may choose. */
export interface RouterChoices extends ProbeChoice {
  /** Whether sending to a peer that is not there is an error; otherwise the message is dropped. */
  readonly mandatory: boolean;
  /** Whether a new peer takes over the routing id of a connected one. */
  readonly handover: boolean;
  /** Whether connections, losses or both are told by an empty message. */
  readonly notify: unknown;
}

/** The behaviour of a ROUTER socket. */
export class RouterPattern implements Pattern {
  // A peer is known by its routing id, and that is told in the handshake.
  readonly queuesAhead = false;
  readonly sendsByPeer = true;
  /** Who is known by which routing id. */
  readonly peers: PeerIds = new PeerIds();
  readonly drops: DropCount = new DropCount();
  readonly #in = new FairQueue();
  readonly #choices: RouterChoices;
  readonly #small = new SmallFrames();

  constructor(choices: RouterChoices) {
    this.#choices = choices;
  }

  useClock(clock: Clock): void {
    this.peers.useClock(clock);
  }

  attach(pipe: Pipe): undefined {
    const id = pipe.assignedId ?? (pipe.identity.length > 0 ? pipe.identity : this.peers.make());
    const rival = this.peers.get(id);
    // Of two peers with one id, one is sent to and heard. The other stays connected, as in libzmq: if it were closed it would
    // come back, and two live peers would take turns for ever. It is read on, so that its end is seen.
    const loser = rival !== undefined && !this.#choices.handover ? pipe : rival;
    if (loser !== undefined) loser.ignored = true;
    if (loser !== pipe) this.peers.set(id, pipe);
  }

  connected(pipe: Pipe): void {
    // A peer that is connected under an id may have lost that to another by handover, which may be gone again.
    const { assignedId } = pipe;
    if (assignedId !== undefined && this.peers.get(assignedId) === undefined) {
      this.peers.set(assignedId, pipe);
      pipe.ignored = false;
    }
    if (!this.peers.has(pipe)) return;
    const { notify, probeRouter } = this.#choices;
    if (notify === "connect" || notify === "both") pipe.deliver(emptyMessage());
    if (probeRouter) pipe.greet(emptyMessage());
  }

  disconnected(pipe: Pipe, lost: boolean): void {
    const { notify } = this.#choices;
    if (!lost || !this.peers.has(pipe)) return;
    if (notify === "disconnect" || notify === "both") pipe.deliver(emptyMessage());
  }

  /** Not of a peer that lost its id to another by handover. */
  wantsNotice(pipe: Pipe): boolean {
    return this.peers.has(pipe);
  }

  detach(pipe: Pipe): void {
    this.peers.delete(pipe);
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  pipeWritable(): void {}

  trySend(message: Message): boolean {
    const pipe = this.peers.get(message[0]!);
    if (pipe === undefined) {
      if (this.#choices.mandatory) {
        throw new ZmqError("EHOSTUNREACH", "Cannot send: no peer is connected with this routing id");
      }
      this.drops.add("unroutable");
      return true;
    }
    if (message.length === 1) {
      this.drops.add("unroutable");
      return true;
    }
    const rest = message.slice(1);
    if (this.#choices.mandatory) return pipe.trySend(rest);
    pipe.sendOrDrop(rest);
    return true;
  }

  canSend(): boolean {
    return true;
  }

  tryReceive(): Message | undefined {
    const message = this.#in.receive();
    if (message === undefined) return undefined;
    // A copy: what users receive is theirs, and they may write to it.
    message.unshift(this.#small.copy(this.#in.last!.routingId));
    return message;
  }

  canReceive(): boolean {
    return this.#in.readable;
  }
}
