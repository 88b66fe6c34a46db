import {
  assert,
  assertEquals,
  assertExists,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { concat, equals } from "@std/bytes";
import { test } from "../support/harness.ts";

// Judged without the stand-ins, so that a stand-in that never fails cannot approve itself.
function mustThrow(label: string, fn: () => unknown, part: string): void {
  let message: string | undefined;
  try {
    fn();
  } catch (error) {
    message = (error as Error).message;
  }
  if (message === undefined) throw new Error(`${label}: accepted what it must refuse`);
  if (!message.includes(part)) throw new Error(`${label}: "${message}" does not say "${part}"`);
}

async function mustReject(label: string, fn: () => Promise<unknown>, part: string): Promise<void> {
  const error = await fn().then(() => undefined, (error: unknown) => error as Error);
  mustThrow(label, () => {
    if (error !== undefined) throw error;
  }, part);
}

test("assertions accept true conditions", async () => {
  assert(1);
  assertEquals({ a: [1, new Uint8Array([2])] }, { a: [1, new Uint8Array([2])] });
  assertNotEquals<unknown>(1, "1");
  assertStrictEquals(NaN, NaN);
  assertExists(0);
  assertInstanceOf(new RangeError(), Error);
  assertMatch("tcp://host", /^tcp:/);
  assertStringIncludes("one two", "two");
  assertGreater(2, 1);
  assertLess(1, 2);
  const thrown = assertThrows(
    () => {
      throw new RangeError("too far");
    },
    RangeError,
    "far",
  );
  assertEquals(thrown.message, "too far");
  const rejected = await assertRejects(() => Promise.reject(new TypeError("bad")), TypeError, "bad");
  assertEquals(rejected.message, "bad");
  assertEquals(await assertRejects(() => Promise.reject(7)), 7);
});

test("assertions reject false conditions, and have the given message", () => {
  mustThrow("assert", () => assert(0, "zero is false"), "zero is false");
  mustThrow("assertEquals", () => assertEquals([1], [2], "numbers"), "numbers");
  mustThrow(
    "assertEquals, subclasses",
    () => assertEquals(new (class extends Uint8Array {})(1), new Uint8Array(1)),
    "",
  );
  mustThrow("assertEquals, 0 and -0", () => assertEquals(0, -0), "");
  mustThrow("assertNotEquals", () => assertNotEquals({ a: 1 }, { a: 1 }, "same"), "same");
  mustThrow("assertStrictEquals", () => assertStrictEquals({}, {}, "identity"), "identity");
  mustThrow("assertExists", () => assertExists(null, "nothing there"), "nothing there");
  mustThrow("assertInstanceOf", () => assertInstanceOf("text", Error), "Error");
  mustThrow("assertMatch", () => assertMatch("ipc://x", /^tcp:/), "ipc://x");
  mustThrow("assertStringIncludes", () => assertStringIncludes("one", "two"), "two");
  mustThrow("assertGreater", () => assertGreater(1, 1), "1 > 1");
  mustThrow("assertLess", () => assertLess(1, 1), "1 < 1");
  mustThrow("fail", () => fail("on purpose"), "on purpose");
});

test("assertThrows and assertRejects refuse success, another class and another message", async () => {
  const throwError = () => {
    throw new Error("plain");
  };
  mustThrow("no throw", () => assertThrows(() => 1), "Expected the function to throw");
  mustThrow("class", () => assertThrows(throwError, RangeError), "RangeError");
  mustThrow("message", () => assertThrows(throwError, Error, "fancy"), "fancy");
  await mustReject("no reject", () => assertRejects(() => Promise.resolve(1)), "Expected the promise to reject");
  await mustReject("class", () => assertRejects(() => Promise.reject(new Error("plain")), RangeError), "RangeError");
  await mustReject("message", () => assertRejects(() => Promise.reject(new Error("plain")), Error, "fancy"), "fancy");
  await mustReject("throws at once", () => assertRejects(throwError), "threw");
});

test("bytes are joined and compared", () => {
  assertEquals(concat([new Uint8Array([1, 2]), new Uint8Array(0), new Uint8Array([3])]), new Uint8Array([1, 2, 3]));
  assertEquals(concat([]), new Uint8Array(0));
  assert(equals(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  assert(!equals(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
  assert(!equals(new Uint8Array([1, 2]), new Uint8Array([1])));
});
