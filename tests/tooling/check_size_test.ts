import { assertEquals } from "@std/assert";
import { describeSizes, readLimits, sizeProblems, type Sizes } from "../../scripts/check_size.ts";
import { test } from "../support/harness.ts";

const LIMITS = readLimits();
const MEASURED = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { measured }]) => [name, measured]),
) as unknown as Sizes;

test("size check accepts what was measured when the limits were set, and tells a figure a line", () => {
  assertEquals(sizeProblems(MEASURED, LIMITS), []);
  assertEquals(describeSizes(MEASURED, LIMITS).length, Object.keys(LIMITS).length);
});

test("size check refuses what is over its limit, and what was not measured", () => {
  const { limit } = LIMITS.client;
  assertEquals(sizeProblems({ ...MEASURED, client: limit }, LIMITS), []);
  assertEquals(sizeProblems({ ...MEASURED, client: limit + 1 }, LIMITS), [
    `client has ${limit + 1} bytes: the limit is ${limit}, and it had ${LIMITS.client.measured} when that was set`,
  ]);
  assertEquals(sizeProblems({ ...MEASURED, tarball: NaN }, LIMITS).length, 1);
});
