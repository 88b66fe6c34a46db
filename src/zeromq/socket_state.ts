/**
 * The part of a socket of zeromq.js beside the one of this library: the values of its options, its endpoints, and whether
 * it is blocked by `bind`, `unbind` or a proxy.
 *
 * | Event        | OPEN    | BLOCKED | LEAVING | PROXIED | CLOSED |
 * | ------------ | ------- | ------- | ------- | ------- | ------ |
 * | bind         | BLOCKED | -       | -       | -       | -      |
 * | bound        |         | OPEN    | CLOSED  |         | -      |
 * | bind fails   |         | OPEN    | CLOSED  |         | -      |
 * | proxy        | PROXIED | x       | x       | x       | x      |
 * | proxy ends   |         |         |         | CLOSED  | -      |
 * | close        | CLOSED  | LEAVING | -       | -       | -      |
 * | process ends | CLOSED  | CLOSED  | CLOSED  | CLOSED  | x      |
 *
 * `bind` stands for `unbind` as well. A call in a state that does not take it fails with `EBUSY` or `EBADF`, which changes nothing (`-`); an empty cell cannot
 * happen, as nothing of the kind is in progress; `x` would break the contract of `block`, whose caller checks that the socket is open, and of `end`, which is called
 * once. `tests/zeromq/states_test.ts` walks the table.
 *
 * More than 20 members because it has one for each method of a socket.
 *
 * @module
 */

import { Endpoint, type Socket as NativeSocket } from "../../mod.ts";
import { endpointToBind, noteSoon } from "./bind_sync.ts";
import { closeNative } from "./closing.ts";
import type { Context, ContextParts } from "./context.ts";
import { closedError, converted, type ErrnoError, errnoError } from "./errors.ts";
import { closing, type Ending, opened } from "./exit.ts";
import { newNative } from "./native_types.ts";
import type { OptionKind } from "./option_table.ts";
import { OptionValues, warn } from "./option_values.ts";
import { Security, ZAP_ENDPOINT } from "./security.ts";
import { Traffic } from "./traffic.ts";

/** Methods and options of some types of this library. */
interface Special {
  connect(endpoint: string, options?: { readonly routingId: string | Uint8Array }): void;
  subscribe?(topic: string | Uint8Array): void;
  unsubscribe?(topic: string | Uint8Array): void;
  verbosity?: "allSubs" | "allSubsUnsubs" | null;
}

const special = (native: NativeSocket) => native as unknown as Special;
const PAIR = 0;
const LINGER = 17;
const IPV6 = 42;
const SOON = "Socket option will not take effect until next connect/bind.";

/** The state of one socket. */
export class SocketState implements Ending {
  readonly native: NativeSocket;
  readonly type: number;
  /** Not kept after the socket is closed. */
  context: Context | undefined;
  readonly security: Security = new Security();
  readonly values: OptionValues;
  readonly traffic: Traffic;
  readonly blocky: boolean;
  /** Neither closed nor blocked. */
  open = true;
  closed = false;
  readonly #parts: ContextParts;
  readonly #immediate: ReadonlySet<number>;
  #closeLater = false;
  #endpoints = 0;
  /** `bindSync` in the background. */
  #binding: Promise<unknown> = Promise.resolve();
  #lastEndpoint: string | undefined;
  #nextRoutingId: string | Uint8Array | undefined;
  #zapHandler = false;

  constructor(type: number, context: Context, parts: ContextParts) {
    const { core, entries } = newNative(type, parts.native);
    this.native = core;
    this.type = type;
    this.context = context;
    this.#parts = parts;
    this.blocky = context.blocky;
    this.values = new OptionValues(core, entries, this.security);
    this.#immediate = new Set([...entries.values()].filter(({ immediate }) => immediate).map(({ id }) => id));
    this.traffic = new Traffic(core);
    if (!context.blocky) this.values.set(LINGER, "Int32", 0);
    if (context.ipv6) this.values.set(IPV6, "Bool", true);
  }

  /** Closes it when the program forgets its socket, and at the end of the process. */
  register(handle: object): void {
    opened(handle, this);
  }

  /** Endpoints that are bound or connected. */
  get endpoints(): number {
    return this.closed ? 0 : this.#endpoints;
  }

  /** The endpoint that was bound or connected last. */
  get lastEndpoint(): string | null {
    return this.#lastEndpoint ?? this.native.lastEndpoint;
  }

  /** @throws {ErrnoError} `EBADF` if it is closed, `EBUSY` if it is blocked. */
  requireOpen(): void {
    if (this.closed) throw closedError();
    if (!this.open) throw errnoError("EBUSY", "Socket is blocked by a bind or unbind operation");
  }

  /** Sets an option. */
  setOption(option: number, kind: OptionKind, value: unknown): void {
    this.values.set(option, kind, value);
    if (!this.#immediate.has(option) && (this.#endpoints > 0 || !this.open)) warn(SOON);
  }

  /** Subscribes or unsubscribes; null is every message. */
  subscribe(begin: boolean, topic: unknown): void {
    const native = special(this.native);
    if (native.subscribe === undefined) throw errnoError("EINVAL");
    if (topic !== null && typeof topic !== "string" && !ArrayBuffer.isView(topic)) {
      throw new TypeError("Option value must be a string or buffer");
    }
    const prefix = (topic ?? "") as string | Uint8Array;
    if (begin) native.subscribe(prefix);
    else native.unsubscribe!(prefix);
  }

  /** Which subscriptions an XPublisher receives. */
  setVerbosity(verbosity: "allSubs" | "allSubsUnsubs" | null): void {
    const native = special(this.native);
    if (!("verbosity" in native)) throw errnoError("EINVAL");
    native.verbosity = verbosity;
  }

  /** The routing id of the peer of the next `connect`. */
  connectAs(routingId: unknown): void {
    this.#nextRoutingId = routingId as string | Uint8Array;
  }

  /** Connects to an endpoint. */
  connect(address: string): void {
    this.requireOpen();
    const routingId = this.#nextRoutingId;
    this.#nextRoutingId = undefined;
    this.#prepared(address, () => {
      // The second peer of a Pair is ignored silently.
      if (this.type === PAIR && this.#endpoints > 0 && Endpoint.parse(address, "connect")) return;
      if (routingId === undefined) this.native.connect(address);
      else special(this.native).connect(address, { routingId });
    });
    this.#endpoints++;
    this.#lastEndpoint = undefined;
  }

  /** Disconnects from an endpoint. */
  disconnect(address: string): void {
    this.requireOpen();
    this.#prepared(address, () => this.native.disconnect(address));
    this.#endpoints--;
  }

  /** Binds an endpoint. */
  async #bind(address: string): Promise<void> {
    if (address === ZAP_ENDPOINT) this.#setZapHandler(true);
    try {
      await this.native.bind(address);
    } catch (error) {
      if (address === ZAP_ENDPOINT) this.#setZapHandler(false);
      throw converted(error, address);
    }
    this.#lastEndpoint = undefined;
  }

  /** Binds an endpoint; blocked until it is bound. */
  bind(address: string): Promise<void> {
    this.requireOpen();
    this.security.apply(this.native, this.#parts.authentication);
    return this.#blocked(async () => {
      await this.#bind(address);
      this.#endpoints++;
    });
  }

  /** Binds an endpoint in the background. */
  bindSync(address: string): void {
    this.requireOpen();
    let endpoint = address;
    this.#prepared(address, () => {
      endpoint = endpointToBind(address, (name) => this.#isBound(name));
    });
    const bound = this.#bind(endpoint);
    noteSoon(endpoint, bound);
    this.#endpoints++;
    this.#lastEndpoint = endpoint;
    this.#binding = Promise.all([this.#binding, bound]).catch((error: ErrnoError) => {
      this.#endpoints--;
      if (!this.closed) warn(`bindSync("${address}") failed: ${error.message}`);
    });
  }

  #isBound(endpoint: string): boolean {
    return this.#parts.native.openSockets.some(({ endpoints }) => {
      return endpoints.some((status) => status.kind === "bind" && status.endpoint === endpoint);
    });
  }

  async #unbind(address: string): Promise<void> {
    await this.#binding;
    try {
      await this.native.unbind(address);
    } catch (error) {
      throw converted(error, address);
    }
    this.#endpoints--;
    if (address === ZAP_ENDPOINT) this.#setZapHandler(false);
  }

  /** Unbinds an endpoint; blocked until it is unbound. */
  unbind(address: string): Promise<void> {
    this.requireOpen();
    return this.#blocked(() => this.#unbind(address));
  }

  /** Unbinds an endpoint in the background. */
  unbindSync(address: string): void {
    this.requireOpen();
    const known = address === this.#lastEndpoint || this.native.endpoints.some(({ kind, endpoint }) => {
      return kind === "bind" && endpoint === address;
    });
    if (!known) throw errnoError("ENOENT", undefined, address);
    this.#unbind(address).catch((error: ErrnoError) => {
      if (!this.closed) warn(`unbindSync("${address}") failed: ${error.message}`);
    });
  }

  /** Blocks the socket until an operation is complete. */
  async #blocked(operation: () => Promise<void>): Promise<void> {
    this.open = false;
    try {
      await operation();
    } finally {
      this.#unblock();
    }
  }

  /** A proxy uses the socket, and closes it at its end. */
  block(): () => void {
    this.open = false;
    return () => {
      this.#closeLater = true;
      this.#unblock();
    };
  }

  #unblock(): void {
    // The process ends, and has closed it meanwhile.
    if (this.closed) {
      this.open = false;
      return;
    }
    this.open = true;
    if (this.#closeLater) this.close();
  }

  /** Closes it, or as soon as it is no longer blocked. */
  close(): void {
    if (this.closed) return;
    if (!this.open) {
      this.#closeLater = true;
      return;
    }
    closing(this);
  }

  end(): Promise<unknown> {
    this.closed = true;
    this.open = false;
    this.#endpoints = 0;
    this.context = undefined;
    if (this.#zapHandler) this.#setZapHandler(false);
    this.#parts.authentication.delete(this.native);
    this.traffic.end();
    return closeNative(this.native);
  }

  /** Servers of the context ask a ZAP handler as long as one is bound. */
  #setZapHandler(bound: boolean): void {
    if (bound === this.#zapHandler) return;
    this.#zapHandler = bound;
    this.#parts.authentication.handler(bound ? 1 : -1);
  }

  /** Calls the engine with the security options set. */
  #prepared(address: string, operation: () => void): void {
    try {
      this.security.apply(this.native, this.#parts.authentication);
      operation();
    } catch (error) {
      throw converted(error, address);
    }
  }
}
