/**
 * An actor: a socket of a process, and its program, which uses the public API only.
 *
 * @module
 */

import type * as zmq from "../../core.ts";
import { contextOn } from "../../src/engine/context.ts";
import type { Sent } from "./ledger.ts";
import { type Member, type Method, TOPICS } from "./plan.ts";
import { Random } from "./random.ts";
import { type Exchange, Requests } from "./requests.ts";
import { type AnySocket, isExpected, newSocket, text } from "./sockets.ts";
import type { Process } from "./world.ts";

/** The time for which a relaxed Request waits for a reply, in ms. */
const PATIENCE = 300;
const ABORTED = "aborted by the scenario";

/** The scenario, as an actor sees it. */
export interface Stage extends Exchange {
  readonly contexts: Map<Process, zmq.Context>;
  readonly network: { refused(remote: string): void };
}

/** A socket and its program. */
export class Actor {
  /** Index and incarnation: `a0.1`. */
  readonly name: string;
  readonly index: number;
  readonly member: Member;
  readonly process: Process;
  readonly socket: AnySocket;
  readonly events: Record<string, number> = {};
  /** Messages that `close` gave up. */
  givenUp = 0;
  /** Sends that have not ended, other than requests. */
  sending = 0;
  /** Messages that its program received. */
  received = 0;
  /** Its options were changed. */
  changed = false;
  /** Its subscriptions were changed. */
  resubscribed = false;
  slow = false;
  /** The topics that it is subscribed to, each as often as it was subscribed. */
  readonly topics = new Map<string, number>();
  /** It was closed, killed or restarted in the middle of the scenario. */
  ended = false;

  #paused = false;
  /** Called when it resumes. */
  #wake: (() => void) | undefined;
  readonly #stage: Stage;
  readonly #random: Random;
  /** Texts of connections of a STREAM that are not complete yet. */
  readonly #partial = new Map<string, string>();
  readonly #requests: Requests;
  #asking = false;

  constructor(stage: Stage, index: number, incarnation: number, member: Member, process: Process, secrets: object) {
    this.name = `${"abcdefgh"[index]}${index}.${incarnation}`;
    this.index = index;
    this.member = member;
    this.process = process;
    this.#stage = stage;
    this.#requests = new Requests(stage, this);
    this.#random = Random.of(stage.world.seed, "actor", this.name);
    const context = stage.contexts.get(process) ?? contextOn(process);
    stage.contexts.set(process, context);
    const options = { ...member.options, ...secrets, context };
    this.socket = newSocket(member.type, options);
    this.socket.events.listen((event) => this.#saw(event));
    for (const topic of member.topics) this.subscribe(topic);
    this.resubscribed = false;
    if (this.receives) this.#guard(this.#receiving());
  }

  /** True if a loop receives. REQ receives after it has sent. */
  get receives(): boolean {
    return !["PUSH", "PUB", "REQ"].includes(this.member.type);
  }

  /** The number of peers that are connected. */
  get peerCount(): number {
    return this.socket.peerCount;
  }

  /** Subscribes, and notes it. */
  subscribe(topic: string): void {
    // As in libzmq, the first of its unsubscribes then ends a topic, however often it was subscribed.
    const { verboseUnsubscribe } = this.socket as unknown as { verboseUnsubscribe?: boolean };
    if (verboseUnsubscribe === true && this.topics.has(topic)) return;
    this.topics.set(topic, (this.topics.get(topic) ?? 0) + 1);
    this.#subscription(1, topic);
  }

  /** Unsubscribes, if it is subscribed. */
  unsubscribe(topic: string): void {
    const count = this.topics.get(topic) ?? 0;
    if (count === 0) return;
    if (count === 1) this.topics.delete(topic);
    else this.topics.set(topic, count - 1);
    this.#subscription(0, topic);
  }

  /** XSUB subscribes by a message. */
  #subscription(command: 0 | 1, topic: string): void {
    this.resubscribed = true;
    if (this.member.type === "XSUB") return this.#run(() => this.socket.send(String.fromCharCode(command) + topic));
    if (command === 1) this.socket.subscribe(topic);
    else this.socket.unsubscribe(topic);
  }

  /** True if it is subscribed to messages of this topic. */
  wants(topic: string): boolean {
    return [...this.topics.keys()].some((prefix) => topic.startsWith(prefix));
  }

  /** Receives nothing before `resume`. */
  pause(): void {
    this.#paused = true;
  }

  /** Receives again. */
  resume(): void {
    this.#paused = false;
    this.#stage.world.after(0, () => this.#wake?.(), this.process);
  }

  /** Sends some messages. */
  send(count: number, size: number, how: Method): void {
    if (this.ended) return;
    this.say(`sends ${count} of ${size} bytes, ${how}`);
    if (this.member.type === "REQ") this.#guard(this.#ask(count, size));
    else this.#run(() => this.#send(count, size, how));
  }

  /** Sends one message with a topic, which all that want it get. */
  publish(topic: string): Sent {
    const sent = this.#stage.ledger.write(this.name, 5, topic);
    this.#run(() => this.#sendOne(sent));
    return sent;
  }

  /** Has the socket write what was buffered. */
  flush(): void {
    if ("flush" in this.socket) this.socket.flush();
  }

  /** Closes the socket. */
  async close(linger: number): Promise<void> {
    this.ended = true;
    this.givenUp = await this.socket.close({ linger });
    this.say(`closed, ${this.givenUp} given up`);
  }

  /** A line of the trace. */
  say(what: string): void {
    this.#stage.world.trace.add(this.name, what);
  }

  #saw(event: zmq.SocketEvent): void {
    this.events[event.type] = (this.events[event.type] ?? 0) + 1;
    // Messages of a lost connection that wait are fair-queued with those of the next one.
    if (event.type.startsWith("disconnect") && this.socket.statistics().held > 0) this.#stage.ledger.loosen(this.name);
    if (event.type === "handshake:error:other") this.#stage.network.refused(event.remote);
    const code = "error" in event && event.error !== undefined ? ` ${(event.error as { code?: string }).code}` : "";
    this.say(`${event.type}${code}`);
  }

  #run(task: () => Promise<unknown>): void {
    this.sending++;
    this.#guard(task().finally(() => this.sending--));
  }

  #guard(task: Promise<unknown>): void {
    task.catch((error) => {
      this.#stage.world.violate("no-uncaught-error", `${this.name}: ${(error as Error).stack ?? error}`);
    });
  }

  /** A request waits for its reply. */
  get asking(): boolean {
    return this.#asking;
  }

  /** The frames of a message: with a topic, an address or a delimiter, as the type wants them. */
  #frames(sent: Sent): string[] {
    const { type, peerType, binds, peers } = this.member;
    if (sent.topic !== undefined) return [sent.topic, sent.text];
    if (type === "STREAM") return ["server", sent.text];
    if (type === "DEALER" && peerType === "REP") return ["", sent.text];
    if (type === "ROUTER" && peerType === "ROUTER") {
      return [binds ? "n" + this.#random.whole(1, 3) : "n" + this.#random.pick(peers), sent.text];
    }
    return [sent.text];
  }

  async #send(count: number, size: number, how: Method): Promise<void> {
    const { type } = this.member;
    const publishes = type === "PUB" || type === "XPUB";
    const write = () => this.#stage.ledger.write(this.name, size, publishes ? this.#random.pick(TOPICS) : undefined);
    if (how === "many") return await this.#sendMany(count, write);
    for (let i = 0; i < count; i++) {
      if (this.ended) return;
      const sent = write();
      if (how === "each") await this.#sendOne(sent);
      else if (how === "burst") this.#run(() => this.#sendOne(sent));
      else if (how === "abort") await this.#sendOne(sent, this.#random.whole(1, 200));
      else {
        const frames = this.#frames(sent);
        this.#attempt(sent, () => how === "try" ? this.socket.trySend(frames) : this.socket.sendBuffered(frames));
      }
    }
    if (how === "buffered" && !this.ended && this.#random.chance(0.5)) this.flush();
  }

  #attempt(sent: Sent, act: () => boolean): void {
    try {
      sent.state = act() ? "accepted" : "refused";
    } catch (error) {
      this.#expect(error);
      sent.state = "refused";
    }
  }

  async #sendOne(sent: Sent, patience?: number): Promise<boolean> {
    const controller = patience === undefined ? undefined : new AbortController();
    const timer = controller && this.process.timer(patience!, () => controller.abort(new Error(ABORTED)));
    try {
      await this.socket.send(this.#frames(sent), { signal: controller?.signal });
      sent.state = "accepted";
      return true;
    } catch (error) {
      this.#expect(error);
      sent.state = "refused";
      this.say(`${sent.id} not sent`);
      return false;
    } finally {
      timer?.cancel();
    }
  }

  /** Messages are numbered as the socket takes them: other sends may come in between. */
  async #sendMany(count: number, write: () => Sent): Promise<void> {
    const all: Sent[] = [];
    const frames = this.#frames.bind(this);
    const messages = function* () {
      while (all.length < count) {
        const sent = write();
        all.push(sent);
        yield frames(sent);
      }
    };
    try {
      await this.socket.sendMany(messages());
      for (const sent of all) sent.state = "accepted";
    } catch (error) {
      this.#expect(error);
      for (const sent of all) sent.state = "unknown";
    }
  }

  /** Reports any other error; `true` if it was expected. */
  #expect(error: unknown): boolean {
    if ((error as Error).message === ABORTED || isExpected(error)) return true;
    this.#stage.world.violate("expected-errors", `${this.name}: ${(error as Error).stack}`);
    return false;
  }

  // Requests.

  async #ask(count: number, size: number): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (let i = 0; i < count && !this.ended; i++) {
        // It gave up this request, and may not send another one now.
        const { owed, relaxed } = this.#requests;
        if (owed !== undefined && !relaxed) await this.#answer(owed);
        const sent = this.#stage.ledger.write(this.name, size);
        this.#requests.last = sent;
        if (await this.#sendOne(sent)) await this.#answer(sent);
        else if (!this.ended) await this.process.sleep(1);
      }
    } finally {
      this.#asking = false;
    }
  }

  /** Waits for the reply; with `relaxed` not forever. */
  async #answer(sent: Sent): Promise<void> {
    const { relaxed } = this.#requests;
    this.#requests.owed = undefined;
    const until = this.process.now() + PATIENCE;
    while (!this.ended) {
      const controller = relaxed ? new AbortController() : undefined;
      const timer = controller && this.process.timer(PATIENCE, () => controller.abort(new Error(ABORTED)));
      try {
        const got = this.#got((await this.socket.receive({ signal: controller?.signal })).map(text));
        // A notice is received in place of the reply. Without correlate this may be the reply to an earlier request.
        if (got === undefined || sent.answered || relaxed || this.#requests.inherits) return;
      } catch (error) {
        if (!this.#expect(error)) return;
        if (relaxed && this.process.now() >= until) return void (this.#requests.owed = sent);
        if ((error as { code?: string }).code === "EAGAIN") await this.process.sleep(20);
      } finally {
        timer?.cancel();
      }
    }
  }

  // Receiving.

  async #receiving(): Promise<void> {
    const way = this.#random.pick(["receive", "many", "iterate", "try"]);
    while (!this.ended) {
      try {
        while (this.#paused) await new Promise<void>((resolve) => this.#wake = resolve);
        if (this.slow) await this.process.sleep(this.#random.pick([1, 11, 400]));
        if (way === "many") { for (const message of await this.socket.receiveMany(3)) await this.#take(message); }
        else if (way === "receive") await this.#take(await this.socket.receive());
        else if (way === "try") {
          await this.socket.whenReadable();
          const message = this.socket.tryReceive();
          if (message !== undefined) await this.#take(message);
        } else {
          for await (const message of this.socket) {
            await this.#take(message);
            if (this.#paused || this.slow) break;
          }
        }
      } catch (error) {
        this.#expect(error);
        if ((error as { code?: string }).code !== "EAGAIN") return;
        await this.process.sleep(20);
      }
    }
  }

  async #take(message: zmq.Message): Promise<void> {
    const { type, peerType } = this.member;
    this.received++;
    if (type === "STREAM") return this.#piece(message[0].join(), text(message[1]!));
    const sent = this.#got(message.map(text));
    if (this.ended) return;
    // A REP has to answer notices, too, before it can receive again.
    if (sent === undefined) return type === "REP" ? await this.#reply(undefined, []) : undefined;
    if (type === "REP") await this.#reply(sent, []);
    else if (type === "ROUTER" && peerType !== "ROUTER") {
      await this.#reply(sent, message.slice(0, peerType === "REQ" ? -1 : 1));
    }
  }

  async #reply(request: Sent | undefined, address: readonly Uint8Array[]): Promise<void> {
    const reply = this.#stage.ledger.write(this.name, 0, undefined, request && `re ${request.id}`);
    try {
      await this.socket.send([...address, reply.text]);
      reply.state = "accepted";
    } catch (error) {
      this.#expect(error);
      reply.state = "refused";
    }
  }

  /** A message arrived. */
  #got(frames: string[]): Sent | undefined {
    const { type } = this.member;
    const sent = this.#stage.ledger.read(this.name, frames, type === "SUB" || type === "XSUB");
    if (sent === undefined) return undefined;
    this.say(`got ${sent.id}`);
    const [, answers] = /\|re ([^|]+)\|/.exec(sent.text) ?? [];
    if (answers !== undefined) this.#requests.answered(sent, answers);
    return sent;
  }

  /** Bytes of a connection of a STREAM. */
  #piece(id: string, bytes: string): void {
    if (bytes === "") return void this.#partial.delete(id);
    let rest = (this.#partial.get(id) ?? "") + bytes;
    for (let end = rest.indexOf("]"); end >= 0; end = rest.indexOf("]")) {
      this.#got([rest.slice(0, end + 1)]);
      rest = rest.slice(end + 1);
    }
    this.#partial.set(id, rest);
  }
}
