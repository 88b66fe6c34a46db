import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAssertions } from "../../scripts/check_assertions.ts";
import { test } from "../support/harness.ts";

/** The lines of a file with an assertion that asserts nothing, and how many assertions there are. */
function check(text: string): { lines: number[]; count: number } {
  const folder = mkdtempSync(join(tmpdir(), "zmq-assertions-"));
  try {
    const file = join(folder, "file.ts");
    const tsconfig = join(folder, "tsconfig.json");
    writeFileSync(file, text);
    const compilerOptions = { strict: true, noUncheckedIndexedAccess: true, types: [], lib: ["ES2023"] };
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: [file] }));
    const { findings, count } = checkAssertions(tsconfig, [file]);
    return { lines: findings.map(({ line }) => line), count };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("type assertions that change nothing are found", () => {
  const text = [
    "declare const words: string[], pair: [string, number], text: string;",
    "export const a = text!.length;",
    "export const b = pair[0]!;",
    "export const c = words!.map((word) => word!);",
    "if (words[0] !== undefined) words[0]!.trim();",
  ].join("\n");
  assertEquals(check(text), { lines: [2, 3, 4, 4, 5], count: 5 });
});

test("assertions that are needed are left alone", () => {
  const text = [
    "declare const words: string[], byName: Record<string, number>, maybe: { word?: string | null }, any: any;",
    "export const a = words[0]!.length + byName['x']!;",
    "export const b = maybe.word!.length;",
    "export const c = any!.length;",
    "export function d<T>(value: T): NonNullable<T> { return value!; }",
    "export const e = new Map<string, number>().get('x')!;",
  ].join("\n");
  assertEquals(check(text), { lines: [], count: 6 });
});
