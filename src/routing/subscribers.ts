/**
 * The publisher's side: which pipes want which topics. A set a topic, so that one cancel ends what any number of
 * subscribes of the same peer began (libzmq mtrie).
 *
 * @module
 */

import { ZmqError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../zmtp/limits.ts";
import type { Pipe } from "./pipe.ts";
import { TopicTrie } from "./topic_trie.ts";

/** What all topics of one peer may come to, in bytes: a quarter of a million of common length. */
const MAX_TOPIC_BYTES = 64 * 1024 * 1024;
/** What a topic costs besides its own bytes, roughly. */
const TOPIC_COST = 256;

/** The topics of one pipe, to find them when it goes. */
interface PipeTopics {
  readonly topics: TopicTrie<true>;
  bytes: number;
}

/** Topics with the pipes that want them. */
export class Subscribers {
  readonly #pipes = new TopicTrie<Set<Pipe>>();
  readonly #topics = new Map<Pipe, PipeTopics>();

  /** Adds a subscription, and returns whether it is the first of this topic by any pipe. Too much costs the connection. */
  add(pipe: Pipe, topic: Uint8Array): boolean {
    const own: PipeTopics = this.#topics.get(pipe) ?? { topics: new TopicTrie(), bytes: 0 };
    if (own.topics.get(topic) === undefined) {
      const bytes = own.bytes + topic.length + TOPIC_COST;
      if (topic.length > DEFAULT_LIMITS.maxTopicSize || bytes > MAX_TOPIC_BYTES) {
        pipe.reject(new ZmqError("EMSGSIZE", "The peer subscribed to a topic that is too long, or to too many"));
        return false;
      }
      own.topics.set(topic, true);
      own.bytes = bytes;
      this.#topics.set(pipe, own);
    }
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
    const own = this.#topics.get(pipe);
    if (own === undefined || !own.topics.delete(topic)) return false;
    own.bytes -= topic.length + TOPIC_COST;
    if (own.topics.size === 0) this.#topics.delete(pipe);
    return this.#drop(pipe, topic);
  }

  /** How many topics there are. */
  get topicCount(): number {
    return this.#pipes.size;
  }

  /** What a pipe subscribed to. */
  topicsOf(pipe: Pipe): Uint8Array[] {
    return Array.from(this.#topics.get(pipe)?.topics.entries() ?? [], ([topic]) => topic);
  }

  /** Removes all subscriptions of a pipe, and returns the topics that nobody wants any more. */
  removeAll(pipe: Pipe): Uint8Array[] {
    const own = this.#topics.get(pipe);
    if (own === undefined) return [];
    this.#topics.delete(pipe);
    const last: Uint8Array[] = [];
    for (const [topic] of own.topics.entries()) if (this.#drop(pipe, topic)) last.push(topic);
    return last;
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
