/**
 * A scheme of endpoints: its parser, the kind of carrier that its connections have, and the options that it takes.
 *
 * @module
 */

import type { EndpointUse, RefuseEndpoint } from "./endpoint_error.ts";
import type { InprocEndpoint } from "./inproc.ts";
import type { IpcEndpoint } from "./ipc.ts";
import type { OtherEndpoint } from "./other.ts";
import type { TcpEndpoint } from "./tcp.ts";

/**
 * The kind of carrier of the messages of a connection.
 *
 * - `bytes`: a byte stream, which the scheme's transport opens, with ZMTP over it: tcp, ipc.
 * - `local`: no stream at all, from socket to socket within a `Context`: inproc. Needs no transport, and has no mechanism.
 */
export type CarrierKind = "bytes" | "local";

/** A socket option that a transport can be given, by its name in {@link ConnectOptions} or {@link ListenOptions}. */
export type TransportOption = "tcpKeepalive" | "tcpKeepaliveIdle" | "typeOfService" | "socks" | "backlog" | "ipv6";

/**
 * A scheme of endpoints, such as `tcp`.
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
  /** The options that its transport is given. Default: all. */
  readonly options?: readonly TransportOption[];
  /**
   * Parses the part behind `://`. Default: takes it as it is, as the `address` of an `OtherEndpoint`.
   *
   * @param use The use of the endpoint, if that is known.
   * @param refuse Makes the error to throw if it is not well formed, or makes no sense for this use.
   * @returns An endpoint whose `scheme` is this one, and whose `toString` makes the canonical text.
   */
  parse?(
    address: string,
    use: EndpointUse | undefined,
    refuse: RefuseEndpoint,
  ): TcpEndpoint | IpcEndpoint | InprocEndpoint | OtherEndpoint;
  /**
   * Refuses an endpoint that this runtime cannot reach, before it is bound or connected.
   *
   * @param lacks Returns whether the transport was registered as one that does not have a capability here.
   * @throws {ZmqError} If it cannot be reached.
   */
  requireReachable?(
    endpoint: TcpEndpoint | IpcEndpoint | InprocEndpoint | OtherEndpoint,
    use: EndpointUse,
    lacks: (what: string) => boolean,
  ): void;
}
