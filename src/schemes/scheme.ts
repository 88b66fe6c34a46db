/**
 * An endpoint scheme: its parser, the kind of carrier of its connections, the options that it accepts, and those it brings.
 *
 * @module
 */

import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";
import type { EndpointOptionList } from "./endpoint_options.ts";
import type { InprocEndpoint } from "./inproc.ts";
import type { IpcEndpoint } from "./ipc.ts";
import type { OtherEndpoint } from "./other.ts";
import type { TcpEndpoint } from "./tcp.ts";
import type { WebSocketEndpoint } from "./websocket.ts";

/**
 * The kind of carrier, that is, how the connections of a scheme carry messages.
 *
 * - `bytes`: ZMTP over a byte stream that the transport of the scheme opens: tcp, ipc.
 * - `frames`: ZWS 2.0 (RFC 45) over a link that keeps messages apart, which the transport of the scheme opens as a `FrameLink`:
 *   WebSocket, MessagePort. Each message is one frame, without greeting and lengths.
 * - `local`: from socket to socket within a `Context`, without a byte stream: inproc. Needs no transport, and has no
 *   security mechanism.
 */
export type CarrierKind = "bytes" | "frames" | "local";

/** A socket option that is passed to a transport, by its name in {@link ConnectOptions} or {@link ListenOptions}. */
export type TransportOption = "tcpKeepalive" | "tcpKeepaliveIdle" | "typeOfService" | "socks" | "backlog" | "ipv6";

/**
 * An endpoint scheme, such as `tcp`.
 *
 * @example
 * ```ts
 * import { Endpoint, OtherEndpoint, registerScheme } from "@monocoque/zmq/transport";
 *
 * registerScheme({
 *   scheme: "serial",
 *   carrier: "bytes",
 *   parse(address, _use, refuse) {
 *     if (!address.startsWith("/dev/")) throw refuse("path", 'a serial endpoint is "serial://" and a device');
 *     return new OtherEndpoint("serial", address);
 *   },
 * });
 * console.log(Endpoint.parse("serial:///dev/ttyS0").toString()); // serial:///dev/ttyS0
 * ```
 */
export interface Scheme {
  /** The part before `://`. */
  readonly scheme: string;
  /** The kind of carrier of its connections. */
  readonly carrier: CarrierKind;
  /** The options of the socket that are passed to its transport. Default: all. */
  readonly options?: readonly TransportOption[];
  /**
   * The options that `connect` takes for its endpoints, and passes to its transport as `endpointOptions`. Default: none.
   * Their types are declared in {@link SchemeOptions}. Not for the carrier `local`, which has no transport.
   */
  readonly connectOptions?: EndpointOptionList;
  /** The same for `bind`. */
  readonly bindOptions?: EndpointOptionList;
  /**
   * Parses the part after `://`. Default: accepts it unchanged, as the `address` of an `OtherEndpoint`.
   *
   * @param use The use of the endpoint, if known.
   * @param refuse Creates the error to throw if the address is malformed, or not allowed for this use.
   * @returns An endpoint with this `scheme`, whose `toString` returns the canonical text.
   */
  parse?(
    address: string,
    use: EndpointUse | undefined,
    refuse: RefuseEndpoint,
  ): TcpEndpoint | IpcEndpoint | InprocEndpoint | WebSocketEndpoint | OtherEndpoint;
  /**
   * Rejects an endpoint that this runtime cannot reach, before it is bound or connected.
   *
   * @param lacks Returns true if the transport was registered as lacking that capability on this runtime.
   * @throws {ZmqError} If the endpoint cannot be reached.
   */
  requireReachable?(
    endpoint: TcpEndpoint | IpcEndpoint | InprocEndpoint | WebSocketEndpoint | OtherEndpoint,
    use: EndpointUse,
    lacks: (what: string) => boolean,
  ): void;
}
