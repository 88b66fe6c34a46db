/**
 * The publisher's side: which pipes want which topics. A set a topic, so that one cancel ends what any number of
 * subscribes of the same peer began (libzmq mtrie).
 *
 * @module
 */

import type { Pipe } from "./pipe.ts";
import { toKey } from "../message.ts";
import { TopicTrie } from "./topic_trie.ts";

/** Topics with the pipes that want them. */
export class Subscribers {
  readonly #pipes = new TopicTrie<Set<Pipe>>();
  /** The topics of each pipe, to find them when it goes. */
  readonly #topics = new Map<Pipe, Map<string, Uint8Array>>();

  /** Adds a subscription, and returns whether it is the first of this topic by any pipe. */
  add(pipe: Pipe, topic: Uint8Array): boolean {
    let topics = this.#topics.get(pipe);
    if (topics === undefined) this.#topics.set(pipe, topics = new Map());
    const key = toKey(topic);
    // A copy: the topic is a view of the chunk that it came in.
    if (!topics.has(key)) topics.set(key, topic.slice());
    const pipes = this.#pipes.get(topic);
    if (pipes !== undefined) {
      pipes.add(pipe);
      return false;
    }
    this.#pipes.set(topic, new Set([pipe]));
    return true;
  }

  /** Removes a subscription, and returns whether it was the last of this topic by any pipe. */
  remove(pipe: Pipe, topic: Uint8Array): boolean {
    const topics = this.#topics.get(pipe);
    if (topics === undefined || !topics.delete(toKey(topic))) return false;
    if (topics.size === 0) this.#topics.delete(pipe);
    return this.#drop(pipe, topic);
  }

  /** Removes all subscriptions of a pipe, and returns the topics that nobody wants any more. */
  removeAll(pipe: Pipe): Uint8Array[] {
    const topics = this.#topics.get(pipe);
    if (topics === undefined) return [];
    this.#topics.delete(pipe);
    return [...topics.values()].filter((topic) => this.#drop(pipe, topic));
  }

  /** Calls `visit` with the pipes of every topic that the frame starts with; a pipe may come more than once. */
  match(frame: Uint8Array, visit: (pipes: Set<Pipe>) => void): void {
    this.#pipes.matchPrefixes(frame, visit);
  }

  /** How many pipes subscribed to exactly this topic, or to any if none is given. */
  count(topic?: Uint8Array): number {
    return topic === undefined ? this.#topics.size : this.#pipes.get(topic)?.size ?? 0;
  }

  #drop(pipe: Pipe, topic: Uint8Array): boolean {
    const pipes = this.#pipes.get(topic)!;
    pipes.delete(pipe);
    return pipes.size === 0 && this.#pipes.delete(topic);
  }
}
