/**
 * The states of the drop-in for zeromq.js: every cell of the tables in the headers of `src/zeromq/socket_state.ts` and
 * `src/zeromq/out_of_turn.ts`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { errnoError } from "../../src/zeromq/errors.ts";
import { allEnded } from "../../src/zeromq/exit.ts";
import { Pull } from "../../src/zeromq/mod.ts";
import { OutOfTurn } from "../../src/zeromq/out_of_turn.ts";
import { stateOf } from "../../src/zeromq/socket.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";

const settled = () => new Promise<void>((resolve) => turn(resolve));
const { timer, turn } = systemClock;

/** A socket, whose `bind` takes as long as the test says. */
class SocketRig {
  readonly socket = new Pull({ linger: 0 });
  readonly state = stateOf(this.socket);
  binding: { readonly done: (endpoint: string) => void; readonly failed: (error: Error) => void } | undefined;
  freeProxy: (() => void) | undefined;
  /** The error of `bind`, thrown or rejected. */
  error: { readonly code?: string } | undefined;

  constructor() {
    const bind = () => new Promise((done, failed) => this.binding = { done, failed });
    Object.defineProperty(this.state.native, "bind", { value: bind });
  }

  async bind(): Promise<void> {
    try {
      this.socket.bind("inproc://name").catch((error) => this.error = error);
    } catch (error) {
      this.error = error as { readonly code?: string };
    }
    await settled();
  }

  async bound(error?: Error): Promise<void> {
    const { done, failed } = cause(this.binding);
    this.binding = undefined;
    if (error === undefined) done("inproc://name");
    else failed(error);
    await settled();
  }

  proxy(): void {
    this.freeProxy = this.state.block();
  }
}

walkStates<SocketRig>("socket of the drop-in", {
  path: "zeromq/socket_state.ts",
  make: () => new SocketRig(),
  reach: {
    OPEN: () => {},
    BLOCKED: (rig) => rig.bind(),
    async LEAVING(rig) {
      await rig.bind();
      rig.socket.close();
    },
    PROXIED: (rig) => rig.proxy(),
    async CLOSED(rig) {
      await rig.bind();
      void rig.state.end();
    },
  },
  happen: {
    async bind(rig, from) {
      rig.error = undefined;
      await rig.bind();
      // Rejected, or thrown, at once where it is not possible.
      const codes = { OPEN: undefined, BLOCKED: "EBUSY", LEAVING: "EBUSY", PROXIED: "EBUSY", CLOSED: "EBADF" };
      assertEquals(rig.error && (rig.error as { code: string }).code, codes[from as keyof typeof codes]);
    },
    bound: (rig) => rig.bound(),
    "bind fails": (rig) => rig.bound(new Error("the test says so")),
    proxy: (rig) => rig.proxy(),
    "proxy ends"(rig, from) {
      // In CLOSED, of one that was running when the process ended.
      if (from === "CLOSED") rig.freeProxy = rig.state.block();
      cause(rig.freeProxy)();
    },
    close: (rig) => rig.socket.close(),
    "process ends": (rig) => void rig.state.end(),
  },
  async stateOf(rig) {
    await settled();
    const { socket, state } = rig;
    if (socket.closed) {
      assertEquals([state.open, state.native.closed], [false, true]);
      return "CLOSED";
    }
    if (state.open) return "OPEN";
    if (rig.freeProxy !== undefined) return "PROXIED";
    await rig.bound();
    return socket.closed ? "LEAVING" : "BLOCKED";
  },
  async end(rig) {
    if (rig.binding !== undefined) await rig.bound();
    rig.freeProxy?.();
    rig.socket.close();
    await allEnded();
  },
});

/** A call that waits for its turn. */
class TurnRig {
  readonly turns = new OutOfTurn();
  readonly timers = new Set<() => void>();
  outcome: "waiting" | "done" | "rejected" = "waiting";
  possible = false;
  attempts = 0;

  constructor() {
    Object.assign(systemClock, {
      timer: (_ms: number, callback: () => void) => {
        const act = () => void (this.timers.delete(act), callback());
        this.timers.add(act);
        return { cancel: () => void this.timers.delete(act), ref() {}, unref() {} };
      },
    });
    const operation = () => {
      this.attempts++;
      return this.possible ? Promise.resolve() : undefined;
    };
    this.turns.wait(operation, 1000, () => errnoError("EFSM")).then(
      () => this.outcome = "done",
      () => this.outcome = "rejected",
    );
  }

  retry(possible: boolean): void {
    this.possible = possible;
    this.turns.retry();
  }

  timeout(): void {
    requireCause(this.timers.size > 0);
    for (const act of this.timers) act();
  }
}

walkStates<TurnRig>("call out of turn", {
  path: "zeromq/out_of_turn.ts",
  make: () => new TurnRig(),
  reach: {
    WAITING: () => {},
    DONE: (rig) => rig.retry(true),
    REJECTED: (rig) => rig.timeout(),
  },
  happen: {
    retry: (rig) => rig.retry(true),
    "retry, too early": (rig) => rig.retry(false),
    timeout: (rig) => rig.timeout(),
    end: (rig) => rig.turns.end(() => errnoError("EFSM")),
  },
  async stateOf(rig) {
    await settled();
    const waiting = rig.outcome === "waiting";
    assertEquals([rig.turns.empty, rig.timers.size], [!waiting, waiting ? 1 : 0]);
    const { attempts } = rig;
    rig.retry(false);
    // Nothing is tried again that is over.
    assert(rig.attempts === attempts + (waiting ? 1 : 0));
    return rig.outcome.toUpperCase();
  },
  end: () => void Object.assign(systemClock, { timer }),
});
