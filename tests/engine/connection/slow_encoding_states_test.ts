/**
 * The states of the encoding of long messages: every cell of the table in the header of `slow_encoding.ts`.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import type { Reader, ReadTurns } from "../../../src/engine/connection/read_turns.ts";
import { SlowEncoding } from "../../../src/engine/connection/slow_encoding.ts";
import type { SlicedMessage } from "../../../src/zmtp/sliced_message.ts";
import { FakeLink } from "../../support/fake_link.ts";
import { message } from "../../support/fake_pipe.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";

/** An encoding whose work and turns the test plays. */
class Rig {
  readonly credit = { left: 0 };
  /** `true` if there is credit for more. */
  more = true;
  readonly line = new Set<Reader>();
  turns = 0;
  /** The work of the next slice. */
  slice: () => boolean = () => false;
  readonly encoding = new SlowEncoding(
    {
      credit: this.credit,
      mayRead: (reader: Reader) => {
        if (!this.more) this.line.add(reader);
        return this.more;
      },
      leave: (reader: Reader) => this.line.delete(reader),
    } as unknown as ReadTurns,
    new FakeLink(),
    () => void this.turns++,
  );

  start(): void {
    this.encoding.start({ message: message("large"), next: () => this.slice() } as unknown as SlicedMessage);
  }

  /** Sets what the next slice does, if `goOn` gets to one. */
  encodes(slice: () => boolean): void {
    let slices = 0;
    this.slice = () => (slices++, this.line.size === 0);
    if (this.line.size > 0) {
      assertEquals([this.encoding.goOn(), slices], [false, 0]);
      requireCause(false);
    }
    this.slice = slice;
  }

  wait(): void {
    this.more = false;
    assertEquals(this.encoding.goOn(), false);
  }
}

walkStates<Rig>("slow encoding", {
  path: "engine/connection/slow_encoding.ts",
  make: () => new Rig(),
  reach: {
    IDLE: () => {},
    READY: (rig) => rig.start(),
    WAITING(rig) {
      rig.start();
      rig.wait();
    },
  },
  happen: {
    start: (rig) => rig.start(),
    "goOn, done"(rig) {
      rig.encodes(() => true);
      assertEquals(rig.encoding.goOn(), true);
    },
    "goOn, no credit": (rig) => rig.wait(),
    "goOn, throws"(rig) {
      rig.encodes(() => {
        throw new Error("the test says so");
      });
      assertThrows(() => rig.encoding.goOn(), Error, "the test says so");
    },
    turn(rig) {
      requireCause(rig.line.size > 0);
      for (const reader of rig.line) reader.readOn();
      assertEquals(rig.turns, 1);
      rig.line.clear();
    },
    stop: (rig) => rig.encoding.stop(),
  },
  stateOf({ encoding, line }) {
    if (encoding.message === undefined) return line.size === 0 ? "IDLE" : "";
    return line.size > 0 ? "WAITING" : "READY";
  },
});
