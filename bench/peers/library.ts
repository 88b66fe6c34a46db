/**
 * What this library and zeromq.js have in common: enough to write a program once and run it on either.
 *
 * @module
 */

/** A message as both take it. */
export type Frames = string | Uint8Array | (string | Uint8Array)[];

/** What every socket has. */
export interface PeerSocket {
  connect(endpoint: string): void;
  close(): unknown;
}

/** A socket that sends. */
export interface Sender extends PeerSocket {
  send(message: Frames): Promise<void>;
  /** Only this library has it: zeromq.js can do nothing synchronously. */
  trySend?(message: Frames): boolean;
}

/** A socket that receives. */
export interface Receiver extends PeerSocket, AsyncIterable<Uint8Array[]> {
  receive(): Promise<Uint8Array[]>;
  /** Only this library has it. */
  tryReceive?(): Uint8Array[] | undefined;
}

/** A socket that subscribes. */
export interface SubscribingReceiver extends Receiver {
  subscribe(...topics: string[]): void;
}

/** Where a socket is bound if nobody says where: any free port of this machine. */
export const ANY_PORT = "tcp://127.0.0.1:*";

/** A ZeroMQ library. Its sockets have their default options, but what `unlimited` asks for. */
export interface Library {
  /** What it is, with its version where that is not this repository's. */
  readonly name: string;
  push(): Sender;
  pull(): Receiver;
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
  /** Waits until somebody has subscribed. Only this library can. */
  waitForSubscriber?(publisher: PeerSocket): Promise<void>;
}
