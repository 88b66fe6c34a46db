/**
 * The states of an observer of the drop-in for zeromq.js: every cell of the table in the header of `src/zeromq/observer.ts`.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import type { Socket as NativeSocket } from "../../mod.ts";
import { systemClock } from "../../src/base/clock.ts";
import { Observer, setNative } from "../../src/zeromq/observer.ts";
import { walkStates } from "../support/state_table.ts";

type Result = { readonly done?: boolean; readonly value: unknown };

const EVENT = { type: "bind", endpoint: "tcp://127.0.0.1:5555" };
const settled = () => new Promise<void>((resolve) => systemClock.turn(resolve));

/** An observer of a socket whose events the test plays. */
class Rig {
  readonly emitted: string[] = [];
  readonly received: string[] = [];
  returned = 0;
  readonly observer: Observer;
  #buffered: unknown[] = [];
  #waiting: ((result: Result) => void) | undefined;

  constructor() {
    const iterator = {
      next: () =>
        new Promise<Result>((resolve) => {
          if (this.#buffered.length > 0) resolve({ value: this.#buffered.shift() });
          else this.#waiting = resolve;
        }),
      return: () => {
        this.returned++;
        this.#waiting?.({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
    };
    const handle = {};
    const native = { closed: false, events: { [Symbol.asyncIterator]: () => iterator } };
    setNative(handle, native as unknown as NativeSocket);
    this.observer = new Observer(handle as { readonly events: Observer });
  }

  /** The socket has an event. */
  async event(event: object): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#buffered.push(event);
    else waiting({ value: event });
    await settled();
  }

  async receive(): Promise<void> {
    this.observer.receive().then(({ type }) => this.received.push(type), () => this.received.push("failed"));
    await settled();
  }

  on(): void {
    this.observer.on("bind", ({ type }) => this.emitted.push(type));
  }
}

walkStates<Rig>("observer", {
  path: "zeromq/observer.ts",
  make: () => new Rig(),
  reach: {
    OPEN: () => {},
    WAITING: (rig) => rig.receive(),
    EMITTING: (rig) => rig.on(),
    CLOSED: (rig) => rig.observer.close(),
  },
  happen: {
    receive(rig, from) {
      if (from === "OPEN") return rig.receive();
      const text = { WAITING: "busy", EMITTING: "emitter mode", CLOSED: "closed" }[from]!;
      assertThrows(() => rig.observer.receive(), Error, text);
    },
    async event(rig, from) {
      await rig.event(EVENT);
      assertEquals(rig.received, from === "WAITING" ? ["bind"] : []);
      assertEquals(rig.emitted, from === "EMITTING" ? ["bind"] : []);
    },
    "last event": (rig) => rig.event({ type: "end" }),
    on: (rig) => rig.on(),
    close: (rig) => rig.observer.close(),
  },
  async stateOf(rig) {
    await settled();
    const { observer } = rig;
    if (observer.closed) {
      // Nothing is emitted and nothing received any longer.
      await rig.event(EVENT);
      assertEquals([rig.emitted, rig.received.filter((type) => type === "bind")], [[], []]);
      return "CLOSED";
    }
    const before = rig.emitted.length;
    try {
      await rig.receive();
      return "OPEN";
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === "EBUSY") return "WAITING";
      await rig.event(EVENT);
      assertEquals(rig.emitted.length > before, true);
      return "EMITTING";
    }
  },
  end: (rig) => rig.observer.close(),
});
