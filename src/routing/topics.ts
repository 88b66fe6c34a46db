/**
 * The subscriber's topics: how often SUB or XSUB subscribed to each, and whether a message matches one of them (RFC 29;
 * libzmq xsub.cpp).
 *
 * @module
 */

import { TopicTrie } from "./topic_trie.ts";

/** A set of topics with reference counts. */
export class Topics {
  readonly #counts = new TopicTrie<number>();
  /** Incremented whenever a topic is added or removed. */
  #changes = 0;

  /** Number of topics. */
  get size(): number {
    return this.#counts.size;
  }

  /** Adds one subscription. */
  add(topic: Uint8Array): void {
    const count = this.#counts.get(topic) ?? 0;
    if (count === 0) this.#changes++;
    this.#counts.set(topic, count + 1);
  }

  /**
   * Removes one subscription, and returns true if it was the last of its topic, which is when an unsubscribe is sent.
   */
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

  /** Returns true if any topic is a prefix of the frame. */
  matches(frame: Uint8Array): boolean {
    return this.#counts.matchPrefixes(frame, always);
  }

  /**
   * Iterates over the topics in byte order. Topics that are added behind the current one during the iteration are
   * included, and removed ones are not.
   */
  *[Symbol.iterator](): Generator<Uint8Array, undefined> {
    let last: Uint8Array | undefined;
    for (let changes = -1; changes !== this.#changes;) {
      changes = this.#changes;
      for (const [topic] of this.#counts.entries(last)) {
        yield last = topic;
        // A change may have restructured the trie, so the iteration restarts behind the last topic.
        if (changes !== this.#changes) break;
      }
    }
    return undefined;
  }
}

const always = () => true;
