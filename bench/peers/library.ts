/**
 * The common interface of this library and zeromq.js: enough to write a program once and run it on either.
 *
 * @module
 */

/** A message as both take it. */
export type Frames = string | Uint8Array | (string | Uint8Array)[];

/** The members that every socket has. */
export interface PeerSocket {
  connect(endpoint: string): void;
  close(): unknown;
}

/** A socket that sends. */
export interface Sender extends PeerSocket {
  send(message: Frames): Promise<void>;
  /** Only this library has it: zeromq.js can do nothing synchronously. */
  trySend?(message: Frames): boolean;
  /** Only this library has it. */
  sendMany?(messages: Iterable<Frames>): Promise<void>;
}

/** A socket that receives. */
export interface Receiver extends PeerSocket, AsyncIterable<Uint8Array[]> {
  receive(): Promise<Uint8Array[]>;
  /** Only this library has it. */
  receiveMany?(): Promise<Uint8Array[][]>;
}

/** A socket that subscribes. */
export interface SubscribingReceiver extends Receiver {
  subscribe(...topics: string[]): void;
}

/** The default endpoint of a bound socket: any free port of this machine. */
export const ANY_PORT = "tcp://127.0.0.1:*";

/** Keys for benchmarks, not secret; the same as in `c/push_pull.c`. The client sends. */
export const CURVE_KEYS = {
  server: {
    publicKey: "VZ0hQd(1FizLBZ1lpc#pJ2t-.rlh@^M]E6%xvh>y",
    secretKey: "]D^JOJ(gx0r-{&HDQ8FpQObz4VY%p>:QTa[D:u6M",
  },
  client: {
    publicKey: "E9^LdHebu3fKe5f*58A2[dVE[Mq?tulSG:Vi0VDo",
    secretKey: "AAVC)pKz0OU64SCSrz(n)+)K97y%hc]4b]8V5.TL",
  },
} as const;

/** As both libraries call them. */
export const CURVE_SERVER = { curveServer: true, curveSecretKey: CURVE_KEYS.server.secretKey } as const;

/** As both libraries call them. */
export const CURVE_CLIENT = {
  curveServerKey: CURVE_KEYS.server.publicKey,
  curvePublicKey: CURVE_KEYS.client.publicKey,
  curveSecretKey: CURVE_KEYS.client.secretKey,
} as const;

/** A ZeroMQ library. Its sockets have their default options, but what `unlimited` asks for. */
export interface Library {
  /** The name of the library, with its version unless that is this repository's. */
  readonly name: string;
  /** `curve`: as its client. */
  push(options?: { curve: boolean }): Sender;
  /** `curve`: as its server, which accepts every client; `handshakes`: how many per second, which only this library can limit. */
  pull(options?: { curve: boolean; handshakes?: number }): Receiver;
  /** `unlimited`: queues that count messages are without a limit. */
  publisher(options?: { unlimited: boolean }): Sender;
  /** `unlimited`: queues that count messages are without a limit. */
  subscriber(options?: { unlimited: boolean }): SubscribingReceiver;
  request(): Sender & Receiver;
  reply(): Sender & Receiver;
  dealer(): Sender & Receiver;
  router(): Sender & Receiver;
  /** Binds to {@link ANY_PORT} or to `endpoint`, and returns the endpoint as it is bound. */
  bind(socket: PeerSocket, endpoint?: string): Promise<string>;
  /** Waits until a subscriber has subscribed. Only this library has it. */
  waitForSubscriber?(publisher: PeerSocket): Promise<void>;
}
