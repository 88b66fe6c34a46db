/**
 * The process exits once all sockets are closed, and stays alive while one is open and bound.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Child } from "./support.ts";

const OPTIONS = { timeout: 30_000 };

for (
  const [scenario, line] of [
    ["never used", "made"],
    ["all closed", "closed"],
    ["closed while dialling, with messages given up", "given up 1"],
    ["closed and ref'd", "closed"],
    ["closed without waiting", "closing"],
    ["timeouts and signals are over", "closed"],
    ["connected and open", "closing"],
  ] as const
) {
  test(`the process ends by itself: ${scenario}`, async () => {
    await using child = new Child("process_exit_child.ts", scenario);
    assertEquals(await child.line(), line);
    assertEquals(await child.exit(), 0);
  }, OPTIONS);
}

test("the process lives while a socket is bound and open, and ends when that is closed", async () => {
  await using child = new Child("process_exit_child.ts", "bound and open");
  const endpoint = await child.line();
  assertMatch(endpoint!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  const push = new Push();
  push.connect(endpoint!);
  await push.waitForPeers(1);
  await push.close();
  assertEquals(await child.line(), "closing");
  assertEquals(await child.exit(), 0);
}, OPTIONS);
