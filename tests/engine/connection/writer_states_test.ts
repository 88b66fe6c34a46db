/**
 * The states of the writing side of a connection: every cell of the table in the header of `writer.ts`.
 *
 * @module
 */

import type { Clock } from "../../../src/base/clock.ts";
import type { Message } from "../../../src/base/message.ts";
import type { PipeConnection } from "../../../src/engine/pipe/contracts.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import type { Protocol } from "../../../src/engine/connection/protocol.ts";
import { Writer } from "../../../src/engine/connection/writer.ts";
import { type BatchEncoder, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import { FakeLink } from "../../support/fake_link.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { PipeWatcher } from "../../support/pipe_watcher.ts";
import { PlayedTurns } from "../../support/played_turns.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";

/** A writer over a link, whose turns the test plays. */
class Rig {
  readonly link = new FakeLink();
  readonly turns = new PlayedTurns();
  readonly writer = new Writer({
    link: this.link,
    protocol: {
      ready: true,
      encode: (message: Message, batch: BatchEncoder) => batch.addMessage(message),
    } as unknown as Protocol,
    slabs: new SlabPool(),
    clock: { turn: (callback: () => void) => this.turns.later(callback) } as Clock,
    turns: this.turns.turns,
  }, { written() {}, writeFailed() {}, linkFailed() {}, safely: (step) => step() });
  readonly pipe = new PeerPipe(new PipeWatcher(), false);

  constructor() {
    this.link.start({ onData() {}, onDrain: () => this.writer.drained(), onClose() {} });
    const connection: Partial<PipeConnection> = {
      queued: (size) => this.writer.queued(size),
      flush: () => this.writer.flush(),
    };
    this.pipe.connect(connection as PipeConnection);
    this.writer.attach(this.pipe);
  }

  /** The link has kept the last write. */
  get kept(): boolean {
    return this.writer.blocked || this.writer.stopped;
  }

  send(size: number, takes: boolean): void {
    this.link.takes = takes;
    this.pipe.trySend([new Uint8Array(size)]);
  }
}

const BIG = 100_000;

walkStates<Rig>("writer", {
  path: "engine/connection/writer.ts",
  make: () => new Rig(),
  reach: {
    IDLE: () => {},
    CORKED: (rig) => rig.send(1, true),
    BLOCKED: (rig) => rig.send(1, false),
    STOPPED(rig) {
      rig.send(1, false);
      rig.writer.stop();
    },
  },
  happen: {
    "queued, taken": (rig) => rig.send(1, true),
    "queued, kept": (rig) => rig.send(1, false),
    "big queue, taken": (rig) => rig.send(BIG, true),
    "big queue, kept": (rig) => rig.send(BIG, false),
    "turn is over": (rig) => rig.turns.next(),
    // A link drains after a write that it has kept.
    "drained next turn"(rig) {
      requireCause(rig.kept);
      rig.turns.next();
      rig.link.drain();
    },
    "drained at once"(rig) {
      requireCause(rig.kept);
      rig.link.drain();
    },
    stop: (rig) => rig.writer.stop(),
  },
  stateOf({ link, pipe, writer }) {
    if (writer.stopped) return "STOPPED";
    if (writer.blocked) return "BLOCKED";
    const writes = link.writes.length;
    link.takes = true;
    pipe.trySend([bytes("probe")]);
    return link.writes.length > writes ? "IDLE" : "CORKED";
  },
});
