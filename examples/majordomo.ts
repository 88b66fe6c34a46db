/**
 * A service-oriented broker: workers register for a service by name, clients request a service by name. The frames are
 * those of ZeroMQ's RFC 7 (MDP/0.1), so it works with clients and workers in other languages.
 *
 * Run: deno run -A examples/majordomo.ts (or: bun examples/majordomo.ts, npx tsx examples/majordomo.ts)
 *
 * Prints:
 *     is there an echo? 404
 *     hello, hello
 *     the lengths of three words: 3, 5, 4
 *     tea, after a while
 */

import { setTimeout as delay } from "node:timers/promises";
import { Dealer, type Message, MessageReader, poll, Request, Router, toText, ZmqError } from "@monocoque/zmq";

const ENDPOINT = "inproc://majordomo";
const CLIENT = "MDPC01";
const WORKER = "MDPW01";
const [READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT] = ["\x01", "\x02", "\x03", "\x04", "\x05"] as const;
const BEAT = 50; // ms
const PATIENCE = 5; // heartbeats that may be missed

interface Worker {
  readonly id: Uint8Array;
  readonly service: string;
  left: number; // heartbeats it may still miss
}

class Broker {
  readonly #socket = new Router();
  /** Waiting requests and idle workers, by service. */
  readonly #services = new Map<string, { requests: Message[]; idle: Set<Worker> }>();
  /** All workers by their routing id. */
  readonly #workers = new Map<string, Worker>();

  async run(signal: AbortSignal): Promise<void> {
    await this.#socket.bind(ENDPOINT);
    for (let nextBeat = 0; !signal.aborted;) {
      await poll([this.#socket], { timeout: BEAT });
      for (const message of this.#socket.tryReceiveMany()) {
        try {
          this.#onMessage(new MessageReader(message));
        } catch (error) { // this is not MDP
          if (!(error instanceof ZmqError) || error.code !== "EPROTO") throw error;
          if (this.#workers.has(String(message[0]))) this.#dismiss(message[0]);
        }
      }
      if (Date.now() < nextBeat) continue;
      nextBeat = Date.now() + BEAT;
      for (const worker of this.#workers.values()) {
        if (worker.left-- > 0) this.#tell(worker.id, HEARTBEAT);
        else this.#dismiss(worker.id);
      }
    }
    for (const { id } of this.#workers.values()) this.#tell(id, DISCONNECT);
    await this.#socket.close();
  }

  #onMessage(frames: MessageReader): void {
    const id = frames.bytes();
    frames.empty();
    const [protocol, word] = [frames.text(), frames.text()];
    if (protocol === WORKER) this.#onWorker(id, word, frames);
    else if (protocol === CLIENT && word === "mmi.service") { // RFC 8: is there a worker for this service?
      const asked = frames.text();
      const known = [...this.#workers.values()].some(({ service }) => service === asked);
      this.#socket.trySend([id, null, CLIENT, word, known ? "200" : "404"]);
    } else if (protocol === CLIENT) this.#dispatch(word, [id, new Uint8Array(0), frames.bytes(), ...frames.rest()]);
  }

  #onWorker(id: Uint8Array, command: string, frames: MessageReader): void {
    let worker = this.#workers.get(String(id));
    if (command === DISCONNECT || (worker === undefined) !== (command === READY)) return this.#dismiss(id);
    worker ??= { id, service: frames.text(), left: PATIENCE };
    worker.left = PATIENCE;
    this.#workers.set(String(id), worker);
    if (command === REPLY) {
      const client = frames.bytes();
      frames.empty();
      this.#socket.trySend([client, null, CLIENT, worker.service, ...frames.rest()]);
    }
    if (command === READY || command === REPLY) this.#dispatch(worker.service, undefined, worker);
  }

  /** Adds a request or an idle worker, and assigns waiting requests to idle workers. */
  #dispatch(service: string, request?: Message, worker?: Worker): void {
    const { requests, idle } = this.#services.get(service) ?? { requests: [], idle: new Set() };
    this.#services.set(service, { requests, idle });
    if (request !== undefined) requests.push(request);
    if (worker !== undefined) idle.add(worker);
    for (const next of idle) {
      if (requests.length === 0) return;
      idle.delete(next);
      this.#tell(next.id, REQUEST, ...requests.shift()!);
    }
  }

  /** Removes a worker; one that is still alive registers again. */
  #dismiss(id: Uint8Array): void {
    const worker = this.#workers.get(String(id));
    if (worker !== undefined) this.#services.get(worker.service)?.idle.delete(worker);
    this.#workers.delete(String(id));
    this.#tell(id, DISCONNECT);
  }

  #tell(worker: Uint8Array, command: string, ...frames: Uint8Array[]): void {
    this.#socket.trySend([worker, null, WORKER, command, ...frames]);
  }
}

type Answer = (text: string) => string | number | Promise<string>;

/** Offers a service; registers again when the broker stops responding, or no longer knows this worker. */
async function work(service: string, answer: Answer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await using socket = new Dealer({ linger: 0 });
    const onRequest = async ([client, empty, body]: Uint8Array[]) => {
      const reply = await Promise.resolve(toText(body!)).then(answer).catch((error) => `failed: ${error.message}`);
      if (!socket.closed) socket.trySend([null, WORKER, REPLY, client!, empty!, reply]);
    };
    socket.connect(ENDPOINT);
    await socket.send([null, WORKER, READY, service]);
    for (let missed = 0; missed < PATIENCE && !signal.aborted;) {
      const ready = await poll([socket], { timeout: BEAT });
      missed = ready.length > 0 ? 0 : missed + 1;
      for (const [, , command, ...frames] of socket.tryReceiveMany()) {
        if (toText(command!) === DISCONNECT) missed = PATIENCE;
        if (toText(command!) === REQUEST) void onRequest(frames); // heartbeats go on meanwhile
      }
      socket.trySend([null, WORKER, HEARTBEAT]);
    }
  }
}

async function ask(service: string, text: string): Promise<string> {
  await using socket = new Request({ receiveTimeout: 5000 });
  socket.connect(ENDPOINT);
  await socket.send([CLIENT, service, text]);
  const [, , reply] = await socket.receive();
  return toText(reply!);
}

const over = new AbortController();
const running = [new Broker().run(over.signal)];
const hire = (service: string, answer: Answer) => running.push(work(service, answer, over.signal));
console.log(`is there an echo? ${await ask("mmi.service", "echo")}`);

const early = ask("echo", "hello"); // waits in the broker until a worker registers
hire("echo", (text) => `${text}, ${text}`);
hire("length", (text) => text.length);
hire("kitchen", (order) => delay(2 * PATIENCE * BEAT, `${order}, after a while`));
console.log(await early);
const lengths = await Promise.all(["one", "three", "four"].map((word) => ask("length", word)));
console.log(`the lengths of three words: ${lengths.join(", ")}`);
console.log(await ask("kitchen", "tea"));

over.abort();
await Promise.all(running);
