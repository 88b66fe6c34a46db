/**
 * The publisher's subscription table: which pipes subscribed to which topics. It keeps a set per topic, so that one
 * unsubscribe ends any number of subscribes of the same peer (libzmq mtrie).
 *
 * Most topics have one subscriber. All such topics of a pipe share one set, so a topic costs little memory, and
 * clearing that set removes a disconnected pipe from all of them at once. The topics themselves are removed in slices,
 * so that a peer with a quarter of a million of them does not block the event loop.
 *
 * More than 20 members because disconnected pipes, limits and threads each have their part in one table.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { DEFAULT_LIMITS } from "../zmtp/limits.ts";
import type { Pipe } from "./pipe.ts";
import { type TopicNode, topicOf, TopicTrie } from "./topic_trie.ts";

/** Memory per topic besides its own bytes, in bytes, as measured by `npm run attack -- --case topics`. */
export const TOPIC_COST = 320;

/** Maximum number of topics of disconnected pipes that are removed per event loop turn. */
const SLICE = 500;

/** Limits on the subscriptions of one peer. */
export interface TopicLimits {
  /** Maximum number of topics. */
  readonly maxTopics: number;
  /** Maximum number of bytes that topics use: {@link TOPIC_COST} plus its length per topic. */
  readonly maxTopicBytes: number;
}

/** The limits of a socket whose options do not set others. */
export const DEFAULT_TOPIC_LIMITS: TopicLimits = { maxTopics: 1_000_000, maxTopicBytes: 256 * 1024 * 1024 };

type Node = TopicNode<Set<Pipe>>;

/** Subscribers that threads serve for this socket. A pipe leads to each thread, and has the topics of all of its subscribers. */
export interface SubscribersElsewhere {
  /** The pipes to the threads. */
  readonly pipes: Iterable<Pipe>;
  /** The number of these subscribers, as in {@link Subscribers.count}. */
  count(topic?: Uint8Array): number;
}

/** Called for each topic that a disconnected pipe is removed from; `last` if it was the topic's only subscriber. */
export type TopicGone = (topic: Uint8Array, last: boolean) => void;

/** The subscriptions of one pipe. */
class PipeTopics {
  readonly nodes = new Set<Node>();
  /** The set of all topics that only this pipe subscribed to. Holds the pipe; empty once it has disconnected. */
  readonly alone: Set<Pipe>;
  bytes = 0;

  constructor(pipe: Pipe) {
    this.alone = new Set([pipe]);
  }
}

/** A disconnected pipe, and the topics from which it is not yet removed. */
interface Leaving {
  readonly own: PipeTopics;
  readonly gone: TopicGone | undefined;
  /** The remaining topics, once removal has begun. */
  nodes: Iterator<Node> | undefined;
}

/** Map from topics to the pipes that subscribed to them. */
export class Subscribers {
  /** Calls back in a later event loop turn. Default: immediately. */
  later: (callback: () => void) => void = (callback) => callback();
  /** Set while threads serve subscribers. */
  elsewhere: SubscribersElsewhere | undefined;
  readonly #limits: Partial<TopicLimits>;
  /** A set of one pipe is that pipe's `alone`; an empty one belongs to a disconnected pipe. */
  readonly #trie = new TopicTrie<Set<Pipe>>();
  readonly #topics = new Map<Pipe, PipeTopics>();
  readonly #leaving = new Map<Pipe, Leaving>();
  /** The disconnected pipes by their `alone` set. */
  readonly #left = new Map<Set<Pipe>, Pipe>();

  readonly #slice: number;
  /** The number of topics that may still be removed in this event loop turn. */
  #removable: number;
  /** True while a callback is scheduled that resets `#removable`. */
  #renewing = false;

  /**
   * @param limits Read at each subscription; limits that are left out have their defaults.
   * @param slice Maximum number of topics of disconnected pipes that are removed per event loop turn.
   */
  constructor(limits: Partial<TopicLimits> = {}, slice: number = SLICE) {
    this.#limits = limits;
    this.#slice = this.#removable = slice;
  }

  /**
   * Adds a subscription, and returns true if it is the first of this topic by any pipe. Exceeding a limit disconnects
   * the peer.
   */
  add(pipe: Pipe, topic: Uint8Array): boolean {
    if (this.#leaving.size > 0) this.#removeLeft(topic);
    const own = this.#topics.get(pipe) ?? new PipeTopics(pipe);
    const refused = pipe.thread === undefined ? this.#refusal(own, topic) : undefined;
    if (refused !== undefined) {
      // Repeating a subscription is allowed at the limit, because it uses no more memory.
      if (this.#trie.get(topic)?.has(pipe) !== true) pipe.fail(refused, true);
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

  /** Removes a subscription, and returns true if it was the last of this topic by any pipe. */
  remove(pipe: Pipe, topic: Uint8Array): boolean {
    if (this.#leaving.size > 0) this.#removeLeft(topic);
    const own = this.#topics.get(pipe);
    const node = this.#trie.find(topic);
    if (own === undefined || node === undefined || !own.nodes.delete(node)) return false;
    own.bytes -= topic.length + TOPIC_COST;
    if (own.nodes.size === 0) this.#topics.delete(pipe);
    return this.#drop(pipe, node);
  }

  /** Number of topics, including those of disconnected pipes that are not yet removed. */
  get topicCount(): number {
    return this.#trie.size;
  }

  /** True while disconnected pipes are being removed: `match` may still find them. */
  get leaving(): boolean {
    return this.#leaving.size > 0;
  }

  /** True if a pipe has disconnected and is not yet removed from all its topics. */
  hasLeft(pipe: Pipe): boolean {
    return this.#leaving.has(pipe);
  }

  /**
   * Removes a disconnected pipe. A small number of topics is removed immediately, and reported in byte order as libzmq
   * does; more are removed, and reported, in slices.
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

  /** Calls `visit` with the pipes of every topic that is a prefix of the frame; a pipe may occur more than once. */
  match(frame: Uint8Array, visit: (pipes: Set<Pipe>) => void): void {
    this.#trie.matchPrefixes(frame, visit);
  }

  /** Number of peers that subscribed to exactly this topic, or to any topic if none is given. */
  count(topic?: Uint8Array): number {
    let count = this.#pipesOf(topic);
    if (this.elsewhere === undefined) return count;
    const pipes = topic && this.#trie.get(topic);
    for (const pipe of this.elsewhere.pipes) {
      if (topic === undefined ? this.#topics.has(pipe) : pipes?.has(pipe) === true) count--;
    }
    return count + this.elsewhere.count(topic);
  }

  #pipesOf(topic: Uint8Array | undefined): number {
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
      return new ZmqError(
        "EMSGSIZE",
        `Cannot subscribe: the topic is longer than ${DEFAULT_LIMITS.maxTopicSize} bytes`,
      );
    }
    if (own.nodes.size >= maxTopics) {
      return new ZmqError("EMSGSIZE", `Cannot subscribe to more than ${maxTopics} topics (maxTopics of the publisher)`);
    }
    if (own.bytes + topic.length + TOPIC_COST <= maxTopicBytes) return undefined;
    const reason = `${own.nodes.size} topics use all ${maxTopicBytes} bytes (maxTopicBytes of the publisher)`;
    return new ZmqError("EMSGSIZE", `Cannot subscribe to more topics: ${reason}`);
  }

  /**
   * Removes topics of disconnected pipes, pipe by pipe, up to the limit per event loop turn, and schedules the rest.
   */
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

  /** Removes disconnected pipes from a topic before a subscription to it changes. */
  #removeLeft(topic: Uint8Array): void {
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

/** Returns the nodes in the byte order of their topics. */
function inOrder(nodes: Set<Node>): Iterator<Node> {
  const topics = Array.from(nodes, (node) => ({ node, topic: topicOf(node) }));
  return topics.sort((a, b) => compare(a.topic, b.topic)).map(({ node }) => node).values();
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const both = Math.min(a.length, b.length);
  for (let i = 0; i < both; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
