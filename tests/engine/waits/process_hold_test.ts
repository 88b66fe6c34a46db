/**
 * The count of reasons to keep the process alive: a wait releases its reason once, whichever way it ends.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { systemClock, type Timer } from "../../../src/base/clock.ts";
import { EventHub } from "../../../src/engine/events.ts";
import { type Hold, ProcessHold } from "../../../src/engine/waits/process_hold.ts";
import { WaitList } from "../../../src/engine/waits/wait_list.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { test } from "../../support/harness.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";

/** Counts reasons. */
class Count implements Hold {
  reasons = 0;
  take(): void {
    this.reasons++;
  }
  release(): void {
    this.reasons--;
  }
}

function waitsWith(hold: Hold): WaitList<undefined, number> {
  return new WaitList(
    systemClock,
    (limit) => new ZmqError("EAGAIN", `Cannot wait: nothing came ${limit}`),
    undefined,
    hold,
  );
}

test("process hold: each way in which a wait ends releases its reason", async () => {
  const count = new Count();
  const waits = waitsWith(count);
  const signal = new AbortController();
  const ended = [
    waits.add(undefined, -1, undefined),
    waits.add(undefined, -1, undefined),
    waits.add(undefined, 1, undefined),
    waits.add(undefined, -1, signal.signal),
    waits.add(undefined, -1, undefined),
  ];
  assertEquals(count.reasons, 5);
  ended[0]!.resolve(1);
  // Served, and abandoned before the promise has settled.
  ended[0]!.reject(undefined);
  ended[1]!.reject(new Error("over"));
  signal.abort();
  await Promise.allSettled(ended.slice(0, 4).map(({ promise }) => promise));
  assertEquals(count.reasons, 1);
  waits.rejectAll(() => new Error("closed"));
  await ended[4]!.promise.catch(() => {});
  assertEquals([count.reasons, waits.size], [0, 0]);
});

test("process hold: a wait that is over before it begins leaves no reason", async () => {
  const count = new Count();
  const waits = waitsWith(count);
  await waits.add(undefined, 0, undefined).promise.catch(() => {});
  await waits.add(undefined, -1, AbortSignal.abort()).promise.catch(() => {});
  assertEquals(count.reasons, 0);
});

test("process hold: an iterator of events has a reason while it waits", async () => {
  const count = new Count();
  const events = new EventHub(count);
  const iterator = events[Symbol.asyncIterator]();
  const [first, second, third] = [iterator.next(), iterator.next(), iterator.next()];
  assertEquals(count.reasons, 3);
  events.emit({ type: "bind", endpoint: "inproc://x" });
  await first;
  assertEquals(count.reasons, 2);
  await iterator.return!();
  assertEquals([(await second).done, (await third).done, count.reasons], [true, true, 0]);
});

/** A timer of the runtime's clock that the test plays. */
interface Played {
  readonly ms: number;
  readonly callback: () => void;
  refed: boolean;
}

/** The reasons of a socket, over a runtime's clock that the test plays. */
class HoldRig {
  readonly timers = new Set<Played>();
  readonly hold = new ProcessHold();
  readonly #timer = systemClock.timer;

  constructor() {
    const timer = (ms: number, callback: () => void): Timer => {
      const played: Played = { ms, callback, refed: true };
      this.timers.add(played);
      return {
        cancel: () => void this.timers.delete(played),
        ref: () => void (played.refed = true),
        unref: () => void (played.refed = false),
      };
    };
    Object.assign(systemClock, { timer });
  }

  /** `true` while the process is kept alive: by the longest of the timers. */
  get held(): boolean {
    return [...this.timers].some(({ ms, refed }) => ms > 1000 && refed);
  }

  /** The short timer has passed. */
  settle(): void {
    for (const timer of this.timers) {
      if (timer.ms > 1000) continue;
      this.timers.delete(timer);
      timer.callback();
    }
  }

  end(): void {
    Object.assign(systemClock, { timer: this.#timer });
  }
}

test("process hold: without its links a socket has the reasons of its waits only, and gets those back with ref", () => {
  const rig = new HoldRig();
  try {
    const { hold } = rig;
    const held = () => {
      rig.settle();
      return [rig.held, hold.refed];
    };
    hold.links.take();
    hold.links.take();
    assertEquals(held(), [true, true]);
    hold.unrefLinks();
    hold.unrefLinks();
    assertEquals(held(), [false, false]);
    hold.take();
    hold.links.release();
    assertEquals(held(), [true, false]);
    hold.release();
    assertEquals(held(), [false, false]);
    // One of the two links is left.
    hold.ref();
    assertEquals(held(), [true, true]);
    hold.links.release();
    assertEquals(held(), [false, true]);
    hold.links.take();
    hold.unref();
    hold.unrefLinks();
    hold.take();
    assertEquals(held(), [true, false]);
  } finally {
    rig.end();
  }
});

walkStates<HoldRig>("process hold", {
  path: "engine/waits/process_hold.ts",
  make: () => new HoldRig(),
  reach: {
    IDLE: () => {},
    HOLDING: ({ hold }) => hold.take(),
    SETTLING({ hold }) {
      hold.take();
      hold.release();
    },
    WEAK({ hold }) {
      hold.take();
      hold.unref();
    },
    ENDED({ hold }) {
      hold.take();
      hold.end();
    },
  },
  happen: {
    take: ({ hold }) => hold.take(),
    release: ({ hold }) => hold.release(),
    settled(rig) {
      requireCause([...rig.timers].some(({ ms }) => ms <= 1000));
      rig.settle();
    },
    unref: ({ hold }) => hold.unref(),
    ref: ({ hold }) => hold.ref(),
    end: ({ hold }) => hold.end(),
  },
  stateOf(rig) {
    const { hold } = rig;
    if (rig.held) {
      rig.settle();
      return rig.held ? "HOLDING" : "SETTLING";
    }
    const { refed } = hold;
    // A closed socket has no timer, whichever method is called.
    hold.ref();
    hold.take();
    if (!rig.held) return rig.timers.size === 0 ? "ENDED" : "";
    return refed ? "IDLE" : "WEAK";
  },
  end: (rig) => rig.end(),
});
