/**
 * Contexts: the names of `inproc://` endpoints, and limits of the sockets that belong together. A context itself is never closed; a socket is
 * in it from its constructor until its `close` is done:
 *
 * | Event       | OUTSIDE | INSIDE  |
 * | ----------- | ------- | ------- |
 * | enter       | INSIDE  | x       |
 * | enter, full | -       | x       |
 * | leave       | -       | OUTSIDE |
 *
 * `-` changes nothing (`enter, full` throws `EMFILE`); `x` would be a socket whose constructor runs twice. The garbage collector lets a socket leave as well.
 * `tests/engine/context_test.ts` walks the table.
 *
 * @module
 */

import { brand, isBranded } from "../base/brand.ts";
import { onlyOptions, wholeNumber } from "../base/checks.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import type { EndpointStatus } from "./endpoints/endpoint_status.ts";
import type { PeerStatistics, SocketStatistics } from "./statistics.ts";
import { type ContextPort, newPorts, type ThreadPort } from "../transport/thread_port.ts";
import { LocalNames } from "./carriers/local_names.ts";
import { ThreadHub } from "./carriers/thread_hub.ts";
import { ThreadMember } from "./carriers/thread_member.ts";
import { OpenSockets } from "./open_sockets.ts";
import { idleClock } from "./waits/process_hold.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** An open socket of a context: the `Socket` itself. */
export interface OpenSocket {
  /** The socket type by its ZeroMQ name: `PUSH`, `REQ`, … */
  readonly type: string;
  /** The number of the socket in this process. */
  readonly id: number;
  /** Its endpoints at the time of the call. */
  readonly endpoints: readonly EndpointStatus[];
  /** Its connected peers at the time of the call. */
  readonly peers: readonly PeerStatistics[];
  /** Returns its counts of messages and bytes. */
  statistics(): SocketStatistics;
  /** Closes it. */
  close(options?: { readonly linger?: number | undefined }): Promise<number>;
}

/** The engine of an open socket, as its context sees it. */
interface Member {
  readonly handle?: OpenSocket | undefined;
}

/** Options of {@link Context}. */
export interface ContextOptions {
  /** Maximum number of open sockets; 0 means no limit. Default 0 (libzmq: 1023). */
  readonly maxSockets?: number | undefined;
}

/** One for all contexts: what is counted by clock, such as the turns of reading, is shared by all that share an event loop. */
const SYSTEM_CLOCK = idleClock(systemClock);

/** The names that the sockets of a context are bound to within this process. */
export let namesOf: (context: Context) => LocalNames;
/** The clock of the sockets of a context; its timers keep nothing alive. */
export let clockOf: (context: Context) => Clock;
/**
 * A context whose sockets use another clock than the runtime's: with it and a simulated transport, only keeping the process
 * alive (`process_hold.ts`) depends on the machine. Here, although only tests and simulations call it, because only the
 * class can set its clock, and a clock in the public options would suggest that it makes sense over real links.
 *
 * @lintignore Published code does not use it (`knip.published.jsonc`).
 */
export let contextOn: (clock: Clock, options?: ContextOptions) => Context;
/** Counts a socket; the returned function undoes that, and so does the garbage collector. */
export let enter: (context: Context, socket: Member) => () => void;

/**
 * A set of sockets that find each other by `inproc://` names, within a thread, or in all threads that share it
 * ({@linkcode Context.share}). Sockets without a `context` option share one, in each thread another one.
 *
 * @example
 * ```ts
 * import { Context, Pair } from "@monocoque/zmq";
 *
 * const context = new Context();
 * await using a = new Pair({ context });
 * await using b = new Pair({ context });
 * b.connect("inproc://name"); // also before it is bound
 * await a.bind("inproc://name");
 * await a.send("hello");
 * await b.receive();
 * ```
 */
export class Context {
  readonly #names = new LocalNames();
  /** Set while other threads share it. */
  #threads: ThreadHub | ThreadMember | undefined;
  #clock = SYSTEM_CLOCK;
  #maxSockets: number;
  readonly #members = new OpenSockets<Member>();

  static {
    namesOf = (context) => context.#names;
    clockOf = (context) => context.#clock;
    contextOn = (clock, options) => {
      const context = new Context(options);
      context.#clock = idleClock(clock);
      return context;
    };
    enter = (context, socket) => context.#enter(socket);
    brand(Context, "Context");
  }

  /**
   * Creates a context without sockets.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: ContextOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Context()", 1, arguments[1]);
    onlyOptions("A Context", options, ["maxSockets"]);
    this.#maxSockets = wholeNumber(0)("maxSockets", options.maxSockets ?? 0);
  }

  /** Maximum number of open sockets; 0 means no limit. A lower value does not close open sockets. */
  get maxSockets(): number {
    return this.#maxSockets;
  }

  /** See the getter. */
  set maxSockets(value: number) {
    this.#maxSockets = wholeNumber(0)("maxSockets", value);
  }

  /** The number of open sockets. A socket that was never closed counts until it is garbage-collected. */
  get sockets(): number {
    return this.#members.size;
  }

  /**
   * The open sockets, in the order in which they were created.
   *
   * @example
   * ```ts
   * import { Context, Pull } from "@monocoque/zmq";
   *
   * const context = new Context();
   * const pull = new Pull({ context });
   * await pull.bind("tcp://127.0.0.1:0");
   * for (const { type, id, endpoints } of context.openSockets) console.log(type, id, endpoints[0]?.state);
   * await Promise.all(context.openSockets.map((socket) => socket.close()));
   * ```
   */
  get openSockets(): readonly OpenSocket[] {
    const sockets: OpenSocket[] = [];
    for (const member of this.#members) {
      if (member.handle !== undefined) sockets.push(member.handle);
    }
    return sockets;
  }

  /**
   * Shares the names of this context with another thread: returns a `MessagePort` to transfer to one worker, which passes it to
   * {@linkcode Context.from}. From then on `inproc://` endpoints reach the sockets of all these threads, in either order of
   * `bind` and `connect`, and their names are unique over all of them. Call it once per worker; a worker may share the context further.
   *
   * When a worker ends, its peers see a disconnect, and the names that it had bound are free. The thread that created the context
   * must live as long as the others use it.
   *
   * @example
   * ```ts
   * import { Context, Pull, Push, toText } from "@monocoque/zmq";
   *
   * const context = new Context();
   * const pull = new Pull({ context });
   * await pull.bind("inproc://results");
   * // For a worker: new Worker(url, { workerData: port, transferList: [port] })
   * const port = context.share();
   *
   * // There, with its workerData:
   * const push = new Push({ context: Context.from(port) });
   * push.connect("inproc://results");
   * await push.send("done");
   *
   * console.log(toText((await pull.receive())[0])); // done
   * await Promise.all([push.close(), pull.close()]);
   * ```
   */
  share(): ContextPort {
    if (arguments.length > 0) refuseSurplus("share()", 0, arguments[0]);
    const [here, there] = newPorts();
    this.#threads ??= new ThreadHub(this.#names);
    this.#names.threads = this.#threads;
    this.#threads.join(here);
    return there as unknown as ContextPort;
  }

  /**
   * Joins the context that another thread shares.
   *
   * @param port The port that {@linkcode share} returned there, transferred to this thread. It can be used once.
   * @throws {TypeError} If it is not such a port, or was used before.
   *
   * @example
   * ```ts ignore
   * // worker.ts
   * import { workerData } from "node:worker_threads";
   * import { Context, Push } from "@monocoque/zmq";
   *
   * const push = new Push({ context: Context.from(workerData) });
   * push.connect("inproc://results");
   * await push.send("done");
   * ```
   */
  static from(port: ContextPort): Context {
    if (arguments.length > 1) refuseSurplus("Context.from()", 1, arguments[1]);
    const given = requirePort(port);
    const context = new Context();
    context.#names.threads = context.#threads = new ThreadMember(context.#names, given);
    return context;
  }

  #enter(socket: Member): () => void {
    const { size } = this.#members;
    if (this.#maxSockets > 0 && size >= this.#maxSockets) {
      throw new ZmqError("EMFILE", `This context has ${size} open sockets, as many as maxSockets allows`);
    }
    return this.#members.add(socket);
  }
}

const USED_PORTS = new WeakSet<object>();

function requirePort(value: unknown): ThreadPort {
  const port = value as ThreadPort;
  if (typeof port !== "object" || port === null || typeof port.postMessage !== "function" || !("onmessage" in port)) {
    throw new TypeError("The port of a context must be a MessagePort: transfer what context.share() returned");
  }
  if (USED_PORTS.has(port)) {
    throw new TypeError("The port of a context can be used once: call context.share() for each thread");
  }
  USED_PORTS.add(port);
  return port;
}

/**
 * Takes what a program gave as its context.
 *
 * @throws {TypeError} If it is not a context, or a context of another copy of the library.
 */
export function requireContext(value: unknown): Context {
  if (value instanceof Context) return value;
  // A context of another copy cannot be used, because its names are in that copy.
  const foreign = isBranded(value, "Context");
  throw new TypeError(
    foreign
      ? "context is a Context of another copy of this library: it was probably loaded by both import and require, or in two versions"
      : "context must be a Context",
  );
}

/** The default context. */
export const DEFAULT_CONTEXT: Context = new Context();
