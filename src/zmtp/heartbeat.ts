/**
 * Heartbeats without a timer: decides when to send a PING, and when a peer counts as dead (RFC 37 §2.4; libzmq
 * zmtp_engine.cpp).
 *
 * A PING starts the timeout, unless an earlier PING is still unanswered; anything that arrives stops it. A time to live
 * in the peer's PING starts another timeout in the same way. Both start again while queued bytes are being written: the
 * operating system takes more only when the peer has acknowledged earlier bytes, and the peer cannot answer a PING
 * behind a large message yet.
 *
 * | Event          | QUIET   | PINGED  | LIMITED | BOTH    | OVER |
 * | -------------- | ------- | ------- | ------- | ------- | ---- |
 * | interval       | PINGED  | -       | BOTH    | -       | x    |
 * | bytes          | -       | QUIET   | QUIET   | QUIET   | x    |
 * | PING           | -       | QUIET   | QUIET   | QUIET   | x    |
 * | PING, limited  | LIMITED | LIMITED | LIMITED | LIMITED | x    |
 * | bytes taken    | -       | -       | -       | -       | x    |
 * | timeout        |         | OVER    |         | OVER    | x    |
 * | end of a limit |         |         | OVER    | OVER    | x    |
 *
 * PINGED: a PING is not answered yet. LIMITED: the peer has set a time to live. BOTH of these; OVER: the peer counts as dead. `interval`: the time for
 * a PING. `bytes taken` start both times again. `-` changes nothing else; an empty cell cannot happen, because that time does not run; `x` would break
 * the contract of the session, which asks nothing more once it has ended. `tests/zmtp/heartbeat_test.ts` walks the table.
 *
 * @module
 */

/** The heartbeat options of a socket; times in ms. */
export interface HeartbeatOptions {
  /** Time between two PINGs; 0 sends none. */
  readonly interval: number;
  /** Time to wait for any bytes after a PING; 0 waits forever. */
  readonly timeout: number;
  /** Time of silence after which the peer should close the connection; 0 does not set one. */
  readonly timeToLive: number;
}

/** Sends no PINGs. PINGs of the peer are answered, and their time to live is respected. */
export const NO_HEARTBEATS: HeartbeatOptions = { interval: 0, timeout: 0, timeToLive: 0 };

/**
 * State of the bytes to send since the last deadline: `free` if the operating system has taken all of them, `moving` if
 * some were waiting and it took a part, `stuck` if some were waiting and it took none.
 */
export type Output = "free" | "moving" | "stuck";

/** The action to take after a deadline. */
export type HeartbeatAction = "none" | "ping" | "timeout" | "expired";

/** The heartbeats of one connection. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #pingAt = Infinity;
  #timeoutAt = Infinity;
  #expiresAt = Infinity;
  /** The time to live in the peer's last PING. */
  #timeToLive = 0;
  /**
   * Bytes have arrived since the last deadline. It is checked only at a deadline, so that a chunk costs one assignment.
   */
  #heard = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Starts after the handshake. */
  start(now: number): void {
    if (this.#options.interval > 0) this.#pingAt = now + this.#options.interval;
  }

  /** Called when bytes arrive. */
  heard(): void {
    this.#heard = true;
  }

  /** Called when a PING arrives; a time to live of 0 means none. */
  pinged(timeToLive: number, now: number): void {
    this.#heard = false;
    this.#timeoutAt = Infinity;
    this.#timeToLive = timeToLive;
    this.#expiresAt = timeToLive > 0 ? now + timeToLive : Infinity;
  }

  /** Time at which `onTime` must be called; `Infinity` if never. */
  get nextDeadline(): number {
    return Math.min(this.#pingAt, this.#timeoutAt, this.#expiresAt);
  }

  /** Evaluates the deadlines, and returns the action to take. */
  onTime(now: number, output: Output): HeartbeatAction {
    const { interval, timeout } = this.#options;
    if (this.#heard) {
      this.#heard = false;
      this.#timeoutAt = this.#expiresAt = Infinity;
    } else if (output === "moving") {
      if (this.#timeoutAt !== Infinity) this.#timeoutAt = now + timeout;
      if (this.#expiresAt !== Infinity) this.#expiresAt = now + this.#timeToLive;
    }
    if (now >= this.#timeoutAt) return "timeout";
    if (now >= this.#expiresAt) return "expired";
    if (now < this.#pingAt) return "none";
    this.#pingAt = now + interval;
    // A PING is still queued, or was written just now: another one after it would add nothing.
    if (this.#timeoutAt !== Infinity && output !== "free") return "none";
    if (this.#timeoutAt === Infinity && timeout > 0) this.#timeoutAt = now + timeout;
    return "ping";
  }
}
