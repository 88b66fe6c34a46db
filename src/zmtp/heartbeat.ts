/**
 * Heartbeats without a timer: when to send a PING, and when to hold the peer dead (RFC 37 §2.4; libzmq zmtp_engine.cpp).
 *
 * A PING without an earlier one unanswered arms the timeout; whatever arrives disarms it. A time to live in the peer's PING
 * arms another one in the same way. Both start again while what waits to be written is moving: the operating system has room
 * for more only when the peer has acknowledged what came before, and a PING behind a large message cannot be answered yet.
 *
 * @module
 */

/** What the user chose; times in ms. */
export interface HeartbeatOptions {
  /** Between two PINGs; 0 sends none. */
  readonly interval: number;
  /** How long to wait for anything to arrive after a PING; 0 is without end. */
  readonly timeout: number;
  /** After what silence of ours the peer is to hold us dead; 0 does not say. */
  readonly timeToLive: number;
}

/** No PINGs; those of the peer are answered, and its time to live is kept. */
export const NO_HEARTBEATS: HeartbeatOptions = { interval: 0, timeout: 0, timeToLive: 0 };

/**
 * What became of the bytes to send since the last time that was told: all of them are with the operating system, or some waited
 * and it took some of them, or some wait and it took none.
 */
export type Output = "free" | "moving" | "stuck";

/** What is to be done when a deadline has passed. */
export type HeartbeatAction = "none" | "ping" | "timeout" | "expired";

/** The heartbeats of one connection. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #pingAt = Infinity;
  #timeoutAt = Infinity;
  #expiresAt = Infinity;
  /** Of the peer's last PING. */
  #timeToLive = 0;
  /** Something arrived since the last deadline: looked at only there, so that a chunk costs one assignment. */
  #heard = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** The handshake is complete. */
  start(now: number): void {
    if (this.#options.interval > 0) this.#pingAt = now + this.#options.interval;
  }

  /** Something arrived. */
  heard(): void {
    this.#heard = true;
  }

  /** A PING with a time to live arrived; 0 is none. */
  pinged(timeToLive: number, now: number): void {
    this.#heard = false;
    this.#timeoutAt = Infinity;
    this.#timeToLive = timeToLive;
    this.#expiresAt = timeToLive > 0 ? now + timeToLive : Infinity;
  }

  /** When `onTime` is to be called; `Infinity` if never. */
  get nextDeadline(): number {
    return Math.min(this.#pingAt, this.#timeoutAt, this.#expiresAt);
  }

  /** Tells the time, and what follows from it. */
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
    // One is still on its way to the operating system, or just now with it: another one behind it says nothing more.
    if (this.#timeoutAt !== Infinity && output !== "free") return "none";
    if (this.#timeoutAt === Infinity && timeout > 0) this.#timeoutAt = now + timeout;
    return "ping";
  }
}
