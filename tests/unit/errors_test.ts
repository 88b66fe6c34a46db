/**
 * The error class: its code, its cause, and `instanceof` across two copies of the library.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ZmqError } from "../../src/errors.ts";
import { test } from "../support/harness.ts";

test("an error has a code, a message, a name, a stack and, where there is one, a cause", () => {
  const cause = new Error("below");
  const error = new ZmqError("EAGAIN", "Cannot send now", { cause });
  assertEquals([error.code, error.message, error.name], ["EAGAIN", "Cannot send now", "ZmqError"]);
  assertStrictEquals(error.cause, cause);
  assert(error instanceof Error);
  assert(error.stack?.includes("Cannot send now"));
  assertEquals(String(error), "ZmqError: Cannot send now");
  assertEquals("cause" in new ZmqError("EFSM", "no cause"), false);
});

test("errors of another copy of the library are recognised, other errors and values are not", () => {
  const brand = Symbol.for("monocoque-zmq.ZmqError");
  const foreign = Object.defineProperty(new Error("of another copy"), brand, { value: true });
  assert(foreign instanceof ZmqError);
  for (const value of [new Error("plain"), { code: "EAGAIN" }, Object.create(null), null, undefined, "EAGAIN", 7]) {
    assertEquals(value instanceof ZmqError, false);
  }
});

test("the brand does not show where an error is printed or copied", () => {
  const error = new ZmqError("EPROTO", "broken");
  assertEquals(Object.keys(error).includes("code"), true);
  assertEquals(Object.getOwnPropertySymbols({ ...error }), []);
});
