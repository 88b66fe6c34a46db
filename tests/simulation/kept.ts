/**
 * Scenarios that once failed, shrunk: `npm test` plays them. They are kept as plans, because a seed means another scenario
 * as soon as the generator draws one number more. Over 400 lines because it is a list of data.
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
  {
    why:
      "a connected Reply answers the request of a lost peer to the program that was started again there, as in libzmq",
    plan: {
      "seed": 24487,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [{ "type": "REQ", "peerType": "REP", "options": {}, "binds": true, "peers": [], "topics": [] }, {
        "type": "REP",
        "peerType": "REQ",
        "options": {},
        "binds": false,
        "peers": [0],
        "topics": [],
      }, { "type": "REP", "peerType": "REQ", "options": {}, "binds": false, "peers": [0], "topics": [] }],
      "actions": [
        { "at": 74, "do": "slow", "who": 2 },
        { "at": 105, "do": "send", "who": 0, "count": 5, "size": 5, "how": "burst" },
        { "at": 152, "do": "send", "who": 0, "count": 5, "size": 5, "how": "burst" },
        { "at": 289, "do": "blackout", "who": 0 },
      ],
    },
  },
  {
    why: "a Publisher sent to a peer from which it had disconnected, while what was queued was still being sent",
    plan: {
      "seed": 1001728,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 0.1, "jitter": 0, "bandwidth": 0, "buffer": 64, "piece": 0, "lazy": false },
      "members": [
        { "type": "SUB", "peerType": "PUB", "options": {}, "binds": true, "peers": [], "topics": ["", "b"] },
        { "type": "PUB", "peerType": "SUB", "options": {}, "binds": false, "peers": [0], "topics": [] },
        { "type": "PUB", "peerType": "SUB", "options": {}, "binds": false, "peers": [0], "topics": [] },
        { "type": "PUB", "peerType": "SUB", "options": {}, "binds": false, "peers": [0], "topics": [] },
      ],
      "actions": [
        { "at": 13, "do": "send", "who": 3, "count": 1, "size": 2000, "how": "try" },
        { "at": 15, "do": "disconnect", "who": 3, "to": 0 },
        { "at": 15, "do": "connect", "who": 3, "to": 0 },
        { "at": 18, "do": "send", "who": 3, "count": 1, "size": 5, "how": "buffered" },
      ],
    },
  },
  {
    why: "messages to a peer that has disconnected and is still sending its queue are lost",
    plan: {
      "seed": 70436,
      "inproc": false,
      "mechanism": "PLAIN",
      "network": { "latency": 20, "jitter": 0, "bandwidth": 0, "buffer": 1000, "piece": 5000, "lazy": true },
      "members": [
        {
          "type": "DEALER",
          "peerType": "DEALER",
          "options": {
            "reconnectInterval": 1,
            "typeOfService": 16,
            "helloMessage": "hello",
            "handshakeInterval": 5000,
            "heartbeatInterval": 3000,
            "heartbeatTimeToLive": 10000,
            "maxHandshakes": 2,
            "disconnectMessage": "gone",
            "routingId": "n0",
          },
          "binds": true,
          "peers": [],
          "topics": [],
        },
        {
          "type": "DEALER",
          "peerType": "DEALER",
          "options": { "linger": 0, "maxHandshakes": 2, "receiveHighWaterMark": 3, "routingId": "n1" },
          "binds": true,
          "peers": [],
          "topics": [],
        },
        { "type": "DEALER", "peerType": "DEALER", "options": {}, "binds": false, "peers": [0], "topics": [] },
        {
          "type": "DEALER",
          "peerType": "DEALER",
          "options": { "routingId": "n3" },
          "binds": false,
          "peers": [1],
          "topics": [],
        },
      ],
      "actions": [{ "at": 293, "do": "send", "who": 3, "count": 4, "size": 2000, "how": "many" }, {
        "at": 293,
        "do": "disconnect",
        "who": 3,
        "to": 1,
      }, { "at": 373, "do": "connect", "who": 3, "to": 1 }],
    },
  },
  {
    why: "the same over CURVE",
    plan: {
      "seed": 1001433,
      "inproc": false,
      "mechanism": "CURVE",
      "network": { "latency": 1, "jitter": 30, "bandwidth": 10000, "buffer": 262144, "piece": 5000, "lazy": true },
      "members": [{
        "type": "DEALER",
        "peerType": "DEALER",
        "options": {
          "reconnectMaxInterval": 0,
          "tcpKeepaliveIdle": 60,
          "helloMessage": "hello",
          "maxFrames": 16,
          "metadata": { "X-Room": "7" },
          "maxHandshakesPerSecond": 50,
          "sendHighWaterMark": 0,
          "probeRouter": false,
        },
        "binds": true,
        "peers": [],
        "topics": [],
      }, { "type": "DEALER", "peerType": "DEALER", "options": {}, "binds": false, "peers": [0], "topics": [] }],
      "actions": [
        { "at": 1, "do": "send", "who": 1, "count": 3, "size": 5, "how": "many" },
        { "at": 1, "do": "disconnect", "who": 1, "to": 0 },
        { "at": 16, "do": "connect", "who": 1, "to": 0 },
        { "at": 19, "do": "send", "who": 1, "count": 1, "size": 20000, "how": "try" },
        { "at": 19, "do": "disconnect", "who": 1, "to": 0 },
        { "at": 24, "do": "connect", "who": 1, "to": 0 },
      ],
    },
  },
  {
    why: "a program set relaxed to false after a request that it no longer waited for",
    plan: {
      "seed": 1002572,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [{ "type": "ROUTER", "peerType": "REQ", "options": {}, "binds": true, "peers": [], "topics": [] }, {
        "type": "REQ",
        "peerType": "ROUTER",
        "options": {},
        "binds": false,
        "peers": [0],
        "topics": [],
      }, {
        "type": "REQ",
        "peerType": "ROUTER",
        "options": { "relaxed": true },
        "binds": false,
        "peers": [0],
        "topics": [],
      }],
      "actions": [
        {
          "at": 3591,
          "do": "set",
          "who": 2,
          "options": {
            "maxConnections": 0,
            "maxConnectionsPerAddress": 8,
            "heartbeatTimeout": -1,
            "heartbeatTimeToLive": 10000,
            "metadata": { "X-Room": "7" },
            "zeroCopyReceive": true,
            "relaxed": false,
          },
        },
        { "at": 8800, "do": "crash", "who": 0 },
        { "at": 10261, "do": "send", "who": 2, "count": 1, "size": 5, "how": "abort" },
        { "at": 11396, "do": "pause", "who": 2 },
      ],
    },
  },
  {
    why: "a Router may ignore the next connection of a Dealer with a routing id while the last one ends",
    plan: {
      "seed": 1001502,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 30, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [
        {
          "type": "ROUTER",
          "peerType": "DEALER",
          "options": { "handover": true },
          "binds": true,
          "peers": [],
          "topics": [],
        },
        { "type": "DEALER", "peerType": "ROUTER", "options": {}, "binds": false, "peers": [0], "topics": [] },
        {
          "type": "DEALER",
          "peerType": "ROUTER",
          "options": { "routingId": "n2" },
          "binds": false,
          "peers": [0],
          "topics": [],
        },
      ],
      "actions": [{ "at": 4, "do": "send", "who": 2, "count": 1, "size": 5, "how": "try" }, {
        "at": 18,
        "do": "disconnect",
        "who": 2,
        "to": 0,
      }],
    },
  },
  {
    why: "a Request that received a notice instead of its reply may send again",
    plan: {
      "seed": 1003806,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [{ "type": "ROUTER", "peerType": "REQ", "options": {}, "binds": true, "peers": [], "topics": [] }, {
        "type": "REQ",
        "peerType": "ROUTER",
        "options": {},
        "binds": false,
        "peers": [0],
        "topics": [],
      }],
      "actions": [
        {
          "at": 258,
          "do": "set",
          "who": 1,
          "options": {
            "maxMessageSize": 1000000,
            "metadata": { "X-Room": "7" },
            "sendHighWaterMarkBytes": 5000,
            "receiveHighWaterMark": 1000,
            "hiccupMessage": "hiccup",
          },
        },
        { "at": 286, "do": "blackout", "who": 0 },
        { "at": 1256, "do": "send", "who": 1, "count": 1, "size": 5, "how": "each" },
      ],
    },
  },
  {
    why: "a Router answers the program that was started again with the same routing id",
    plan: {
      "seed": 1020406,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [{ "type": "ROUTER", "peerType": "REQ", "options": {}, "binds": true, "peers": [], "topics": [] }, {
        "type": "REQ",
        "peerType": "ROUTER",
        "options": { "relaxed": true },
        "binds": false,
        "peers": [0],
        "topics": [],
      }, {
        "type": "REQ",
        "peerType": "ROUTER",
        "options": { "routingId": "n2" },
        "binds": false,
        "peers": [0],
        "topics": [],
      }, { "type": "REQ", "peerType": "ROUTER", "options": {}, "binds": false, "peers": [0], "topics": [] }],
      "actions": [
        { "at": 44, "do": "slow", "who": 0 },
        { "at": 64, "do": "send", "who": 1, "count": 2, "size": 5, "how": "each" },
        { "at": 106, "do": "send", "who": 3, "count": 2, "size": 5, "how": "abort" },
        { "at": 150, "do": "send", "who": 2, "count": 2, "size": 5, "how": "many" },
        { "at": 154, "do": "blackout", "who": 2 },
      ],
    },
  },
  {
    why: "over whole frames, a Pair refuses a connection that has already sent a message",
    plan: {
      "seed": 1017409,
      "inproc": false,
      "carrier": "frames",
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": true },
      "members": [{ "type": "PAIR", "peerType": "PAIR", "options": {}, "binds": true, "peers": [], "topics": [] }, {
        "type": "PAIR",
        "peerType": "PAIR",
        "options": {},
        "binds": false,
        "peers": [0],
        "topics": [],
      }],
      "actions": [{ "at": 9, "do": "cut", "who": 1, "to": 0 }, {
        "at": 9,
        "do": "send",
        "who": 1,
        "count": 1,
        "size": 5,
        "how": "each",
      }, { "at": 13, "do": "disconnect", "who": 1, "to": 0 }],
    },
  },
  {
    why:
      "messages that had been read when the connection was reset, and did not fit into a full receive queue, were lost and not counted",
    plan: {
      "seed": 1020569,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 1, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [{
        "type": "PULL",
        "peerType": "PUSH",
        "options": { "receiveHighWaterMark": 2 },
        "binds": true,
        "peers": [],
        "topics": [],
      }, { "type": "PUSH", "peerType": "PULL", "options": {}, "binds": false, "peers": [0], "topics": [] }],
      "actions": [{ "at": 1216, "do": "slow", "who": 0 }, {
        "at": 2474,
        "do": "send",
        "who": 1,
        "count": 12,
        "size": 5,
        "how": "each",
      }, { "at": 2790, "do": "cut", "who": 1, "to": 0 }],
    },
  },
  {
    why:
      "a chunk that a Stream receives has the bytes of several sends, and may exceed a limit in bytes by all of them",
    plan: {
      "seed": 2011889,
      "inproc": false,
      "mechanism": "NULL",
      "network": { "latency": 20, "jitter": 0, "bandwidth": 0, "buffer": 262144, "piece": 0, "lazy": false },
      "members": [{
        "type": "STREAM",
        "peerType": "STREAM",
        "options": { "receiveHighWaterMarkBytes": 100, "receiveTimeout": 0 },
        "binds": true,
        "peers": [],
        "topics": [],
      }, { "type": "STREAM", "peerType": "STREAM", "options": {}, "binds": false, "peers": [0], "topics": [] }],
      "actions": [{ "at": 263, "do": "send", "who": 1, "count": 12, "size": 30, "how": "each" }, {
        "at": 289,
        "do": "send",
        "who": 1,
        "count": 1,
        "size": 5,
        "how": "burst",
      }],
    },
  },
];
