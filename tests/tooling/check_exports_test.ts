import { assertEquals } from "@std/assert";
import { exportProblems, readExports } from "../../scripts/check_exports.ts";
import { test } from "../support/harness.ts";

test("export check reads values and types", async () => {
  const found = await readExports();
  assertEquals(Object.keys(found), [".", "./core", "./transport", "./zeromq", "./zeromq/v5-compat"]);
  assertEquals([found["./transport"]!.CLOSE_GRACE, found["."]!.PushOptions], ["variable", "interface"]);
});

test("export check reports added, removed and changed exports", () => {
  const listed = { ".": { gone: "class", same: "function", other: "class" } };
  const found = { ".": { came: "variable", same: "function", other: "interface" } };
  assertEquals(exportProblems(listed, listed), []);
  assertEquals(exportProblems(found, listed), [
    ".: came is variable, and was not exported",
    ".: gone is not exported, and was class",
    ".: other is interface, and was class",
  ]);
  assertEquals(exportProblems({}, { "./core": { a: "class" } }), ["./core: a is not exported, and was class"]);
});
