/**
 * The ledger of a scenario: every message with its fate, and the promises that are checked whenever one arrives. A
 * message carries its number at both ends, so that it can be found again in bytes that never arrived.
 *
 * @module
 */

import type { World } from "./world.ts";

/** A message that a program handed to a socket. */
export interface Sent {
  readonly id: string;
  readonly from: string;
  readonly seq: number;
  readonly text: string;
  readonly topic: string | undefined;
  /** The result of `send`; `unknown` if one call sent several messages and failed. */
  state: "pending" | "accepted" | "refused" | "unknown";
  /** The actors that received it. */
  readonly to: string[];
  /** For a request: it was answered. */
  answered: boolean;
}

const BODY = /^\[([a-z]\d+\.\d+:\d+)\|(.*)\|([a-z]\d+\.\d+:\d+)\]$/s;
const PADDING = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(1000);

/** All messages of a scenario. */
export class Ledger {
  readonly messages = new Map<string, Sent>();
  readonly #world: World;
  readonly #numbers = new Map<string, number>();
  /** The last number that a receiver has got from a sender. */
  readonly #last = new Map<string, number>();

  /** The size of the largest message, with room for its other frames, in bytes. */
  largest = 200;
  /** By publisher, subscriber and topic, the first message that arrived: the publisher knew the subscription. */
  readonly #subscribed = new Map<string, Sent>();

  /** Those who disconnected themselves: what an old connection still carries may come after what a new one does. */
  readonly #loose = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** From now on the order of messages from and to this one is not promised. */
  loosen(name: string): void {
    this.#loose.add(name);
  }

  /** A new message. */
  write(from: string, size: number, topic?: string, note?: string): Sent {
    const seq = this.#numbers.get(from) ?? 0;
    this.#numbers.set(from, seq + 1);
    const id = `${from}:${seq}`;
    const text = `[${id}|${note ?? PADDING.slice(0, size)}|${id}]`;
    const sent: Sent = { id, from, seq, text, topic, state: "pending", to: [], answered: false };
    this.messages.set(id, sent);
    this.largest = Math.max(this.largest, text.length + 200);
    return sent;
  }

  /** The number of messages of a sender. */
  count(from: string): number {
    return this.#numbers.get(from) ?? 0;
  }

  /** A message arrived; returns it, or `undefined` if it carries no number: notices and such. */
  read(to: string, frames: readonly string[], fanOut: boolean, once = true): Sent | undefined {
    const text = frames.at(-1) ?? "";
    if (!text.startsWith("[") && !text.endsWith("]")) return undefined;
    const match = BODY.exec(text);
    const sent = match === null ? undefined : this.messages.get(match[1]!);
    if (sent === undefined || sent.text !== text) {
      this.#world.violate("whole-messages", `${to} received ${text.slice(0, 60)} (${text.length} characters)`);
      return undefined;
    }
    if (sent.topic !== undefined && frames.at(-2) !== sent.topic) {
      this.#world.violate("whole-messages", `${to} received ${sent.id} with other frames: ${frames.slice(0, -1)}`);
    }
    if (sent.state === "refused") {
      this.#world.violate("refused-means-not-sent", `${to} received ${sent.id}, although send() rejected`);
    }
    const twice = fanOut ? sent.to.includes(to) : sent.to.length > 0;
    if (twice && once) this.#world.violate("at-most-once", `${to} received ${sent.id} again; before: ${sent.to}`);
    sent.to.push(to);
    const key = `${sent.from} ${to} ${sent.topic}`;
    if (fanOut && !this.#subscribed.has(key)) this.#subscribed.set(key, sent);
    const way = `${sent.from} ${to}`;
    const last = this.#last.get(way) ?? -1;
    const ordered = !this.#loose.has(to) && !this.#loose.has(sent.from);
    if (sent.seq < last && ordered) {
      this.#world.violate("in-order", `${to} received ${sent.id} after ${sent.from}:${last}`);
    }
    this.#last.set(way, Math.max(last, sent.seq));
    return sent;
  }

  /** The messages of a publisher that were accepted, and that a subscriber missed although its subscription was known. */
  missed(from: string, to: string): Sent[] {
    return [...this.messages.values()].filter((one) => {
      if (one.from !== from || one.state !== "accepted" || one.to.includes(to)) return false;
      const first = this.#subscribed.get(`${from} ${to} ${one.topic}`);
      return first !== undefined && first.seq < one.seq;
    });
  }

  /** The messages of a sender that were accepted and not received. */
  missing(from: string): Sent[] {
    return [...this.messages.values()].filter((one) =>
      one.from === from && one.state === "accepted" && one.to.length === 0
    );
  }
}
