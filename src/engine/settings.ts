/**
 * The options of one socket with their values: which socket types have which, their defaults, and the checks that run whenever
 * one is set. The engine and the patterns read them where they use them, so that a change applies.
 *
 * @module
 */

import { type Check, timeFrom, wholeNumber } from "../checks.ts";
import { peerText } from "../peer_text.ts";
import { DEFAULT_TOPIC_LIMITS } from "../routing/subscribers.ts";
import { DEFAULT_LIMITS } from "../zmtp/limits.ts";
import type { SocketType } from "../zmtp/socket_type.ts";
import type { AuthenticateFunction, AuthenticateObject } from "./authentication.ts";
import {
  authenticatorOrNull,
  curveKeyOrNull,
  flag,
  frameOrNull,
  metadata,
  oneOf,
  proxyAddress,
  routingId,
  secretOrNull,
  someOf,
  text,
  textOrNull,
  unavailable,
  whereCapable,
} from "./option_checks.ts";

/** When attempts to connect end for good: see `reconnectStop` of `SocketOptions`. */
export type ReconnectStop = "refused" | "handshakeFailed" | "afterDisconnect";

/** Every option of every socket type, in the library's own form. Those that a type does not have keep their defaults. */
export interface Settings {
  linger: number;
  reconnectInterval: number;
  reconnectMaxInterval: number;
  reconnectStop: readonly ReconnectStop[];
  connectTimeout: number;
  immediate: boolean;
  handshakeInterval: number;
  heartbeatInterval: number;
  heartbeatTimeout: number;
  heartbeatTimeToLive: number;
  maxMessageSize: number;
  maxFrames: number;
  backlog: number;
  ipv6: boolean;
  tcpKeepalive: number;
  tcpKeepaliveIdle: number;
  tcpKeepaliveCount: number;
  tcpKeepaliveInterval: number;
  tcpMaxRetransmitTimeout: number;
  typeOfService: number;
  interface: string | null;
  socksProxy: string | null;
  socksUsername: string | null;
  socksPassword: string | null;
  metadata: Readonly<Record<string, string>>;
  plainServer: boolean;
  plainUsername: string | null;
  plainPassword: string | null;
  curveServer: boolean;
  curvePublicKey: Uint8Array | null;
  curveSecretKey: Uint8Array | null;
  curveServerKey: Uint8Array | null;
  zapDomain: string;
  zapEnforceDomain: boolean;
  authenticate: AuthenticateFunction | AuthenticateObject | null;
  maxHandshakes: number;
  maxHandshakesPerSecond: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  helloMessage: Uint8Array | null;
  disconnectMessage: Uint8Array | null;
  hiccupMessage: Uint8Array | null;
  sendHighWaterMark: number;
  sendHighWaterMarkBytes: number;
  sendTimeout: number;
  sendBufferSize: number;
  receiveHighWaterMark: number;
  receiveHighWaterMarkBytes: number;
  maxLeftoverBytes: number;
  receiveTimeout: number;
  receiveBufferSize: number;
  zeroCopyReceive: boolean;
  routingId: Uint8Array | null;
  conflate: boolean;
  probeRouter: boolean;
  correlate: boolean;
  relaxed: boolean;
  mandatory: boolean;
  handover: boolean;
  notify: "connect" | "disconnect" | "both" | boolean | null;
  noDrop: boolean;
  invertMatching: boolean;
  maxTopics: number;
  maxTopicBytes: number;
  verbosity: "allSubs" | "allSubsUnsubs" | null;
  manual: boolean;
  manualLastValue: boolean;
  welcomeMessage: Uint8Array | null;
  verboseUnsubscribe: boolean;
}

/** The name of an option. */
export type OptionName = keyof Settings;

interface Option<T> {
  readonly check: Check<T>;
  readonly initial: T;
  /** The socket types that have it; `undefined` is all. */
  readonly types: readonly SocketType[] | undefined;
}

/** Default of `linger`, in ms; why it is finite stands in docs/adr/0004-linger-default.md. */
export const DEFAULT_LINGER = 5000;

/** Default of `maxLeftoverBytes`: as much as one message may have by default. */
const DEFAULT_LEFTOVER_BYTES = 256 * 1024 * 1024;

/** What fits into the 16 bits of a PING, which count tenths of a second. */
const MAX_TIME_TO_LIVE = 6_553_599;

const SENDERS: SocketType[] = ["REQ", "REP", "DEALER", "ROUTER", "PUB", "XPUB", "XSUB", "PUSH", "PAIR", "STREAM"];
const RECEIVERS: SocketType[] = [
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "SUB",
  "XPUB",
  "XSUB",
  "PULL",
  "PAIR",
  "STREAM",
];

/** All that speak ZMTP. */
const ZMTP: SocketType[] = [...new Set([...SENDERS, ...RECEIVERS])].filter((type) => type !== "STREAM");

/** An option of these socket types, or of all. */
function option<T>(check: Check<T>, initial: T, ...types: SocketType[]): Option<T> {
  return { check, initial, types: types.length === 0 ? undefined : types };
}

const NOTIFY = oneOf("connect", "disconnect", "both");

const OPTIONS: { readonly [N in OptionName]: Option<Settings[N]> } = {
  linger: option(timeFrom(-1), DEFAULT_LINGER),
  reconnectInterval: option(timeFrom(-1), 100),
  reconnectMaxInterval: option(timeFrom(0), 0),
  reconnectStop: option(someOf<ReconnectStop>("refused", "handshakeFailed", "afterDisconnect"), Object.freeze([])),
  connectTimeout: option(timeFrom(0), 0),
  immediate: option(flag, false),
  handshakeInterval: option(timeFrom(0), DEFAULT_LIMITS.handshakeInterval, ...ZMTP),
  heartbeatInterval: option(timeFrom(0), 0, ...ZMTP),
  heartbeatTimeout: option(timeFrom(-1), -1, ...ZMTP),
  heartbeatTimeToLive: option(wholeNumber(0, MAX_TIME_TO_LIVE), 0, ...ZMTP),
  maxMessageSize: option(wholeNumber(-1), DEFAULT_LIMITS.maxMessageSize, ...ZMTP),
  maxFrames: option(wholeNumber(1), DEFAULT_LIMITS.maxFrames, ...ZMTP),
  backlog: option(wholeNumber(1, 65_535), 1024),
  ipv6: option(flag, false),
  tcpKeepalive: option(wholeNumber(-1, 1), -1),
  tcpKeepaliveIdle: option(wholeNumber(-1, 32_767), -1),
  tcpKeepaliveCount: option(unavailable(-1, wholeNumber(-1)), -1),
  tcpKeepaliveInterval: option(unavailable(-1, wholeNumber(-1)), -1),
  tcpMaxRetransmitTimeout: option(unavailable(0, timeFrom(0)), 0),
  typeOfService: option(whereCapable(0, wholeNumber(0, 255)), 0),
  interface: option(unavailable(null, textOrNull(255)), null),
  socksProxy: option(proxyAddress, null),
  socksUsername: option(textOrNull(255), null),
  socksPassword: option(textOrNull(255), null),
  metadata: option(metadata, Object.freeze({}), ...ZMTP),
  plainServer: option(flag, false, ...ZMTP),
  plainUsername: option(textOrNull(255), null, ...ZMTP),
  plainPassword: option(secretOrNull(255), null, ...ZMTP),
  curveServer: option(flag, false, ...ZMTP),
  curvePublicKey: option(curveKeyOrNull, null, ...ZMTP),
  curveSecretKey: option(curveKeyOrNull, null, ...ZMTP),
  curveServerKey: option(curveKeyOrNull, null, ...ZMTP),
  zapDomain: option(text(255), "", ...ZMTP),
  zapEnforceDomain: option(flag, false, ...ZMTP),
  authenticate: option(authenticatorOrNull, null, ...ZMTP),
  maxHandshakes: option(wholeNumber(1), 4096, ...ZMTP),
  maxHandshakesPerSecond: option(wholeNumber(0), 0, ...ZMTP),
  maxConnections: option(wholeNumber(0), 0),
  maxConnectionsPerAddress: option(wholeNumber(0), 0),
  helloMessage: option(frameOrNull, null),
  disconnectMessage: option(frameOrNull, null, ...RECEIVERS),
  hiccupMessage: option(frameOrNull, null, ...RECEIVERS),
  sendHighWaterMark: option(wholeNumber(0), 1000, ...SENDERS),
  sendHighWaterMarkBytes: option(wholeNumber(0), 0, ...SENDERS),
  sendTimeout: option(timeFrom(-1), -1, ...SENDERS),
  sendBufferSize: option(unavailable(-1, wholeNumber(-1)), -1, ...SENDERS),
  receiveHighWaterMark: option(wholeNumber(0), 1000, ...RECEIVERS),
  receiveHighWaterMarkBytes: option(wholeNumber(0), 0, ...RECEIVERS),
  maxLeftoverBytes: option(wholeNumber(0), DEFAULT_LEFTOVER_BYTES, ...RECEIVERS),
  receiveTimeout: option(timeFrom(-1), -1, ...RECEIVERS),
  receiveBufferSize: option(unavailable(-1, wholeNumber(-1)), -1, ...RECEIVERS),
  zeroCopyReceive: option(flag, true, ...RECEIVERS.filter((type) => type !== "STREAM")),
  routingId: option(routingId, null, "REQ", "REP", "DEALER", "ROUTER"),
  conflate: option(flag, false, "PUSH", "PULL", "PUB", "SUB", "DEALER"),
  probeRouter: option(flag, false, "REQ", "DEALER", "ROUTER"),
  correlate: option(flag, false, "REQ"),
  relaxed: option(flag, false, "REQ"),
  mandatory: option(flag, false, "ROUTER"),
  handover: option(flag, false, "ROUTER"),
  notify: option<Settings["notify"]>((name, value) => NOTIFY(name, value), null, "ROUTER"),
  noDrop: option(flag, false, "PUB", "XPUB"),
  invertMatching: option(flag, false, "PUB", "XPUB", "SUB"),
  maxTopics: option(wholeNumber(1), DEFAULT_TOPIC_LIMITS.maxTopics, "PUB", "XPUB"),
  maxTopicBytes: option(wholeNumber(1), DEFAULT_TOPIC_LIMITS.maxTopicBytes, "PUB", "XPUB"),
  verbosity: option(oneOf("allSubs", "allSubsUnsubs"), null, "XPUB"),
  manual: option(flag, false, "XPUB"),
  manualLastValue: option(flag, false, "XPUB"),
  welcomeMessage: option(frameOrNull, null, "XPUB"),
  verboseUnsubscribe: option(flag, false, "XSUB"),
};

/** A STREAM's option of this name is another one than a ROUTER's: libzmq's two have two names. */
const STREAM_NOTIFY: Option<Settings["notify"]> = option<Settings["notify"]>(flag, true, "STREAM");

/** By name, without what every object inherits (`toString`). */
const BY_NAME: ReadonlyMap<string, Option<unknown>> = new Map(Object.entries<Option<unknown>>(OPTIONS));

/** Wipes what nobody else may know: the socket is closed. */
export function forgetSecrets(settings: Settings): void {
  settings.curveSecretKey?.fill(0);
  settings.curveSecretKey = null;
  settings.plainPassword = settings.socksPassword = null;
}

/** The options that a socket type has; `context` is not among them, because it cannot be changed. */
export function optionsOf(type: SocketType): OptionName[] {
  return (Object.keys(OPTIONS) as OptionName[]).filter((name) => optionOf(type, name) !== undefined);
}

function optionOf(type: SocketType, name: string): Option<unknown> | undefined {
  if (type === "STREAM" && name === "notify") return STREAM_NOTIFY;
  const found = BY_NAME.get(name);
  if (found === undefined) return undefined;
  return found.types === undefined || found.types.includes(type) ? found : undefined;
}

/**
 * Checks the options of a new socket and fills in the defaults. `undefined` means the default.
 *
 * @throws {TypeError} For a value of the wrong type, or an option that this socket type does not have.
 * @throws {RangeError} For a value that is out of range.
 */
export function settle(type: SocketType, options: object): Settings {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("Options must be an object, such as { linger: 0 }");
  }
  const entries = Object.entries(OPTIONS).map(([name, { initial }]) => [name, initial] as const);
  const settings = Object.fromEntries(entries) as unknown as Settings;
  if (type === "STREAM") settings.notify = STREAM_NOTIFY.initial;
  for (const [name, value] of Object.entries(options)) {
    if (name !== "context" && (value !== undefined || optionOf(type, name) === undefined)) {
      change(settings, type, name, value);
    }
  }
  return settings;
}

/**
 * Sets an option.
 *
 * @throws {TypeError} For a value of the wrong type, or an option that this socket type does not have.
 * @throws {RangeError} For a value that is out of range.
 */
export function change(settings: Settings, type: SocketType, name: string, value: unknown): void {
  const found = optionOf(type, name);
  if (found === undefined) {
    throw new TypeError(`A ${type} socket has no option ${peerText(name)}; it has ${optionsOf(type).join(", ")}`);
  }
  const checked = found.check(name, value);
  // A secret that is replaced is wiped; the default is null, so that no other socket has it.
  if (name === "curveSecretKey") settings.curveSecretKey?.fill(0);
  (settings as unknown as Record<string, unknown>)[name] = checked;
}
