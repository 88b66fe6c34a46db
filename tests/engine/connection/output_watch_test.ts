/**
 * When bytes that move are a sign of life: only if they had to wait.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { OutputWatch } from "../../../src/engine/connection/output_watch.ts";
import type { Link } from "../../../src/transport/transport.ts";
import { test } from "../../support/harness.ts";

/** A link of which only the count matters. */
const counting = (bytesTaken: number | undefined) => ({ bytesTaken }) as Link;

test("a pending write of which bytes were accepted since the last check makes progress", () => {
  const watch = new OutputWatch();
  // The first bytes of a write fill the operating system's buffer.
  assertEquals(watch.look(counting(1000), true), "stuck");
  assertEquals(watch.look(counting(1001), true), "moving");
  assertEquals(watch.look(counting(1001), true), "stuck");
  // The rest is taken, and no bytes wait.
  assertEquals(watch.look(counting(5000), false), "moving");
  assertEquals(watch.look(counting(5000), false), "free");
});

test("bytes that are accepted immediately do not count as a sign of life", () => {
  const watch = new OutputWatch();
  for (let taken = 0; taken < 5000; taken += 100) assertEquals(watch.look(counting(taken), false), "free");
});

test("for a link that does not count bytes, completed writes are counted", () => {
  const watch = new OutputWatch();
  assertEquals(watch.look(counting(undefined), true), "stuck");
  assertEquals(watch.look(counting(undefined), true), "stuck");
  watch.drains++;
  assertEquals(watch.look(counting(undefined), true), "moving");
  watch.drains++;
  assertEquals(watch.look(counting(undefined), false), "moving");
  watch.drains++;
  assertEquals(watch.look(counting(undefined), false), "free");
});
