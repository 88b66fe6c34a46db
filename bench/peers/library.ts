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

/** A ZeroMQ library. Queues that count messages are without a limit where `unlimited` is set. */
export interface Library {
  /** What it is, with its version where that is not this repository's. */
  readonly name: string;
  push(): Sender;
  pull(): Receiver;
  publisher(options: { unlimited: boolean }): Sender;
  subscriber(options: { unlimited: boolean }): SubscribingReceiver;
  request(): Sender & Receiver;
  reply(): Sender & Receiver;
  /** Binds to a free port of this machine, and returns the endpoint. */
  bind(socket: PeerSocket): Promise<string>;
  /** Waits until somebody has subscribed. Only this library can. */
  waitForSubscriber?(publisher: PeerSocket): Promise<void>;
}
