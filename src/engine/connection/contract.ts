/**
 * A connection to one peer as its socket sees it, whether it is over a link or within this process, and what it reports to its
 * socket.
 *
 * @module
 */

import type { ZmqError } from "../../base/errors.ts";
import type { PeerInfo } from "../../zmtp/peer_info.ts";
import type { DroppedMessage } from "../pipe/dropped_message.ts";
import type { PeerPipe } from "../pipe/pipe.ts";
import type { PipeConnection } from "../pipe/contracts.ts";

/** One connection to one peer. */
export interface Connection extends PipeConnection {
  /** The endpoint that was bound or connected. */
  readonly endpoint: string;
  /** The peer's address. */
  readonly remote: string;
  /** True if it is over a link, so that something may arrive while the process waits. */
  readonly linked: boolean;
  /** True if the peer has proved its identity, though the handshake is not complete. */
  readonly proven: boolean;
  /** True if it is tied to a pipe: from the end of the handshake until it is ending. */
  readonly handshaken: boolean;
  /** Messages taken from the pipe and not yet handed over. */
  readonly unsent: number;
  /** The message whose encoding, encryption or writing threw and ended the connection, if one did. */
  readonly unsendable: DroppedMessage | undefined;
  /** Starts the handshake. */
  start(): void;
  /** Ends now, whatever its state: what is queued or unsent is lost, what is handed over is delivered. */
  drop(): void;
}

/** The socket, as its connections see it: they report to it. */
export interface ConnectionHost {
  /** Why no connection may be made now, if there is a reason. Asked before there is one, so that nothing is lost with it. */
  crowded?(): ZmqError | undefined;
  /**
   * The handshake is complete.
   *
   * @param peer The peer as it introduced itself; `undefined` if its protocol has no introduction.
   * @returns The pipe to tie to, or the reason why the peer is refused.
   */
  connectionReady(connection: Connection, peer: PeerInfo | undefined): PeerPipe | ZmqError;
  /** The pipe that `connectionReady` returned takes and brings nothing more. Called once for each. */
  connectionEnding?(connection: Connection): void;
  /** The connection is closed; `local` if this side ended it, and not because of an error. Called once, last. */
  connectionClosed(connection: Connection, error: Error | undefined, local: boolean): void;
}
