/**
 * Options of sockets, drawn at random from what each type takes: the names come from the definitions of the library, so
 * that a new option has to be added here, or to those that are not drawn, with the reason.
 *
 * @module
 */

import { optionsOf } from "../support/socket_types.ts";
import type { Random } from "./random.ts";

type Draw = (random: Random) => unknown;

const one = (...choices: readonly unknown[]): Draw => (random) => random.pick(choices);
const flag = one(true, false);
const mark = one(0, 1, 2, 3, 10, 50, 1000);
const bytes = one(0, 0, 100, 5000);
const timeout = one(-1, -1, 0, 50, 1000);

/** The values that are drawn of each option. */
const DRAWN: Readonly<Record<string, Draw>> = {
  linger: one(0, 100, 5000, 30_000, -1),
  reconnectInterval: one(1, 10, 100, 1000),
  reconnectMaxInterval: one(0, 500, 5000),
  connectTimeout: one(0, 500, 3000),
  immediate: flag,
  backlog: one(1, 1024),
  maxConnections: one(0, 8),
  maxConnectionsPerAddress: one(0, 8),
  tcpKeepalive: one(-1, 0, 1),
  tcpKeepaliveIdle: one(-1, 60),
  typeOfService: one(0, 16),
  helloMessage: one(null, "hello"),
  handshakeInterval: one(5000, 30_000),
  heartbeatInterval: one(0, 1000, 3000),
  heartbeatTimeout: one(-1, 1000, 5000),
  heartbeatTimeToLive: one(0, 10_000),
  maxMessageSize: one(-1, 1_000_000),
  maxFrames: one(16, 65_536),
  metadata: one({}, { "X-Room": "7" }),
  maxHandshakes: one(2, 4096),
  maxHandshakesPerSecond: one(0, 50),
  sendHighWaterMark: mark,
  sendHighWaterMarkBytes: bytes,
  sendTimeout: timeout,
  receiveHighWaterMark: mark,
  receiveHighWaterMarkBytes: bytes,
  receiveTimeout: timeout,
  disconnectMessage: one(null, "gone"),
  hiccupMessage: one(null, "hiccup"),
  maxLeftoverBytes: one(1000, 1_000_000),
  zeroCopyReceive: flag,
  conflate: (random) => random.chance(0.1),
  probeRouter: flag,
  relaxed: flag,
  correlate: flag,
  mandatory: flag,
  handover: flag,
  noDrop: flag,
  verbosity: one(null, "allSubs", "allSubsUnsubs"),
  verboseUnsubscribe: flag,
  welcomeMessage: one(null, "welcome"),
};

/** The options that are not drawn, and why. */
export const NOT_DRAWN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "plainServer",
      "plainUsername",
      "plainPassword",
      "curveServer",
      "curvePublicKey",
      "curveSecretKey",
      "curveServerKey",
      "zapEnforceDomain",
      "authenticate",
    ].map((name) => [name, "set for both sides by the mechanism of the scenario"]),
  ),
  ...Object.fromEntries(
    [
      "sendBufferSize",
      "receiveBufferSize",
      "tcpKeepaliveCount",
      "tcpKeepaliveInterval",
      "tcpMaxRetransmitTimeout",
      "interface",
    ].map((name) => [name, "has only one value"]),
  ),
  zapDomain: "without an authenticator nobody may connect",
  socksProxy: "the simulated network has no proxy",
  socksUsername: "the simulated network has no proxy",
  socksPassword: "the simulated network has no proxy",
  ipv6: "addresses of the simulated network are IPv4",
  reconnectStop: "a socket that stops reconnecting promises nothing",
  routingId: "set by the scenario: ids have to differ",
  notify: "its messages carry no number",
  invertMatching: "has to be the same on both sides",
  manual: "a program has to answer subscriptions",
  manualLastValue: "a program has to answer subscriptions",
  maxTopics: "a limit that closes connections",
  maxTopicBytes: "a limit that closes connections",
  threads: "worker threads have a network and a clock of their own",
};

/** Options whose definitions are neither drawn nor listed as not drawn; none, if this file is complete. */
export function forgotten(type: string): string[] {
  return optionsOf(type).filter((name) => !(name in DRAWN) && !(name in NOT_DRAWN));
}

const known = new Map<string, readonly string[]>();

/** Options for a socket of this type. */
export function drawOptions(type: string, random: Random): Record<string, unknown> {
  let names = known.get(type);
  if (names === undefined) known.set(type, names = optionsOf(type).filter((name) => name in DRAWN));
  const options: Record<string, unknown> = {};
  // Few at a time: many scenarios use the defaults only.
  const probability = random.pick([0, 0.08, 0.2]);
  for (const name of names) if (random.chance(probability)) options[name] = DRAWN[name]!(random);
  return options;
}
