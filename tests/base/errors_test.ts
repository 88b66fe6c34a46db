/**
 * The error class: its code, its cause, and `instanceof`.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { EndpointError } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { AuthError } from "../../src/zmtp/auth_error.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
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

/** Each class, made as its own constructor wants it, and by a subclass of a program's. */
class MyError extends ZmqError {}
class MyAuthError extends AuthError {}
class MyProtocolError extends ProtocolError {}
class MyEndpointError extends EndpointError {}
const make:
  readonly (readonly [type: new (...args: never[]) => Error, subtype: typeof MyError, () => Error, () => Error])[] = [
    [ZmqError, MyError, () => new ZmqError("EAGAIN", "later"), () => new MyError("EAGAIN", "later")],
    [AuthError, MyAuthError as never, () => new AuthError(400), () => new MyAuthError(400)],
    [
      ProtocolError,
      MyProtocolError as never,
      () => new ProtocolError("EPROTO", "UNSPECIFIED", "broken"),
      () => new MyProtocolError("EPROTO", "UNSPECIFIED", "broken"),
    ],
    [
      EndpointError,
      MyEndpointError as never,
      () => new EndpointError("port", "none"),
      () => new MyEndpointError("port", "none"),
    ],
  ];
const names = (all: readonly (readonly [new (...args: never[]) => Error, boolean])[]) =>
  all.filter(([, is]) => is).map(([{ name }]) => name);

for (const [type, subtype, own, sub] of make) {
  const classes = make.flatMap(([type, subtype]) => [type, subtype as new (...args: never[]) => Error]);
  const above = type === AuthError || type === ProtocolError ? [ZmqError.name] : [];
  test(`instanceof: a ${type.name} is of its own type, and of no other`, () => {
    const error = own();
    assertEquals(error.name, type.name);
    assertEquals(names(classes.map((each) => [each, error instanceof each])).sort(), [type.name, ...above].sort());
  });

  test(`instanceof: an object of a subclass of ${type.name} is of both`, () => {
    const error = sub();
    assertEquals(
      names(classes.map((each) => [each, error instanceof each])).sort(),
      [type.name, subtype.name, ...above].sort(),
    );
  });
}

test("instanceof: an object that only looks like one of our errors is not one", () => {
  const marked = Object.defineProperty(new Error("marked"), Symbol.for("monocoque-zmq.ZmqError"), { value: true });
  const values = [
    ...[
      new Error("plain"),
      new TypeError("plain"),
      { code: "EAGAIN" },
      Object.create(null),
      null,
      undefined,
      "EAGAIN",
      7,
    ],
    ...[ZmqError, ZmqError.prototype, EndpointError.prototype, marked],
    Object.assign(new ZmqError("EACCES", "with a status"), { status: 400 }),
    Object.assign(new ZmqError("EPROTO", "with a rule"), { rule: "UNSPECIFIED" }),
  ];
  for (const [i, value] of values.entries()) {
    const is = values[i] instanceof ZmqError;
    assertEquals(is, i >= values.length - 2, String(i));
    for (const type of [AuthError, ProtocolError, EndpointError, MyError, MyAuthError]) {
      assertEquals(value instanceof type, false, `${i} ${type.name}`);
    }
  }
});

test("the brand is not visible when an error is printed or copied", () => {
  const error = new ZmqError("EPROTO", "broken");
  assertEquals(Object.keys(error).includes("code"), true);
  assertEquals(Object.getOwnPropertySymbols({ ...error }), []);
});

test("toJSON: a cause of any kind is shown, at most five of them, and nothing throws", () => {
  const json = (cause: unknown) => JSON.parse(JSON.stringify(new ZmqError("EIO", "above", { cause }))).cause as unknown;
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const throwing = {
    toJSON: () => {
      throw new Error("no");
    },
  };
  class Mine {
    readonly big = 1n;
  }
  const nameless = Object.defineProperties(new Error(), { message: { value: undefined }, name: { value: 1n } });
  const unreadable = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new Error("no");
    },
  });
  const refusing = () => {
    throw new Error("no");
  };
  const proxy = new Proxy({}, { get: refusing, getPrototypeOf: refusing, ownKeys: refusing });
  const causes: [unknown, unknown][] = [
    ["text", "text"],
    ["wss://ann:secret@host", "wss://ann:***@host"],
    [nameless, { name: "1", message: "undefined" }],
    [unreadable, "[Error]"],
    [proxy, "[unknown]"],
    [5, 5],
    [null, null],
    [{ a: [1] }, { a: [1] }],
    [1n, "1"],
    [Symbol("s"), "Symbol(s)"],
    [circle, "[object]"],
    [throwing, "[object]"],
    [new Mine(), "[Mine]"],
    [new TypeError("below"), { name: "TypeError", message: "below" }],
    [Object.assign(new Error("below"), { code: 1n }), { name: "Error", code: "1", message: "below" }],
    [
      new AggregateError([new Error("one"), "two"], "all"),
      { name: "AggregateError", message: "all", errors: [{ name: "Error", message: "one" }, "two"] },
    ],
    [
      new Error("a", { cause: new ZmqError("EAGAIN", "b", { cause: new Error("c"), endpoint: "tcp://h:1" }) }),
      {
        name: "Error",
        message: "a",
        cause: {
          name: "ZmqError",
          code: "EAGAIN",
          message: "b",
          endpoint: "tcp://h:1",
          cause: { name: "Error", message: "c" },
        },
      },
    ],
  ];
  for (const [cause, shown] of causes) assertEquals(json(cause), shown);
  const own = new ZmqError("EIO", "own");
  const other = new Error("other", { cause: own });
  own.cause = other;
  const levels = (error: unknown): number => {
    const { cause } = error as { readonly cause?: unknown };
    return cause === undefined ? 0 : 1 + levels(cause);
  };
  assertEquals(levels(JSON.parse(JSON.stringify(own))), 5);
  const self = new AggregateError([], "self");
  self.errors.push(self, self);
  JSON.stringify(new ZmqError("EIO", "above", { cause: self }));
});
