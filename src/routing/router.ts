/**
 * ROUTER: every peer has a routing id, which is the first frame of what is received and says where a message is sent
 * (RFC 28; libzmq router.cpp).
 *
 * @module
 */

import { flag, oneOf } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import { type Message, SmallFrames } from "../base/message.ts";
import { option, type OptionGroup, type Values } from "../base/option.ts";
import { DropCount } from "./drops.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import { PeerIds } from "./peer_ids.ts";
import type { Pipe } from "./pipe.ts";
import { emptyMessage, type ProbeOptions } from "./probe.ts";

/** Options of `Router` about its peers. */
export interface RouterPeerOptions {
  /**
   * Whether sending to a peer that is not connected fails with `EHOSTUNREACH`, and to one that is full waits (sends to
   * other peers go on). Otherwise such messages are dropped. Default `false`.
   */
  readonly mandatory?: boolean;
  /**
   * Whether a new peer takes the place of a connected one with the same routing id. The one without the id stays connected, but
   * what it sends is dropped, and counted by `statistics().dropped`. Default `false`: the first one keeps the id.
   */
  readonly handover?: boolean;
  /** Of what a peer's routing id with an empty frame is received: its connection, its loss, or both; null for none. Default null. */
  readonly notify?: "connect" | "disconnect" | "both" | null;
}

/** {@link RouterPeerOptions}, defined. */
export const ROUTER_PEER: OptionGroup<RouterPeerOptions> = {
  mandatory: option(flag, false, "next message", "ROUTER_MANDATORY"),
  handover: option(flag, false, "next connection", "ROUTER_HANDOVER"),
  notify: option(oneOf("connect", "disconnect", "both"), null, "next message", "ROUTER_NOTIFY"),
};

/** The options that the pattern reads. */
export type RouterSettings = Values<RouterPeerOptions & ProbeOptions>;

/** The behaviour of a ROUTER socket. */
export class RouterPattern implements Pattern {
  // A peer is known by its routing id, and that is told in the handshake.
  readonly queuesAhead = false;
  readonly sendsByPeer = true;
  /** Who is known by which routing id. */
  readonly peers: PeerIds = new PeerIds();
  readonly drops: DropCount = new DropCount();
  readonly #in = new FairQueue();
  readonly #options: RouterSettings;
  readonly #small = new SmallFrames();

  constructor(options: RouterSettings) {
    this.#options = options;
  }

  begin({ clock }: PatternHost): void {
    this.peers.useClock(clock);
  }

  attach(pipe: Pipe): undefined {
    const id = pipe.assignedId ?? (pipe.identity.length > 0 ? pipe.identity : this.peers.make());
    const rival = this.peers.get(id);
    // Of two peers with one id, one is sent to and heard. The other stays connected, as in libzmq: if it were closed it would
    // come back, and two live peers would take turns for ever. It is read on, so that its end is seen.
    const loser = rival !== undefined && !this.#options.handover ? pipe : rival;
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
    const { notify, probeRouter } = this.#options;
    if (notify === "connect" || notify === "both") pipe.deliver(emptyMessage());
    if (probeRouter) pipe.greet(emptyMessage());
  }

  disconnected(pipe: Pipe, lost: boolean): void {
    const { notify } = this.#options;
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

  trySend(message: Message): boolean {
    const pipe = this.peers.get(message[0]!);
    if (pipe === undefined) {
      if (this.#options.mandatory) {
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
    if (this.#options.mandatory) return pipe.trySend(rest);
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
