/**
 * Options: defaults, and every value that is refused.
 *
 * @module
 */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type AnyOptions, resolveOptions } from "../../src/engine/options.ts";
import { test } from "../support/harness.ts";

const MAX_TIME = 2 ** 31 - 1;
const MAX = Number.MAX_SAFE_INTEGER;

/** The smallest and the largest value of each number. */
const RANGES: [name: keyof AnyOptions, least: number, most: number][] = [
  ["linger", -1, MAX_TIME],
  ["reconnectInterval", -1, MAX_TIME],
  ["reconnectMaxInterval", 0, MAX_TIME],
  ["handshakeInterval", 0, MAX_TIME],
  ["heartbeatInterval", 0, MAX_TIME],
  ["heartbeatTimeout", -1, MAX_TIME],
  ["heartbeatTimeToLive", 0, 6_553_599],
  ["backlog", 1, 65_535],
  ["maxMessageSize", -1, MAX],
  ["maxFrames", 1, MAX],
  ["sendHighWaterMark", 0, MAX],
  ["sendTimeout", -1, MAX_TIME],
  ["receiveHighWaterMark", 0, MAX],
  ["receiveTimeout", -1, MAX_TIME],
];

test("the defaults are those of the documentation", () => {
  const expected = {
    linger: 5000,
    reconnectInterval: 100,
    reconnectMaxInterval: 0,
    handshakeInterval: 30_000,
    heartbeatInterval: 0,
    heartbeatTimeout: -1,
    heartbeatTimeToLive: 0,
    backlog: 100,
    maxMessageSize: 256 * 1024 * 1024,
    maxFrames: 65_536,
    sendHighWaterMark: 1000,
    sendTimeout: -1,
    receiveHighWaterMark: 1000,
    receiveTimeout: -1,
    routingId: new Uint8Array(0),
  };
  assertEquals({ ...resolveOptions({}) }, expected);
  const unset = Object.fromEntries(Object.keys(expected).map((name) => [name, undefined]));
  assertEquals({ ...resolveOptions(unset) }, expected);
});

test("every number is taken from its smallest to its largest value, and not beyond", () => {
  for (const [name, least, most] of RANGES) {
    for (const value of [least, Math.max(0, least), most]) {
      const expected = name === "maxMessageSize" && value < 0 ? MAX : value;
      assertEquals<unknown>(resolveOptions({ [name]: value })[name], expected, name);
    }
    for (const value of [least - 1, most + 1, 1.5, NaN, Infinity, -Infinity]) {
      const error = assertThrows(() => resolveOptions({ [name]: value }), RangeError, name);
      assertStringIncludes(error.message, `from ${least} to ${most}, not ${value}`);
    }
  }
});

test("what is no number is a TypeError that names the option", () => {
  for (const [name] of RANGES) {
    for (const value of ["100", 100n, true, {}, [100], () => 1]) {
      const options = { [name]: value } as AnyOptions;
      assertThrows(() => resolveOptions(options), TypeError, `${name} must be a number, not ${typeof value}`);
    }
  }
});

test("a routing id is text or bytes, 1 to 255 of them, and does not start with zero", () => {
  assertEquals(resolveOptions({ routingId: "ä" }).routingId, new Uint8Array([0xc3, 0xa4]));
  assertEquals(resolveOptions({ routingId: "x".repeat(255) }).routingId.length, 255);
  for (const routingId of ["", "x".repeat(256), "ä".repeat(128), new Uint8Array(0), new Uint8Array(256).fill(1)]) {
    assertThrows(() => resolveOptions({ routingId }), RangeError, "routingId must be 1 to 255 bytes");
  }
  for (const routingId of ["\0", "\0a", new Uint8Array(5)]) {
    assertThrows(() => resolveOptions({ routingId }), RangeError, "must not start with a zero byte");
  }
  for (const routingId of [1, null, ["a"], new ArrayBuffer(3), new Uint16Array(3)]) {
    assertThrows(() => resolveOptions({ routingId } as never), TypeError, "routingId must be a string or a Uint8Array");
  }
});

test("a routing id is copied: its bytes may be changed afterwards", () => {
  const routingId = new Uint8Array([1, 2]);
  const settings = resolveOptions({ routingId });
  routingId.fill(9);
  assertEquals(settings.routingId, new Uint8Array([1, 2]));
});
