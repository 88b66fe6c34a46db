/**
 * Map from topics (byte strings) to values, with a look-up of all topics that are a prefix of a message.
 *
 * It is a radix trie: a node holds a run of bytes, so its memory grows with the bytes of the topics, and a look-up
 * depends on the first bytes of the message, not on the number of topics. Runs are strings with one character per byte,
 * which take a third of the memory of typed arrays, and only branching nodes have a map.
 *
 * @module
 */

import { toKey } from "../base/message.ts";

/** A node of the trie. A node with a value represents a topic, and stays the same object while it has the value. */
export class TopicNode<V> {
  /** The bytes between its parent and this node. */
  run: string;
  value: V | undefined = undefined;
  parent: TopicNode<V> | undefined;
  /** The only child, or all children by the first byte of their runs. */
  children: TopicNode<V> | Map<number, TopicNode<V>> | undefined = undefined;

  constructor(run: string, parent: TopicNode<V> | undefined) {
    this.run = run;
    this.parent = parent;
  }

  /** Returns the child whose run begins with this byte. */
  child(byte: number): TopicNode<V> | undefined {
    const { children } = this;
    if (children === undefined) return undefined;
    if (children instanceof TopicNode) return children.run.charCodeAt(0) === byte ? children : undefined;
    return children.get(byte);
  }

  /** Adds a child, replacing one whose run begins with the same byte. */
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

  /** Removes a child. */
  take(child: TopicNode<V>): void {
    const { children } = this;
    if (children === undefined || children instanceof TopicNode) {
      this.children = undefined;
      return;
    }
    children.delete(child.run.charCodeAt(0));
    if (children.size === 1) { for (const [, last] of children) this.children = last; }
  }

  /** Returns the children, sorted by the first byte of their runs. */
  sorted(): TopicNode<V>[] {
    const { children } = this;
    if (children === undefined) return [];
    if (children instanceof TopicNode) return [children];
    return [...children.values()].sort((a, b) => a.run.charCodeAt(0) - b.run.charCodeAt(0));
  }
}

/** Returns the topic that a node represents. */
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

/** Maximum number of bytes that are converted at once: the arguments of a call are limited by the stack. */
const PART = 1024;

/**
 * Converts bytes to a flat string. Concatenating byte by byte would create a rope, which uses many times the memory.
 */
function runOf(bytes: Uint8Array): string {
  if (bytes.length <= PART) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  return toKey(bytes);
}

/** Counts how many bytes of `a`, from position `at`, equal the start of `b`. */
function common(a: Uint8Array, at: number, b: string): number {
  const most = Math.min(a.length - at, b.length);
  let same = 0;
  while (same < most && a[at + same] === b.charCodeAt(same)) same++;
  return same;
}

/** Map from topics to values with look-up by prefix. */
export class TopicTrie<V> {
  readonly #root = new TopicNode<V>("", undefined);
  #size = 0;

  /** Number of topics. */
  get size(): number {
    return this.#size;
  }

  /** Returns the node of exactly this topic, if it has a value. */
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

  /** Returns the value of exactly this topic. */
  get(topic: Uint8Array): V | undefined {
    return this.find(topic)?.value;
  }

  /** Sets the value of a topic and returns its node. The bytes of the topic are copied. */
  set(topic: Uint8Array, value: V): TopicNode<V> {
    return this.update(topic, () => value);
  }

  /** Sets the value of a topic to the result of `change`, which gets the current value, and returns its node. */
  update(topic: Uint8Array, change: (value: V | undefined) => V): TopicNode<V> {
    const node = this.#reach(topic);
    if (node.value === undefined) this.#size++;
    node.value = change(node.value);
    return node;
  }

  /** Removes a topic, and returns true if it existed. */
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

  /**
   * Calls `visit` with the value of every topic that is a prefix of `frame`, shortest first, until it returns `true`.
   */
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
   * Iterates over the topics with their values, in byte order: a topic precedes longer ones that begin with it. With
   * `after`, which need not be a topic, only over the topics that follow it.
   */
  *entries(after?: Uint8Array): Generator<[topic: Uint8Array, value: V]> {
    const stack = after === undefined ? [this.#root] : this.#behind(after);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.value !== undefined) yield [topicOf(node), node.value];
      // The stack is popped from its end, so the smallest child is pushed last.
      stack.push(...node.sorted().reverse());
    }
  }

  /** Returns the highest nodes whose topics all follow this topic, the next one last. */
  #behind(topic: Uint8Array): TopicNode<V>[] {
    const stack: TopicNode<V>[] = [];
    let at = 0;
    for (let node: TopicNode<V> | undefined = this.#root; node !== undefined;) {
      let next: TopicNode<V> | undefined;
      for (const child of node.sorted().reverse()) {
        const same = common(topic, at, child.run);
        if (same === child.run.length) next = child;
        // A topic that ends within a run precedes the child.
        else if (at + same === topic.length || child.run.charCodeAt(same) > topic[at + same]!) stack.push(child);
      }
      at += next?.run.length ?? 0;
      node = next;
    }
    return stack;
  }

  /** Returns the node of a topic, and creates it if necessary. */
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
      // The run is created from the bytes of the topic: a substring of the old run would keep all of that run in
      // memory.
      node = same === next.run.length ? next : split(next, same, runOf(topic.subarray(at, at + same)));
      at += same;
    }
    return node;
  }
}

/** Removes a node without value or children, or merges it with its only child. The root stays. */
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

/** Splits a node: its first `at` bytes, which are `run`, go to a new parent, which is returned. */
function split<V>(node: TopicNode<V>, at: number, run: string): TopicNode<V> {
  const upper = new TopicNode<V>(run, undefined);
  node.parent!.put(upper);
  node.run = node.run.slice(at);
  upper.put(node);
  return upper;
}
