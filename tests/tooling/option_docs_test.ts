/**
 * The default in the doc comment of an option is that of its definition. The type checker holds both to the same
 * names and types.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "../support/harness.ts";
import { optionOf, optionsOf, TYPES } from "../support/socket_types.ts";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["src/engine/options/", "src/routing/"].flatMap((folder) =>
  readdirSync(new URL(folder, ROOT)).map((name) => folder + name)
);

/** Doc comments by option: two of `notify` and of `invertMatching`, of different groups. */
function docComments(): Map<string, string[]> {
  const comments = new Map<string, string[]>();
  for (const file of FILES) {
    const text = readFileSync(new URL(file, ROOT), "utf8");
    for (const [, body] of text.matchAll(/^export interface \w+Options [^\n]*\{\n(.*?)^\}/gms)) {
      for (const [, comment, name] of body!.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*readonly (\w+)\?/gs)) {
        comments.set(name!, [...comments.get(name!) ?? [], comment!.replaceAll(/\s*\n\s*\*\s*/g, " ")]);
      }
    }
  }
  return comments;
}

/** Returns the form in which a comment gives a default. */
function told(value: unknown): string {
  if (typeof value === "number") {
    const mib = value / 1024 / 1024;
    return value > 0 && Number.isInteger(mib) ? `${mib} MiB` : String(value).replace("-", "−");
  }
  if (typeof value === "boolean") return `\`${value}\``;
  if (value === null) return "null";
  return value === "" ? "empty" : "none";
}

test("options: each doc comment has the default of its definition", () => {
  const comments = docComments();
  const seen = new Set<string>();
  for (const type of TYPES) {
    for (const name of optionsOf(type)) {
      const { applies, initial } = optionOf(type, name)!;
      // Not in the types: no runtime supports it.
      if (applies === "never") continue;
      const word = told(initial).replaceAll(/[`.]/g, "\\$&");
      const tells = new RegExp(`Default:? ${word}(?![\\w.]*\\d)|Only ${word} is accepted`);
      const found = comments.get(name) ?? [];
      assert(
        found.some((comment) => tells.test(comment)),
        `${type}: ${name} is ${told(initial)}: ${found.join(" | ")}`,
      );
      seen.add(name);
    }
  }
  assertEquals([...comments.keys()].filter((name) => !seen.has(name)), ["context"]);
});
