/**
 * The subscriber's side: which topics a SUB or XSUB wants, how often each was asked for, and whether a message matches
 * (RFC 29; libzmq xsub.cpp).
 *
 * @module
 */

import { TopicTrie } from "./topic_trie.ts";

/** A counted set of topics. */
export class Topics {
  readonly #counts = new TopicTrie<number>();

  /** How many topics there are. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts one more subscription. */
  add(topic: Uint8Array): void {
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + 1);
  }

  /** Counts one less, and returns whether it was the last: only then is the publisher told. */
  remove(topic: Uint8Array): boolean {
    const count = this.#counts.get(topic);
    if (count === undefined) return false;
    if (count === 1) return this.#counts.delete(topic);
    this.#counts.set(topic, count - 1);
    return false;
  }

  /** Whether any topic is a prefix of the frame. */
  matches(frame: Uint8Array): boolean {
    return this.#counts.matchPrefixes(frame, always);
  }

  /** Every topic once, in the order of their bytes. */
  *[Symbol.iterator](): Generator<Uint8Array> {
    for (const [topic] of this.#counts.entries()) yield topic;
  }
}

const always = () => true;
