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
  /** Counts every topic that comes or goes. */
  #changes = 0;

  /** How many topics there are. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts one more subscription. */
  add(topic: Uint8Array): void {
    const count = this.#counts.get(topic) ?? 0;
    if (count === 0) this.#changes++;
    this.#counts.set(topic, count + 1);
  }

  /** Counts one less, and returns whether it was the last: only then is the publisher told. */
  remove(topic: Uint8Array): boolean {
    const count = this.#counts.get(topic);
    if (count === undefined) return false;
    if (count > 1) {
      this.#counts.set(topic, count - 1);
      return false;
    }
    this.#changes++;
    return this.#counts.delete(topic);
  }

  /** Whether any topic is a prefix of the frame. */
  matches(frame: Uint8Array): boolean {
    return this.#counts.matchPrefixes(frame, always);
  }

  /** Every topic once, in the order of their bytes: also those that come behind it meanwhile, and not those that go. */
  *[Symbol.iterator](): Generator<Uint8Array, undefined> {
    let last: Uint8Array | undefined;
    for (let changes = -1; changes !== this.#changes;) {
      changes = this.#changes;
      for (const [topic] of this.#counts.entries(last)) {
        yield last = topic;
        // The way through the trie may be another one now.
        if (changes !== this.#changes) break;
      }
    }
    return undefined;
  }
}

const always = () => true;
