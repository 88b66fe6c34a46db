/**
 * A map from topics (byte strings) to values that can be asked for every topic that is a prefix of a message.
 *
 * A radix trie: a node holds a run of bytes, so its memory follows the topics' bytes and a look-up costs what the message's
 * first bytes cost, not how many topics there are.
 *
 * @module
 */

class Node<V> {
  /** The bytes on the way to this node from its parent. */
  run: Uint8Array;
  value: V | undefined = undefined;
  /** By the first byte of their runs. */
  children: Map<number, Node<V>> | undefined = undefined;

  constructor(run: Uint8Array) {
    this.run = run;
  }
}

const EMPTY = new Uint8Array(0);

/** How many bytes of `a` from `at` on are the same as `b`. */
function common(a: Uint8Array, at: number, b: Uint8Array): number {
  const most = Math.min(a.length - at, b.length);
  let same = 0;
  while (same < most && a[at + same] === b[same]) same++;
  return same;
}

/** A map from topics to values, with look-up by prefix. */
export class TopicTrie<V> {
  readonly #root = new Node<V>(EMPTY);
  #size = 0;

  /** How many topics there are. */
  get size(): number {
    return this.#size;
  }

  /** The value of exactly this topic. */
  get(topic: Uint8Array): V | undefined {
    let node = this.#root;
    let at = 0;
    while (at < topic.length) {
      const next = node.children?.get(topic[at]!);
      if (next === undefined || common(topic, at, next.run) < next.run.length) return undefined;
      at += next.run.length;
      node = next;
    }
    return node.value;
  }

  /** Sets the value of a topic. The topic's bytes are copied. */
  set(topic: Uint8Array, value: V): void {
    const node = this.#reach(topic);
    if (node.value === undefined) this.#size++;
    node.value = value;
  }

  /** Removes a topic, and returns whether it was there. */
  delete(topic: Uint8Array): boolean {
    let parent: Node<V> | undefined;
    let grandparent: Node<V> | undefined;
    let node = this.#root;
    let at = 0;
    while (at < topic.length) {
      const next = node.children?.get(topic[at]!);
      if (next === undefined || common(topic, at, next.run) < next.run.length) return false;
      at += next.run.length;
      grandparent = parent;
      parent = node;
      node = next;
    }
    if (node.value === undefined) return false;
    node.value = undefined;
    this.#size--;
    this.#prune(node, parent);
    if (parent !== undefined) this.#prune(parent, grandparent);
    return true;
  }

  /** Calls `visit` with the value of every topic that `frame` starts with, shortest first, until it returns `true`. */
  matchPrefixes(frame: Uint8Array, visit: (value: V) => boolean | void): boolean {
    let node = this.#root;
    let at = 0;
    for (;;) {
      if (node.value !== undefined && visit(node.value) === true) return true;
      if (at === frame.length || node.children === undefined) return false;
      const next = node.children.get(frame[at]!);
      if (next === undefined) return false;
      const run = next.run;
      const end = at + run.length;
      if (end > frame.length) return false;
      for (let i = 1; i < run.length; i++) if (frame[at + i] !== run[i]) return false;
      at = end;
      node = next;
    }
  }

  /** All topics with their values, in the order of their bytes, a topic before those that begin with it. */
  *entries(): Generator<[topic: Uint8Array, value: V]> {
    const stack: [Node<V>, Uint8Array][] = [[this.#root, EMPTY]];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [node, topic] = top;
      if (node.value !== undefined) yield [topic, node.value];
      // The last one pushed is the next.
      for (const child of sorted(node).reverse()) {
        const longer = new Uint8Array(topic.length + child.run.length);
        longer.set(topic);
        longer.set(child.run, topic.length);
        stack.push([child, longer]);
      }
    }
  }

  /** The node of a topic, made if it is not there. */
  #reach(topic: Uint8Array): Node<V> {
    let node = this.#root;
    let at = 0;
    while (at < topic.length) {
      const children: Map<number, Node<V>> = node.children ??= new Map();
      const next = children.get(topic[at]!);
      if (next === undefined) {
        const leaf = new Node<V>(topic.slice(at));
        children.set(topic[at]!, leaf);
        return leaf;
      }
      const same = common(topic, at, next.run);
      at += same;
      node = same === next.run.length ? next : split(children, next, same);
    }
    return node;
  }

  /** Removes a node that says nothing, or joins it with its only child. The root stays. */
  #prune(node: Node<V>, parent: Node<V> | undefined): void {
    if (parent === undefined || node.value !== undefined) return;
    const children = node.children?.size ?? 0;
    const siblings = parent.children!;
    if (children === 0) {
      siblings.delete(node.run[0]!);
      if (siblings.size === 0) parent.children = undefined;
    } else if (children === 1) {
      const [child] = node.children!.values();
      const run = new Uint8Array(node.run.length + child!.run.length);
      run.set(node.run);
      run.set(child!.run, node.run.length);
      child!.run = run;
      siblings.set(run[0]!, child!);
    }
  }
}

/** The nodes below, by the first byte of their runs. */
function sorted<V>({ children }: Node<V>): Node<V>[] {
  if (children === undefined) return [];
  return [...children.values()].sort((a, b) => a.run[0]! - b.run[0]!);
}

/** Cuts a node's run after `at` bytes and returns the new node above it. */
function split<V>(siblings: Map<number, Node<V>>, node: Node<V>, at: number): Node<V> {
  const upper = new Node<V>(node.run.slice(0, at));
  node.run = node.run.slice(at);
  upper.children = new Map([[node.run[0]!, node]]);
  siblings.set(upper.run[0]!, upper);
  return upper;
}
