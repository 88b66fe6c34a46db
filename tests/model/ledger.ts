/**
 * The model of what sockets promise: which endpoints are bound and connected, which messages must arrive, which may be
 * lost because a connection was ended, and in which order. It knows nothing about how the library works.
 *
 * @module
 */

/** The socket types that talk to each other in a sequence. */
export type Family =
  | "PUSH and PULL"
  | "DEALER and DEALER"
  | "DEALER and ROUTER"
  | "PAIR and PAIR"
  | "REQ and REP"
  | "PUB and SUB"
  | "XPUB and XSUB"
  | "STREAM and STREAM";

/** Families that promise that accepted messages arrive: a Pair has one peer, publishers drop for peers that do not listen. */
const RELIABLE: readonly Family[] = [
  "PUSH and PULL",
  "DEALER and DEALER",
  "DEALER and ROUTER",
  "REQ and REP",
  "STREAM and STREAM",
];
/** Families in which every socket receives. */
const MUTUAL: readonly Family[] = ["DEALER and DEALER", "PAIR and PAIR"];
/** Families in which the odd sockets answer what they receive. */
const ANSWERING: readonly Family[] = ["DEALER and ROUTER", "REQ and REP"];
/** Ends each text of a STREAM, which carries bytes: a chunk may have several, or a part of one. */
export const END = ";";
/** A reply begins with it; the id of what it answers follows. */
export const REPLY = "re ";

/** A message. */
export interface Sent {
  readonly id: string;
  readonly from: Part;
  readonly seq: number;
  state: "accepted" | "refused" | "pending";
  /** A connection that may have carried it was ended by a call. */
  risky: boolean;
  /** The sockets that received it. */
  readonly to: Part[];
  /** It was queued at a `disconnect`, and is still sent. */
  leaves: boolean;
  /** Its sender received the reply to it. */
  answered: boolean;
}

/** A socket, as the model sees it. */
export interface Part {
  readonly index: number;
  /** Sockets that take the place of a closed one have another number. */
  readonly life: number;
  readonly sends: boolean;
  readonly receives: boolean;
  closed: boolean;
  /** Indices of the endpoints that it has bound, and of those that it has connected, as often as it has. */
  readonly bound: Set<number>;
  readonly links: number[];
  /** Endpoints that it has connected once: after `disconnect` it still sends what is queued for them. */
  readonly once: Set<number>;
  /** The request of a REQ that waits for its reply. */
  asked: Sent | undefined;
  /** All sockets that it may have had a connection to. */
  readonly met: Set<Part>;
  /** The ones to which the order is not promised, because there was more than one connection. */
  readonly loose: Set<Part>;
}

/** The state of a sequence. */
export class Ledger {
  readonly family: Family;
  readonly parts: Part[] = [];
  readonly messages = new Map<string, Sent>();
  #lives = 0;
  readonly #numbers = new Map<Part, number>();

  constructor(family: Family, parts: number) {
    this.family = family;
    for (let i = 0; i < parts; i++) this.parts.push(this.#born(i));
  }

  /** True if accepted messages must arrive. */
  get reliable(): boolean {
    return RELIABLE.includes(this.family);
  }

  /** True if a message goes to one connection, and is refused before that is complete. */
  get raw(): boolean {
    return this.family === "STREAM and STREAM";
  }

  /** True if some sockets reply to what they receive. */
  get answers(): boolean {
    return ANSWERING.includes(this.family);
  }

  /** A new socket takes the place of a closed one. */
  replace(index: number): void {
    this.parts[index] = this.#born(index);
  }

  #born(index: number): Part {
    const both = MUTUAL.includes(this.family);
    return {
      index,
      life: this.#lives++,
      sends: both || index % 2 === 0,
      receives: both || this.answers || index % 2 === 1,
      closed: false,
      once: new Set(),
      asked: undefined,
      bound: new Set(),
      links: [],
      met: new Set(),
      loose: new Set(),
    };
  }

  /** The socket that has bound an endpoint. */
  ownerOf(endpoint: number): Part | undefined {
    return this.parts.find((part) => part.bound.has(endpoint));
  }

  bound(part: Part, endpoint: number): void {
    part.bound.add(endpoint);
    this.#meet();
  }

  connected(part: Part, endpoint: number): void {
    part.once.add(endpoint);
    if (this.#connectsOnce(part) && part.links.includes(endpoint)) return;
    part.links.push(endpoint);
    this.#meet();
  }

  /** As in libzmq, a second `connect` to an endpoint does nothing for these. */
  #connectsOnce({ sends }: Part): boolean {
    const { family } = this;
    return family === "DEALER and DEALER" || family === "PUB and SUB" || (this.answers && sends);
  }

  /** The socket has disconnected from an endpoint: what it has queued is still sent. */
  leaves(part: Part): void {
    for (const sent of this.messages.values()) if (sent.from === part && sent.to.length === 0) sent.leaves = true;
  }

  /** The socket ends its connections, or some: what was sent to it may be lost, its own messages only if it does not send them. */
  ended(part: Part, own: boolean): void {
    for (const sent of this.messages.values()) {
      if (sent.to.length === 0 && (part.met.has(sent.from) || (own && sent.from === part))) sent.risky = true;
    }
    for (const other of part.met) this.#loosen(part, other);
  }

  /** A new message. */
  write(from: Part): Sent {
    const seq = this.#numbers.get(from) ?? 0;
    this.#numbers.set(from, seq + 1);
    const sent: Sent = {
      id: `${from.life}:${seq}`,
      from,
      seq,
      state: "pending",
      risky: false,
      to: [],
      leaves: false,
      answered: false,
    };
    this.messages.set(sent.id, sent);
    return sent;
  }

  /** True if everything that this socket has accepted will arrive without a further call. */
  delivers(from: Part): boolean {
    const { links, bound } = from;
    return links.length + bound.size > 0 && links.every((endpoint) => this.#talks(from, this.ownerOf(endpoint)));
  }

  /** A socket received texts: messages, or the reply to one of its own. */
  received(part: Part, texts: readonly string[]): void {
    for (const text of texts) this.#received(part, text);
  }

  #received(part: Part, text: string): void {
    if (!text.startsWith(REPLY)) return void this.messages.get(text)?.to.push(part);
    const sent = this.messages.get(text.slice(REPLY.length));
    if (part.asked !== undefined) part.asked = undefined;
    if (sent !== undefined) sent.answered = true;
  }

  /** The messages that must arrive now. */
  due(): Sent[] {
    if (!this.reliable) return [];
    return [...this.messages.values()].filter((sent) =>
      sent.state === "accepted" && !sent.risky && sent.to.length === 0 && !sent.from.closed &&
      (sent.leaves || this.delivers(sent.from))
    );
  }

  /** The number of accepted messages of a socket that were not received. */
  outstanding(from: Part): number {
    let count = 0;
    for (const sent of this.messages.values()) if (sent.from === from && sent.to.length === 0) count++;
    return count;
  }

  /**
   * Checks what a socket received, in the order of its calls.
   *
   * @throws {Error} If a promise is violated.
   */
  check(part: Part, ids: readonly string[]): void {
    const last = new Map<Part, number>();
    const received = new Set<string>();
    for (const id of ids) {
      if (id.startsWith(REPLY)) {
        if (received.has(id)) throw new Error(`${name(part)} received "${id}" twice`);
        received.add(id);
        this.#checkReply(part, this.messages.get(id.slice(REPLY.length)), id);
        continue;
      }
      const sent = this.messages.get(id);
      if (sent === undefined) throw new Error(`${name(part)} received ${id}, which was never sent`);
      const { from, seq, state } = sent;
      if (state === "refused") throw new Error(`${name(part)} received ${id}, although it was refused`);
      if (!from.met.has(part)) throw new Error(`${name(part)} received ${id} without a connection to ${name(from)}`);
      const before = last.get(from) ?? -1;
      // An XPublisher that has connected twice sends over both connections, as in libzmq.
      const again = this.family === "XPUB and XSUB" && from.loose.has(part);
      if (received.has(id) && !again) throw new Error(`${name(part)} received ${id} twice`);
      received.add(id);
      if (seq < before && !from.loose.has(part)) throw new Error(`${name(part)} received ${id} after ${before}`);
      last.set(from, Math.max(before, seq));
    }
  }

  #checkReply(part: Part, sent: Sent | undefined, id: string): void {
    if (sent === undefined || sent.to.length === 0) {
      throw new Error(`${name(part)} received "${id}", which was never sent`);
    }
    // As in libzmq, a Reply that has connected answers the next peer at that endpoint when the one that asked was closed.
    const inherits = this.family === "REQ and REP" && sent.to.some(({ once }) => once.size > 0);
    if (sent.from !== part && !inherits) throw new Error(`${name(part)} received "${id}", the reply to another socket`);
  }

  #talks(from: Part, to: Part | undefined): boolean {
    if (to === undefined || !to.receives) return false;
    // A Dealer can talk to a Dealer, too.
    return to.sends !== from.sends || this.family.startsWith("DEALER") || this.family === "PAIR and PAIR";
  }

  /** Notes which sockets may have a connection, and which may have several. */
  #meet(): void {
    for (const a of this.parts) {
      for (const b of this.parts) {
        const paths = pathsFrom(a, b) + pathsFrom(b, a);
        const late = [...a.once].some((endpoint) => b.bound.has(endpoint) && !a.links.includes(endpoint));
        if (paths > 0 || late) {
          a.met.add(b);
          b.met.add(a);
        }
        if (paths > 1 || late) this.#loosen(a, b);
      }
    }
  }

  #loosen(a: Part, b: Part): void {
    a.loose.add(b);
    b.loose.add(a);
  }
}

function pathsFrom(a: Part, b: Part): number {
  return a.links.filter((endpoint) => b.bound.has(endpoint)).length;
}

/** The name of a socket in messages of errors. */
export function name({ index, life }: Part): string {
  return `socket ${index} (life ${life})`;
}
