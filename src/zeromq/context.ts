/**
 * Contexts of zeromq.js.
 *
 * @module
 */

import { Context as NativeContext, type ContextPort } from "../../mod.ts";
import { assignOptions, requireCount, requireOptions } from "./arguments.ts";
import { errnoError } from "./errors.ts";
import { requireId } from "./option_values.ts";
import { Authentication } from "./security.ts";
import type { Options } from "./type_tools.ts";

/** Contexts of libzmq have at most this many sockets. */
const MAX_SOCKETS = 65_535;

interface ContextEntry {
  readonly name: string;
  readonly bool?: boolean;
  readonly initial?: number;
  readonly least: number;
}

const ENTRIES: ReadonlyMap<number, ContextEntry> = new Map([
  [1, { name: "ioThreads", initial: 1, least: 0 }],
  [2, { name: "maxSockets", initial: 1023, least: 1 }],
  [5, { name: "maxMessageSize", initial: 2_147_483_647, least: 0 }],
  [42, { name: "ipv6", bool: true, initial: 0, least: 0 }],
  [70, { name: "blocky", bool: true, initial: 1, least: 0 }],
]);
/** Numbers that mean another option when they are set. */
const SOCKET_LIMIT = 3;
const SET_ONLY = new Map([[3, "threadPriority"], [4, "threadSchedulingPolicy"]]);

/** The context of this library behind one of zeromq.js. */
export interface ContextParts {
  readonly native: NativeContext;
  readonly authentication: Authentication;
}

/** Returns the parts of a context; `undefined` for anything else. */
export let partsOf: (context: unknown) => ContextParts | undefined;

const partsWith = (native: NativeContext): ContextParts => {
  native.maxSockets = 1023;
  return { native, authentication: new Authentication() };
};

/** A context: a set of sockets that find each other by `inproc://` names. */
export class Context {
  #parts: ContextParts = partsWith(new NativeContext());
  readonly #values = new Map<number, number>();

  static {
    partsOf = (context) => {
      return typeof context === "object" && context !== null && #parts in context ? context.#parts : undefined;
    };
    for (const [id, { name, bool }] of ENTRIES) {
      Object.defineProperty(Context.prototype, name, {
        configurable: true,
        get(this: Context): unknown {
          return bool ? this.getBoolOption(id) : this.getInt32Option(id);
        },
        set(this: Context, value: never) {
          if (bool) this.setBoolOption(id, value);
          else this.setInt32Option(id, value);
        },
      });
    }
    for (const [id, name] of SET_ONLY) {
      Object.defineProperty(Context.prototype, name, {
        configurable: true,
        set(this: Context, value: number) {
          this.setInt32Option(id, value);
        },
      });
    }
    Object.defineProperty(Context.prototype, "maxSocketsLimit", {
      configurable: true,
      get: () => MAX_SOCKETS,
      set() {
        throw new TypeError("Cannot set property maxSocketsLimit of #<Context> which has only a getter");
      },
    });
  }

  /**
   * Creates a context without sockets.
   *
   * @throws {TypeError} If an option is unknown or has the wrong type.
   */
  constructor(options?: Options<Context>) {
    requireOptions(options);
    requireCount(arguments.length, 1);
    Object.seal(this);
    if (options !== undefined) assignOptions(this, options);
  }

  /**
   * Not in zeromq.js, whose threads share every context: shares the `inproc://` names with a worker. The returned port
   * must be transferred to it.
   *
   * @example
   * ```ts
   * import { Context, context, Pull, Push } from "@monocoque/zmq/zeromq";
   *
   * const pull = new Pull();
   * await pull.bind("inproc://results");
   * // For a worker: new Worker(url, { workerData: port, transferList: [port] })
   * const port = context.share();
   *
   * // There, with its workerData:
   * const push = new Push({ context: Context.from(port) });
   * push.connect("inproc://results");
   * await push.send("done");
   *
   * console.log(String((await pull.receive())[0])); // done
   * push.close();
   * pull.close();
   * ```
   */
  share(): ContextPort {
    requireCount(arguments.length, 0);
    return this.#parts.native.share();
  }

  /**
   * Not in zeromq.js: joins the context that another thread shares. Options are those of a new context.
   *
   * @param port The port that `share` returned there, transferred to this thread. It can be used once.
   * @throws {TypeError} If it is not such a port, or was used before.
   */
  static from(port: ContextPort): Context {
    requireCount(arguments.length, 1);
    const shared = new Context();
    shared.#parts = partsWith(NativeContext.from(port));
    return shared;
  }

  /** Reads an option by its number in zmq.h. */
  protected getBoolOption(option: number): boolean {
    return this.getInt32Option(option) !== 0;
  }

  /** Sets an option by its number in zmq.h. */
  protected setBoolOption(option: number, value: boolean): void {
    requireId(option);
    if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean");
    this.#set(option, Number(value));
  }

  /** Reads an option by its number in zmq.h. */
  protected getInt32Option(option: number): number {
    requireId(option);
    if (option === SOCKET_LIMIT) return MAX_SOCKETS;
    const entry = ENTRIES.get(option);
    if (entry === undefined) throw errnoError("EINVAL");
    return this.#values.get(option) ?? entry.initial!;
  }

  /** Sets an option by its number in zmq.h. */
  protected setInt32Option(option: number, value: number): void {
    requireId(option);
    if (typeof value !== "number") throw new TypeError("Option value must be a number");
    this.#set(option, value | 0);
  }

  #set(option: number, value: number): void {
    const least = ENTRIES.get(option)?.least ?? (SET_ONLY.has(option) ? 0 : Infinity);
    if (value < least) throw errnoError("EINVAL");
    this.#values.set(option, value);
    if (ENTRIES.get(option)?.name === "maxSockets") this.#parts.native.maxSockets = value;
  }
}

/** Options of a {@link Context}. */
export interface Context {
  /** If false, new sockets have a `linger` of 0. Default true. */
  blocky: boolean;
  /** Has no effect: there are no I/O threads. */
  ioThreads: number;
  /** Has no effect. */
  maxMessageSize: number;
  /** Maximum number of open sockets. Default 1023. */
  maxSockets: number;
  /** The default of `ipv6` of new sockets. Default false. */
  ipv6: boolean;
  /** Has no effect. */
  threadPriority: number;
  /** Has no effect. */
  threadSchedulingPolicy: number;
  /** The highest value of `maxSockets`. */
  readonly maxSocketsLimit: number;
}

/** The context of sockets that are created without one. */
export const context: Context = new Context();
