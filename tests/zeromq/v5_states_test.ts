/**
 * The states of the sockets of zeromq.js 5: every cell of both tables in the header of `src/zeromq/v5_socket.ts`. The test plays the
 * socket of version 6 below.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import process from "node:process";
import { systemClock } from "../../src/base/clock.ts";
import { errnoError } from "../../src/zeromq/errors.ts";
import { Dealer } from "../../src/zeromq/mod.ts";
import { Socket } from "../../src/zeromq/v5_socket.ts";
import { runtime } from "../support/harness.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";

const { turn } = systemClock;
const settled = () => new Promise<void>((resolve) => turn(resolve));
const BROKEN = new Error("the test says so");
const THROWN = new Error("thrown by a listener");
const NAMES = ["send", "receive"] as const;

/** A promise of the socket below. */
interface Pending<T> {
  readonly done: (value: T) => void;
  readonly failed: (error: Error) => void;
}

/** A socket of version 5. */
class Rig {
  sending: Pending<void> | undefined;
  receiving: Pending<string[]> | undefined;
  sends = 0;
  turns: (() => void)[] = [];
  readonly messages: unknown[] = [];
  readonly errors: unknown[] = [];
  throwing = false;
  readonly #originals = NAMES.map((name) => Object.getOwnPropertyDescriptor(Dealer.prototype, name));
  readonly socket: Socket;

  constructor() {
    Object.defineProperties(Dealer.prototype, {
      send: {
        configurable: true,
        value: () => {
          this.sends++;
          return new Promise<void>((done, failed) => this.sending = { done, failed });
        },
      },
      receive: {
        configurable: true,
        value: () => new Promise<string[]>((done, failed) => this.receiving = { done, failed }),
      },
    });
    Object.assign(systemClock, { turn: (callback: () => void) => void this.turns.push(callback) });
    this.socket = new Socket("dealer");
    this.socket.on("message", (message: unknown) => this.messages.push(message));
    this.socket.on("error", (error: unknown) => {
      this.errors.push(error);
      if (this.throwing) throw THROWN;
    });
  }

  async send(): Promise<void> {
    this.socket.send("message");
    await settled();
  }

  async sent(error?: Error): Promise<void> {
    const { done, failed } = cause(this.sending);
    this.sending = undefined;
    if (error === undefined) done();
    else failed(error);
    await settled();
  }

  async message(error?: Error): Promise<void> {
    const { done, failed } = cause(this.receiving);
    this.receiving = undefined;
    if (error === undefined) done(["message"]);
    else failed(error);
    await settled();
  }

  async turn(): Promise<void> {
    requireCause(this.turns.length > 0);
    const { turns } = this;
    this.turns = [];
    for (const callback of turns) callback();
    await settled();
  }

  async resume(): Promise<void> {
    this.socket.resume();
    await settled();
  }

  end(): void {
    this.socket.close();
    Object.assign(systemClock, { turn });
    NAMES.forEach((name, i) => {
      const original = this.#originals[i];
      if (original === undefined) Reflect.deleteProperty(Dealer.prototype, name);
      else Object.defineProperty(Dealer.prototype, name, original);
    });
  }
}

walkStates<Rig>("sending of version 5", {
  path: "zeromq/v5_socket.ts",
  make: () => new Rig(),
  reach: {
    IDLE: () => {},
    SENDING: (rig) => rig.send(),
    PAUSED: (rig) => rig.socket.pause(),
    async PAUSING(rig) {
      await rig.send();
      rig.socket.pause();
    },
    async CLOSED(rig) {
      await rig.send();
      rig.socket.close();
    },
  },
  happen: {
    async send(rig, from) {
      const { sends } = rig;
      await rig.send();
      assertEquals(rig.sends - sends, from === "IDLE" ? 1 : 0);
      // The message waits: it is the next, and the last.
      if (from === "SENDING") await rig.sent();
    },
    sent: (rig) => rig.sent(),
    async fails(rig) {
      await rig.sent(BROKEN);
      assertEquals(rig.errors, [BROKEN]);
    },
    async "fails, throws"(rig) {
      if (runtime === "bun") {
        console.log("Not played by Bun, whose test runner fails on every unhandled rejection: a listener that throws");
        return await rig.sent(BROKEN);
      }
      // The exception becomes an unhandled rejection, as with zeromq.js.
      rig.throwing = true;
      await unhandled(() => rig.sent(BROKEN));
    },
    pause: (rig) => rig.socket.pause(),
    resume: (rig) => rig.resume(),
    async "resume, queued"(rig, from) {
      await rig.send();
      await rig.resume();
      if (from === "SENDING" || from === "PAUSING") await rig.sent();
    },
    close: (rig) => rig.socket.close(),
  },
  async stateOf(rig) {
    const { socket } = rig;
    await settled();
    rig.throwing = false;
    const { sends } = rig;
    if (socket.closed) {
      if (rig.sending !== undefined) await rig.sent();
      await rig.resume();
      assertEquals(rig.sends, sends);
      return "CLOSED";
    }
    if (rig.sending !== undefined) {
      await rig.send();
      await rig.sent();
      return rig.sends > sends ? "SENDING" : "PAUSING";
    }
    await rig.send();
    if (rig.sends > sends) return "IDLE";
    await rig.resume();
    assertEquals(rig.sends, sends + 1);
    return "PAUSED";
  },
  end: (rig) => rig.end(),
});

/** Does something that leads to one rejection that is not handled, which would end the process. */
async function unhandled(act: () => Promise<void>): Promise<void> {
  // A test runner has listeners of its own.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const caught: unknown[] = [];
  const listener = (reason: unknown) => void caught.push(reason);
  process.on("unhandledRejection", listener);
  try {
    await act();
    await settled();
    assertEquals(caught, [THROWN]);
  } finally {
    process.off("unhandledRejection", listener);
    for (const other of others) process.on("unhandledRejection", other);
  }
}

walkStates<Rig>("receiving of version 5", {
  path: "zeromq/v5_socket.ts",
  table: 1,
  make: () => new Rig(),
  reach: {
    RECEIVING: () => {},
    BINDING: (rig) => rig.message(errnoError("EBUSY")),
    async PAUSED(rig) {
      rig.socket.pause();
      await rig.message(BROKEN);
    },
    PAUSING: (rig) => rig.socket.pause(),
    CLOSED: (rig) => rig.socket.close(),
  },
  happen: {
    async message(rig, from) {
      await rig.message();
      if (from === "RECEIVING") assertEquals(rig.messages, ["message"]);
      if (from !== "PAUSING") return;
      assertEquals(rig.messages, []);
      await rig.resume();
      assertEquals(rig.messages, ["message"]);
      rig.socket.pause();
      await rig.message(BROKEN);
    },
    async fails(rig, from) {
      await rig.message(BROKEN);
      assertEquals(rig.errors, from === "CLOSED" ? [] : [BROKEN]);
    },
    async busy(rig, from) {
      await rig.message(errnoError("EBUSY"));
      if (from === "PAUSING") await rig.turn();
    },
    async turn(rig, from) {
      if (from === "CLOSED") return await closedWhileBinding(rig);
      await rig.turn();
    },
    pause: (rig) => pause(rig),
    resume: (rig) => rig.resume(),
    close: (rig) => rig.socket.close(),
  },
  async stateOf(rig) {
    await settled();
    const { socket } = rig;
    const before = rig.messages.length;
    if (socket.closed) {
      if (rig.turns.length > 0) await rig.turn();
      if (rig.receiving !== undefined) await rig.message(BROKEN);
      await rig.resume();
      assertEquals(rig.receiving, undefined);
      return "CLOSED";
    }
    if (rig.turns.length > 0) return "BINDING";
    if (rig.receiving === undefined) {
      await rig.resume();
      assertEquals(rig.receiving !== undefined, true);
      return "PAUSED";
    }
    await rig.message();
    return rig.messages.length > before ? "RECEIVING" : "PAUSING";
  },
  end: (rig) => rig.end(),
});

/** Pauses; while the socket binds, the next turn is the last. */
async function pause(rig: Rig): Promise<void> {
  rig.socket.pause();
  if (rig.turns.length > 0) await rig.turn();
}

/** A socket that was closed while it was bound, and its turn. */
async function closedWhileBinding(rig: Rig): Promise<void> {
  rig.end();
  const next = new Rig();
  try {
    await next.message(errnoError("EBUSY"));
    next.socket.close();
    await next.turn();
    assertEquals(next.receiving, undefined);
  } finally {
    next.end();
  }
}
