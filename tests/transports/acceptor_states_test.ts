/**
 * The states of Deno's loop that accepts connections: every cell of the table in the header of `transports/deno/acceptor.ts`. The
 * test plays the runtime, so it runs everywhere.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import { Acceptor } from "../../transports/deno/acceptor.ts";
import type { DenoListener } from "../../transports/deno/api.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";

/** Links that are accepted before others have their turn. */
const SLICE = 16;

/** A call of `accept` that waits. */
interface Accepting {
  readonly link: (link: LinkCore) => void;
  readonly fail: (error: Error) => void;
}

const { turn, timer, now } = systemClock;
const settled = () => new Promise<void>((resolve) => turn(resolve));

/** An acceptor, with the listener, the turns and the timers that the test plays. */
class Rig {
  accepting: Accepting | undefined;
  turns: (() => void)[] = [];
  readonly timers = new Set<() => void>();
  readonly accepted: LinkCore[] = [];
  aborted = 0;
  errors = 0;
  /** The listener is closed. */
  shut = 0;
  over = false;
  acceptor: Acceptor;

  constructor() {
    Object.assign(systemClock, {
      now: () => 0,
      turn: (callback: () => void) => void this.turns.push(callback),
      timer: (_ms: number, callback: () => void) => {
        const act = () => void (this.timers.delete(act), callback());
        this.timers.add(act);
        return { cancel: () => void this.timers.delete(act), ref() {}, unref() {} };
      },
    });
    this.acceptor = this.open();
  }

  /** A new acceptor. */
  open(): Acceptor {
    const listener = { close: () => void this.shut++, ref() {}, unref() {} } as unknown as DenoListener;
    const accept = () => {
      assertEquals(this.shut, 0, "nothing is accepted after the listener was closed");
      return new Promise<LinkCore>((link, fail) => this.accepting = { link, fail });
    };
    const onLink = (link: unknown) => void this.accepted.push(link as LinkCore);
    return new Acceptor("tcp://127.0.0.1:5555", accept, listener, onLink, () => this.errors++);
  }

  async link(): Promise<void> {
    const accepting = cause(this.accepting);
    this.accepting = undefined;
    accepting.link({ abort: () => void this.aborted++ } as unknown as LinkCore);
    await settled();
  }

  async fail(code: string): Promise<void> {
    const accepting = cause(this.accepting);
    this.accepting = undefined;
    accepting.fail(Object.assign(new Error("the test says so"), { code }));
    await settled();
  }

  /** Accepts until others have their turn. */
  async slice(): Promise<void> {
    do await this.link(); while (this.turns.length === 0 && this.accepted.length < SLICE);
  }

  /** Others have had their turn. */
  async pass(): Promise<void> {
    requireCause(this.turns.length > 0);
    while (this.turns.length > 0) {
      const { turns } = this;
      this.turns = [];
      for (const callback of turns) callback();
      await settled();
    }
  }

  async close(): Promise<void> {
    void this.acceptor.close().then(() => this.over = true);
    await settled();
  }
}

walkStates<Rig>("acceptor of Deno", {
  path: "../transports/deno/acceptor.ts",
  make: () => new Rig(),
  reach: {
    ACCEPTING: () => {},
    YIELDING: (rig) => rig.slice(),
    RETRYING: (rig) => rig.fail("EMFILE"),
    CLOSED: (rig) => rig.close(),
  },
  happen: {
    async link(rig, from) {
      await rig.link();
      assertEquals([rig.accepted.length, rig.aborted], from === "CLOSED" ? [0, 1] : [1, 0]);
    },
    async "slice over"(rig, from) {
      if (from === "CLOSED") await rig.link();
      else await rig.slice();
    },
    "peer gone": (rig) => rig.fail("ECONNRESET"),
    async failure(rig, from) {
      await rig.fail("EMFILE");
      assertEquals(rig.errors, from === "CLOSED" ? 0 : 1);
    },
    async turns(rig, from) {
      if (from === "CLOSED") {
        // One that was closed while others had their turn.
        rig.shut = 0;
        rig.acceptor = rig.open();
        await rig.slice();
        await rig.close();
      }
      await rig.pass();
    },
    async timer(rig) {
      requireCause(rig.timers.size > 0);
      for (const act of rig.timers) act();
      await settled();
    },
    close: (rig) => rig.close(),
  },
  async stateOf(rig) {
    if (rig.shut > 0) {
      assertEquals([rig.shut, rig.timers.size], [1, 0]);
      // Its promise resolves when the loop has ended, which a pending `accept` of the closed listener does.
      if (rig.accepting !== undefined) await rig.fail("BadResource");
      if (rig.turns.length > 0) await rig.pass();
      assert(rig.over);
      return "CLOSED";
    }
    if (rig.timers.size > 0) return "RETRYING";
    return rig.turns.length > 0 ? "YIELDING" : "ACCEPTING";
  },
  async end(rig) {
    await rig.close();
    if (rig.accepting !== undefined) await rig.fail("BadResource");
    Object.assign(systemClock, { turn, timer, now });
  },
});
