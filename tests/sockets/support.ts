/**
 * Helpers of the socket tests: messages as text, waits for events, endpoints without a listener, child processes.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Message, Pull, type Socket, type SocketEvent, toText, ZmqError, type ZmqErrorCode } from "../../mod.ts";
import { runtime } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";

/**
 * The endpoint that a test binds: a port chosen by the system, on a loopback address that only this process uses where
 * there is more than one. So no other process takes a port that a test releases and binds again.
 */
export const ANY = await privateLoopback();

async function privateLoopback(): Promise<string> {
  const byte = () => 1 + Math.floor(Math.random() * 254);
  const endpoint = `tcp://127.${byte()}.${byte()}.${byte()}:0`;
  await using pull = new Pull();
  return await pull.bind(endpoint).then(() => endpoint, () => "tcp://127.0.0.1:0");
}

/** The frames of a message as text. */
export function texts(message: readonly Uint8Array[]): string[] {
  return message.map(toText);
}

/** A socket that receives. */
export interface Receiver {
  receive(options?: { readonly signal?: AbortSignal }): Promise<Message>;
}

/** Receives `count` messages, each as text; the frames of one are joined by "|". */
export async function take(socket: Receiver, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(texts(await socket.receive()).join("|"));
  return taken;
}

/** The names of all events. */
export type EventType = SocketEvent["type"];
/** The event of this name. */
export type EventOf<T extends EventType> = Extract<SocketEvent, { readonly type: T }>;

/** The next event of this type that the condition accepts, from now on. */
export function nextEvent<T extends EventType>(
  socket: Socket,
  type: T,
  accept: (event: EventOf<T>) => boolean = () => true,
): Promise<EventOf<T>> {
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (event.type !== type || !accept(event as EventOf<T>)) return;
      stop();
      resolve(event as EventOf<T>);
    });
  });
}

/** Returns the error of the next handshake that fails, for whatever reason. */
export function handshakeError(socket: Socket): Promise<ZmqError> {
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (!event.type.startsWith("handshake:error")) return;
      stop();
      resolve((event as { readonly error?: Error }).error as ZmqError);
    });
  });
}

/** Gathers the events of a socket from now on, except hints: some come when 5 s have passed, as on a busy machine. */
export function record(socket: Socket): SocketEvent[] {
  const events: SocketEvent[] = [];
  socket.events.listen((event) => event.type !== "hint" && events.push(event));
  return events;
}

/** Resolves when the condition is true; it is checked once per turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Resolves after `turns` turns of the event loop: pending work of this process is then done. */
export async function turn(turns = 1): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The numbers from 0 on as texts: what numbered messages say. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

/** Sends numbered messages until one is refused, at most `limit`; returns how many were taken. */
export function fill(socket: { trySend(message: string): boolean }, limit = 5000): number {
  let sent = 0;
  while (sent < limit && socket.trySend(`${sent}`)) sent++;
  return sent;
}

/**
 * An endpoint of this machine without a listener, which refuses connections. On Deno test files are threads of one process:
 * a child process that another file starts has a copy of the listening socket until it runs its program, so this returns
 * only when a connection has been refused.
 */
export async function deserted(): Promise<string> {
  for (;;) {
    // Another one each time: another test may have the port by now.
    const endpoint = await bound();
    const { hostname: host, port } = new URL(endpoint.replace("tcp:", "http:"));
    if (await refuses(host, Number(port))) return endpoint;
  }
}

async function bound(): Promise<string> {
  await using pull = new Pull();
  return await pull.bind(ANY);
}

function refuses(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ host, port });
    probe.once("error", (error: Error & { code?: string }) => resolve(error.code === "ECONNREFUSED"));
    probe.once("connect", () => probe.destroy());
    probe.once("close", () => resolve(false));
  });
}

/** Fails unless `action` rejects with a ZmqError of this code; returns it. */
export async function rejectsWith(code: ZmqErrorCode, action: () => Promise<unknown>): Promise<ZmqError> {
  const error = await assertRejects(action, ZmqError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** Fails unless `action` throws a ZmqError of this code; returns it. */
export function throwsWith(code: ZmqErrorCode, action: () => unknown): ZmqError {
  const error = assertThrows(action, ZmqError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** Fails unless the promise rejects with exactly this value. */
export async function rejectsWithReason(reason: unknown, promise: Promise<unknown>): Promise<void> {
  const outcome = await promise.then(() => ({ reason: undefined }), (error: unknown) => ({ reason: error }));
  assert(outcome.reason === reason, `rejected with ${outcome.reason}`);
}

/** The lifetime of a child process, in ms, so that none is left when a test hangs. */
const CHILD_LIFETIME = 120_000;

/** A script that runs as a process of its own on this runtime. */
export class Child implements AsyncDisposable {
  readonly #process: ReturnType<typeof spawn>;
  readonly #exited: Promise<unknown[]>;
  readonly #lines: AsyncIterator<string>;

  /** Starts `tests/sockets/<script>`, or the script at a `file:` URL. */
  constructor(script: string, ...args: string[]) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const program = { deno: ["run", "-A", "--no-check", path], bun: [path], node: nodeProgram(path) }[runtime];
    this.#process = spawn(process.execPath, [...program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
    const late = setTimeout(() => this.#process.kill("SIGKILL"), CHILD_LIFETIME);
    this.#exited = once(this.#process, "exit").finally(() => clearTimeout(late));
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line it prints; `undefined` at the end. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  /** The exit code, once it has ended by itself. */
  async exit(): Promise<unknown> {
    const [code] = await this.#exited;
    return code;
  }

  /** Gives it a line of input. */
  say(line: string): void {
    this.#process.stdin!.write(`${line}\n`);
  }

  /** Sends it what Ctrl+C in a terminal does. */
  interrupt(): void {
    this.#process.kill("SIGINT");
  }

  /** Ends it if it has not ended by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin!.end();
    this.#process.kill();
    await this.#exited;
  }
}
