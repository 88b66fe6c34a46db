/**
 * A pipe to a peer: an outbox and an inbox, and the connection that empties and fills them. It outlives its connection where the
 * socket type queues ahead.
 *
 * | Event      | WAITING   | CONNECTED | DROPPED |
 * | ---------- | --------- | --------- | ------- |
 * | connect    | CONNECTED | -         | -       |
 * | disconnect | -         | WAITING   | -       |
 * | finish     | -         | -         | -       |
 * | fail       | -         | -         | -       |
 * | drop       | DROPPED   | DROPPED   | DROPPED |
 *
 * `-` changes nothing, except that a pipe in CONNECTED has the later connection. In WAITING messages are queued ahead. `finish` and `fail` end the connection,
 * which then calls `disconnect`; `finish` without a connection is for the next one. A pipe that is DROPPED sends nothing, and what it has
 * received can still be taken. `tests/engine/pipe/pipe_states_test.ts` walks the table.
 *
 * More than 20 members because it is the routing's `Pipe` on one side and the connection's on the other.
 *
 * @module
 */

import { NO_BYTES } from "../../base/bytes.ts";
import { handedOver, type Message, messageBytes } from "../../base/message.ts";
import type { DropReason, DropsHost } from "../../routing/drops.ts";
import type { Pattern } from "../../routing/pattern.ts";
import type { Pipe, ThreadInbound } from "../../routing/pipe.ts";
import { keepFrames } from "../../base/untransferable.ts";
import type { Broadcast } from "../../zmtp/broadcast.ts";
import { noteMetadata } from "../../zmtp/message_metadata.ts";
import type { Metadata } from "../../zmtp/metadata.ts";
import { CounterSet } from "../counters.ts";
import type { PipeConnection, PipeHost } from "./contracts.ts";
import { HighWaterMarks } from "./high_water_marks.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import type { OutQueue } from "./out_queue.ts";

const NOTHING = () => {};

/** A pipe to one peer. */
export class PeerPipe implements Pipe, DropsHost {
  identity: Uint8Array = NO_BYTES;
  routingId: Uint8Array = NO_BYTES;
  readonly assignedId: Uint8Array | undefined;
  ignored = false;
  thread: ThreadInbound | undefined;
  /** The next connection is finished immediately: `finish` came before it. */
  finishing = false;
  /** The queued messages wait for more. */
  gathered = false;
  /** Called when the pipe is closed and holds one message more: the last unsubscribes of a lost subscriber are still reported. */
  leftOver: () => void = NOTHING;
  readonly inbox: Inbox;
  readonly outbox: Outbox;

  readonly #host: PipeHost;
  readonly #conflate: boolean;
  readonly #inbound: Pattern["inbound"];
  readonly #delivered: Pattern["delivered"];
  /** The queue of the outbox. */
  readonly #queue: OutQueue;
  readonly #marks: HighWaterMarks;
  #counters = new CounterSet();
  #connection: PipeConnection | undefined;
  /** The same, if the peer is in this process and takes messages that were not queued. */
  #local: PipeConnection | undefined;
  /** Broadcasts are queued encoded: the connection takes them, and no later message replaces them. */
  #takesRuns = false;
  #dropped = false;
  #metadata: Metadata | undefined;
  /** A message from the peer needs more than the pattern's look at it and a place in the inbox. */
  #special = false;

  /**
   * @param conflate Each queue keeps only the last message.
   * @param assignedId The routing id that the user chose for this peer.
   */
  constructor(host: PipeHost, conflate: boolean, assignedId?: Uint8Array) {
    const marks = conflate ? new HighWaterMarks() : host.marks;
    this.#host = host;
    this.#marks = marks;
    this.#conflate = conflate;
    this.assignedId = assignedId;
    this.#inbound = host.pattern.inbound?.bind(host.pattern);
    this.#delivered = host.pattern.delivered?.bind(host.pattern);
    this.inbox = new Inbox(marks, () => this.#connection?.resumeReading());
    this.#counters.drops.host = this;
    this.outbox = new Outbox(marks, conflate, this.#counters, {
      room: () => host.pipeWritable?.(this),
      transferred: (message) => host.messageTransferred?.(this, message),
    });
    this.#queue = this.outbox.queue;
    this.#examine();
  }

  /** Attached to each message from the peer. */
  get metadata(): Metadata | undefined {
    return this.#metadata;
  }

  set metadata(metadata: Metadata | undefined) {
    this.#metadata = metadata;
    this.#examine();
  }

  #examine(): void {
    this.#special = this.#dropped || this.#conflate || this.#metadata !== undefined ||
      this.#delivered !== undefined;
  }

  /** Its counters; for a pipe that has ended, those of all such pipes of its socket. */
  get counters(): CounterSet {
    return this.#counters;
  }

  set counters(counters: CounterSet) {
    this.#counters = this.outbox.counters = counters;
  }

  // Sending: called by the pattern.

  get writable(): boolean {
    const queue = this.#queue;
    // A queue that was full takes nothing before it is half empty: a caller that waits for that must not be overtaken.
    if (this.#dropped || queue.full) return false;
    if (queue.hasSpace(this.#marks)) return true;
    this.#connection?.flush();
    if (queue.hasSpace(this.#marks)) return true;
    queue.full = true;
    return false;
  }

  trySend(message: Message): boolean {
    if (this.#local !== undefined && this.#pass(this.#local, message)) return true;
    return this.#tryQueue(message);
  }

  #tryQueue(message: Message): boolean {
    const queue = this.#queue;
    if ((queue.full || this.#dropped || !queue.hasSpace(this.#marks)) && !this.writable) return false;
    if (this.#conflate && queue.messages > 0) this.#counters.drops.add("conflated", queue.clear());
    queue.push(message);
    this.#queued();
    return true;
  }

  /** Hands a message to a peer in this process; `false` if it must be queued. */
  #pass(peer: PipeConnection, message: Message, broadcast?: Broadcast): boolean {
    if (this.#host.gathering || !this.outbox.passes(message)) return false;
    let frames: Message;
    try {
      if (!peer.passes!) return false;
      frames = broadcast === undefined ? handedOver(message) : broadcast.handedOver();
    } catch {
      // It throws again when it is taken from the queue, which ends the connection in order.
      return false;
    }
    this.outbox.pass(frames);
    peer.pass!(frames);
    return true;
  }

  sendOrDrop(message: Message): void {
    if (!this.trySend(message)) this.#countRefused();
  }

  #countRefused(): void {
    this.countDrop(this.#dropped ? "noPeer" : "highWaterMark");
  }

  broadcast(broadcast: Broadcast): void {
    const queue = this.#queue;
    if (!this.#takesRuns || !queue.shares(broadcast)) {
      const { message } = broadcast;
      if (this.#local !== undefined) {
        if (this.#pass(this.#local, message, broadcast)) return;
        keepFrames(message);
      }
      if (!this.#tryQueue(message)) this.#countRefused();
      return;
    }
    if ((queue.full || !queue.hasSpace(this.#marks)) && !this.writable) {
      queue.skip();
      return this.countDrop("highWaterMark");
    }
    queue.share(broadcast);
    this.#queued();
  }

  sendFirst(message: Message): void {
    if (this.#dropped) return;
    this.outbox.pushFirst(message);
    this.gathered = false;
    this.#connection?.queued(this.outbox.bytes);
  }

  subscribe(cancel: boolean, topic: Uint8Array): boolean {
    if (!this.outbox.subscribe(cancel, topic, this.#connection !== undefined)) return false;
    this.gathered = false;
    this.#connection?.queued(this.outbox.bytes);
    return true;
  }

  subscribeAll(topics: Iterator<Uint8Array>): boolean {
    if (this.#connection === undefined) return false;
    this.outbox.subscribeAll(topics);
    this.gathered = false;
    this.#connection.queued(this.outbox.bytes);
    return true;
  }

  /** Makes the connection write as much as it can now, and the rest as soon as possible. */
  flush(): void {
    this.gathered = false;
    if (!this.outbox.drained) this.#connection?.flush();
  }

  /** Called when a message was queued: the connection writes it, now or later. */
  #queued(): void {
    const { bytes } = this.#queue;
    if (!this.#host.gathering) {
      this.gathered = false;
      this.#connection?.queued(bytes);
    } else {
      if (this.#queue.messages === 1) this.gathered = true;
      this.#connection?.gathered?.(bytes);
    }
  }

  // Receiving: called by the pattern.

  get readable(): boolean {
    return this.inbox.length > 0;
  }

  tryReceive(): Message | undefined {
    return this.inbox.shift();
  }

  peek(): Message | undefined {
    return this.inbox.peek();
  }

  deliver(message: Message): void {
    const { inbox } = this;
    if (this.#conflate) this.#counters.drops.add("conflated", inbox.clear());
    inbox.push(message);
    if (this.#delivered !== undefined) this.#delivered(this);
    if (this.#dropped) this.leftOver();
    if (inbox.length > 1) return;
    this.#host.pipeReadable(this);
  }

  // Ending: called by the pattern.

  // Only one of several peers is disconnected: no caller waits for it, so there is no deadline.
  finish(): void {
    if (this.#connection === undefined) this.finishing = true;
    else this.#connection.finish();
  }

  countDrop(reason: DropReason): void {
    this.#counters.drops.add(reason);
  }

  firstDrop(reason: DropReason): void {
    this.#host.firstDrop?.(reason, this);
  }

  discard(): void {
    this.outbox.clear();
  }

  fail(reason: Error, tell?: boolean): void {
    this.#connection?.fail(reason, tell);
  }

  // Messages of the peer: called by its connection.

  /** A message arrived; `false` if the inbox is full now. */
  arrived(message: Message): boolean {
    if (this.#dropped) return this.late();
    const counters = this.#counters;
    counters.messagesReceived++;
    counters.bytesReceived += messageBytes(message);
    if (this.ignored) {
      this.countDrop("refusedPeer");
      return true;
    }
    const { inbox } = this;
    const wanted = this.#inbound === undefined ? message : this.#inbound(this, message);
    if (wanted === undefined) return inbox.hasRoom();
    // Small, so that compilers inline it.
    if (this.#special) this.#deliverSpecially(wanted);
    else {
      inbox.push(wanted);
      if (inbox.length === 1) this.#host.pipeReadable(this);
    }
    return inbox.hasRoom();
  }

  #deliverSpecially(message: Message): void {
    if (this.#metadata !== undefined) noteMetadata(message, this.#metadata);
    this.deliver(message);
  }

  /** A message arrived after this side disconnected or closed. */
  late(): true {
    this.countDrop("closed");
    return true;
  }

  /** The peer subscribed or unsubscribed; `false` if the inbox is full now. */
  subscribed(cancel: boolean, topic: Uint8Array): boolean {
    if (this.#dropped) return true;
    const message = this.#host.pattern.subscription?.(this, cancel, topic);
    if (message !== undefined && this.metadata !== undefined) noteMetadata(message, this.metadata);
    if (message !== undefined) this.deliver(message);
    return this.inbox.hasRoom();
  }

  // The life of the pipe: called by the socket.

  /** Ties the pipe to a connection whose handshake is complete. */
  connect(connection: PipeConnection): void {
    this.#connection = connection;
    this.#takesRuns = connection.takesRuns && !this.#conflate;
    this.#local = connection.pass === undefined || this.#conflate ? undefined : connection;
    this.inbox.connected();
  }

  /** The connection is lost; messages that wait stay. */
  disconnect(): void {
    this.#connection = this.#local = undefined;
    this.#takesRuns = false;
    this.gathered = false;
    this.outbox.disconnected();
  }

  /** Drops received messages: the socket is closed, or the peer has withdrawn them. */
  forget(): void {
    this.#counters.drops.add("closed", this.inbox.clear());
  }

  /** Ends now: it takes nothing more. Returns the number of messages that are lost. */
  drop(): number {
    this.#dropped = true;
    this.#examine();
    this.disconnect();
    return this.outbox.clear();
  }

  /** The high-water marks have changed: callers and connections that wait for room may have it now. */
  marksChanged(): void {
    this.outbox.marksChanged();
    this.inbox.marksChanged();
  }
}
