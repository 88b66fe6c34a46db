/**
 * The publisher's side: which pipes want which topics. A set per topic, so that one cancel ends what any number of
 * subscribes of the same peer began (libzmq mtrie).
 *
 * Topics that one pipe alone wants, by far most of them, share one set: a topic costs little, and a pipe that leaves is out
 * of all of them at once. Its topics are removed in slices, so that a quarter of a million of them hold up nobody.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { DEFAULT_LIMITS } from "../zmtp/limits.ts";
import type { Pipe } from "./pipe.ts";
import { type TopicNode, topicOf, TopicTrie } from "./topic_trie.ts";

/** What a topic costs besides its own bytes, in bytes, as measured by `npm run attack -- --case topics`. */
export const TOPIC_COST = 320;

/** Most topics that are removed in one turn, of all pipes that have left. */
const SLICE = 500;

/** What one peer may subscribe to. */
export interface TopicLimits {
  /** Most topics. */
  readonly maxTopics: number;
  /** Most bytes that they take, {@link TOPIC_COST} for each and its own. */
  readonly maxTopicBytes: number;
}

/** The limits when no option says otherwise. */
export const DEFAULT_TOPIC_LIMITS: TopicLimits = { maxTopics: 1_000_000, maxTopicBytes: 256 * 1024 * 1024 };

type Node = TopicNode<Set<Pipe>>;

/** Told of a topic that a pipe no longer wants since it left; `last` if now nobody wants it. */
export type TopicGone = (topic: Uint8Array, last: boolean) => void;

/** What one pipe wants. */
class PipeTopics {
  readonly nodes = new Set<Node>();
  /** The pipe alone: the set of all topics that nobody else wants. Empty once the pipe has left. */
  readonly alone: Set<Pipe>;
  bytes = 0;

  constructor(pipe: Pipe) {
    this.alone = new Set([pipe]);
  }
}

/** A pipe that has left, and the topics that it is still to be removed from. */
interface Leaving {
  readonly own: PipeTopics;
  readonly gone: TopicGone | undefined;
  /** Those that are left, once the first has been removed. */
  nodes: Iterator<Node> | undefined;
}

/** Topics with the pipes that want them. */
export class Subscribers {
  /** Calls back in a later turn. Default: at once. */
  later: (callback: () => void) => void = (callback) => callback();
  readonly #limits: Partial<TopicLimits>;
  /** A set of one pipe is that pipe's `alone`; an empty one belongs to a pipe that has left. */
  readonly #trie = new TopicTrie<Set<Pipe>>();
  readonly #topics = new Map<Pipe, PipeTopics>();
  readonly #leaving = new Map<Pipe, Leaving>();
  /** The pipes that are leaving, by the set that is theirs alone. */
  readonly #left = new Map<Set<Pipe>, Pipe>();

  readonly #slice: number;
  /** The number of topics that may still be removed in this turn. */
  #removable: number;
  /** The next turn renews it. */
  #renewing = false;

  /**
   * @param limits Looked at at each subscription; what is left out is the default.
   * @param slice Most topics of pipes that leave which are removed in one turn.
   */
  constructor(limits: Partial<TopicLimits> = {}, slice: number = SLICE) {
    this.#limits = limits;
    this.#slice = this.#removable = slice;
  }

  /** Adds a subscription, and returns whether it is the first of this topic by any pipe. Too much costs the connection. */
  add(pipe: Pipe, topic: Uint8Array): boolean {
    if (this.#leaving.size > 0) this.#settle(topic);
    const own = this.#topics.get(pipe) ?? new PipeTopics(pipe);
    const refused = this.#refusal(own, topic);
    if (refused !== undefined) {
      // What it has already costs nothing more.
      if (this.#trie.get(topic)?.has(pipe) !== true) pipe.reject(refused, true);
      return false;
    }
    let first = false;
    const node = this.#trie.update(topic, (pipes) => {
      first = pipes === undefined;
      if (pipes === undefined) return own.alone;
      if (pipes.size > 1) return pipes.add(pipe);
      return pipes.has(pipe) ? pipes : new Set(pipes).add(pipe);
    });
    if (own.nodes.has(node)) return false;
    own.nodes.add(node);
    own.bytes += topic.length + TOPIC_COST;
    this.#topics.set(pipe, own);
    return first;
  }

  /** Removes a subscription, and returns whether it was the last of this topic by any pipe. */
  remove(pipe: Pipe, topic: Uint8Array): boolean {
    if (this.#leaving.size > 0) this.#settle(topic);
    const own = this.#topics.get(pipe);
    const node = this.#trie.find(topic);
    if (own === undefined || node === undefined || !own.nodes.delete(node)) return false;
    own.bytes -= topic.length + TOPIC_COST;
    if (own.nodes.size === 0) this.#topics.delete(pipe);
    return this.#drop(pipe, node);
  }

  /** How many topics there are; those of a pipe that has just left count until they are removed. */
  get topicCount(): number {
    return this.#trie.size;
  }

  /** Whether pipes are still being removed: `match` may find them. */
  get leaving(): boolean {
    return this.#leaving.size > 0;
  }

  /** Whether a pipe has left and is still to be removed. */
  hasLeft(pipe: Pipe): boolean {
    return this.#leaving.has(pipe);
  }

  /**
   * A pipe leaves: it is nobody's subscriber any more. Its topics are removed now if they are few, else in slices, and told
   * of as they go: few of them in the order of their bytes, as by libzmq.
   */
  leave(pipe: Pipe, gone?: TopicGone): void {
    const own = this.#topics.get(pipe);
    if (own === undefined) return;
    this.#topics.delete(pipe);
    own.alone.clear();
    this.#leaving.set(pipe, { own, gone, nodes: undefined });
    this.#left.set(own.alone, pipe);
    this.#removeSome();
  }

  /** Calls `visit` with the pipes of every topic that the frame starts with; a pipe may come more than once. */
  match(frame: Uint8Array, visit: (pipes: Set<Pipe>) => void): void {
    this.#trie.matchPrefixes(frame, visit);
  }

  /** How many pipes subscribed to exactly this topic, or to any if none is given. */
  count(topic?: Uint8Array): number {
    if (topic === undefined) return this.#topics.size;
    const pipes = this.#trie.get(topic);
    if (pipes === undefined || this.#leaving.size === 0) return pipes?.size ?? 0;
    let count = 0;
    for (const pipe of pipes) if (!this.#leaving.has(pipe)) count++;
    return count;
  }

  #refusal(own: PipeTopics, topic: Uint8Array): ZmqError | undefined {
    const {
      maxTopics = DEFAULT_TOPIC_LIMITS.maxTopics,
      maxTopicBytes = DEFAULT_TOPIC_LIMITS.maxTopicBytes,
    } = this.#limits;
    if (topic.length > DEFAULT_LIMITS.maxTopicSize) {
      return new ZmqError("EMSGSIZE", `Cannot subscribe: a topic is longer than ${DEFAULT_LIMITS.maxTopicSize} bytes`);
    }
    if (own.nodes.size >= maxTopics) {
      return new ZmqError("EMSGSIZE", `Cannot subscribe to more than ${maxTopics} topics (maxTopics of the publisher)`);
    }
    if (own.bytes + topic.length + TOPIC_COST <= maxTopicBytes) return undefined;
    const what = `${own.nodes.size} topics take all of ${maxTopicBytes} bytes (maxTopicBytes of the publisher)`;
    return new ZmqError("EMSGSIZE", `Cannot subscribe to more topics: ${what}`);
  }

  /** Removes topics of leaving pipes, pipe by pipe, as many as a turn may; the rest in later turns. */
  #removeSome(): void {
    for (const [pipe, leaving] of this.#leaving) {
      if (this.#removable === 0) break;
      const { own, gone } = leaving;
      const few = gone !== undefined && own.nodes.size <= this.#slice;
      leaving.nodes ??= few ? inOrder(own.nodes) : own.nodes.values();
      for (; this.#removable > 0; this.#removable--) {
        const { value: node } = leaving.nodes.next();
        if (node === undefined) {
          this.#leaving.delete(pipe);
          this.#left.delete(own.alone);
          break;
        }
        if (own.nodes.delete(node)) this.#dropLeaving(pipe, node, gone);
      }
    }
    if (this.#renewing || this.#removable === this.#slice) return;
    this.#renewing = true;
    this.later(() => {
      this.#renewing = false;
      this.#removable = this.#slice;
      this.#removeSome();
    });
  }

  /** Pipes that are leaving are removed from this topic before anything else happens to it. */
  #settle(topic: Uint8Array): void {
    const node = this.#trie.find(topic);
    if (node === undefined) return;
    const pipes = node.value!;
    const owner = this.#left.get(pipes);
    const candidates = owner !== undefined
      ? [owner]
      : [...pipes.size < this.#leaving.size ? pipes : this.#leaving.keys()];
    for (const pipe of candidates) {
      const leaving = this.#leaving.get(pipe);
      if (leaving?.own.nodes.delete(node)) this.#dropLeaving(pipe, node, leaving.gone);
    }
  }

  #dropLeaving(pipe: Pipe, node: Node, gone: TopicGone | undefined): void {
    const topic = gone && topicOf(node);
    const last = this.#drop(pipe, node);
    if (topic !== undefined) gone!(topic, last);
  }

  #drop(pipe: Pipe, node: Node): boolean {
    const pipes = node.value!;
    if (pipes.size <= 1) {
      this.#trie.drop(node);
      return true;
    }
    pipes.delete(pipe);
    if (pipes.size === 1) {
      for (const rest of pipes) node.value = (this.#topics.get(rest) ?? this.#leaving.get(rest)!.own).alone;
    }
    return false;
  }
}

/** Nodes in the order of their topics. */
function inOrder(nodes: Set<Node>): Iterator<Node> {
  const topics = Array.from(nodes, (node) => ({ node, topic: topicOf(node) }));
  return topics.sort((a, b) => compare(a.topic, b.topic)).map(({ node }) => node).values();
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const both = Math.min(a.length, b.length);
  for (let i = 0; i < both; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
