/**
 * Options as properties: the interfaces that programs see, and the definition of the properties.
 *
 * @module
 */

import type { Message, MessageLike } from "./messages.ts";
import type { OptionEntry, OptionKind } from "./option_table.ts";

/** The messages of a socket that receives. */
export type ReceiveType<T> = T extends { receive(): Promise<infer U> } ? U : never;

/** A socket that sends. */
export interface Writable<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  O extends [...object[]] = [],
> {
  /** Has no effect: there is no multicast. */
  multicastHops: number;
  /** Has no effect: no runtime can set the buffers of the operating system. */
  sendBufferSize: number;
  /** Maximum number of messages queued for one peer; 0 means without a limit. Default 1000. */
  sendHighWaterMark: number;
  /** Timeout of `send()`, in ms; −1 waits forever. Default −1. */
  sendTimeout: number;
  /**
   * Sends a message of one frame or, as an array, of several. Waits for room if there is none. Any number of calls can
   * wait; they are served in order.
   *
   * @throws {ErrnoError} `EAGAIN` after `sendTimeout`, or if the socket is closed while it waits; `EBADF` if it is
   * closed; `EBUSY` during `bind` or `unbind`.
   */
  send(message: M, ...options: O): Promise<void>;
}

/** A socket that receives. */
export interface Readable<M extends object[] = Message[]> {
  /** Has no effect: no runtime can set the buffers of the operating system. */
  receiveBufferSize: number;
  /** Maximum number of messages queued from one peer; 0 means without a limit. Default 1000. */
  receiveHighWaterMark: number;
  /** Timeout of `receive()`, in ms; −1 waits forever. Default −1. */
  receiveTimeout: number;
  /**
   * Receives the next message as an array of its frames, or waits for one. Any number of calls can wait; they are
   * served in order.
   *
   * @throws {ErrnoError} `EAGAIN` after `receiveTimeout`, or if the socket is closed while it waits; `EBADF` if it is
   * closed; `EBUSY` during `bind` or `unbind`.
   */
  receive(): Promise<M>;
  /** Iterates over the messages until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<ReceiveType<this>, undefined>;
}

/** Options of every socket. */
export interface CommonOptions {
  /** Has no effect: there are no I/O threads. */
  affinity: number;
  /** Has no effect: there is no multicast. */
  rate: number;
  /** Has no effect: there is no multicast. */
  recoveryInterval: number;
  /** Time that queued messages have to be sent after `close()`, in ms; −1 means without a limit. Default −1. */
  linger: number;
  /** Interval between attempts to connect, in ms; −1 does not reconnect. Default 100. */
  reconnectInterval: number;
  /** Maximum interval of the back-off, in ms; 0 means that it does not grow. Default 0. */
  reconnectMaxInterval: number;
  /** Maximum number of connections that wait to be accepted, where the runtime can set it. Default 100. */
  backlog: number;
  /** Maximum size of a received message, in bytes; −1 means without a limit. Default −1. */
  maxMessageSize: number;
  /** Keepalive of tcp: 1 on, 0 off, −1 the default of the operating system. */
  tcpKeepalive: number;
  /** Has no effect: no runtime can set it. */
  tcpKeepaliveCount: number;
  /** Idle time before keepalive, in s; −1 is the default of the operating system. */
  tcpKeepaliveIdle: number;
  /** Has no effect: no runtime can set it. */
  tcpKeepaliveInterval: number;
  /** Only null is accepted. */
  tcpAcceptFilter: string | null;
  /** Queues messages only for established connections. Default false. */
  immediate: boolean;
  /** The host `*` includes every IPv6 interface. Default false. */
  ipv6: boolean;
  /** This socket is a PLAIN server. */
  plainServer: boolean;
  /** User name for a PLAIN server. */
  plainUsername: string | null;
  /** Password for a PLAIN server. */
  plainPassword: string | null;
  /** This socket is a CURVE server. */
  curveServer: boolean;
  /** Public key of this socket, 40 characters of Z85. */
  curvePublicKey: string | null;
  /** Secret key of this socket, 40 characters of Z85. */
  curveSecretKey: string | null;
  /** Public key of the CURVE server, 40 characters of Z85. */
  curveServerKey: string | null;
  /** Not supported. */
  gssapiServer: boolean;
  /** Not supported. */
  gssapiPrincipal: string | null;
  /** Not supported. */
  gssapiServicePrincipal: string | null;
  /** Not supported. */
  gssapiPlainText: boolean;
  /** Not supported. */
  gssapiPrincipalNameType: "hostBased" | "userName" | "krb5Principal";
  /** Not supported. */
  gssapiServicePrincipalNameType: "hostBased" | "userName" | "krb5Principal";
  /** Domain for the ZAP handler. */
  zapDomain: string | null;
  /** Type of service of tcp connections, where the runtime can set it. */
  typeOfService: number;
  /** Timeout of a handshake, in ms; 0 means without a limit. Default 30000. */
  handshakeInterval: number;
  /** SOCKS5 proxy for outgoing connections, `host:port`. */
  socksProxy: string | null;
  /** Interval between heartbeats, in ms; 0 sends none. */
  heartbeatInterval: number;
  /** Time to live that is sent with each heartbeat, in ms. */
  heartbeatTimeToLive: number;
  /** Timeout of a heartbeat, in ms; −1 is the interval. */
  heartbeatTimeout: number;
  /** Timeout of an attempt to connect, in ms; 0 is the limit of the operating system. */
  connectTimeout: number;
  /** Has no effect: no runtime can set it. */
  tcpMaxRetransmitTimeout: number;
  /** Has no effect: there is no multicast. */
  multicastMaxTransportDataUnit: number;
  /** Not supported. */
  vmciBufferSize: number;
  /** Not supported. */
  vmciBufferMinSize: number;
  /** Not supported. */
  vmciBufferMaxSize: number;
  /** Not supported. */
  vmciConnectTimeout: number;
  /** Has no effect: no runtime can bind to a device. */
  interface: string | null;
  /** Has no effect: the domain is always sent. */
  zapEnforceDomain: boolean;
  /** Has no effect. */
  loopbackFastPath: boolean;
  /** The number of the socket type in zmq.h. */
  readonly type: SocketType;
  /** The endpoint that was bound or connected last, with the actual port. */
  readonly lastEndpoint: string | null;
  /** The security mechanism that the options select. */
  readonly securityMechanism: null | "plain" | "curve" | "gssapi";
  /** Always false. */
  readonly threadSafe: boolean;
}

/** The numbers of socket types in zmq.h: 0 is PAIR, 1 PUB, … 11 STREAM; the draft types after it are not supported. */
export type SocketType = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18;

/** The methods that read and write options by their numbers. */
type Accessors = Readonly<Record<`get${OptionKind}Option`, (id: number) => unknown>>;
type Setters = Readonly<Record<`set${OptionKind}Option`, (id: number, value: unknown) => void>>;

/** Defines options as properties of a class. */
export function defineOptions(prototype: object, entries: readonly OptionEntry[]): void {
  for (const { name, id, kind } of entries) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Accessors) {
        return this[`get${kind}Option`](id);
      },
      set(this: Setters, value: unknown) {
        this[`set${kind}Option`](id, value);
      },
    });
  }
}

/** Defines properties that can only be read; the error of an assignment has V8's text on every runtime. */
export function defineReadOnly(prototype: object, getters: Readonly<Record<string, (socket: never) => unknown>>): void {
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: never) {
        return get(this);
      },
      set() {
        throw new TypeError(`Cannot set property ${name} of #<Socket> which has only a getter`);
      },
    });
  }
}
