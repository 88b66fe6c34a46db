/**
 * The core without a runtime: without `setImmediate` and `process`, and then with only the globals that
 * `types/web.d.ts` lists.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { runtime, test } from "../support/harness.ts";
import { Child } from "../sockets/support.ts";
import type * as Scenario from "./scenario.ts";

const OPTIONS = { timeout: 30_000 };

test("core: without setImmediate, process and other globals of a runtime, it works", async () => {
  await using child = new Child("../bare/bare_child.ts");
  assertEquals(await child.line(), "left: ");
  assertEquals(await child.line(), "done");
}, OPTIONS);

/** The globals that `types/web.d.ts` declares. */
function listed(): string[] {
  const text = readFileSync(fileURLToPath(new URL("../../types/web.d.ts", import.meta.url)), "utf8");
  return [...text.matchAll(/^declare (?:class|function|const) (\w+)/gm)].map(([, name]) => name!);
}

/** A realm of its own with some of the globals of this one. */
function realmWith(names: readonly string[], own: object = {}): object {
  const globals = globalThis as unknown as Record<string, unknown>;
  return createContext({ ...Object.fromEntries(names.map((name) => [name, globals[name]])), ...own });
}

let bundle: Promise<string> | undefined;

/** The core and the scenario as a script. */
function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL("scenario.ts", import.meta.url));
  return bundle ??= build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bare",
    platform: "neutral",
    target: "es2022",
    external: ["libsodium"],
    logLevel: "silent",
  }).then(({ outputFiles }) => `${outputFiles[0]!.text};bare`);
}

const elsewhere = runtime === "node" ? {} : { skip: "only Node's vm creates a realm with exactly the given globals" };

test("core: it needs no globals besides those of types/web.d.ts", async () => {
  const names = listed();
  assertEquals(
    names.includes("AbortController") && names.includes("setTimeout") && !names.includes("setImmediate"),
    true,
  );
  const { scenario, streams } = runInContext(await bundled(), realmWith(names)) as typeof Scenario;
  await scenario(streams(TransformStream));
}, { ...OPTIONS, ...elsewhere });

test("core: without MessageChannel a timer awaits the end of a turn", async () => {
  const names = listed().filter((name) => name !== "MessageChannel");
  let timers = 0;
  const counted = (callback: () => void, ms: number) => {
    if (ms === 0) timers++;
    return setTimeout(callback, ms);
  };
  const { scenario, streams } = runInContext(
    await bundled(),
    realmWith(names, { setTimeout: counted }),
  ) as typeof Scenario;
  await scenario(streams(TransformStream));
  assertEquals(timers > 0, true);
}, { ...OPTIONS, ...elsewhere });
