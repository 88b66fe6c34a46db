/**
 * Which socket types have which options, and that all others are refused.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../mod.ts";
import { test } from "../support/harness.ts";
import { type OptionName, optionsOf, settle, type SocketType } from "../support/socket_types.ts";

const EVERY = [
  ...["linger", "reconnectInterval", "reconnectMaxInterval", "reconnectStop", "connectTimeout", "immediate"],
  ...["handshakeInterval", "heartbeatInterval", "heartbeatTimeout", "heartbeatTimeToLive", "maxMessageSize"],
  ...["maxFrames", "backlog", "ipv6", "tcpKeepalive", "tcpKeepaliveIdle", "tcpKeepaliveCount", "tcpKeepaliveInterval"],
  ...["tcpMaxRetransmitTimeout", "typeOfService", "interface", "socksProxy", "socksUsername", "socksPassword"],
  ...["metadata", "helloMessage", "maxConnections", "maxConnectionsPerAddress"],
  ...["plainServer", "plainUsername", "plainPassword", "curveServer", "curvePublicKey", "curveSecretKey"],
  ...["curveServerKey", "zapDomain", "zapEnforceDomain", "authenticate", "maxHandshakes", "maxHandshakesPerSecond"],
];
const SEND = ["sendHighWaterMark", "sendHighWaterMarkBytes", "sendTimeout", "sendBufferSize"];
const RECEIVE = [
  ...["receiveHighWaterMark", "receiveHighWaterMarkBytes", "receiveTimeout", "receiveBufferSize"],
  ...["disconnectMessage", "hiccupMessage", "zeroCopyReceive", "maxLeftoverBytes"],
];
const BOTH = [...SEND, ...RECEIVE];
const PUBLISH = ["noDrop", "invertMatching", "maxTopics", "maxTopicBytes"];

/** The options of each type, besides those that every type has. */
const OWN: Record<SocketType, string[]> = {
  REQ: [...BOTH, "routingId", "probeRouter", "correlate", "relaxed"],
  REP: [...BOTH, "routingId"],
  DEALER: [...BOTH, "routingId", "probeRouter", "conflate"],
  ROUTER: [...BOTH, "routingId", "probeRouter", "mandatory", "handover", "notify"],
  PUB: [...SEND, ...PUBLISH, "conflate", "threads"],
  SUB: [...RECEIVE, "invertMatching", "conflate"],
  XPUB: [...BOTH, ...PUBLISH, "verbosity", "manual", "manualLastValue", "welcomeMessage", "threads"],
  XSUB: [...BOTH, "verboseUnsubscribe"],
  PUSH: [...SEND, "conflate"],
  PULL: [...RECEIVE, "conflate"],
  PAIR: BOTH,
  STREAM: [...BOTH.filter((name) => name !== "zeroCopyReceive"), "notify"],
};

const TYPES = Object.keys(OWN) as SocketType[];
const ALL = [...new Set([...EVERY, ...Object.values(OWN).flat()])];

const CLASSES = {
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
  PUSH: zmq.Push,
  PULL: zmq.Pull,
  PAIR: zmq.Pair,
  STREAM: zmq.Stream,
} satisfies Record<SocketType, unknown>;

/** Options that have no meaning without ZMTP. */
const ZMTP = [
  ...["handshakeInterval", "heartbeatInterval", "heartbeatTimeout", "heartbeatTimeToLive"],
  ...["maxFrames", "maxMessageSize", "metadata", "zeroCopyReceive"],
  ...["plainServer", "plainUsername", "plainPassword", "curveServer", "curvePublicKey", "curveSecretKey"],
  ...["curveServerKey", "zapDomain", "zapEnforceDomain", "authenticate", "maxHandshakes", "maxHandshakesPerSecond"],
];

for (const type of TYPES) {
  const has = [...EVERY, ...OWN[type]].filter((name) => type !== "STREAM" || !ZMTP.includes(name)).sort();

  test(`${type} has the options of its type and no others`, () => {
    assertEquals([...optionsOf(type)].sort(), has);
    const initial = settle(type, {});
    for (const name of ALL) {
      // Its own default is a value that every option takes.
      const options = { [name]: initial[name as OptionName] };
      if (has.includes(name)) {
        settle(type, options);
        continue;
      }
      const list = `it has ${optionsOf(type).join(", ")}`;
      const error = assertThrows(() => settle(type, options), TypeError);
      const [what, listed, meant, ...more] = error.message.split("; ");
      assertEquals([what, listed, more], [`A ${type} socket has no option ${name}`, list, []]);
      // The test of unknown options checks which option the message proposes, if any.
      if (meant !== undefined) {
        assertEquals(optionsOf(type).some((one) => meant === `did you mean ${one}?`), true, meant);
      }
    }
  });

  test(`${type} has its options as properties that can be read and set, and context only to be read`, async () => {
    const context = new zmq.Context();
    const socket = new CLASSES[type]({ linger: 7, context });
    const properties = socket as unknown as Record<string, unknown>;
    for (const name of ALL) assertEquals(name in socket, has.includes(name), name);
    const initial = settle(type, { linger: 7 });
    for (const name of has) {
      assertEquals(properties[name], initial[name as OptionName], name);
      const value = properties[name];
      properties[name] = value;
    }
    assertThrows(() => properties["linger"] = -2, RangeError, "linger");
    assertThrows(() => properties["context"] = context, TypeError);
    properties["linger"] = 0;
    assertEquals([socket.linger, socket.context === context], [0, true]);
    await socket.close();
  });
}

test("an unknown option is rejected, also when it is undefined", () => {
  for (const name of ["highWaterMark", "toString", "constructor", "", "Linger", "__proto__"]) {
    const options = Object.fromEntries([[name, undefined]]);
    assertThrows(() => settle("PUSH", options), TypeError, `A PUSH socket has no option ${name}; it has linger, `);
  }
});

test("options are an object", () => {
  for (const options of [null, "linger", 5, true, () => {}]) {
    assertThrows(() => settle("PUSH", options as never), TypeError, "Options must be an object");
  }
});

test("a context is not part of the settings, and must be a Context", () => {
  assertEquals("context" in settle("PUSH", { context: new zmq.Context() }), false);
  for (const context of [null, {}, "context"]) {
    assertThrows(() => new zmq.Push({ context: context as never }), TypeError, "context must be a Context");
  }
});

test("bytes that are read from a property are a copy", async () => {
  await using dealer = new zmq.Dealer({ routingId: "id" });
  (dealer.routingId as Uint8Array).fill(0);
  assertEquals(dealer.routingId, new TextEncoder().encode("id"));
});
