/**
 * Starts peer processes and speaks to them, from any of the three runtimes.
 *
 * A peer started at the top of a test file serves all its tests: it does not keep this process alive, and ends with it. One that
 * ends by itself fails a test: the one that asks it then, or the next one. The tests after that get a new process.
 *
 * @module
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Runtime } from "../harness.ts";
import { nodeProgram } from "../node_program.ts";
import type { Admission } from "./admission.ts";
import type { End, EndOptions, EndType, EventType, Frame, OptionValue } from "./end.ts";
import { type Answer, decodeLine, encodeLine, LineReader } from "./protocol.ts";
import { pythonZmq } from "./python.ts";

/** The library of a peer: libzmq in Node or in Python, or this one on a runtime. */
export type PeerKind = "libzmq" | "python" | Runtime;

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const HERE = "tests/support/peers";
const BIN = `${ROOT}node_modules/.bin`;
const NODE = process.versions.bun === undefined && process.versions.deno === undefined ? process.execPath : "node";

function commandLine(kind: PeerKind): readonly [command: string, ...args: string[]] {
  switch (kind) {
    case "libzmq":
      return [NODE, ...nodeProgram(`${HERE}/libzmq_peer.ts`)];
    case "node":
      return [NODE, ...nodeProgram(`${HERE}/our_peer.ts`)];
    case "deno": {
      const flags = ["--allow-all", "--no-check", "--import-map", "tests/support/import_map.json"];
      return [`${BIN}/deno`, "run", ...flags, `${HERE}/our_peer.ts`];
    }
    case "bun":
      return [`${BIN}/bun`, `${HERE}/our_peer.ts`];
    case "python":
      return [pythonZmq().command, `${HERE}/python_peer.py`];
  }
}

/** An error that a peer answered with. */
export class PeerError extends Error {
  /** The peer's error code, if the error had one: `EAGAIN`, … */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One process, for as long as it lives. */
class PeerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  readonly #lines = new LineReader();
  #lastId = 0;
  /** The reason why no further request is possible. */
  #dead: Error | undefined;
  #told = false;
  #killed = false;

  constructor(kind: PeerKind) {
    const [command, ...args] = commandLine(kind);
    const child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        this.#failAll(new Error(`The ${kind} peer has ended (${signal ?? `exit code ${code}`})`));
        resolve();
      });
    });
    child.on("error", (error) => this.#failAll(error));
    // The pipe of a killed peer breaks; `close` reports its end.
    child.stdin.on("error", () => {});
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      for (const line of this.#lines.read(chunk)) this.#answered(decodeLine(line) as Answer);
    });
    for (const handle of [child, child.stdin, child.stdout] as { unref?: () => void }[]) handle.unref?.();
  }

  /** True once it has been killed by this process. */
  get killed(): boolean {
    return this.#killed;
  }

  /** True once it has ended by itself, and something that was asked has failed for that. */
  get told(): boolean {
    return this.#told && !this.#killed;
  }

  /**
   * Kills the process, and waits until it has exited; with another signal than SIGKILL as if it had ended by itself.
   */
  async kill(signal: "SIGKILL" | "SIGABRT"): Promise<void> {
    if (signal === "SIGKILL") this.#killed = true;
    this.#child.kill(signal);
    await this.#ended;
  }

  freeze(): void {
    process.kill(this.#child.pid!, "SIGSTOP");
  }

  ask(socket: number, call: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#dead !== undefined) {
      this.#told = true;
      return Promise.reject(this.#dead);
    }
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      this.#child.stdin.write(encodeLine({ id, socket, call, args }));
    });
  }

  #answered({ id, result, error }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new PeerError(error.message, error.code));
  }

  #failAll(error: Error): void {
    this.#dead = error;
    if (this.#pending.size > 0) this.#told = true;
    if (!this.#killed) process.stderr.write(`${error.message}\n`);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** A peer process, and the one that follows it if it ends by itself. */
export class Peer implements AsyncDisposable {
  /** The library that it runs. */
  readonly kind: PeerKind;

  #process: PeerProcess;
  #lastSocket = 0;
  #admission: Admission | undefined;

  /** Starts the process. */
  constructor(kind: PeerKind) {
    this.kind = kind;
    this.#process = new PeerProcess(kind);
  }

  /** Makes a socket in the peer. Its linger is 0 unless `options` says otherwise. */
  async open(type: EndType, options: EndOptions = {}): Promise<PeerEnd> {
    if (this.#process.told) {
      this.#process = new PeerProcess(this.kind);
      if (this.#admission !== undefined) await this.admit(this.#admission);
    }
    const socket = ++this.#lastSocket;
    const current = this.#process;
    await current.ask(socket, "open", [type, options]);
    return new PeerEnd(current, socket, type);
  }

  /** Has libzmq forward between two bound sockets of the peer for as long as it lives (`zmq_proxy_steerable`). */
  async proxy(front: PeerEnd, back: PeerEnd): Promise<void> {
    await this.#process.ask(0, "proxy", [front.number, back.number]);
  }

  /** Gives the process a ZAP handler, or replaces the lists of the one that it has. */
  async admit(admission: Admission): Promise<void> {
    this.#admission = admission;
    await this.#process.ask(0, "admit", [admission]);
  }

  /** Kills the process with SIGKILL, and waits until it has exited. */
  kill(): Promise<void> {
    return this.#process.kill("SIGKILL");
  }

  /** Ends the process as a failed assertion in it does, and waits until it has exited. */
  abort(): Promise<void> {
    return this.#process.kill("SIGABRT");
  }

  /** Stops the process with SIGSTOP: its connections stay open, and it sends nothing on them. */
  freeze(): void {
    this.#process.freeze();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** A socket in a peer process. */
export class PeerEnd implements End, AsyncDisposable {
  readonly type: EndType;
  readonly #process: PeerProcess;
  /** By which the peer knows it. */
  readonly number: number;
  #closed = false;

  constructor(process: PeerProcess, socket: number, type: EndType) {
    this.type = type;
    this.#process = process;
    this.number = socket;
  }

  async bind(endpoint: string): Promise<string> {
    return await this.#ask("bind", endpoint) as string;
  }

  async unbind(endpoint: string): Promise<void> {
    await this.#ask("unbind", endpoint);
  }

  async connect(endpoint: string, routingId?: string): Promise<void> {
    await this.#ask("connect", endpoint, ...routingId === undefined ? [] : [routingId]);
  }

  async disconnect(endpoint: string): Promise<void> {
    await this.#ask("disconnect", endpoint);
  }

  async set(option: string, value: OptionValue): Promise<void> {
    await this.#ask("set", option, value);
  }

  async get(option: string): Promise<unknown> {
    return await this.#ask("get", option);
  }

  /** Receives a message, and returns a property of its peer's handshake. Python only. */
  async property(name: string): Promise<string> {
    return await this.#ask("property", name) as string;
  }

  async look(): Promise<void> {
    await this.#ask("look");
  }

  async send(message: readonly Frame[]): Promise<void> {
    await this.#ask("send", message);
  }

  async receive(): Promise<Uint8Array[]> {
    return await this.#ask("receive") as Uint8Array[];
  }

  async subscribe(topic: Frame): Promise<void> {
    await this.#ask("subscribe", topic);
  }

  async subscribeMany(prefix: string, count: number): Promise<void> {
    await this.#ask("subscribeMany", prefix, count);
  }

  async unsubscribe(topic: Frame): Promise<void> {
    await this.#ask("unsubscribe", topic);
  }

  async seen(event: EventType, count: number): Promise<void> {
    await this.#ask("seen", event, count);
  }

  async history(): Promise<string[]> {
    return await this.#ask("history") as string[];
  }

  async lastWords(): Promise<string[]> {
    this.#closed = true;
    return await this.#ask("lastWords") as string[];
  }

  /** Sends these messages one after the other. */
  async sendAll(messages: readonly (readonly Frame[])[]): Promise<void> {
    await this.#ask("sendAll", messages);
  }

  /** Receives `count` messages. */
  async receiveAll(count: number): Promise<Uint8Array[][]> {
    return await this.#ask("receiveAll", count) as Uint8Array[][];
  }

  /** See `Numbered.fill`. */
  async fill(size: number, limit: number, frames = 1): Promise<number> {
    return await this.#ask("fill", size, limit, frames) as number;
  }

  /** See `Numbered.drain`. */
  async drain(size: number, first: number, count: number): Promise<void> {
    await this.#ask("drain", size, first, count);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#ask("close");
  }

  /** Closes the socket; a peer that has been killed has closed it already. One that has ended by itself fails the test, once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.told) return;
    await this.close().catch((error) => {
      if (error instanceof PeerError || !this.#process.killed) throw error;
    });
  }

  #ask(call: string, ...args: unknown[]): Promise<unknown> {
    return this.#process.ask(this.number, call, args);
  }
}
