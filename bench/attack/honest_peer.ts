/**
 * The honest peer: uses this library to send requests and receive replies during the flood.
 *
 * @module
 */

import { Dealer } from "../../mod.ts";
import { quantile } from "../stats.ts";
import type { Harm } from "./attack.ts";

const SIZE = 64;
const WARM_UP = 500;
const IN_FLIGHT = 100;

const MESSAGE = new Uint8Array(SIZE).fill(7);

/** Two DEALERs connected to a ROUTER that sends everything back. */
export class HonestPeer implements AsyncDisposable {
  readonly #single: Dealer = new Dealer({ linger: 0 });
  readonly #many: Dealer = new Dealer({ linger: 0 });

  /** Connects; resolves after the first replies. */
  static async connect(endpoint: string): Promise<HonestPeer> {
    const peer = new HonestPeer();
    for (const dealer of [peer.#single, peer.#many]) {
      dealer.connect(endpoint);
      for (let i = 0; i < WARM_UP; i++) {
        await dealer.send(MESSAGE);
        await dealer.receive();
      }
    }
    return peer;
  }

  /** Sends requests for `ms` milliseconds: half of the time with one request in flight, half with 100. */
  async measure(ms: number): Promise<Pick<Harm, "p50" | "p99" | "slowest" | "rate">> {
    const sorted = (await this.#times(ms / 2)).sort((a, b) => a - b);
    const rate = await this.#rate(ms / 2);
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), slowest: sorted.at(-1)!, rate };
  }

  /** Round trips in ms. The last one counts as it stands when the time is over. */
  async #times(ms: number): Promise<number[]> {
    const times: number[] = [];
    const signal = AbortSignal.timeout(ms);
    while (!signal.aborted) {
      const began = performance.now();
      await this.#single.send(MESSAGE);
      const answered = await receive(this.#single, signal);
      times.push(performance.now() - began);
      if (!answered) break;
    }
    return times;
  }

  async #rate(ms: number): Promise<number> {
    const signal = AbortSignal.timeout(ms);
    const began = performance.now();
    for (let i = 0; i < IN_FLIGHT; i++) await this.#many.send(MESSAGE);
    let answers = 0;
    while (await receive(this.#many, signal)) {
      answers++;
      await this.#many.send(MESSAGE);
    }
    return answers * 1000 / (performance.now() - began);
  }

  /** Drops the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#single.close(), this.#many.close()]);
  }
}

/** Returns whether a message arrived before the signal was aborted. */
async function receive(dealer: Dealer, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await dealer.receive({ signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
