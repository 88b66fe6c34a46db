/**
 * The transport interface, between the sockets and a byte stream, for authors of transports.
 *
 * A transport opens a {@link Link} to an {@link Endpoint}, or listens on one; the sockets do the rest. Register it for a
 * scheme with {@link registerTransport}; {@link registerScheme} adds a parser for its endpoints. This module loads no sockets
 * and no transports.
 *
 * @example An in-memory transport
 * ```ts
 * import { Pull, Push, toText } from "@monocoque/zmq/core";
 * import { type Link, linkOf, registerTransport, type Transport, ZmqError } from "@monocoque/zmq/transport";
 *
 * const listening = new Map<string, (link: Link) => void>();
 * const memory: Transport = {
 *   connect(endpoint) {
 *     const name = endpoint.toString();
 *     const accept = listening.get(name);
 *     if (accept === undefined) return Promise.reject(new ZmqError("ECONNREFUSED", `No listener on ${name}`));
 *     const [out, back] = [new TransformStream<Uint8Array, Uint8Array>(), new TransformStream<Uint8Array, Uint8Array>()];
 *     accept(linkOf({ readable: out.readable, writable: back.writable }, { remote: name }));
 *     return Promise.resolve(linkOf({ readable: back.readable, writable: out.writable }, { remote: name }));
 *   },
 *   listen(endpoint, onLink) {
 *     const name = endpoint.toString();
 *     listening.set(name, onLink);
 *     return Promise.resolve({ endpoint: name, close: () => Promise.resolve(void listening.delete(name)) });
 *   },
 * };
 * registerTransport("memory", () => Promise.resolve(memory));
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * push.connect(await pull.bind("memory://here"));
 * await push.send("hello");
 * const [text] = await pull.receive();
 * console.log(toText(text)); // hello
 * ```
 *
 * @module
 */

export {
  type Capability,
  CLOSE_GRACE,
  type ConnectOptions,
  type FrameOptions,
  type FrameTerms,
  type Link,
  type LinkSink,
  type Listener,
  type ListenOptions,
  registerTransport,
  type SocksProxy,
  type TcpOptions,
  type Transport,
  type TransportLoader,
} from "./src/transport/transport.ts";
export {
  Endpoint,
  EndpointError,
  type EndpointPart,
  type EndpointUse,
  type HostPort,
  InprocEndpoint,
  IpcEndpoint,
  OtherEndpoint,
  type RefuseEndpoint,
  TcpEndpoint,
  WebSocketEndpoint,
} from "./src/schemes/endpoint.ts";
export type {
  SecureWebSocketBindOptions,
  SecureWebSocketConnectOptions,
  WebSocketBindOptions,
  WebSocketConnectOptions,
} from "./src/schemes/websocket_options.ts";
export type { FrameLink } from "./src/transport/frame_link.ts";
export type {
  EndpointOption,
  EndpointOptionGroup,
  EndpointOptionList,
  EndpointOptions,
  EndpointOptionValues,
  NoEndpointOptions,
  SchemeOptions,
} from "./src/schemes/endpoint_options.ts";
export { registerScheme } from "./src/schemes/registry.ts";
export type { CarrierKind, Scheme, TransportOption } from "./src/schemes/scheme.ts";
export { linkOf } from "./src/transport/byte_stream.ts";
export { ZmqError, type ZmqErrorCode } from "./src/base/errors.ts";
