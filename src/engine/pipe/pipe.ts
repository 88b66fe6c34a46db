/**
 * A pipe to a peer behind a connection: two queues of whole messages with their high-water marks. It outlives its connection
 * where the socket type queues ahead.
 *
 * Over 400 lines because both queues, their marks and the connection that drains them change together.
 *
 * @module
 */

import { FRAME_COST, type Message, messageBytes } from "../../message.ts";
import type { Pattern } from "../../routing/pattern.ts";
import type { DropReason } from "../../routing/drops.ts";
import type { Pipe } from "../../routing/pipe.ts";
import { Ring } from "../../routing/ring.ts";
import type { Broadcast } from "../../zmtp/broadcast.ts";
import { CLOSE_GRACE } from "../../transport.ts";
import { keepFrames, lacksBytes } from "../../untransferable.ts";
import { noteMetadata } from "../../zmtp/message_metadata.ts";
import type { Metadata } from "../../zmtp/metadata.ts";
import { HighWaterMarks } from "./high_water_marks.ts";
import { type OutEntry, OutQueue } from "./out_queue.ts";
import type { DroppedMessage } from "./dropped_message.ts";
import type { PipeConnection, PipeHost, PipeSink } from "./contracts.ts";
import { Run } from "./run.ts";
import { Suspect } from "./suspect.ts";
import { CounterSet } from "../counters.ts";

/** A subscription that goes out after so many messages of the pipe's life. */
interface Told {
  readonly after: number;
  readonly cancel: boolean;
  readonly topic: Uint8Array;
}

/** Most subscriptions that wait for a connection in the order in which they were made. */
const MOST_WAITING = 10_000;

/** What the framing of a message may take, in bytes. */
const FRAMING = 32;

const NONE = new Uint8Array(0);
const NOTHING = () => {};

/** A pipe to one peer. */
export class PeerPipe implements Pipe {
  identity: Uint8Array = NONE;
  routingId: Uint8Array = NONE;
  readonly assignedId: Uint8Array | undefined;
  ignored = false;
  /** The next connection is to be finished at once: `finish` came before it. */
  finishing = false;
  /** All that is queued waits for more. */
  gathered = false;
  readonly suspect: Suspect = new Suspect();
  /** Called when the pipe is closed and holds one message more: of a subscriber that is gone cancels are still told. */
  leftOver: () => void = NOTHING;
  /** What is to be noted on each message from the peer. */
  metadata: Metadata | undefined;
  /** So many messages or runs go out alone, each in a write of its own: one of them may be what made a write throw. */
  alone = 0;
  /** What went through; of a pipe that is closed, what went through all pipes like it. */
  counters: CounterSet = new CounterSet();

  readonly #host: PipeHost;
  readonly #marks: HighWaterMarks;
  readonly #conflate: boolean;
  readonly #out = new OutQueue();
  readonly #in = new Ring<Message>();
  readonly #inbound: Pattern["inbound"];
  readonly #delivered: Pattern["delivered"];
  /** Counted only while there is a mark for it. */
  #inBytes = 0;
  /** How many frames the inbox holds more than messages. */
  #inExtraFrames = 0;
  /** Messages that go before all that are queued, on this connection. */
  #first: Message[] | undefined;
  /** Subscriptions that go out between queued messages. */
  readonly #between = new Ring<Told>();
  #moved = 0;
  #connection: PipeConnection | undefined;
  /** A message was refused: the socket waits to hear of room. */
  #full = false;
  /** The inbox is full: the connection waits to hear of room. */
  #stalled = false;
  #closed = false;
  #unsendable: DroppedMessage | undefined;
  /** Called for each message that is received of a pipe that is closed. */
  #onTaken: (() => void) | undefined;

  /**
   * @param conflate Whether each queue keeps only the last message.
   * @param assignedId The routing id that the user chose for this peer.
   */
  constructor(host: PipeHost, conflate: boolean, assignedId?: Uint8Array) {
    this.#host = host;
    this.#marks = conflate ? new HighWaterMarks() : host.marks;
    this.#conflate = conflate;
    this.assignedId = assignedId;
    this.#inbound = host.pattern.inbound?.bind(host.pattern);
    this.#delivered = host.pattern.delivered?.bind(host.pattern);
  }

  /** How many messages wait to be sent. */
  get queued(): number {
    return this.#out.messages;
  }

  /** About how many bytes a write of all that is queued takes, with the headers of the frames. */
  get expectedBytes(): number {
    return this.#out.bytes + this.#out.messages * FRAMING;
  }

  /** How many messages wait to be received. */
  get held(): number {
    return this.#in.length;
  }

  /** How many bytes wait to be sent. */
  get queuedBytes(): number {
    return this.#out.bytes;
  }

  /** Has the connection write what it can now, and the rest as soon as it can. */
  flush(): void {
    this.gathered = false;
    if (!this.drained) this.#connection?.flush();
  }

  /** Whether everything is moved out. */
  get drained(): boolean {
    return this.#out.messages === 0 && this.#between.length === 0;
  }

  /** Whether there are `bytes` to write, or the socket waits for room. */
  wantsWrite(bytes: number): boolean {
    return this.#full || this.#out.bytes >= bytes;
  }

  get readable(): boolean {
    return this.#in.length > 0;
  }

  get writable(): boolean {
    // A queue that was full takes nothing before it is half empty: who waits for that must not be overtaken.
    if (this.#closed || this.#full) return false;
    if (this.#hasSpace()) return true;
    this.#connection?.flush();
    if (this.#hasSpace()) return true;
    this.#full = true;
    return false;
  }

  trySend(message: Message): boolean {
    if ((this.#full || this.#closed || !this.#hasSpace()) && !this.writable) return false;
    if (this.#conflate && this.#out.messages > 0) this.counters.drops.add("conflated", this.#out.clear());
    this.#out.push(message);
    this.#queued();
    return true;
  }

  sendOrDrop(message: Message): void {
    if (!this.trySend(message)) this.drop(this.#closed ? "noPeer" : "highWaterMark");
  }

  broadcast(broadcast: Broadcast): void {
    const shared = this.#connection?.takesRuns === true && !this.#conflate && this.#out.shares(broadcast);
    if (!shared) {
      if (this.#connection?.byReference === true) keepFrames(broadcast.message);
      return this.sendOrDrop(broadcast.message);
    }
    if ((this.#full || !this.#hasSpace()) && !this.writable) {
      this.#out.skip();
      this.drop("highWaterMark");
      return;
    }
    this.#out.share(broadcast);
    this.#queued();
  }

  /** A message was put into the queue: has the connection write, sooner or later. */
  #queued(): void {
    if (!this.#host.gathering) {
      this.gathered = false;
      this.#connection?.queued(this.#out.bytes);
    } else {
      if (this.#out.messages === 1) this.gathered = true;
      this.#connection?.gathered(this.#out.bytes);
    }
  }

  tryReceive(): Message | undefined {
    const message = this.#in.shift();
    if (message === undefined) return undefined;
    if (message.length !== 1) this.#inExtraFrames -= message.length - 1;
    // A buffer may have been transferred meanwhile, and has no bytes left then.
    if (this.#in.length === 0) this.#inBytes = 0;
    else if (this.#marks.receiveBytes !== Infinity) this.#inBytes -= messageBytes(message);
    if (this.#stalled) this.#unstall();
    return message;
  }

  peek(): Message | undefined {
    return this.#in.peek();
  }

  deliver(message: Message): void {
    if (this.#conflate) this.#clearInbox("conflated");
    this.#in.push(message);
    if (message.length !== 1) this.#inExtraFrames += message.length - 1;
    if (this.#marks.receiveBytes !== Infinity) this.#inBytes += messageBytes(message);
    if (this.#delivered !== undefined) this.#delivered(this);
    if (this.#closed) this.leftOver();
    if (this.#in.length > 1) return;
    this.#host.pipeReadable(this);
  }

  greet(message: Message): void {
    if (this.#closed) return;
    (this.#first ??= []).push(message);
    this.gathered = false;
    this.#connection?.queued(this.#out.bytes);
  }

  subscribe(cancel: boolean, topic: Uint8Array): boolean {
    if (this.#connection === undefined && this.#between.length === MOST_WAITING) {
      this.#between.clear();
      return false;
    }
    // An XSUB's subscription must not overtake the messages that it sent before.
    this.gathered = false;
    this.#between.push({ after: this.#moved + this.#out.messages, cancel, topic });
    this.#connection?.queued(this.#out.bytes);
    return true;
  }

  // One peer of many is left: nobody waits for it, and linger is the time of those who do.
  finish(): void {
    if (this.#connection === undefined) this.finishing = true;
    else this.#connection.finish(CLOSE_GRACE);
  }

  drop(reason: DropReason): void {
    this.counters.drops.add(reason);
  }

  discard(): void {
    this.counters.drops.add("lost", this.#out.clear());
  }

  reject(reason: Error, tell?: boolean): void {
    this.#connection?.fail(reason, tell);
  }

  /** Ties the pipe to a connection whose handshake is complete. */
  connect(connection: PipeConnection): void {
    this.#connection = connection;
    this.#stalled = false;
  }

  /** The connection is gone; what is queued stays. */
  disconnect(): void {
    this.#connection = undefined;
    this.gathered = false;
    this.#first = undefined;
    this.#between.clear();
  }

  /** Drops what was to be received: the socket is closed, or its peer has taken it back. */
  forget(): void {
    this.#clearInbox("closed");
  }

  #clearInbox(reason: DropReason): void {
    this.counters.drops.add(reason, this.#in.length);
    this.#in.clear();
    this.#inBytes = this.#inExtraFrames = 0;
  }

  /** The pipe is gone: takes nothing more, and returns how many messages it gave up. */
  close(): number {
    this.#closed = true;
    this.disconnect();
    const given = this.#out.clear();
    this.counters.drops.add("lost", given);
    return given;
  }

  /** About how much memory the inbox takes: what frames are views of counts whole, and once. */
  heldMemory(): number {
    const buffers = new Set<ArrayBufferLike>();
    let frames = 0;
    for (const message of this.#in) {
      frames += message.length + 1;
      for (const { buffer } of message) buffers.add(buffer);
    }
    let bytes = frames * FRAME_COST;
    for (const { byteLength } of buffers) bytes += byteLength;
    return bytes;
  }

  /** The pipe is closed, and still holds messages: calls back for each that is received. */
  leave(onTaken: () => void): void {
    this.#onTaken = onTaken;
    // So that it costs pipes that are open nothing.
    this.#stalled = true;
  }

  /** A message came from the peer; `false` if the inbox is full now. */
  arrived(message: Message): boolean {
    if (this.#closed) return this.late();
    this.counters.messagesReceived++;
    this.counters.bytesReceived += messageBytes(message);
    if (this.ignored) {
      this.drop("refusedPeer");
      return true;
    }
    const wanted = this.#inbound === undefined ? message : this.#inbound(this, message);
    if (wanted === undefined) return this.hasRoom();
    if (this.metadata !== undefined) noteMetadata(wanted, this.metadata);
    this.deliver(wanted);
    return this.hasRoom();
  }

  /** A message came, but whoever disconnected or closed does not want it any more. */
  late(): true {
    this.drop("closed");
    return true;
  }

  /** The peer subscribed or cancelled; `false` if the inbox is full now. */
  subscribed(cancel: boolean, topic: Uint8Array): boolean {
    if (this.#closed) return true;
    const message = this.#host.pattern.subscription?.(this, cancel, topic);
    if (message !== undefined && this.metadata !== undefined) noteMetadata(message, this.metadata);
    if (message !== undefined) this.deliver(message);
    return this.hasRoom();
  }

  /** The messages that were moved out are handed over. */
  handedOver(): void {
    this.#out.handedOver();
    if (this.suspect.cuts > 0) this.suspect.clear();
  }

  /** Drops the message that peers do not take. */
  dropFirst(): Message | undefined {
    const message = this.#out.dropFirst();
    this.suspect.clear();
    if (message !== undefined) this.drop("tooLarge");
    this.flushed();
    return message;
  }

  /**
   * The entries that were moved out are handed over, but for the last `count`: they are the next to be sent again. Returns
   * how many those are, also where `conflate` has dropped them for a later one: none if the pipe was closed or emptied
   * meanwhile. `cut`: the peer left in the middle of the first of them.
   */
  putBack(count: number, cut = false): number {
    if (this.#conflate && this.#out.messages > 0) {
      // A later message took its place.
      this.#out.handedOver();
      this.counters.messagesSent -= count;
      this.counters.drops.add("conflated", count);
      return count;
    }
    const { entries, messages, bytes } = this.#out.putBack(count);
    this.#moved -= messages;
    this.counters.messagesSent -= messages;
    this.counters.bytesSent -= bytes;
    if (cut) this.suspect.cut(this.#out.first());
    return entries;
  }

  /** The entry that was moved out last cannot be sent: it is dropped, so that it is not tried for ever. `false` if it is gone. */
  spoiled(): boolean {
    const entry = this.#out.lent;
    this.#spoil(entry);
    return entry !== undefined;
  }

  #spoil(entry: OutEntry | undefined): void {
    if (entry === undefined) return;
    const run = entry instanceof Run;
    const messages = run ? entry.messages : 1;
    this.#out.dropLent();
    const bytes = run ? entry.bytes : messageBytes(entry);
    this.counters.messagesSent -= messages;
    this.counters.bytesSent -= bytes;
    this.counters.drops.add("unsendable", messages);
    if (!run) this.#unsendable = { frames: entry.length, bytes };
  }

  /** The message that was dropped because it could not be sent, since this was asked last. */
  takeUnsendable(): DroppedMessage | undefined {
    const dropped = this.#unsendable;
    this.#unsendable = undefined;
    return dropped;
  }

  /** Messages that were moved out went nowhere, and there is no queue to put them back into. */
  lost(messages: number): void {
    this.counters.messagesSent -= messages;
    this.counters.drops.add("lost", messages);
  }

  /**
   * Moves what is queued into a sink until that is full; `handedOver` or `putBack` tells what became of it. What the sink
   * throws goes on to the caller, and the message that it was given then is dropped.
   */
  moveTo(sink: PipeSink): void {
    const out = this.#out;
    let messages = 0;
    let bytes = 0;
    let extraFrames = 0;
    let entry: OutEntry | undefined;
    try {
      if (this.#first !== undefined) this.#moveFirst(sink);
      while (!sink.full) {
        if (this.#between.length > 0) {
          this.#moveBetween(sink, this.#moved + messages);
          // No message may overtake a subscription.
          if (sink.full) break;
        }
        entry = out.lend();
        if (entry === undefined) break;
        if (out.shared && entry instanceof Run) {
          bytes += entry.bytes;
          messages += entry.messages;
          extraFrames -= entry.messages;
          sink.run(entry);
        } else {
          const message = entry as Message;
          const size = messageBytes(message);
          bytes += size;
          messages++;
          if (message.length !== 1) extraFrames += message.length - 1;
          // Every message without bytes, and none of one frame with some, may lack them.
          if ((size === 0 || message.length > 1) && lacksBytes(message)) this.dropLent();
          else sink.message(message);
        }
        entry = undefined;
      }
    } catch (error) {
      this.#spoil(entry);
      this.#movedOut(messages, bytes, extraFrames);
      throw error;
    }
    this.#movedOut(messages, bytes, extraFrames);
  }

  #movedOut(messages: number, bytes: number, extraFrames: number): void {
    this.#moved += messages;
    this.#out.taken(messages, bytes, extraFrames);
    this.counters.messagesSent += messages;
    this.counters.bytesSent += bytes;
  }

  /** The message that was moved out last has lost its bytes: it is dropped, and is not put back. */
  dropLent(): void {
    this.#out.dropLent();
    this.lost(1);
  }

  /** Messages were moved out: tells the socket if it waits for room. Half of the mark must be free, as in libzmq. */
  flushed(): void {
    if (!this.#full || this.#out.messages > this.#marks.sendMessages / 2) return;
    if (this.#out.bytes > this.#marks.sendBytes / 2 || this.#out.frames > this.#marks.sendFrames / 2) return;
    this.#full = false;
    try {
      this.#host.pipeWritable(this);
    } catch (error) {
      // Whoever waits for room has not heard of it: they are told again when the next connection has written.
      this.#full = true;
      throw error;
    }
  }

  /** Whether the inbox takes more; if not, `resumeReading` tells the connection when it does. */
  hasRoom(): boolean {
    const marks = this.#marks;
    if (
      this.#in.length < marks.receiveMessages && this.#inBytes < marks.receiveBytes &&
      this.#in.length + this.#inExtraFrames < marks.receiveFrames
    ) return true;
    this.#stalled = true;
    return false;
  }

  /** The marks were changed: what waits for room may have it now. */
  marksChanged(): void {
    this.#inBytes = 0;
    if (this.#marks.receiveBytes !== Infinity) {
      for (const message of this.#in) {
        this.#inBytes += messageBytes(message);
      }
    }
    if (this.#full && this.#hasSpace()) {
      this.#full = false;
      this.#host.pipeWritable(this);
    }
    if (this.#stalled) {
      this.#stalled = false;
      if (this.hasRoom()) this.#connection?.resumeReading();
    }
  }

  #hasSpace(): boolean {
    const { messages, bytes, extraFrames } = this.#out;
    const marks = this.#marks;
    return messages < marks.sendMessages && bytes < marks.sendBytes && messages + extraFrames < marks.sendFrames;
  }

  /** Not for every message: going on costs a system call, so the inbox is half emptied first, as in libzmq. */
  #unstall(): void {
    if (this.#onTaken !== undefined) return this.#onTaken();
    const marks = this.#marks;
    if (this.#in.length > marks.receiveMessages / 2 || this.#inBytes > marks.receiveBytes / 2) return;
    if (this.#in.length + this.#inExtraFrames > marks.receiveFrames / 2) return;
    this.#stalled = false;
    this.#connection?.resumeReading();
  }

  #moveFirst(sink: PipeSink): void {
    const first = this.#first!;
    // Before, so that one that cannot be sent is not tried again.
    this.#first = undefined;
    for (const message of first) {
      sink.greeting(message);
      this.counters.messagesSent++;
      this.counters.bytesSent += messageBytes(message);
    }
  }

  #moveBetween(sink: PipeSink, moved: number): void {
    for (
      let next = this.#between.peek();
      next !== undefined && next.after <= moved && !sink.full;
      next = this.#between.peek()
    ) {
      this.#between.shift();
      sink.subscription(next.cancel, next.topic);
    }
  }
}
