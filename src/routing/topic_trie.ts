/**
 * A map from topics (byte strings) to values that can be asked for every topic that is a prefix of a message.
 *
 * A radix trie: a node holds a run of bytes, so its memory follows the topics' bytes and a look-up costs what the message's
 * first bytes cost, not how many topics there are. Runs are texts of one character per byte, which take a third of what
 * views take, and only nodes that branch have a map.
 *
 * @module
 */

import { toKey } from "../base/message.ts";

/** A place in the trie. One that has a value stands for a topic, and stays the same while it has it. */
export class TopicNode<V> {
  /** The bytes on the way to this node from its parent. */
  run: string;
  value: V | undefined = undefined;
  parent: TopicNode<V> | undefined;
  /** The only node below, or all of them by the first byte of their runs. */
  children: TopicNode<V> | Map<number, TopicNode<V>> | undefined = undefined;

  constructor(run: string, parent: TopicNode<V> | undefined) {
    this.run = run;
    this.parent = parent;
  }

  /** The node below whose run begins with this byte. */
  child(byte: number): TopicNode<V> | undefined {
    const { children } = this;
    if (children === undefined) return undefined;
    if (children instanceof TopicNode) return children.run.charCodeAt(0) === byte ? children : undefined;
    return children.get(byte);
  }

  /** Puts a node below, in the place of one that begins with the same byte. */
  put(child: TopicNode<V>): void {
    const { children } = this;
    const byte = child.run.charCodeAt(0);
    child.parent = this;
    if (children === undefined || (children instanceof TopicNode && children.run.charCodeAt(0) === byte)) {
      this.children = child;
    } else if (children instanceof TopicNode) {
      this.children = new Map([[children.run.charCodeAt(0), children], [byte, child]]);
    } else {
      children.set(byte, child);
    }
  }

  /** Takes a node away from below. */
  take(child: TopicNode<V>): void {
    const { children } = this;
    if (children === undefined || children instanceof TopicNode) {
      this.children = undefined;
      return;
    }
    children.delete(child.run.charCodeAt(0));
    if (children.size === 1) { for (const [, last] of children) this.children = last; }
  }

  /** The nodes below, by the first byte of their runs. */
  sorted(): TopicNode<V>[] {
    const { children } = this;
    if (children === undefined) return [];
    if (children instanceof TopicNode) return [children];
    return [...children.values()].sort((a, b) => a.run.charCodeAt(0) - b.run.charCodeAt(0));
  }
}

/** The topic that a node stands for. */
export function topicOf<V>(node: TopicNode<V>): Uint8Array {
  let length = 0;
  for (let at: TopicNode<V> | undefined = node; at !== undefined; at = at.parent) length += at.run.length;
  const topic = new Uint8Array(length);
  for (let at: TopicNode<V> | undefined = node; at !== undefined; at = at.parent) {
    const { run } = at;
    length -= run.length;
    for (let i = 0; i < run.length; i++) topic[length + i] = run.charCodeAt(i);
  }
  return topic;
}

/** Longest part of a run that is made at once: arguments go over the stack. */
const PART = 1024;

/** A run of bytes in one piece of memory: what is put together byte by byte takes many. */
function runOf(bytes: Uint8Array): string {
  if (bytes.length <= PART) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  return toKey(bytes);
}

/** How many bytes of `a` from `at` on are the same as `b`. */
function common(a: Uint8Array, at: number, b: string): number {
  const most = Math.min(a.length - at, b.length);
  let same = 0;
  while (same < most && a[at + same] === b.charCodeAt(same)) same++;
  return same;
}

/** A map from topics to values, with look-up by prefix. */
export class TopicTrie<V> {
  readonly #root = new TopicNode<V>("", undefined);
  #size = 0;

  /** How many topics there are. */
  get size(): number {
    return this.#size;
  }

  /** The node of exactly this topic, if it has a value. */
  find(topic: Uint8Array): TopicNode<V> | undefined {
    let node = this.#root;
    let at = 0;
    while (at < topic.length) {
      const next = node.child(topic[at]!);
      if (next === undefined || common(topic, at, next.run) < next.run.length) return undefined;
      at += next.run.length;
      node = next;
    }
    return node.value === undefined ? undefined : node;
  }

  /** The value of exactly this topic. */
  get(topic: Uint8Array): V | undefined {
    return this.find(topic)?.value;
  }

  /** Sets the value of a topic, and returns its node. The topic's bytes are copied. */
  set(topic: Uint8Array, value: V): TopicNode<V> {
    return this.update(topic, () => value);
  }

  /** Sets the value of a topic to what `change` makes of its present one, and returns its node. */
  update(topic: Uint8Array, change: (value: V | undefined) => V): TopicNode<V> {
    const node = this.#reach(topic);
    if (node.value === undefined) this.#size++;
    node.value = change(node.value);
    return node;
  }

  /** Removes a topic, and returns whether it was there. */
  delete(topic: Uint8Array): boolean {
    const node = this.find(topic);
    if (node === undefined) return false;
    this.drop(node);
    return true;
  }

  /** Removes the topic of a node that has a value. */
  drop(node: TopicNode<V>): void {
    const { parent } = node;
    node.value = undefined;
    this.#size--;
    prune(node);
    if (parent !== undefined) prune(parent);
  }

  /** Calls `visit` with the value of every topic that `frame` starts with, shortest first, until it returns `true`. */
  matchPrefixes(frame: Uint8Array, visit: (value: V) => boolean | void): boolean {
    let node = this.#root;
    let at = 0;
    for (;;) {
      if (node.value !== undefined && visit(node.value) === true) return true;
      if (at === frame.length) return false;
      const next = node.child(frame[at]!);
      if (next === undefined) return false;
      const run = next.run;
      const end = at + run.length;
      if (end > frame.length) return false;
      for (let i = 1; i < run.length; i++) if (frame[at + i] !== run.charCodeAt(i)) return false;
      at = end;
      node = next;
    }
  }

  /**
   * All topics with their values, in the order of their bytes, a topic before those that begin with it; only those behind
   * `after`, if that is given, which need not be there.
   */
  *entries(after?: Uint8Array): Generator<[topic: Uint8Array, value: V]> {
    const stack = after === undefined ? [this.#root] : this.#behind(after);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.value !== undefined) yield [topicOf(node), node.value];
      // The last one pushed is the next.
      stack.push(...node.sorted().reverse());
    }
  }

  /** The uppermost nodes of which all topics are behind this one, the next one last. */
  #behind(topic: Uint8Array): TopicNode<V>[] {
    const stack: TopicNode<V>[] = [];
    let at = 0;
    for (let node: TopicNode<V> | undefined = this.#root; node !== undefined;) {
      let next: TopicNode<V> | undefined;
      for (const child of node.sorted().reverse()) {
        const same = common(topic, at, child.run);
        if (same === child.run.length) next = child;
        // One that ends in the middle of a run comes before it.
        else if (at + same === topic.length || child.run.charCodeAt(same) > topic[at + same]!) stack.push(child);
      }
      at += next?.run.length ?? 0;
      node = next;
    }
    return stack;
  }

  /** The node of a topic, made if it is not there. */
  #reach(topic: Uint8Array): TopicNode<V> {
    let node = this.#root;
    let at = 0;
    while (at < topic.length) {
      const next = node.child(topic[at]!);
      if (next === undefined) {
        const leaf = new TopicNode<V>(runOf(topic.subarray(at)), node);
        node.put(leaf);
        return leaf;
      }
      const same = common(topic, at, next.run);
      // From the topic's bytes: a part of the old run would keep all of it alive.
      node = same === next.run.length ? next : split(next, same, runOf(topic.subarray(at, at + same)));
      at += same;
    }
    return node;
  }
}

/** Removes a node that says nothing, or joins it with its only child. The root stays. */
function prune<V>(node: TopicNode<V>): void {
  const { parent, children } = node;
  if (parent === undefined || node.value !== undefined) return;
  if (children === undefined) {
    parent.take(node);
  } else if (children instanceof TopicNode) {
    children.run = node.run + children.run;
    parent.put(children);
  }
}

/** Cuts a node's run after `at` bytes, which are `upper`, and returns the new node above it. */
function split<V>(node: TopicNode<V>, at: number, run: string): TopicNode<V> {
  const upper = new TopicNode<V>(run, undefined);
  node.parent!.put(upper);
  node.run = node.run.slice(at);
  upper.put(node);
  return upper;
}
