/**
 * The options of sockets of zeromq.js 5, by their numbers and short names, on a socket of zeromq.js 6.
 *
 * @module
 */

import { assignOption } from "./arguments.ts";
import * as zmq from "./v5_constants.ts";
import type { Socket } from "./socket.ts";

/** The short names of options. */
export type ShortOption =
  | "_fd"
  | "_ioevents"
  | "_receiveMore"
  | "_subscribe"
  | "_unsubscribe"
  | "affinity"
  | "backlog"
  | "identity"
  | "linger"
  | "rate"
  | "rcvbuf"
  | "last_endpoint"
  | "reconnect_ivl"
  | "recovery_ivl"
  | "sndbuf"
  | "mechanism"
  | "plain_server"
  | "plain_username"
  | "plain_password"
  | "curve_server"
  | "curve_publickey"
  | "curve_secretkey"
  | "curve_serverkey"
  | "zap_domain"
  | "heartbeat_ivl"
  | "heartbeat_ttl"
  | "heartbeat_timeout"
  | "connect_timeout";

/** Numbers of options by their short names. */
export const options: Record<ShortOption, number> = {
  _fd: zmq.ZMQ_FD,
  _ioevents: zmq.ZMQ_EVENTS,
  _receiveMore: zmq.ZMQ_RCVMORE,
  _subscribe: zmq.ZMQ_SUBSCRIBE,
  _unsubscribe: zmq.ZMQ_UNSUBSCRIBE,
  affinity: zmq.ZMQ_AFFINITY,
  backlog: zmq.ZMQ_BACKLOG,
  identity: zmq.ZMQ_IDENTITY,
  linger: zmq.ZMQ_LINGER,
  rate: zmq.ZMQ_RATE,
  rcvbuf: zmq.ZMQ_RCVBUF,
  last_endpoint: zmq.ZMQ_LAST_ENDPOINT,
  reconnect_ivl: zmq.ZMQ_RECONNECT_IVL,
  recovery_ivl: zmq.ZMQ_RECOVERY_IVL,
  sndbuf: zmq.ZMQ_SNDBUF,
  mechanism: zmq.ZMQ_MECHANISM,
  plain_server: zmq.ZMQ_PLAIN_SERVER,
  plain_username: zmq.ZMQ_PLAIN_USERNAME,
  plain_password: zmq.ZMQ_PLAIN_PASSWORD,
  curve_server: zmq.ZMQ_CURVE_SERVER,
  curve_publickey: zmq.ZMQ_CURVE_PUBLICKEY,
  curve_secretkey: zmq.ZMQ_CURVE_SECRETKEY,
  curve_serverkey: zmq.ZMQ_CURVE_SERVERKEY,
  zap_domain: zmq.ZMQ_ZAP_DOMAIN,
  heartbeat_ivl: zmq.ZMQ_HEARTBEAT_IVL,
  heartbeat_ttl: zmq.ZMQ_HEARTBEAT_TTL,
  heartbeat_timeout: zmq.ZMQ_HEARTBEAT_TIMEOUT,
  connect_timeout: zmq.ZMQ_CONNECT_TIMEOUT,
};

/** Options that are a property of version 6. */
const PROPERTIES: ReadonlyMap<number, string> = new Map([
  [zmq.ZMQ_AFFINITY, "affinity"],
  [zmq.ZMQ_IDENTITY, "routingId"],
  [zmq.ZMQ_RATE, "rate"],
  [zmq.ZMQ_RECOVERY_IVL, "recoveryInterval"],
  [zmq.ZMQ_SNDBUF, "sendBufferSize"],
  [zmq.ZMQ_RCVBUF, "receiveBufferSize"],
  [zmq.ZMQ_LINGER, "linger"],
  [zmq.ZMQ_RECONNECT_IVL, "reconnectInterval"],
  [zmq.ZMQ_BACKLOG, "backlog"],
  [zmq.ZMQ_RECONNECT_IVL_MAX, "reconnectMaxInterval"],
  [zmq.ZMQ_MAXMSGSIZE, "maxMessageSize"],
  [zmq.ZMQ_SNDHWM, "sendHighWaterMark"],
  [zmq.ZMQ_RCVHWM, "receiveHighWaterMark"],
  [zmq.ZMQ_MULTICAST_HOPS, "multicastHops"],
  [zmq.ZMQ_RCVTIMEO, "receiveTimeout"],
  [zmq.ZMQ_SNDTIMEO, "sendTimeout"],
  [zmq.ZMQ_TCP_KEEPALIVE, "tcpKeepalive"],
  [zmq.ZMQ_TCP_KEEPALIVE_CNT, "tcpKeepaliveCount"],
  [zmq.ZMQ_TCP_KEEPALIVE_IDLE, "tcpKeepaliveIdle"],
  [zmq.ZMQ_TCP_KEEPALIVE_INTVL, "tcpKeepaliveInterval"],
  [zmq.ZMQ_TCP_ACCEPT_FILTER, "tcpAcceptFilter"],
  [zmq.ZMQ_PLAIN_USERNAME, "plainUsername"],
  [zmq.ZMQ_PLAIN_PASSWORD, "plainPassword"],
  [zmq.ZMQ_CURVE_PUBLICKEY, "curvePublicKey"],
  [zmq.ZMQ_CURVE_SECRETKEY, "curveSecretKey"],
  [zmq.ZMQ_CURVE_SERVERKEY, "curveServerKey"],
  [zmq.ZMQ_ZAP_DOMAIN, "zapDomain"],
  [zmq.ZMQ_HEARTBEAT_IVL, "heartbeatInterval"],
  [zmq.ZMQ_HEARTBEAT_TTL, "heartbeatTimeToLive"],
  [zmq.ZMQ_HEARTBEAT_TIMEOUT, "heartbeatTimeout"],
  [zmq.ZMQ_CONNECT_TIMEOUT, "connectTimeout"],
]);
/** Numbers in version 5, and true or false in version 6. */
const FLAGS: ReadonlyMap<number, string> = new Map([
  [zmq.ZMQ_ROUTER_MANDATORY, "mandatory"],
  [zmq.ZMQ_ROUTER_HANDOVER, "handover"],
  [zmq.ZMQ_DELAY_ATTACH_ON_CONNECT, "immediate"],
  [zmq.ZMQ_IPV6, "ipv6"],
  [zmq.ZMQ_PLAIN_SERVER, "plainServer"],
  [zmq.ZMQ_CURVE_SERVER, "curveServer"],
]);
const MECHANISMS = [null, "plain", "curve", "gssapi"];

/** The socket with everything that some types have. */
type Any = Record<string, unknown> & {
  subscribe(topic: unknown): void;
  unsubscribe(topic: unknown): void;
};
const unsupported = (name: string) => new Error(`${name} is not supported in compatibility mode`);

function subscribing(any: Any, method: "subscribe" | "unsubscribe"): (topic: unknown) => void {
  if (typeof any[method] === "function") return (topic) => any[method](topic);
  throw new TypeError(`this._socket.${method} is not a function`);
}

/** The number of an option. */
export function numberOf(option: number | string): number | undefined {
  return typeof option === "number" ? option : (options as Readonly<Record<string, number>>)[option];
}

/** Sets an option. */
export function setOption(socket: Socket, option: number | undefined, value: unknown): void {
  const any = socket as unknown as Any;
  const property = PROPERTIES.get(option!);
  const flag = FLAGS.get(option!);
  // libzmq takes it of every type; only some types send it.
  if (option === zmq.ZMQ_IDENTITY && !("routingId" in any)) return;
  if (property !== undefined) assignOption(any, property, value);
  else if (flag !== undefined) assignOption(any, flag, Boolean(value));
  else if (option === zmq.ZMQ_SUBSCRIBE) subscribing(any, "subscribe")(value);
  else if (option === zmq.ZMQ_UNSUBSCRIBE) subscribing(any, "unsubscribe")(value);
  else if (option === zmq.ZMQ_IPV4ONLY) assignOption(any, "ipv6", !value);
  else if (option === zmq.ZMQ_XPUB_VERBOSE) assignOption(any, "verbosity", value ? "allSubs" : null);
  else if (option === zmq.ZMQ_ROUTER_RAW) throw unsupported("ZMQ_ROUTER_RAW");
  else throw new Error("Unknown option");
}

/** Reads an option. */
export function getOption(socket: Socket, option: number | undefined): string | number | boolean | null {
  const any = socket as unknown as Readonly<Record<string, string | number | boolean | null>>;
  const property = PROPERTIES.get(option!);
  if (property !== undefined && property !== "tcpAcceptFilter") return any[property]!;
  const flag = FLAGS.get(option!);
  if (flag !== undefined && flag !== "handover") return any[flag] ? 1 : 0;
  switch (option) {
    case zmq.ZMQ_EVENTS:
      return (socket.readable ? zmq.ZMQ_POLLIN : 0) | (socket.writable ? zmq.ZMQ_POLLOUT : 0);
    case zmq.ZMQ_TYPE:
      return socket.type;
    case zmq.ZMQ_IPV4ONLY:
      return !socket.ipv6;
    case zmq.ZMQ_LAST_ENDPOINT:
      return socket.lastEndpoint;
    case zmq.ZMQ_MECHANISM:
      return MECHANISMS.indexOf(socket.securityMechanism);
    case zmq.ZMQ_RCVMORE:
      throw unsupported("ZMQ_RCVMORE");
    case zmq.ZMQ_FD:
      throw unsupported("ZMQ_FD");
    case zmq.ZMQ_ROUTER_RAW:
      throw unsupported("ZMQ_ROUTER_RAW");
    case zmq.ZMQ_XPUB_VERBOSE:
      throw new Error("Reading ZMQ_XPUB_VERBOSE is not supported");
    default:
      throw new Error("Unknown option");
  }
}
