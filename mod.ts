/**
 * ZeroMQ for TypeScript, without a native addon: ZMTP 3.1 on Deno, Bun and Node.
 *
 * @example Ask and answer
 * ```ts
 * import { Reply, Request, toText } from "@monocoque/zmq";
 *
 * const reply = new Reply();
 * const endpoint = await reply.bind("tcp://127.0.0.1:0");
 * const serving = (async () => {
 *   for await (const [name] of reply) await reply.send(`hello ${toText(name!)}`);
 * })();
 *
 * const request = new Request();
 * request.connect(endpoint);
 * await request.send("world");
 * const [text] = await request.receive();
 * console.log(toText(text!)); // hello world
 *
 * await request.close();
 * await reply.close();
 * await serving;
 * ```
 *
 * @module
 */

import { registerTransport } from "./src/transport.ts";
import { loadTransport } from "./transports/mod.ts";

registerTransport("tcp", loadTransport);
registerTransport("ipc", loadTransport);

export {
  Endpoint,
  EndpointError,
  type EndpointPart,
  type EndpointUse,
  type HostPort,
  InprocEndpoint,
  IpcEndpoint,
  OtherEndpoint,
  TcpEndpoint,
} from "./src/endpoint.ts";
export { ZmqError, type ZmqErrorCode } from "./src/errors.ts";
export { type FrameLike, type Message, type MessageLike, toText } from "./src/message.ts";
export type { SocketEvent, SocketEventListener, SocketEvents } from "./src/engine/events.ts";
export type { AnyOptions, ReceiveOptions, RoutingIdOptions, SendOptions, SocketOptions } from "./src/engine/options.ts";
export type { WaitOptions } from "./src/engine/wait_list.ts";
export { Dealer, type DealerOptions } from "./src/sockets/dealer.ts";
export { DuplexSocket } from "./src/sockets/duplex.ts";
export { Pair, type PairOptions } from "./src/sockets/pair.ts";
export { Publisher, type PublisherOptions } from "./src/sockets/publisher.ts";
export { Pull, type PullOptions } from "./src/sockets/pull.ts";
export { Push, type PushOptions } from "./src/sockets/push.ts";
export { ReceivingSocket } from "./src/sockets/receiving.ts";
export { Reply, type ReplyOptions } from "./src/sockets/reply.ts";
export { Request, type RequestOptions } from "./src/sockets/request.ts";
export { Router, type RouterOptions } from "./src/sockets/router.ts";
export { SendingSocket } from "./src/sockets/sending.ts";
export { type CloseOptions, Socket } from "./src/sockets/socket.ts";
export { Subscriber, type SubscriberOptions } from "./src/sockets/subscriber.ts";
export type { SubscribersOptions } from "./src/sockets/subscriber_count.ts";
export { XPublisher, type XPublisherOptions } from "./src/sockets/xpublisher.ts";
export { XSubscriber, type XSubscriberOptions } from "./src/sockets/xsubscriber.ts";
export type { SocketType } from "./src/zmtp/socket_type.ts";
