/**
 * Everything except the transports tcp, ipc, ws and wss: the sockets, `inproc://`, and `registerTransport` for other transports.
 *
 * Use it in programs that send messages over `inproc://`, over links of their own (`attach`), or over transports that they
 * register. It imports no module of a runtime. `@monocoque/zmq` exports the same classes and registers its transports for
 * them. On npm, `import` and `require` load separate copies of the library, and transports are registered per copy.
 *
 * @example Without a network
 * ```ts
 * import { Pair, toText } from "@monocoque/zmq/core";
 *
 * await using left = new Pair();
 * await using right = new Pair();
 * await left.bind("inproc://pair");
 * right.connect("inproc://pair");
 * await right.send("hello");
 * const [text] = await left.receive();
 * console.log(toText(text)); // hello
 * ```
 *
 * @module
 */

/** The version of this library. */
export const version: string = "0.1.0";

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
export { ZmqError, type ZmqErrorCode, type ZmqErrorOptions } from "./src/base/errors.ts";
export { type FrameLike, type MessageLike, type Sendable, toText, type Unrouted } from "./src/base/message.ts";
export type { Bytes, Message, RoutedMessage } from "./src/base/received.ts";
export type { HintKind } from "./src/engine/hints/hint_table.ts";
export type { ConnectionLimit, Refusals } from "./src/engine/refusals.ts";
export type {
  DisconnectReason,
  LocalDisconnectReason,
  SocketEvent,
  SocketEventListener,
  SocketEvents,
} from "./src/engine/events.ts";
export type { ContextPort } from "./src/transport/thread_port.ts";
export { debugLog } from "./src/diagnostics/debug_log.ts";
export type { DebugLogOptions, DebugScope } from "./src/diagnostics/log_options.ts";
export type { EndpointState, EndpointStatus } from "./src/engine/endpoints/endpoint_status.ts";
export { Context, type ContextOptions, DEFAULT_CONTEXT as context, type OpenSocket } from "./src/engine/context.ts";
export type { ConflateOptions } from "./src/engine/options/conflate.ts";
export type { ReceiveOptions, ZeroCopyOptions } from "./src/engine/options/receive.ts";
export type { RoutingIdOptions } from "./src/engine/options/routing_id.ts";
export type { SecurityOptions } from "./src/engine/options/security.ts";
export type { SendOptions } from "./src/engine/options/send.ts";
export type { PublisherThread, PublisherThreads, ThreadOptions } from "./src/engine/options/threads.ts";
export type { ReconnectStop, SocketOptions, ZmtpOptionName } from "./src/engine/options/socket.ts";
export type { ProbeOptions } from "./src/routing/probe.ts";
export type { PublishOptions } from "./src/routing/publish.ts";
export type { RequestStateOptions } from "./src/routing/request.ts";
export type { RouterPeerOptions } from "./src/routing/router.ts";
export type { StreamNoticeOptions } from "./src/routing/stream.ts";
export type { FilterOptions, ForwardingOptions } from "./src/routing/subscribe.ts";
export type { SubscriptionEventOptions } from "./src/routing/xpublish.ts";
export type { PeerStatistics, QueueStatistics, SocketStatistics } from "./src/engine/statistics.ts";
export type { Counters } from "./src/engine/counters.ts";
export type { DropReason, Drops } from "./src/routing/drops.ts";
export type {
  AuthenticateFunction,
  AuthenticateObject,
  AuthenticationAnswer,
  AuthenticationRequest,
  AuthorizedPeer,
} from "./src/engine/authentication.ts";
export { Authenticator, type CredentialOptions } from "./src/composites/authenticator.ts";
export { type FrameCodec, MessageBuilder } from "./src/composites/message_builder.ts";
export { MessageReader } from "./src/composites/message_reader.ts";
export { readableStreamOf, type WebStreamOptions, writableStreamOf } from "./src/composites/streams.ts";
export { poll, type PollItem, type PollOptions } from "./src/composites/poll.ts";
export { type RequestCallOptions, Requester, type RequesterOptions } from "./src/composites/requester.ts";
export { RpcError } from "./src/composites/rpc_error.ts";
export {
  type HandlerReply,
  type RequestContext,
  type RequestHandler,
  serve,
  type ServeOptions,
} from "./src/composites/serve.ts";
export { type Subscription, subscriptionMessage, subscriptionOf } from "./src/zmtp/subscription.ts";
export { metadataOf, userIdOf } from "./src/zmtp/message_metadata.ts";
export { type CurveKeyPair, curveKeyPair, curvePublic } from "./src/security/curve_keys.ts";
export {
  type CertificateSource,
  type CurveCertificate,
  formatCertificate,
  parseCertificate,
} from "./src/security/certificate.ts";
export { decodeZ85, encodeZ85 } from "./src/security/z85.ts";
export { AuthError, type AuthStatus } from "./src/zmtp/auth_error.ts";
export { ProtocolError, type ProtocolRule } from "./src/zmtp/protocol_error.ts";
export type { Metadata } from "./src/zmtp/metadata.ts";
export {
  type Capability,
  type ConnectOptions,
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
export type { WaitOptions } from "./src/engine/waits/wait_list.ts";
export {
  Proxy,
  type ProxyOptions,
  type ProxyRunOptions,
  type ProxySideStatistics,
  type ProxySocket,
  type ProxyStatistics,
} from "./src/composites/proxy.ts";
export { Dealer, type DealerOptions } from "./src/sockets/dealer.ts";
export { DuplexSocket } from "./src/sockets/duplex.ts";
export { Pair, type PairOptions } from "./src/sockets/pair.ts";
export { Publisher, type PublisherOptions } from "./src/sockets/publisher.ts";
export { Pull, type PullOptions } from "./src/sockets/pull.ts";
export { Push, type PushOptions } from "./src/sockets/push.ts";
export type { Live } from "./src/sockets/live_options.ts";
export type { PeerConnectOptions } from "./src/sockets/peer_connect.ts";
export { type Readable, ReceivingSocket } from "./src/sockets/receiving.ts";
export { Reply, type ReplyOptions } from "./src/sockets/reply.ts";
export { Request, type RequestOptions } from "./src/sockets/request.ts";
export { Router, type RouterOptions } from "./src/sockets/router.ts";
export { SendingSocket, type Writable } from "./src/sockets/sending.ts";
export { type CloseOptions, Socket, type UnrefOptions } from "./src/sockets/socket.ts";
export { servePublisher } from "./src/sockets/serve_publisher.ts";
export { Stream, type StreamOptions } from "./src/sockets/stream.ts";
export { Subscriber, type SubscriberOptions } from "./src/sockets/subscriber.ts";
export type { SubscribersOptions } from "./src/sockets/subscriber_count.ts";
export { XPublisher, type XPublisherOptions } from "./src/sockets/xpublisher.ts";
export { XSubscriber, type XSubscriberOptions } from "./src/sockets/xsubscriber.ts";
export type { SocketType } from "./src/sockets/socket_type.ts";
