/**
 * Notices what is nearly always a mistake, and reports each kind once per socket, as a `hint` event. It sees the events of
 * the socket, first drops, and the first calls that wait; it has one timer, while something is to be checked after 5 s.
 *
 * @module
 */

import { type Clock, microtask, type Timer } from "../../base/clock.ts";
import type { DropReason } from "../../routing/drops.ts";
import { ZmqError } from "../../base/errors.ts";
import type { SocketEvent } from "../events.ts";
import { type HintFacts, type HintKind, hintText, isDropHint } from "./hint_table.ts";

/** Time in ms before a missing connection or subscription is reported: a server that starts later is normal. */
const PATIENCE = 5000;

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
  /** Number of messages that wait to be sent. */
  queuedMessages(): number;
  /** Returns true while an endpoint is connected, or being connected. */
  connects(endpoint: string): boolean;
  emit(event: SocketEvent): void;
}

/** An endpoint that has not been connected yet. */
interface Connecting {
  readonly since: number;
  error: Error | undefined;
}

/** The hints of one socket. */
export class Hints {
  readonly #host: HintsHost;
  readonly #told = new Set<HintKind>();
  readonly #connecting = new Map<string, Connecting>();
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

  /** `connect` was called. */
  connecting(endpoint: string): void {
    if (this.#told.has("notConnected")) return;
    this.#connecting.set(endpoint, { since: this.#host.clock.now(), error: undefined });
    this.#watch();
  }

  /** An event was emitted. */
  saw(event: SocketEvent): void {
    switch (event.type) {
      case "bind":
      case "bind:error":
        this.#isUsed();
        break;
      case "accept":
      case "connect":
        this.#isUsed();
        if (this.#host.definition.protocol === "raw") this.#meets(event.endpoint);
        break;
      case "connect:delay":
        this.#isUsed();
        break;
      case "handshake":
        this.#meets(event.endpoint);
        break;
      case "connect:retry":
      case "connect:end":
        if (event.error !== undefined) this.#noteError(event.endpoint, event.error);
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
    if (isDropHint(reason) && !this.#host.closed) this.#tell(reason, endpoint);
  }

  /** A message was dropped because there is no peer. */
  sentToNobody(): void {
    if (!this.#met) this.#tell(this.#used ? "noPeerYet" : "notUsed", () => "");
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
    // A port check, as of a health probe, connects and closes: that is no mistake.
    const probed = !this.#host.connects(endpoint) && error instanceof ZmqError && error.code === "ECONNRESET";
    if (!probed) this.#tell("handshakeFailed", () => endpoint, { error });
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#host.closed) return;
    const { clock } = this.#host;
    const first = this.#earliest;
    if (first === Infinity) return;
    this.#timer = clock.timer(Math.max(0, first + PATIENCE - clock.now()), () => {
      this.#timer = undefined;
      this.#look(clock.now());
      this.#watch();
    });
    this.#timer.unref();
  }

  /** Reports what has been wrong for long enough. */
  #look(now: number): void {
    // Added up as the timer's time was: rounded differently, a timer of 0 ms would follow forever.
    const due = (since: number) => since + PATIENCE <= now;
    const { peerCount, pattern, sending, receiving } = this.#host;
    for (const [endpoint, entry] of this.#connecting) {
      if (!due(entry.since)) continue;
      this.#connecting.delete(endpoint);
      if (this.#host.connects(endpoint)) this.#tell("notConnected", () => endpoint, { error: entry.error });
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
      if (this.#used && !this.#met && sends) this.#tell("noPeerYet", () => "");
    }
  }

  #tell(kind: HintKind, endpointOf: () => string, more: Partial<HintFacts> = {}): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    if (kind === "notConnected") this.#connecting.clear();
    const endpoint = endpointOf();
    const { definition, sending } = this.#host;
    const queued = this.#host.queuedMessages() + sending.waiting;
    const message = hintText(kind, { socket: definition.name, endpoint, queued, ...more });
    const { error } = more;
    // Not from inside a send or the reading of a message, because a listener may close the socket.
    microtask(() => this.#host.emit({ type: "hint", kind, endpoint, message, ...error && { error } }));
  }
}
