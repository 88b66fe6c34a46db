/**
 * The states of a pipe, of its inbox, and of a message in its outbox: every cell of the tables in the headers of `pipe.ts`, `inbox.ts` and
 * `outbox.ts`.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { CounterSet } from "../../../src/engine/counters.ts";
import type { PipeConnection, PipeSink } from "../../../src/engine/pipe/contracts.ts";
import { HighWaterMarks } from "../../../src/engine/pipe/high_water_marks.ts";
import { Inbox } from "../../../src/engine/pipe/inbox.ts";
import { Outbox } from "../../../src/engine/pipe/outbox.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { message } from "../../support/fake_pipe.ts";
import { PipeWatcher } from "../../support/pipe_watcher.ts";
import { settle } from "../../support/socket_types.ts";
import { walkStates } from "../../support/state_table.ts";

/** A pipe, and the calls of its connection. */
class Rig {
  readonly pipe = new PeerPipe(new PipeWatcher(), false);
  readonly calls: string[] = [];

  connect(): void {
    const connection: Partial<PipeConnection> = {
      queued: () => void this.calls.push("queued"),
      flush: () => {},
      resumeReading: () => {},
      finish: (deadline) => void this.calls.push(`finish ${deadline}`),
      fail: (error) => void this.calls.push(`fail ${error.message}`),
    };
    this.pipe.connect(connection as PipeConnection);
  }
}

walkStates<Rig>("pipe", {
  path: "engine/pipe/pipe.ts",
  make: () => new Rig(),
  reach: {
    WAITING: () => {},
    CONNECTED: (rig) => rig.connect(),
    DROPPED: (rig) => void rig.pipe.drop(),
  },
  happen: {
    connect: (rig) => rig.connect(),
    disconnect: (rig) => rig.pipe.disconnect(),
    finish(rig, from) {
      rig.pipe.finish();
      // No caller waits for that: there is no deadline.
      assertEquals([rig.calls, rig.pipe.finishing], from === "CONNECTED" ? [["finish undefined"], false] : [[], true]);
    },
    fail(rig, from) {
      rig.pipe.fail(new Error("the test says so"));
      assertEquals(rig.calls, from === "CONNECTED" ? ["fail the test says so"] : []);
    },
    drop(rig, from) {
      rig.pipe.trySend(message("lost"));
      assertEquals([rig.pipe.drop(), rig.pipe.drop()], [from === "DROPPED" ? 0 : 1, 0]);
    },
  },
  stateOf({ pipe, calls }) {
    const { length } = calls;
    if (!pipe.trySend(message("probe"))) return "DROPPED";
    return calls.length > length ? "CONNECTED" : "WAITING";
  },
});

/** Four messages, and room for eight. */
class InboxRig {
  readonly marks = new HighWaterMarks(settle("DEALER", { receiveHighWaterMark: 8 }));
  rooms = 0;
  taken = 0;
  readonly inbox = new Inbox(this.marks, () => void this.rooms++);

  constructor() {
    this.hold(4);
  }

  /** Adds or takes messages until the queue holds this many. */
  hold(messages: number): void {
    while (this.inbox.length < messages) this.inbox.push(message("m"));
    while (this.inbox.length > messages) this.inbox.shift();
  }

  leave(): void {
    this.inbox.leave(() => void this.taken++);
  }

  fill(): void {
    this.hold(8);
    assertEquals(this.inbox.hasRoom(), false);
  }

  mark(receiveHighWaterMark: number): void {
    this.marks.update(settle("DEALER", { receiveHighWaterMark }));
    this.inbox.marksChanged();
  }
}

walkStates<InboxRig>("inbox", {
  path: "engine/pipe/inbox.ts",
  make: () => new InboxRig(),
  reach: {
    OPEN: () => {},
    FULL: (rig) => rig.fill(),
    LEFT: (rig) => rig.leave(),
  },
  happen: {
    push: ({ inbox }) => inbox.push(message("more")),
    hasRoom(rig) {
      rig.hold(Math.min(rig.inbox.length, 7));
      assertEquals(rig.inbox.hasRoom(), true);
    },
    "hasRoom, none": (rig) => rig.fill(),
    taken(rig) {
      rig.hold(8);
      rig.inbox.shift();
    },
    "taken, half empty"(rig, from) {
      rig.hold(3);
      assertEquals(rig.rooms, from === "FULL" ? 1 : 0);
    },
    "more room"(rig, from) {
      rig.mark(100);
      assertEquals(rig.rooms, from === "FULL" ? 1 : 0);
    },
    "less room": (rig) => rig.mark(2),
    connected: ({ inbox }) => inbox.connected(),
    leave: (rig) => rig.leave(),
  },
  stateOf(rig) {
    rig.inbox.push(message("last"));
    rig.rooms = rig.taken = 0;
    const { length } = rig.inbox;
    rig.hold(0);
    if (rig.taken > 0) {
      assertEquals([rig.taken, rig.rooms], [length, 0]);
      return "LEFT";
    }
    return rig.rooms > 0 ? "FULL" : "OPEN";
  },
});

/** One message in an outbox, and the write that takes it. */
class OutboxRig {
  readonly counters = new CounterSet();
  readonly outbox = new Outbox(new HighWaterMarks(settle("DEALER", {})), false, this.counters, {
    room() {},
    transferred() {},
  });
  readonly body = new Uint8Array(100);
  /** Messages that were reported as lost. */
  reported = 0;

  constructor() {
    this.outbox.queue.push([this.body]);
  }

  move(written = 100, take: () => void = () => {}): void {
    const sink: PipeSink = { full: false, written, message: take, first: () => {}, subscription: () => {} };
    this.outbox.moveTo(sink);
  }

  slow(): void {
    this.move(Infinity);
  }

  lost(taken: number | undefined): void {
    this.reported += this.outbox.lost({ taken });
  }
}

walkStates<OutboxRig>("outbox", {
  path: "engine/pipe/outbox.ts",
  make: () => new OutboxRig(),
  reach: {
    WAITING: () => {},
    OPEN: (rig) => rig.slow(),
    "IN FLIGHT": (rig) => rig.move(),
    "CUT OFF OPEN"(rig) {
      rig.slow();
      rig.outbox.clear();
    },
    "CUT OFF"(rig) {
      rig.move();
      rig.outbox.clear();
    },
    OUT(rig) {
      rig.move();
      rig.outbox.handedOver();
    },
    DROPPED: ({ outbox }) => void outbox.clear(),
  },
  happen: {
    moveTo: (rig) => rig.move(),
    "moveTo, slow": (rig) => rig.slow(),
    "moveTo, throws"(rig, from) {
      const move = () =>
        rig.move(100, () => {
          throw new Error("the test says so");
        });
      if (from === "WAITING") assertThrows(move, Error, "the test says so");
      else move();
    },
    "moveTo, transferred"(rig) {
      structuredClone(rig.body, { transfer: [rig.body.buffer] });
      rig.move();
    },
    closeAt: ({ outbox }) => outbox.closeAt(100),
    dropOpen: ({ outbox }) => outbox.dropOpen(),
    spoilOpen: ({ outbox }) => outbox.spoilOpen(),
    handedOver: ({ outbox }) => void outbox.handedOver(),
    "lost, none taken"(rig, from) {
      rig.lost(0);
      assertEquals(rig.reported, from.startsWith("CUT OFF") ? 1 : 0);
    },
    "lost, all taken"(rig, from) {
      rig.lost(100);
      assertEquals(rig.reported, from === "CUT OFF OPEN" ? 1 : 0);
    },
    "lost, unknown"(rig, from) {
      rig.lost(undefined);
      assertEquals(rig.reported, ["IN FLIGHT", "CUT OFF OPEN", "CUT OFF"].includes(from) ? 1 : 0);
    },
    dropFirst: ({ outbox }) => void outbox.dropFirst(),
    clear: ({ outbox }) => void outbox.clear(),
  },
  stateOf(rig) {
    const { outbox, counters } = rig;
    const counts = () => [outbox.messages, outbox.inFlight, counters.messagesSent, counters.drops.total];
    const before = counts();
    const known: Readonly<Record<string, string>> = { "1,0,0,0": "WAITING", "0,0,1,0": "OUT", "0,0,0,1": "DROPPED" };
    const state = known[before.join()];
    if (state !== undefined) return state;
    assertEquals(before, [0, 1, 1, 0]);
    const open = outbox.open;
    if (open) outbox.closeAt(100);
    rig.lost(0);
    const after = known[counts().join()];
    if (after === "WAITING") return open ? "OPEN" : "IN FLIGHT";
    return after === "DROPPED" ? open ? "CUT OFF OPEN" : "CUT OFF" : "";
  },
});
