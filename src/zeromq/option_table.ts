/**
 * The options of sockets: number in zmq.h, type, default, permitted values, and the option of this library that has the
 * same effect.
 *
 * @module
 */

/** The types of options, as zeromq.js converts them. */
export type OptionKind = "Bool" | "Int32" | "Uint32" | "Int64" | "Uint64" | "String";

/** The value of an option: strings are kept as bytes of UTF-8 where they were set as bytes. */
export type OptionValue = boolean | number | string | null;

/** An option. */
export interface OptionEntry {
  readonly name: string;
  /** Its number in zmq.h. */
  readonly id: number;
  readonly kind: OptionKind;
  /** Default value. */
  readonly initial: OptionValue;
  /** Returns the value that is kept, or `undefined` if libzmq rejects it with `EINVAL`. */
  readonly check: (value: OptionValue) => OptionValue | undefined;
  /** Takes effect on sockets that are bound or connected. */
  readonly immediate?: boolean;
  /** The option of the same name of this library is not set: it has no effect, or another file sets it. */
  readonly stored?: boolean;
}

type Check = OptionEntry["check"];

const any: Check = (value) => value;
const refused: Check = () => undefined;
const from = (least: number, most = Infinity): Check => (value) => {
  return (value as number) >= least && (value as number) <= most ? value : undefined;
};
const size = (value: OptionValue) => value === null ? 0 : new TextEncoder().encode(value as string).length;
/** Text of a size in bytes; `null` only where it resets the option. */
const text = (least: number, most: number, nullable: boolean): Check => (value) => {
  if (value === null) return nullable ? null : undefined;
  return size(value) >= least && size(value) <= most ? value : undefined;
};
const key: Check = (value) => {
  return typeof value === "string" && /^[0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/.test(value) ? value : undefined;
};
/** Tenths of a second in 16 bits. */
const timeToLive: Check = (value) => {
  const tenths = Math.trunc((value as number) / 100);
  return tenths >= 0 && tenths <= 0xffff ? tenths * 100 : undefined;
};

type Rest = Omit<OptionEntry, "name" | "id" | "kind" | "initial" | "check">;
function entry(name: string, id: number, kind: OptionKind, initial: OptionValue, check: Check, rest: Rest = {}) {
  return { name, id, kind, initial, check, ...rest } as const satisfies OptionEntry;
}

const STORED: Rest = { stored: true };

/** Options of every socket. */
export const COMMON: readonly OptionEntry[] = [
  entry("affinity", 4, "Uint64", 0, any, STORED),
  entry("rate", 8, "Int32", 100, from(1), STORED),
  entry("recoveryInterval", 9, "Int32", 10_000, from(0), STORED),
  entry("linger", 17, "Int32", -1, from(-1), { immediate: true }),
  entry("reconnectInterval", 18, "Int32", 100, from(-1)),
  entry("backlog", 19, "Int32", 100, from(0)),
  entry("reconnectMaxInterval", 21, "Int32", 0, from(0)),
  entry("maxMessageSize", 22, "Int64", -1, any),
  entry("tcpKeepalive", 34, "Int32", -1, from(-1, 1)),
  entry("tcpKeepaliveCount", 35, "Int32", -1, from(-1), STORED),
  entry("tcpKeepaliveIdle", 36, "Int32", -1, from(-1)),
  entry("tcpKeepaliveInterval", 37, "Int32", -1, from(-1), STORED),
  entry("tcpAcceptFilter", 38, "String", null, (value) => value === null ? null : undefined, STORED),
  entry("immediate", 39, "Bool", false, any),
  entry("ipv6", 42, "Bool", false, any),
  entry("plainServer", 44, "Bool", false, any, STORED),
  entry("plainUsername", 45, "String", null, text(1, 255, true), STORED),
  entry("plainPassword", 46, "String", null, text(1, 255, true), STORED),
  entry("curveServer", 47, "Bool", false, any, STORED),
  entry("curvePublicKey", 48, "String", null, key, STORED),
  entry("curveSecretKey", 49, "String", null, key, STORED),
  entry("curveServerKey", 50, "String", null, key, STORED),
  entry("zapDomain", 55, "String", null, text(1, 255, false)),
  entry("typeOfService", 57, "Uint32", 0, from(0, 0x7fff_ffff)),
  entry("handshakeInterval", 66, "Int32", 30_000, from(0)),
  entry("socksProxy", 68, "String", null, text(1, Infinity, true)),
  entry("heartbeatInterval", 75, "Int32", 0, from(0)),
  entry("heartbeatTimeToLive", 76, "Int32", 0, timeToLive),
  entry("heartbeatTimeout", 77, "Int32", -1, from(0)),
  entry("connectTimeout", 79, "Int32", 0, from(0)),
  entry("tcpMaxRetransmitTimeout", 80, "Int32", 0, from(0), STORED),
  entry("multicastMaxTransportDataUnit", 84, "Int32", 1500, from(1), STORED),
  entry("vmciBufferSize", 85, "Uint64", null, refused, STORED),
  entry("vmciBufferMinSize", 86, "Uint64", null, refused, STORED),
  entry("vmciBufferMaxSize", 87, "Uint64", null, refused, STORED),
  entry("vmciConnectTimeout", 88, "Int32", null, refused, STORED),
  entry("interface", 92, "String", null, text(1, 255, true), STORED),
  entry("zapEnforceDomain", 93, "Bool", false, any, STORED),
  entry("loopbackFastPath", 94, "Bool", false, any, STORED),
];

/** Options of sockets that send. */
export const SENDING: readonly OptionEntry[] = [
  entry("sendBufferSize", 11, "Int32", -1, from(-1), STORED),
  entry("sendHighWaterMark", 23, "Int32", 1000, from(0), { immediate: true }),
  entry("sendTimeout", 28, "Int32", -1, from(-1), { immediate: true }),
  entry("multicastHops", 25, "Int32", 1, from(1), STORED),
];

/** Options of sockets that receive. */
export const RECEIVING: readonly OptionEntry[] = [
  entry("receiveBufferSize", 12, "Int32", -1, from(-1), STORED),
  entry("receiveHighWaterMark", 24, "Int32", 1000, from(0), { immediate: true }),
  entry("receiveTimeout", 27, "Int32", -1, from(-1), { immediate: true }),
];

/** Subscriber and XSubscriber do not linger: they only send subscriptions. */
export const NO_LINGER: OptionEntry = entry("linger", 17, "Int32", 0, from(-1), { immediate: true });
/** Options of some types. */
export const ROUTING_ID: OptionEntry = entry("routingId", 5, "String", null, text(1, 255, false));
/** See `ROUTING_ID`. */
export const CONFLATE: OptionEntry = entry("conflate", 54, "Bool", false, any);
/** See `ROUTING_ID`. */
export const PROBE: OptionEntry = entry("probeRouter", 51, "Bool", false, any, { immediate: true });
/** See `ROUTING_ID`. */
export const NO_DROP: OptionEntry = entry("noDrop", 69, "Bool", false, any);
/** See `ROUTING_ID`. */
export const INVERT: OptionEntry = entry("invertMatching", 74, "Bool", false, any);
/** Options of Request. */
export const REQUESTING: readonly OptionEntry[] = [
  entry("correlate", 52, "Bool", false, any, { immediate: true }),
  entry("relaxed", 53, "Bool", false, any, { immediate: true }),
];
/** Options of Router. */
export const ADDRESSING: readonly OptionEntry[] = [
  entry("mandatory", 33, "Bool", false, any, { immediate: true }),
  entry("handover", 56, "Bool", false, any, { immediate: true }),
];
/** Options of XPublisher. */
export const ANSWERING: readonly OptionEntry[] = [
  entry("manual", 71, "Bool", false, any),
  entry("welcomeMessage", 72, "String", null, text(0, Infinity, true)),
];
/** Options of Stream. */
export const NOTIFYING: readonly OptionEntry[] = [entry("notify", 73, "Bool", true, any)];
