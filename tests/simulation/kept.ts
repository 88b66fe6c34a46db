/**
 * Scenarios that once failed, shrunk: `npm test` plays them. They are kept as plans, because a seed means another scenario
 * as soon as the generator draws one number more.
 *
 * @module
 */

import type { Plan } from "./plan.ts";

/** A scenario, and what it found. */
export interface Kept {
  readonly why: string;
  readonly plan: Plan;
}

/** All of them. */
export const KEPT: readonly Kept[] = [
  {
    why: "messages of a lost connection that wait are fair-queued with those of the next one",
    plan: {
      seed: 936,
      inproc: false,
      mechanism: "NULL",
      network: { latency: 1, jitter: 0, bandwidth: 0, buffer: 262144, piece: 0, lazy: false },
      members: [{ type: "ROUTER", peerType: "DEALER", options: {}, binds: true, peers: [], topics: [] }, {
        type: "DEALER",
        peerType: "ROUTER",
        options: {},
        binds: false,
        peers: [0],
        topics: [],
      }],
      actions: [{ at: 748, do: "pause", who: 0 }, { at: 1166, do: "send", who: 1, count: 5, size: 5, how: "try" }, {
        at: 1424,
        do: "cut",
        who: 0,
        to: 1,
      }, { at: 1775, do: "send", who: 1, count: 1, size: 5, how: "try" }],
    },
  },
];
