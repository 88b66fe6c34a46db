/**
 * ROUTER: every peer has a routing id, which is the first frame of each received message and addresses each sent one
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
   * If true, sending to a peer that is not connected fails with `EHOSTUNREACH`, and sending to a peer with a full queue
   * waits (sends to other peers continue). If false, such messages are dropped. Default `false`.
   */
  readonly mandatory?: boolean | undefined;
  /**
   * If true, a new peer takes over the routing id of a connected peer. The peer that lost the id stays connected, but
   * its messages are dropped and counted by `statistics().dropped`. Default `false`: the first peer keeps the id.
   */
  readonly handover?: boolean | undefined;
  /**
   * Events that are received as a message of the peer's routing id and an empty frame: `"connect"`, `"disconnect"`, or
   * `"both"`; null for none. Default null.
   */
  readonly notify?: "connect" | "disconnect" | "both" | null | undefined;
}

/** Definition of {@link RouterPeerOptions}. */
export const ROUTER_PEER: OptionGroup<RouterPeerOptions> = {
  mandatory: option(flag, false, "next message", "ROUTER_MANDATORY"),
  handover: option(flag, false, "next connection", "ROUTER_HANDOVER"),
  notify: option(oneOf("connect", "disconnect", "both"), null, "next message", "ROUTER_NOTIFY"),
};

/** The options that the pattern reads. */
export type RouterSettings = Values<RouterPeerOptions & ProbeOptions>;

/** The behavior of a ROUTER socket. */
export class RouterPattern implements Pattern {
  // A peer is addressed by its routing id, which is known only after the handshake.
  readonly queuesAhead = false;
  readonly sendsByPeer = true;
  /** The peers by routing id. */
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
    // With two peers of one id, only one can be sent to and received from. The other stays connected, as in libzmq: if
    // it were closed it would reconnect, and two live peers would replace each other forever. It is still read, so that
    // its end is detected.
    const loser = rival !== undefined && !this.#options.handover ? pipe : rival;
    if (loser !== undefined) loser.ignored = true;
    if (loser !== pipe) this.peers.set(id, pipe);
  }

  connected(pipe: Pipe): void {
    // A peer that lost its id by handover may get it back when the other peer has disconnected.
    const { assignedId } = pipe;
    if (assignedId !== undefined && this.peers.get(assignedId) === undefined) {
      this.peers.set(assignedId, pipe);
      pipe.ignored = false;
    }
    if (!this.peers.has(pipe)) return;
    const { notify, probeRouter } = this.#options;
    if (notify === "connect" || notify === "both") pipe.deliver(emptyMessage());
    if (probeRouter) pipe.sendFirst(emptyMessage());
  }

  disconnected(pipe: Pipe, lost: boolean): void {
    const { notify } = this.#options;
    if (!lost || !this.peers.has(pipe)) return;
    if (notify === "disconnect" || notify === "both") pipe.deliver(emptyMessage());
  }

  /** A peer that lost its id by handover has no loss to report. */
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
        throw new ZmqError("EHOSTUNREACH", "Cannot send on Router: no peer with this routing id is connected");
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
    // A copy, because users may write to the frames they receive.
    message.unshift(this.#small.copy(this.#in.last!.routingId));
    return message;
  }

  canReceive(): boolean {
    return this.#in.readable;
  }
}
