/**
 * A {@link LinkConnection} over a {@link FakeLink}, with an owner that records its notifications.
 *
 * @module
 */

import { type Clock, systemClock } from "../../src/base/clock.ts";
import { LinkConnection } from "../../src/engine/connection/link_connection.ts";
import { HighWaterMarks } from "../../src/engine/pipe/high_water_marks.ts";
import type { Connection, ConnectionHost } from "../../src/engine/connection/contract.ts";
import { PeerPipe } from "../../src/engine/pipe/pipe.ts";
import type { PipeHost } from "../../src/engine/pipe/contracts.ts";
import { ReadTurns } from "../../src/engine/connection/read_turns.ts";
import type { Protocol } from "../../src/engine/connection/protocol.ts";
import type { ZmqError } from "../../src/base/errors.ts";
import type { Message } from "../../src/base/message.ts";
import { DealerPattern } from "../../src/routing/dealer.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import type { Pipe } from "../../src/routing/pipe.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/zmtp/limits.ts";
import type { PeerInfo } from "../../src/zmtp/peer_info.ts";
import { Session } from "../../src/zmtp/session.ts";
import type { SessionHandler } from "../../src/zmtp/session_handler.ts";
import { FakeLink } from "./fake_link.ts";
import { bytes, texts } from "./fake_pipe.ts";
import { peerHandshake } from "./session_recorder.ts";
import { ownMetadata, settle, type SocketType, wireType } from "./socket_types.ts";

const NONE = new Uint8Array(0);

/** The options of a rig. */
export interface RigOptions {
  readonly socketType?: SocketType;
  readonly pattern?: Pattern;
  readonly sendMark?: number;
  readonly receiveMark?: number;
  readonly limits?: Partial<Limits>;
  /** The protocol on the link. Default: ZMTP with NULL. */
  readonly protocol?: (handler: SessionHandler) => Protocol;
  /** Why the peer is refused after its handshake. */
  readonly refusal?: ZmqError;
  /** The pipe of an earlier connection. Default: a new one. */
  readonly pipe?: PeerPipe;
  /** The clock of the connection. Default: the runtime's. */
  readonly clock?: Clock;
  /** Default: those of this rig alone, by a clock that stands still. */
  readonly readTurns?: ReadTurns;
}

/** The end of this turn of the event loop, and everything that connections do at it. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => systemClock.turn(resolve));
}

/** A connection with everything around it played by the test. */
export class ConnectionRig implements ConnectionHost, PipeHost {
  readonly link: FakeLink = new FakeLink();
  readonly connection: LinkConnection;
  readonly pattern: Pattern;
  readonly marks: HighWaterMarks;
  gathering = false;
  readonly pipe: PeerPipe;
  readonly peers: PeerInfo[] = [];
  /** The errors with which the connection ended: one, once it has. */
  readonly closed: (Error | undefined)[] = [];
  /** The number of times that the connection reported that it accepts nothing more. */
  endings = 0;
  /** The number of times that the pipe reported messages to read, and room to write. */
  readable = 0;
  writable = 0;
  readonly #refusal: ZmqError | undefined;
  readonly #options: RigOptions;

  constructor(options: RigOptions = {}) {
    const { socketType = "DEALER", sendMark = 1000, receiveMark = 1000 } = options;
    this.pattern = options.pattern ?? new DealerPattern({ probeRouter: false });
    this.marks = new HighWaterMarks(
      settle("DEALER", { sendHighWaterMark: sendMark, receiveHighWaterMark: receiveMark }),
    );
    this.#refusal = options.refusal;
    this.#options = options;
    this.pipe = options.pipe ?? new PeerPipe(this, false);
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const zmtp = (handler: SessionHandler) =>
      new Session(
        { type: wireType(socketType), identity: NONE, limits },
        new NullMechanism(ownMetadata(socketType, NONE)),
        handler,
      );
    this.connection = new LinkConnection(
      this.link,
      "tcp://127.0.0.1:5555",
      options.protocol ?? zmtp,
      new SlabPool(),
      this,
      options.clock ?? systemClock,
      options.readTurns ?? new ReadTurns({ now: () => 0, turn: systemClock.turn }),
    );
  }

  /** A rig with its handshake done, in a new turn, with what was written so far forgotten. */
  static async ready(options: RigOptions = {}, peerType: SocketType = "DEALER"): Promise<ConnectionRig> {
    const rig = new ConnectionRig(options);
    rig.connection.start();
    rig.link.arrive(peerHandshake(peerType));
    await turn();
    rig.link.writes.length = rig.link.chunks.length = 0;
    return rig;
  }

  /** Bytes arrive, and are read, in as many turns as that takes. */
  async pour(chunk: Uint8Array): Promise<void> {
    this.link.arrive(chunk);
    while (this.link.paused) await turn();
  }

  /** The rig of the next connection of the same pipe. */
  next(): ConnectionRig {
    return new ConnectionRig({ ...this.#options, pipe: this.pipe });
  }

  /** Puts a message of texts into the pipe. */
  send(...frames: string[]): boolean {
    return this.pipe.trySend(frames.map(bytes));
  }

  /** All messages that have arrived, as texts. */
  received(): string[] {
    const list: string[] = [];
    for (let one: Message | undefined; (one = this.pipe.tryReceive()) !== undefined;) list.push(texts(one)!.join());
    return list;
  }

  /** Ends the rig, whatever the state of its connection. */
  async end(): Promise<void> {
    await this.link.lose();
    await turn();
  }

  connectionReady(connection: Connection, peer: PeerInfo): PeerPipe | ZmqError {
    this.peers.push(peer);
    this.pipe.connect(connection);
    return this.#refusal ?? this.pipe;
  }

  connectionEnding(_connection: Connection): void {
    this.endings++;
  }

  connectionClosed(_connection: Connection, error: Error | undefined): void {
    this.closed.push(error);
  }

  pipeReadable(_pipe: Pipe): void {
    this.readable++;
  }

  pipeWritable(_pipe: Pipe): void {
    this.writable++;
  }
}
