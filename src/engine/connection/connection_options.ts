/**
 * The options of a socket as a new connection needs them: for its transport, and for its protocol.
 *
 * @module
 */

import { NO_BYTES } from "../../base/bytes.ts";
import { Endpoint, type TcpEndpoint } from "../../schemes/endpoint.ts";
import { schemeOf } from "../../schemes/registry.ts";
import type { TransportOption } from "../../schemes/scheme.ts";
import { protocolOf } from "../../transport/frame_link.ts";
import type { ConnectOptions, FrameTerms, Link, ListenOptions, TcpOptions } from "../../transport/transport.ts";
import { FRAME_COST } from "../../base/message.ts";
import { DEFAULT_LIMITS } from "../../zmtp/limits.ts";
import { zwsProtocols } from "../../zmtp/zws_opening.ts";
import { largestFrame } from "../../zmtp/wires/whole_frames.ts";
import { ownMetadata } from "../../zmtp/peer_info.ts";
import { NullMechanism } from "../../security/null.ts";
import { Session } from "../../zmtp/session.ts";
import type { SessionHandler, SessionOptions } from "../../zmtp/session_handler.ts";
import type { Context } from "../context.ts";
import { authenticates, mechanismOf, newMechanism } from "../mechanisms.ts";
import type { Protocol } from "./protocol.ts";
import { RawSession } from "./raw_session.ts";
import type { Settings } from "../settings.ts";
import type { SocketDefinition } from "../socket_definition.ts";

/** The number of frames that a message of any size may have. */
const FEW_FRAMES = 64;

/** The limits of a peer in this process: only the high-water marks. */
const UNLIMITED = {
  maxFrameSize: Number.MAX_SAFE_INTEGER,
  maxFrames: Number.MAX_SAFE_INTEGER,
  maxMessageSize: Number.MAX_SAFE_INTEGER,
  handshakeInterval: 0,
};

/** The options with which the transport of an endpoint connects. */
export function connectOptions(settings: Settings, { scheme }: Endpoint): ConnectOptions {
  return taken(scheme, { ...tcpOptions(settings), ...proxyOptions(settings) });
}

/** The options with which the transport of an endpoint listens. */
export function listenOptions(settings: Settings, { scheme }: Endpoint): ListenOptions {
  const { backlog, ipv6 } = settings;
  return taken(scheme, { backlog, ipv6, ...tcpOptions(settings) });
}

/** Those options that a scheme takes. */
function taken<T extends Partial<Record<TransportOption, unknown>>>(scheme: string, options: T): Partial<T> {
  const { options: names } = schemeOf(scheme);
  if (names === undefined) return options;
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => names.includes(name as TransportOption)),
  ) as Partial<T>;
}

function tcpOptions({ tcpKeepalive, tcpKeepaliveIdle, typeOfService }: Settings): TcpOptions {
  return { tcpKeepalive, tcpKeepaliveIdle, typeOfService };
}

function proxyOptions({ socksProxy, socksUsername, socksPassword }: Settings): Pick<ConnectOptions, "socks"> {
  if (socksProxy === null) return {};
  const { host, port, source } = Endpoint.parse(`tcp://${socksProxy}`) as TcpEndpoint;
  const username = socksUsername === null ? {} : { username: socksUsername };
  const password = socksPassword === null ? {} : { password: socksPassword };
  return { socks: { host, port, ...source && { source }, ...username, ...password } };
}

/** Returns the terms of a new connection over whole frames. */
export function frameTerms(type: SocketDefinition, settings: Settings): FrameTerms {
  const name = (mechanismOf(settings) ?? "null").toUpperCase();
  return {
    protocols: zwsProtocols(name, name === "NULL" && !authenticates(settings)),
    maxFrameSize: largestFrame(sessionOptions(type, NO_BYTES, settings).limits),
    handshakeInterval: settings.handshakeInterval,
  };
}

/** Creates the protocol of a connection over a link. */
export function protocolFor(
  type: SocketDefinition,
  settings: Settings,
  context: Context,
  link: Link,
): (handler: SessionHandler) => Protocol {
  const { remote } = link;
  if (type.protocol === "raw") return (handler) => new RawSession(handler);
  const identity = settings.routingId ?? NO_BYTES;
  const metadata = ownMetadata(type, identity, settings.metadata);
  const options = sessionOptions(type, identity, settings, protocolOf(link));
  return (handler) => new Session(options, newMechanism({ settings, context, metadata, remote }), handler);
}

/**
 * Creates the protocol of a connection to another thread of this process. As within a thread there is nothing to prove, no limit of
 * messages, and no time after which a peer that is busy counts as lost.
 */
export function threadProtocolFor(
  type: SocketDefinition,
  settings: Settings,
): (handler: SessionHandler) => Protocol {
  const identity = settings.routingId ?? NO_BYTES;
  const metadata = ownMetadata(type, identity, settings.metadata);
  const options = {
    type,
    identity,
    limits: { ...DEFAULT_LIMITS, ...UNLIMITED },
    zeroCopyReceive: settings.zeroCopyReceive,
  };
  return (handler) => new Session(options, new NullMechanism(metadata, undefined), handler);
}

function sessionOptions(
  type: SocketDefinition,
  identity: Uint8Array,
  settings: Settings,
  protocol?: string,
): SessionOptions {
  const { maxFrames, handshakeInterval, heartbeatInterval, heartbeatTimeout, heartbeatTimeToLive } = settings;
  const { zeroCopyReceive } = settings;
  const maxMessageSize = settings.maxMessageSize < 0 ? Number.MAX_SAFE_INTEGER : settings.maxMessageSize;
  // The memory of frames besides their bytes may be as large as their bytes.
  const frames = Math.min(maxFrames, Math.max(FEW_FRAMES, Math.floor(maxMessageSize / FRAME_COST)));
  return {
    type,
    identity,
    limits: { ...DEFAULT_LIMITS, maxFrameSize: maxMessageSize, maxFrames: frames, maxMessageSize, handshakeInterval },
    zeroCopyReceive,
    ...protocol !== undefined && { protocol },
    heartbeat: {
      interval: heartbeatInterval,
      timeout: heartbeatTimeout < 0 ? heartbeatInterval : heartbeatTimeout,
      timeToLive: heartbeatTimeToLive,
    },
  };
}
