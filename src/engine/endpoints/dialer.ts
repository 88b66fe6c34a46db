/**
 * Keeps one endpoint connected: connects, and reconnects after a loss, with back-off, until it is dropped or gives up.
 *
 * | Event         | NEW        | ATTEMPTING | CONNECTED | WAITING    | ENDED |
 * | ------------- | ---------- | ---------- | --------- | ---------- | ----- |
 * | connect       | ATTEMPTING |            |           | ATTEMPTING |       |
 * | connected     |            | CONNECTED  |           |            | -     |
 * | failed        |            | WAITING    |           |            | -     |
 * | lost          |            |            | WAITING   |            | -     |
 * | failed, stops |            | ENDED      |           |            | -     |
 * | lost, stops   |            |            | ENDED     |            | -     |
 * | drop          | ENDED      | ENDED      | ENDED     | ENDED      | -     |
 *
 * `-` changes nothing; an empty cell cannot happen: an attempt is answered once, only a connection can be lost, and the timer runs in WAITING alone.
 * `failed` and `lost` stop where the options say so: no interval, or
 * `reconnectStop`. A connection that is made in ENDED is dropped; one that is open then is ended by its socket. The queue and the deadline of a
 * dialer that is no longer in use are `Dialers`' business. `tests/engine/endpoints/dialer_states_test.ts` walks the table.
 *
 * More than 20 members because an attempt, its connection and the wait for the next attempt share one state.
 *
 * @module
 */

import type { Clock, Timer } from "../../base/clock.ts";
import type { Endpoint } from "../../schemes/endpoint.ts";
import { isProtocolError, ZmqError } from "../../base/errors.ts";
import { endpointText } from "../../base/peer_text.ts";
import { AuthError } from "../../zmtp/auth_error.ts";
import { AttemptRecord } from "./attempt_record.ts";
import { Backoff, SLOWEST } from "./backoff.ts";
import type { Dial } from "../carriers/carrier.ts";
import type { Connection } from "../connection/contract.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import { type Hold, NO_HOLD } from "../waits/process_hold.ts";
import type { ReconnectStop } from "../options/socket.ts";
import type { Settings } from "../settings.ts";

/** The owner of dialers: they report to it. */
export interface DialerHost {
  /** An attempt begins. */
  dialing(dialer: Dialer): void;
  /** The dialer has its connection, and starts it now. */
  connected(dialer: Dialer, connection: Connection): void;
  /**
   * The attempt failed or the connection was lost; the next attempt follows after `interval` ms, or never if that is
   * `undefined`.
   */
  retrying(dialer: Dialer, interval: number | undefined, error: Error | undefined): void;
}

/** Options of a dialer. */
export interface DialerOptions {
  readonly address: Endpoint;
  readonly settings: Settings;
  readonly clock: Clock;
  /** Has a reason while the dialer is in use. */
  readonly hold: Hold;
  readonly dial: Dial;
  /** The pipe that lives across connections, where the socket type queues ahead. */
  readonly pipe: PeerPipe | undefined;
  /** The routing id that the user chose for the peer. */
  readonly routingId: Uint8Array | undefined;
}

/**
 * The time (ms) that an attempt of an unref'd socket may take. An attempt in progress keeps the process alive, whatever is unref'd;
 * between two attempts the process can end. Enough for the second repetition of a lost SYN, which comes after 3 s.
 */
const UNREFD_LIMIT = 3500;

/** Before the first attempt. */
const NEW = 0;
const ATTEMPTING = 1;
/** There is a connection, in its handshake or after it. */
const CONNECTED = 2;
/** The next attempt follows after an interval. */
const WAITING = 3;
/** No attempt follows: it was dropped, or the options say so. */
const ENDED = 4;

/** A peer that closes a connection gives no reason: this is what is known. */
function closedByPeer(endpoint: string): ZmqError {
  return new ZmqError("ECONNRESET", `The connection to ${endpointText(endpoint)} was closed by the peer`, { endpoint });
}

/** Connects to one endpoint, and reconnects. */
export class Dialer {
  /** The endpoint, in canonical form. */
  readonly endpoint: string;
  readonly pipe: PeerPipe | undefined;
  readonly routingId: Uint8Array | undefined;
  /** Has a reason while the dialer is in use. */
  readonly hold: Hold;
  /** The number of reconnects. */
  reconnects = 0;
  /** The outcome of its attempts. */
  readonly record: AttemptRecord = new AttemptRecord();
  /** The endpoint was disconnected: it continues until its queue is sent, at most until then. */
  deadline: number | undefined;

  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #dial: Dial;
  readonly #host: DialerHost;
  #backoff: Backoff;
  #timer: Timer | undefined;
  #state = NEW;
  /** Ends the attempt in progress. */
  #attempt: AbortController | undefined;
  #handshaken = false;
  /** The number of times in a row it was refused soon after a handshake, each of which sends everything again, such as its topics. */
  #refusals = 0;
  #connection: Connection | undefined;
  #unrefd = false;
  /** Limits the attempt in progress. */
  #limit: ((time: number) => void) | undefined;

  constructor({ address, settings, clock, hold, dial, pipe, routingId }: DialerOptions, host: DialerHost) {
    this.endpoint = address.toString();
    this.pipe = pipe;
    this.routingId = routingId;
    this.hold = hold;
    this.#settings = settings;
    this.#clock = clock;
    this.#dial = dial;
    this.#host = host;
    this.#backoff = new Backoff(settings.reconnectInterval, settings.reconnectMaxInterval, clock.random);
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** The state as programs see it; an owner that retires it knows more. */
  get state(): "connecting" | "handshake" | "connected" | "waiting" {
    if (this.#connection === undefined) return this.#state === WAITING ? "waiting" : "connecting";
    return this.#connection.handshaken ? "connected" : "handshake";
  }

  /** True if attempts to connect continue. */
  get active(): boolean {
    return this.#state !== ENDED;
  }

  /** Makes an attempt to connect. */
  dial(): void {
    const { connectTimeout, socksProxy, handshakeInterval } = this.#settings;
    // A silent proxy is connected, so the operating system never ends that attempt.
    const limit = connectTimeout || (socksProxy === null ? 0 : handshakeInterval);
    const attempt = this.#attempt = new AbortController();
    this.#state = ATTEMPTING;
    this.record.entered();
    this.record.attempts++;
    const timers: Timer[] = [];
    this.#limit = (time) => {
      timers.push(this.#clock.timer(time, () => {
        attempt.abort(new ZmqError("ETIMEDOUT", `Cannot connect to ${endpointText(this.endpoint)} within ${time} ms`));
      }));
    };
    if (limit > 0) this.#limit(limit);
    if (this.#unrefd) this.#limit(UNREFD_LIMIT);
    const done = () => {
      this.#attempt = this.#limit = undefined;
      for (const timer of timers) timer.cancel();
    };
    this.#host.dialing(this);
    // A listener may have dropped it.
    if (!this.active) return done();
    this.#dial({
      endpoint: this.endpoint,
      signal: attempt.signal,
      connected: (connection) => {
        done();
        if (!this.active) return connection.drop();
        this.#state = CONNECTED;
        this.record.entered();
        this.#connection = connection;
        this.#host.connected(this, connection);
        connection.start();
      },
      failed: (error) => {
        done();
        this.pipe?.outbox.suspect.clear();
        if (this.active) this.#retry(error, "refused");
      },
    });
  }

  /** Called when the socket is ref'd or unref'd. */
  setRefed(refed: boolean): void {
    // An attempt within this process keeps nothing alive.
    if (this.#unrefd === !refed || this.hold === NO_HOLD) return;
    this.#unrefd = !refed;
    if (!refed) this.#limit?.(UNREFD_LIMIT);
  }

  /** The handshake is complete. It is not a success yet if the last peers left in the middle of a message that is sent again now. */
  succeeded(): void {
    if (!this.pipe?.outbox.suspect.cuts) this.#backoff.reset();
    this.record.succeeded();
    this.record.handshakeTime = this.#clock.now();
    if (this.#handshaken) this.reconnects++;
    this.#handshaken = true;
  }

  /** The connection is lost, before or after its handshake: reconnects later. */
  lost(error: Error | undefined, handshaken: boolean): void {
    this.#connection = undefined;
    // The peer has changed: it is restarting, or another program has its address.
    if (!handshaken) this.pipe?.outbox.suspect.clear();
    else if (error === undefined) this.record.failed(closedByPeer(this.endpoint));
    if (this.active) this.#retry(error, handshaken ? undefined : "handshakeFailed");
  }

  /** Ends now: the attempt in progress is aborted, and none follows. A connection that is open stays. */
  drop(): void {
    this.#state = ENDED;
    this.#attempt?.abort();
    this.#timer?.cancel();
  }

  #retry(error: Error | undefined, failure: ReconnectStop | undefined): void {
    const { reconnectInterval, reconnectMaxInterval } = this.#settings;
    if (error !== undefined) this.record.failed(error);
    if (reconnectInterval <= 0 || this.#stopsAfter(error, failure)) {
      this.#state = ENDED;
      return this.#host.retrying(this, undefined, error);
    }
    this.#state = WAITING;
    this.#backoff = this.#backoff.with(reconnectInterval, reconnectMaxInterval);
    // A peer with an incompatible socket type will not be compatible next time, either.
    const hopeless = isProtocolError(error) || error instanceof AuthError || (this.pipe?.outbox.suspect.cuts ?? 0) > 1;
    const refused = isProtocolError(error) && failure === undefined &&
      this.#clock.now() - this.record.handshakeTime < SLOWEST;
    const interval = Math.round(hopeless ? this.#backoff.slow(refused ? this.#refusals : 0) : this.#backoff.next());
    this.#refusals = refused ? this.#refusals + 1 : 0;
    this.record.waits(interval);
    this.#timer = this.#clock.timer(interval, () => this.dial());
    this.#host.retrying(this, interval, error);
  }

  #stopsAfter(error: Error | undefined, failure: ReconnectStop | undefined): boolean {
    const { reconnectStop } = this.#settings;
    if (this.deadline !== undefined && reconnectStop.includes("afterDisconnect")) return true;
    if (failure === undefined || !reconnectStop.includes(failure)) return false;
    return failure !== "refused" || (error instanceof ZmqError && error.code === "ECONNREFUSED");
  }
}
