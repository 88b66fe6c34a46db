/**
 * Notices what is nearly always a mistake, and reports it once, as a `hint` event: each kind once per socket, those about
 * an endpoint that it connects once per endpoint, and rejected peers again after a minute, with their number. It sees the
 * events of the socket, first drops, and the first calls that wait; it has one timer, while something is to be checked
 * after 5 s.
 *
 * More than 20 members because each kind of mistake shows itself in another place, and all share what was already reported.
 *
 * @module
 */

import { type Clock, microtask, type Timer } from "../../base/clock.ts";
import type { DropReason } from "../../routing/drops.ts";
import { ZmqError } from "../../base/errors.ts";
import type { SocketEvent } from "../events.ts";
import type { ConnectionLimit } from "../refusals.ts";
import { Closings } from "./closings.ts";
import { type HintFacts, type HintKind, hintText, isDropHint, ruleOf } from "./hint_table.ts";

/** Time in ms before a missing connection or subscription is reported: a server that starts later is normal. */
const HINT_AFTER = 5000;
/** Time in ms before peers that are rejected for the same reason are reported again: any peer can use up the first hint. */
const REPEAT = 60_000;
/** Maximum number of hints that are remembered as reported: a program may connect to any number of endpoints. */
const REMEMBERED = 1000;

/** The socket, as its hints see it. */
export interface HintsHost {
  readonly clock: Clock;
  readonly closed: boolean;
  readonly definition: { readonly name: string; readonly protocol?: "zmtp" | "raw" };
  readonly pattern: { readonly subscribedToNothing?: boolean };
  readonly peerCount: number;
  /** The calls that wait to send, and to receive. */
  readonly sending: { readonly waiting: number; onWait: (() => void) | undefined };
  readonly receiving: { readonly waiting: number; onWait: (() => void) | undefined };
  /** The endpoints that are bound or connected now. */
  readonly endpoints: {
    status(): readonly { readonly kind: "bind" | "connect" }[];
    /** Returns true while an endpoint is connected, or being connected. */
    connects(endpoint: string): boolean;
  };
  readonly connections: { readonly count: number };
  /** The number of messages that wait to be sent is `queued`. */
  readonly pipes: { waiting(): { readonly queued: number } };
  emit(event: SocketEvent): void;
}

/** An endpoint that has not been connected yet. */
interface Connecting {
  readonly since: number;
  error: Error | undefined;
}

/** A hint that was reported: when, and how often its cause was seen since. */
interface Told {
  readonly time: number;
  more: number;
}

/** The hints of one socket. */
export class Hints {
  readonly #host: HintsHost;
  /** By the kind, and by the endpoint or the reason where both can have several hints. */
  readonly #told = new Map<string, Told>();
  readonly #connecting = new Map<string, Connecting>();
  readonly #closings = new Closings(HINT_AFTER, REMEMBERED);
  /** Since when a call waits. */
  #waiting: number | undefined;
  /** Since when the socket is connected without a subscription, and to which endpoint. */
  #deaf: { readonly since: number; readonly endpoint: string } | undefined;
  /** There was a peer. */
  #met = false;
  /** The socket was bound or connected, or it was tried. */
  #used = false;
  #timer: Timer | undefined;

  constructor(host: HintsHost) {
    this.#host = host;
  }

  /** Called when the queues of calls exist: it is notified of the first calls that wait. */
  begin(): void {
    const { sending, receiving } = this.#host;
    sending.onWait = receiving.onWait = () => {
      this.#waiting ??= this.#host.clock.now();
      this.#watch();
    };
  }

  /** `bind` was called. */
  binding(): void {
    this.#isUsed();
  }

  /** `connect` was called. */
  connecting(endpoint: string): void {
    this.#isUsed();
    if (this.#told.has(`notConnected ${endpoint}`)) return;
    this.#connecting.set(endpoint, { since: this.#host.clock.now(), error: undefined });
    this.#watch();
  }

  /** An event was emitted. */
  saw(event: SocketEvent): void {
    switch (event.type) {
      case "accept":
      case "connect":
        // A link that the program opened comes without a call of `bind` or `connect`.
        this.#isUsed();
        if (this.#host.definition.protocol === "raw") this.#meets(event.endpoint);
        break;
      case "handshake":
        this.#meets(event.endpoint);
        // Only tests bind an inproc name repeatedly.
        if (!event.endpoint.startsWith("inproc:") && this.#host.endpoints.connects(event.endpoint)) {
          this.#closings.opened(event.endpoint, this.#host.clock.now());
        }
        break;
      case "connect:retry":
      case "connect:end":
        if (event.error !== undefined) this.#noteError(event.endpoint, event.error);
        this.#closings.retries(event.endpoint);
        break;
      case "accept:refused":
        this.#refused(event.limit, event.endpoint, event.count);
        break;
      case "disconnect":
        if (event.reason === "rejected" && event.error !== undefined) {
          this.#handshakeFailed(event.endpoint, event.error);
        }
        if (this.#closings.ended(event.endpoint, event.reason, this.#host.clock.now())) {
          this.#tell("closedByPeer", () => event.endpoint, {}, `closedByPeer ${event.endpoint}`);
        }
        break;
      case "disconnect:local":
        this.#closings.forget(event.endpoint);
        break;
      case "handshake:error:auth":
      case "handshake:error:protocol":
      case "handshake:error:other":
        this.#handshakeFailed(event.endpoint, event.error);
        break;
    }
  }

  /** A message was dropped, the first one for this reason; `endpoint` returns that of its peer. */
  dropped(reason: DropReason, endpoint: () => string): void {
    // `serve` counts replies to clients that have left, which is normal.
    if (reason === "noPeer" && this.#host.definition.name === "ROUTER") return;
    if (isDropHint(reason) && !this.#host.closed) this.#tell(reason, endpoint);
  }

  /** A message was dropped because there is no peer. */
  sentToNobody(): void {
    if (!this.#met) this.#tell("noPeerYet", () => "", { unused: !this.#used });
  }

  /** The socket is closing: no hint follows. */
  end(): void {
    this.#cancel();
    this.#connecting.clear();
  }

  #isUsed(): void {
    this.#used = true;
    this.#host.receiving.onWait = undefined;
  }

  #meets(endpoint: string): void {
    const { pattern, sending, clock } = this.#host;
    this.#met = true;
    this.#waiting = undefined;
    sending.onWait = undefined;
    this.#connecting.delete(endpoint);
    if (pattern.subscribedToNothing === true && !this.#told.has("notSubscribed")) {
      this.#deaf ??= { since: clock.now(), endpoint };
      this.#watch();
    }
    // Nothing is left to check: no timer.
    if (this.#earliest === Infinity) this.#cancel();
  }

  /** Since when something may be wrong. */
  get #earliest(): number {
    let earliest = Math.min(this.#waiting ?? Infinity, this.#deaf?.since ?? Infinity);
    for (const { since } of this.#connecting.values()) earliest = Math.min(earliest, since);
    return earliest;
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #noteError(endpoint: string, error: Error): void {
    const entry = this.#connecting.get(endpoint);
    if (entry !== undefined) entry.error = error;
  }

  #handshakeFailed(endpoint: string, error: Error): void {
    this.#noteError(endpoint, error);
    const own = this.#host.endpoints.connects(endpoint);
    // A port check, as of a health probe, connects and closes: that is not a mistake.
    if (!own && error instanceof ZmqError && error.code === "ECONNRESET") return;
    // A limit of this socket ended it.
    if (!own && error instanceof ZmqError && error.code === "EMFILE") {
      return this.#refused("maxHandshakes", endpoint, 1);
    }
    const key = `handshakeFailed ${ruleOf(error)}${own ? ` ${endpoint}` : ""}`;
    this.#tell("handshakeFailed", () => endpoint, { error }, key, own ? Infinity : REPEAT);
  }

  /** Connections were refused because of a limit. */
  #refused(limit: ConnectionLimit, endpoint: string, count: number): void {
    this.#tell("connectionLimit", () => endpoint, { limit }, `connectionLimit ${limit}`, REPEAT, count);
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#host.closed) return;
    const { clock } = this.#host;
    const first = this.#earliest;
    if (first === Infinity) return;
    this.#timer = clock.timer(Math.max(0, first + HINT_AFTER - clock.now()), () => {
      this.#timer = undefined;
      this.#look(clock.now());
      this.#watch();
    });
    this.#timer.unref();
  }

  /** Reports what has been wrong for long enough. */
  #look(now: number): void {
    // Added up as the timer's time was: rounded differently, a timer of 0 ms would follow forever.
    const due = (since: number) => since + HINT_AFTER <= now;
    const { peerCount, pattern, sending, receiving } = this.#host;
    for (const [endpoint, entry] of this.#connecting) {
      if (!due(entry.since)) continue;
      this.#connecting.delete(endpoint);
      const key = `notConnected ${endpoint}`;
      if (this.#host.endpoints.connects(endpoint)) {
        this.#tell(
          "notConnected",
          () => endpoint,
          { error: entry.error },
          key,
        );
      }
    }
    if (this.#deaf !== undefined && due(this.#deaf.since)) {
      const { endpoint } = this.#deaf;
      this.#deaf = undefined;
      if (peerCount > 0 && pattern.subscribedToNothing === true) this.#tell("notSubscribed", () => endpoint);
    }
    if (this.#waiting !== undefined && due(this.#waiting)) {
      this.#waiting = undefined;
      const sends = sending.waiting > 0;
      if (!this.#used && (sends || receiving.waiting > 0)) this.#tell("notUsed", () => "", { receives: !sends });
      if (this.#used && !this.#met && sends) this.#sendsToNobody();
    }
  }

  /** A send waits for the first peer. For endpoints that are only connected there is a hint each: `notConnected`. */
  #sendsToNobody(): void {
    const endpoints = this.#host.endpoints.status();
    const nowhere = endpoints.length === 0 && this.#host.connections.count === 0;
    if (nowhere || endpoints.some(({ kind }) => kind === "bind")) this.#tell("noPeerYet", () => "", { nowhere });
  }

  /**
   * @param key Distinguishes the hints of one kind.
   * @param again Time in ms after which the same is reported again.
   * @param count Number of times that it happened.
   */
  #tell(
    kind: HintKind,
    endpointOf: () => string,
    facts: Partial<HintFacts> = {},
    key: string = kind,
    again: number = Infinity,
    count = 1,
  ): void {
    const told = this.#told.get(key);
    const { definition, sending, clock } = this.#host;
    const time = clock.now();
    if (told !== undefined && time < told.time + again) {
      told.more += count;
      return;
    }
    this.#told.delete(key);
    this.#told.set(key, { time, more: 0 });
    if (this.#told.size > REMEMBERED) this.#told.delete(this.#told.keys().next().value!);
    const more = (told?.more ?? 0) + count - 1;
    const endpoint = endpointOf();
    const queued = this.#host.pipes.waiting().queued + sending.waiting;
    const message = hintText(kind, { socket: definition.name, endpoint, queued, more, ...facts });
    const { error } = facts;
    // Not from inside a send or the reading of a message, because a listener may close the socket.
    microtask(() => this.#host.emit({ type: "hint", kind, endpoint, message, ...error && { error } }));
  }
}
