/**
 * Dropped messages, counted by reason: every message that does not reach its receiver is counted here.
 *
 * @module
 */

/**
 * The reason why a message was dropped.
 *
 * Sent:
 * - `highWaterMark`: the queue to the peer was full, and the socket type drops messages instead of waiting.
 * - `unroutable`: no peer has its routing id, or it had no frame besides the routing id.
 * - `noPeer`: its peer disconnected, or no peer is connected; at a `Router`, a reply of `serve` to a client that has left.
 * - `unsendable`: encoding, encrypting or writing it failed, which closed the connection; the `disconnect` event has
 *   the error.
 *
 * Received:
 * - `noDelimiter`: a message to a `Reply`, `Request`, `Requester` or `serve` has no empty delimiter frame, or no frame
 *   after it.
 * - `unexpectedReply`: a `Request` or `Requester` received a reply to no open request, a late or a second reply.
 * - `unexpectedMessage`: the socket type does not receive messages from that peer.
 * - `noSubscription`: it matches no subscription, for example because it was sent before an unsubscribe arrived.
 * - `refusedPeer`: it came from a peer that the socket ignores because another peer has its routing id.
 * - `closed`: it arrived, or waited to be received, when the socket was closed or its endpoint unbound or disconnected.
 *
 * Both:
 * - `lost`: it was queued for a peer that disconnected or was disconnected, unbound or closed before it could be sent; or it
 *   had arrived when its connection broke, while the receive queue was full of messages from an earlier connection.
 * - `tooLarge`: it exceeded a limit such as `maxMessageSize`: the limit of this socket or, as far as can be seen, of
 *   the peer.
 * - `conflated`: a later message replaced it.
 */
export type DropReason =
  | "highWaterMark"
  | "unroutable"
  | "noPeer"
  | "unsendable"
  | "lost"
  | "noDelimiter"
  | "unexpectedReply"
  | "unexpectedMessage"
  | "noSubscription"
  | "refusedPeer"
  | "tooLarge"
  | "closed"
  | "conflated";

/**
 * Number of dropped messages per {@link DropReason}. Every reason is present, with 0 if no message was dropped for it.
 */
export type Drops = Readonly<Record<DropReason, number>>;

const NONE: Drops = {
  highWaterMark: 0,
  unroutable: 0,
  noPeer: 0,
  unsendable: 0,
  lost: 0,
  noDelimiter: 0,
  unexpectedReply: 0,
  unexpectedMessage: 0,
  noSubscription: 0,
  refusedPeer: 0,
  tooLarge: 0,
  closed: 0,
  conflated: 0,
};

/** Every drop reason. */
const DROP_REASONS = Object.keys(NONE) as readonly DropReason[];

/** Is notified of the first drop for each reason. */
export interface DropsHost {
  firstDrop(reason: DropReason): void;
}

/** Running counts of dropped messages. */
export class DropCount {
  /** Sum over all reasons. */
  total = 0;
  /** Created with the first drop, because most peers never drop a message. */
  #counts: Record<DropReason, number> | undefined;
  /** Notified of the first drop for each reason, in the middle of a send or of reading. */
  host: DropsHost | undefined;

  /** Counts one or more messages as dropped. */
  add(reason: DropReason, messages = 1): void {
    if (messages === 0) return;
    this.total += messages;
    const counts = this.#counts ??= { ...NONE };
    const before = counts[reason];
    counts[reason] = before + messages;
    if (before === 0) this.host?.firstDrop(reason);
  }

  /** Adds the counts of another counter. */
  addAll(other: DropCount): void {
    if (other.#counts === undefined) return;
    for (const reason of DROP_REASONS) this.add(reason, other.#counts[reason]);
  }

  /** Returns a copy of the current counts. */
  snapshot(): Drops {
    return { ...this.#counts ?? NONE };
  }
}
