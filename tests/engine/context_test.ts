/**
 * Contexts: the limit of open sockets.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Context, enter } from "../../src/engine/context.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { test } from "../support/harness.ts";
import { walkStates } from "../support/state_table.ts";

test("a context counts its sockets, and knows no limit by default", () => {
  const context = new Context();
  assertEquals([context.maxSockets, context.sockets], [0, 0]);
  const leaves = Array.from({ length: 2000 }, () => enter(context, {}));
  assertEquals(context.sockets, 2000);
  for (const leave of leaves) leave();
  assertEquals(context.sockets, 0);
});

test("a context accepts no more sockets than its limit, until one of them is closed", () => {
  const context = new Context({ maxSockets: 2 });
  const leave = enter(context, {});
  enter(context, {});
  const error = assertThrows(() => enter(context, {}), ZmqError, "as many as maxSockets allows");
  assertEquals([error.code, context.sockets], ["EMFILE", 2]);
  leave();
  enter(context, {});
  assertThrows(() => enter(context, {}), ZmqError);
});

test("the limit can be changed: sockets that are open stay", () => {
  const context = new Context({ maxSockets: 1 });
  const leave = enter(context, {});
  context.maxSockets = 2;
  enter(context, {});
  context.maxSockets = 1;
  assertEquals([context.sockets, context.maxSockets], [2, 1]);
  leave();
  assertThrows(() => enter(context, {}), ZmqError);
  context.maxSockets = 0;
  enter(context, {});
  assertEquals(context.sockets, 2);
});

test("the limit is a whole number", () => {
  assertEquals(new Context({ maxSockets: 0 }).maxSockets, 0);
  const context = new Context({ maxSockets: 3 });
  for (const value of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Context({ maxSockets: value }), RangeError, "maxSockets");
    assertThrows(() => context.maxSockets = value, RangeError, "maxSockets");
  }
  for (const value of ["1", true, {}, 1n]) {
    assertThrows(() => new Context({ maxSockets: value as never }), TypeError, "maxSockets must be a number");
    assertThrows(() => context.maxSockets = value as never, TypeError, "maxSockets must be a number");
  }
  assertEquals(context.maxSockets, 3);
});

test("an option that a context does not have is refused", () => {
  for (const options of [{ ioThreads: 2 }, { maxSockets: 1, ioThreads: undefined }]) {
    assertThrows(
      () => new Context(options as never),
      TypeError,
      "A Context has no option ioThreads; it has maxSockets",
    );
  }
  for (const options of [null, 5, "maxSockets", () => {}]) {
    assertThrows(() => new Context(options as never), TypeError, "options must be an object");
  }
  assertEquals(new Context({ maxSockets: undefined } as never).maxSockets, 0);
});

walkStates<{ context: Context; leave: () => void }>("context", {
  path: "engine/context.ts",
  make: () => ({ context: new Context(), leave: () => {} }),
  reach: {
    OUTSIDE: (rig) => (rig.leave = enter(rig.context, {}))(),
    INSIDE: (rig) => rig.leave = enter(rig.context, {}),
  },
  happen: {
    enter: (rig) => enter(rig.context, {}),
    "enter, full"({ context }) {
      context.maxSockets = 1;
      const leave = enter(context, {});
      assertThrows(() => enter(context, {}), ZmqError);
      leave();
    },
    leave: ({ leave }) => leave(),
  },
  stateOf: ({ context }) => context.sockets === 0 ? "OUTSIDE" : "INSIDE",
});
