/**
 * Messages that are thrown away, counted by the reason: whatever does not reach its receiver is found here.
 *
 * @module
 */

/**
 * Why a message was thrown away.
 *
 * Sent:
 * - `highWaterMark`: the queue to the peer was full, and the socket type does not wait.
 * - `unroutable`: no peer has its routing id, or it was nothing but a routing id.
 * - `noPeer`: the peer that was to get it is gone, or nobody is connected.
 * - `unsendable`: encoding, encrypting or writing it failed, which ended the connection; the `disconnect` event has the error.
 * - `lost`: it was queued for a peer that was given up, unbound, disconnected or closed before it could be sent.
 *
 * Received:
 * - `noDelimiter`: what came to a `Reply` or `Request` has no empty delimiter frame, or nothing behind it.
 * - `unexpectedReply`: a `Request` got a reply that it did not ask for, or a second one.
 * - `unexpectedMessage`: the socket type does not receive messages from that peer.
 * - `noSubscription`: it matches no subscription (any more).
 * - `refusedPeer`: the socket does not read from that peer, whose routing id another one has.
 * - `closed`: it came, or waited to be received, when the socket was closed or its endpoint let go.
 *
 * Both:
 * - `tooLarge`: it was over a limit such as `maxMessageSize`, ours or, as it seems, the peer's.
 * - `conflated`: a later one took its place.
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

/** How many messages were thrown away, by {@link DropReason}. Each reason is there, with 0 if it never was one. */
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

/** All reasons. */
export const DROP_REASONS = Object.keys(NONE) as readonly DropReason[];

/** Counts that go on. */
export class DropCount {
  /** In all. */
  total = 0;
  /** Made with the first drop: most peers never have one. */
  #counts: Record<DropReason, number> | undefined;

  /** Counts so many messages. */
  add(reason: DropReason, messages = 1): void {
    if (messages === 0) return;
    this.total += messages;
    (this.#counts ??= { ...NONE })[reason] += messages;
  }

  /** Adds other counts to these. */
  addAll(other: DropCount): void {
    if (other.#counts === undefined) return;
    for (const reason of DROP_REASONS) this.add(reason, other.#counts[reason]);
  }

  /** The counts as they are now. */
  snapshot(): Drops {
    return { ...this.#counts ?? NONE };
  }
}
