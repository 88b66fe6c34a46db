/**
 * A pipe without a connection: keeps what it was sent, and hands out what the test puts into it, as `PeerPipe` would.
 *
 * @module
 */

import { type Message, toText } from "../../src/base/message.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import type { DropReason } from "../../src/routing/drops.ts";
import type { Pipe } from "../../src/routing/pipe.ts";
import type { Broadcast } from "../../src/zmtp/broadcast.ts";

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A message of texts. */
export function message(...frames: string[]): Message {
  return frames.map(bytes);
}

/** The frames of a message as texts; `undefined` stays. */
export function texts(message: Message | undefined): string[] | undefined {
  return message?.map(toText);
}

/** One peer, played by the test. */
export class FakePipe implements Pipe {
  readonly name: string;
  identity: Uint8Array;
  assignedId: Uint8Array | undefined;
  routingId: Uint8Array = new Uint8Array(0);
  ignored = false;
  /** The messages sent to the peer. */
  readonly sent: Message[] = [];
  /** The messages that it gets before all others. */
  readonly greetings: Message[] = [];
  /** The number of messages that were dropped, for lack of room or because the peer is ignored. */
  dropped = 0;
  /** The number of calls that finish the connection. */
  finishes = 0;
  /** The subscriptions sent to the peer: `+topic`, `-topic`. */
  readonly told: string[] = [];
  /** `true` if too many subscriptions wait. */
  waitsForNone = false;
  readonly rejections: Error[] = [];
  /** The number of further messages that `trySend` accepts. */
  room = Infinity;
  /** Called by `tryReceive` when a message was taken: an inbox with room again may bring more. */
  onTaken: () => void = () => {};

  readonly #pattern: Pattern;
  readonly #inbox: Message[] = [];

  constructor(pattern: Pattern, name = "", identity = "") {
    this.#pattern = pattern;
    this.name = name;
    this.identity = bytes(identity);
  }

  /** A pipe that the pattern has accepted. */
  static attached(pattern: Pattern, name = "", identity = ""): FakePipe {
    const pipe = new FakePipe(pattern, name, identity);
    const refused = pattern.attach?.(pipe);
    if (refused !== undefined) throw refused;
    if (!pattern.queuesAhead) pattern.connected?.(pipe);
    return pipe;
  }

  /** The sent messages, as texts. */
  get sentTexts(): (string[] | undefined)[] {
    return this.sent.map(texts);
  }

  get readable(): boolean {
    return this.#inbox.length > 0;
  }

  get writable(): boolean {
    return this.room > 0;
  }

  trySend(message: Message): boolean {
    if (!this.writable) return false;
    this.room--;
    this.sent.push(message);
    return true;
  }

  sendOrDrop(message: Message): void {
    if (!this.trySend(message)) this.dropped++;
  }

  broadcast(broadcast: Broadcast): void {
    this.sendOrDrop(broadcast.message);
  }

  sendFirst(message: Message): void {
    this.greetings.push(message);
  }

  tryReceive(): Message | undefined {
    const message = this.#inbox.shift();
    if (message !== undefined) this.onTaken();
    return message;
  }

  peek(): Message | undefined {
    return this.#inbox[0];
  }

  deliver(message: Message): void {
    this.#inbox.push(message);
    this.#pattern.delivered?.(this);
    if (this.#inbox.length === 1) this.#pattern.pipeReadable?.(this);
  }

  subscribe(cancel: boolean, topic: Uint8Array): boolean {
    if (this.waitsForNone) return false;
    this.told.push((cancel ? "-" : "+") + toText(topic));
    return true;
  }

  subscribeAll(): boolean {
    return false;
  }

  finish(): void {
    this.finishes++;
  }

  fail(reason: Error): void {
    this.rejections.push(reason);
  }

  // Actions of the peer and of the engine.

  /** The messages that the peer gets first, as texts. */
  get greetingTexts(): (string[] | undefined)[] {
    return this.greetings.map(texts);
  }

  /** The peer sends a message. */
  arrive(...frames: string[]): void {
    if (this.ignored) {
      this.dropped++;
      return;
    }
    const arrived = message(...frames);
    const wanted = this.#pattern.inbound === undefined ? arrived : this.#pattern.inbound(this, arrived);
    if (wanted !== undefined) this.deliver(wanted);
  }

  /** The peer sends a SUBSCRIBE or CANCEL command. */
  subscribed(cancel: boolean, topic: string): void {
    const seen = this.#pattern.subscription?.(this, cancel, bytes(topic));
    if (seen !== undefined) this.deliver(seen);
  }

  /** The peer has read: there is room again. */
  makeRoom(room: number): void {
    this.room = room;
    this.#pattern.pipeWritable?.(this);
  }

  /** The connection is lost, and the pipe with it. */
  leave(): void {
    this.#pattern.disconnected?.(this, true);
    this.#pattern.detach?.(this);
  }

  /** The reasons why messages of the peer were dropped. */
  readonly drops: DropReason[] = [];

  countDrop(reason: DropReason): void {
    this.drops.push(reason);
  }

  /** Everything has gone out already. */
  discard(): void {}
}
