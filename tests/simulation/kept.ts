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
  {
    why: "the timer of a hint was due 0 ms later, again and again, because its time was rounded in two ways",
    plan: {
      seed: 489,
      inproc: false,
      mechanism: "NULL",
      network: { latency: 0.1, jitter: 0, bandwidth: 0, buffer: 262144, piece: 0, lazy: false },
      members: [{ type: "SUB", peerType: "PUB", options: {}, binds: true, peers: [], topics: ["a"] }, {
        type: "SUB",
        peerType: "PUB",
        options: {},
        binds: true,
        peers: [],
        topics: ["", "a", "b", "news"],
      }, { type: "PUB", peerType: "SUB", options: {}, binds: false, peers: [0], topics: [] }],
      actions: [{ at: 1679, do: "unsubscribe", who: 0, topic: "a" }, { at: 10125, do: "disconnect", who: 2, to: 0 }, {
        at: 13531,
        do: "connect",
        who: 2,
        to: 0,
      }],
    },
  },
  {
    why:
      "a request that was sent over the next connection, after hiccupMessage in place of its reply, was answered as the next one",
    plan: {
      seed: 2464,
      inproc: false,
      mechanism: "NULL",
      network: { latency: 1, jitter: 30, bandwidth: 0, buffer: 64, piece: 5000, lazy: false },
      members: [{ type: "REP", peerType: "REQ", options: {}, binds: true, peers: [], topics: [] }, {
        type: "REQ",
        peerType: "REP",
        options: { hiccupMessage: "hiccup" },
        binds: false,
        peers: [0],
        topics: [],
      }],
      actions: [
        { at: 28, do: "part", who: 1, to: 0 },
        { at: 58, do: "heal" },
        { at: 152, do: "unbind", who: 0 },
        { at: 163, do: "send", who: 1, count: 1, size: 300, how: "each" },
      ],
    },
  },
  {
    why: "a Reply sent its reply to a hiccupMessage to the next peer, which took it for the reply to its own request",
    plan: {
      seed: 3735,
      inproc: false,
      mechanism: "NULL",
      network: { latency: 1, jitter: 0, bandwidth: 0, buffer: 262144, piece: 0, lazy: false },
      members: [{ type: "REQ", peerType: "REP", options: {}, binds: true, peers: [], topics: [] }, {
        type: "REP",
        peerType: "REQ",
        options: { hiccupMessage: "hiccup" },
        binds: false,
        peers: [0],
        topics: [],
      }],
      actions: [{ at: 1514, do: "blackout", who: 0 }],
    },
  },
];
