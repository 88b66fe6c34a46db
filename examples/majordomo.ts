/**
 * A service-oriented broker: workers sign on for a service by its name, clients ask for a service by its name. The frames are
 * those of ZeroMQ's RFC 7 (MDP/0.1), so clients and workers in other languages can join in.
 *
 * Run: deno run -A examples/majordomo.ts (or: bun examples/majordomo.ts, npx tsx examples/majordomo.ts)
 *
 * Prints:
 *     is there an echo? 404
 *     hello, hello
 *     is there an echo? 200
 *     the lengths of three words: 3, 5, 4
 */

import { Dealer, type Message, poll, Request, Router, toText } from "@monocoque/zmq";

const ENDPOINT = "inproc://majordomo";
const CLIENT = "MDPC01";
const WORKER = "MDPW01";
const [READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT] = ["\x01", "\x02", "\x03", "\x04", "\x05"] as const;
const BEAT = 50; // ms
const PATIENCE = 5; // heartbeats that may be missed

class Broker {
  readonly #socket = new Router();
  /** Requests that wait, and names of idle workers, by service. */
  readonly #services = new Map<string, { requests: Message[]; idle: string[] }>();
  /** All workers by their routing id, with the heartbeats each may still miss. */
  readonly #workers = new Map<string, { id: Uint8Array; service: string; left: number }>();

  async run(signal: AbortSignal): Promise<void> {
    await this.#socket.bind(ENDPOINT);
    for (let nextBeat = 0; !signal.aborted;) {
      await poll([this.#socket], { timeout: BEAT });
      for (const [id, empty, protocol, ...frames] of this.#socket.tryReceiveMany()) {
        if (empty?.length !== 0 || protocol === undefined || frames.length === 0) continue; // does not speak MDP
        if (toText(protocol) === CLIENT) this.#onClient(id!, frames);
        if (toText(protocol) === WORKER) this.#onWorker(id!, frames);
      }
      if (Date.now() < nextBeat) continue;
      nextBeat = Date.now() + BEAT;
      for (const [name, worker] of this.#workers) {
        if (worker.left-- > 0) this.#tell(worker.id, HEARTBEAT);
        else this.#forget(name);
      }
    }
    for (const { id } of this.#workers.values()) this.#tell(id, DISCONNECT);
    await this.#socket.close();
  }

  #onClient(client: Uint8Array, [service, ...body]: Message): void {
    if (toText(service!) === "mmi.service") { // RFC 8: is there anybody for this service?
      const known = [...this.#workers.values()].some((worker) => worker.service === toText(body[0]!));
      this.#socket.trySend([client, null, CLIENT, service!, known ? "200" : "404"]);
    } else {
      this.#service(toText(service!)).requests.push([client, new Uint8Array(0), ...body]);
      this.#dispatch(toText(service!));
    }
  }

  #onWorker(id: Uint8Array, [command, ...frames]: Message): void {
    const name = String(id);
    const known = this.#workers.get(name);
    if (toText(command!) === READY && known === undefined) {
      this.#workers.set(name, { id, service: toText(frames[0]!), left: PATIENCE });
      this.#free(name);
    } else if (toText(command!) === DISCONNECT || known === undefined) {
      this.#forget(name);
      this.#tell(id, DISCONNECT);
    } else {
      known.left = PATIENCE;
      if (toText(command!) !== REPLY) return;
      const [client, empty, ...body] = frames;
      this.#socket.trySend([client!, empty!, CLIENT, known.service, ...body]);
      this.#free(name);
    }
  }

  #free(worker: string): void {
    const { service } = this.#workers.get(worker)!;
    this.#service(service).idle.push(worker);
    this.#dispatch(service);
  }

  #dispatch(name: string): void {
    const { requests, idle } = this.#service(name);
    while (requests.length > 0 && idle.length > 0) {
      this.#tell(this.#workers.get(idle.shift()!)!.id, REQUEST, ...requests.shift()!);
    }
  }

  #forget(worker: string): void {
    this.#workers.delete(worker);
    for (const service of this.#services.values()) service.idle = service.idle.filter((name) => name !== worker);
  }

  #service(name: string): { requests: Message[]; idle: string[] } {
    const service = this.#services.get(name) ?? { requests: [], idle: [] };
    this.#services.set(name, service);
    return service;
  }

  #tell(worker: Uint8Array, command: string, ...frames: Message): void {
    this.#socket.trySend([worker, null, WORKER, command, ...frames]);
  }
}

/** Offers a service until the broker says good-bye; signs on again when the broker falls silent. */
async function work(service: string, answer: (text: string) => string | number): Promise<void> {
  for (;;) {
    await using socket = new Dealer({ linger: 0 });
    socket.connect(ENDPOINT);
    await socket.send([null, WORKER, READY, service]);
    for (let missed = 0; missed < PATIENCE;) {
      const ready = await poll([socket], { timeout: BEAT });
      missed = ready.length > 0 ? 0 : missed + 1;
      for (const [, , command, client, empty, body] of socket.tryReceiveMany()) {
        if (toText(command!) === DISCONNECT) return;
        if (toText(command!) !== REQUEST) continue;
        await socket.send([null, WORKER, REPLY, client!, empty!, answer(toText(body!))]);
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
console.log(`is there an echo? ${await ask("mmi.service", "echo")}`);

const early = ask("echo", "hello"); // waits in the broker until somebody can do it
running.push(
  work("echo", (text) => `${text}, ${text}`),
  work("length", (t) => t.length),
  work("length", (t) => t.length),
);
console.log(await early);
console.log(`is there an echo? ${await ask("mmi.service", "echo")}`);
const lengths = await Promise.all(["one", "three", "four"].map((word) => ask("length", word)));
console.log(`the lengths of three words: ${lengths.join(", ")}`);

over.abort();
await Promise.all(running);
