/**
 * The Stream class: STREAM sockets, for peers that do not speak ZMTP.
 *
 * @module
 */

import type { Unrouted } from "../base/message.ts";
import type { RoutedMessage } from "../base/received.ts";
import { RECEIVE, type ReceiveOptions } from "../engine/options/receive.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { COMMON, type SocketOptions, type ZmtpOptionName } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { STREAM_NOTICE, type StreamNoticeOptions, StreamPattern } from "../routing/stream.ts";
import type { EndpointOptions } from "../schemes/endpoint_options.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { connectAs, type PeerConnectOptions } from "./peer_connect.ts";
import { patternOf } from "./socket.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Stream}: the socket options that apply without ZMTP. */
export interface StreamOptions
  extends ReceiveOptions, SendOptions, Omit<SocketOptions, ZmtpOptionName>, StreamNoticeOptions {}

const STREAM: SocketDefinition<StreamOptions, StreamPattern> = {
  name: "STREAM",
  title: "Stream",
  // Peers without ZMTP send no socket type.
  partners: [],
  protocol: "raw",
  local: false,
  options: { ...COMMON, ...SEND, ...RECEIVE, ...STREAM_NOTICE },
  pattern: (settings) => new StreamPattern(settings),
};

/**
 * Exchanges raw bytes with tcp and ipc peers, as server and as client. A received message has two frames: the routing
 * id of the connection, and bytes. The second frame is empty when a connection was made and when it ended (see
 * `notify`). A sent message has two frames as well; an empty second frame closes the connection after everything sent
 * before.
 *
 * A connection made by `connect` is reestablished after a loss, with a new routing id unless one is assigned. Set
 * `reconnectInterval` to −1 to prevent that.
 *
 * @example
 * ```ts
 * import { Stream, toText } from "@monocoque/zmq";
 *
 * await using server = new Stream();
 * await using client = new Stream({ reconnectInterval: -1 });
 * client.connect(await server.bind("tcp://127.0.0.1:0"), { routingId: "server" });
 * await client.receive(); // "server" and an empty frame: connected
 * await client.send(["server", "GET / HTTP/1.0\r\n\r\n"]);
 * await server.receive(); // connected
 * const [id, request] = await server.receive();
 * console.log(toText(request));
 * await server.send([id, "HTTP/1.0 204 No Content\r\n\r\n"]);
 * await server.send([id, ""]); // close
 * await client.receive();
 * ```
 */
export class Stream extends DuplexSocket<RoutedMessage, Unrouted> {
  readonly #pattern = patternOf(this, STREAM);

  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: StreamOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Stream()", 1, arguments[1]);
    super(STREAM, options);
  }

  /**
   * Connects to an endpoint in the background, and reconnects after each loss. The peer need not exist yet.
   *
   * @param endpoint For example `tcp://127.0.0.1:5555` or `ipc:///tmp/jobs.sock`.
   * @param options The routing id to assign to the peer (libzmq's `ZMQ_CONNECT_ROUTING_ID`), and
   * options that the scheme of the endpoint brings.
   * @throws {TypeError} If the endpoint or the routing id is malformed, or its scheme does not have an option.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed; `EADDRINUSE` if another peer has this routing id.
   */
  override connect(endpoint: string, options?: PeerConnectOptions & EndpointOptions<"connect">): void {
    if (arguments.length > 2) refuseSurplus("connect()", 2, arguments[2]);
    connectAs(this, this.#pattern.peers, endpoint, options);
  }
}

/** The options of a {@link Stream} as properties. */
export interface Stream extends Live<StreamOptions> {}

defineOptions(Stream.prototype, STREAM);
