/**
 * Checks the architecture: imports only point down, also between the rooms of the engine, only `transports/` and the drop-in for
 * zeromq.js name a runtime, only `src/base/clock.ts` reads the runtime's time, published code has no top-level `await` and nothing that a package builder would rewrite, there
 * are no circular imports, and long files, large classes and scripts state the reason.
 *
 * Run with `npx tsx scripts/check_layers.ts`. The table of layers is in `layers/layer_of.ts`.
 *
 * Hand-written: dependency-cruiser supports TypeScript only before 7; with 7 it silently misses imports. With
 * `@swc/core` it finds them, but can check only two of these rules, layers and circles (`docs/design.md` has the
 * experiment).
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { codeRoots, ROOT, sourceFiles } from "./gate/source_files.ts";
import { MAX_MEMBERS } from "./layers/class_size.ts";
import {
  ALLOWED_PACKAGES,
  CLOCK_FILES,
  engineRoomOf,
  ENTRIES,
  layerOf,
  mayImport,
  roomMayImport,
  SYSTEM_CLOCK_FILES,
  SYSTEM_CLOCK_LAYERS,
  THREAD_FILES,
  TIMING_MODULES,
} from "./layers/layer_of.ts";
import { readFacts, type SourceFacts, SYSTEM_CLOCK } from "./layers/source_facts.ts";

/** A violated rule. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const MAX_LINES = 400;
const REASON = /over 400 lines because\s+\S/i;
const HAND_WRITTEN = /Hand-written: \S/;
const CLASS_REASON = /more than 20 members,? because\s+\S/i;

/**
 * Checks a set of files.
 *
 * @param files Their texts, by path from the root of the repository. Files outside the entry files, `src/` and
 * `transports/` are checked only for circles and for the reasons of their length and of scripts.
 */
export function checkLayers(files: ReadonlyMap<string, string>): Problem[] {
  const facts = readFacts(files);
  const problems = [...facts].flatMap(([path, fact]) => [
    ...checkLength(path, fact),
    ...checkScript(path, fact),
    ...(isPublished(path) ? [...checkPublishedFile(path, fact, files), ...checkClasses(path, fact)] : []),
  ]);
  return [...problems, ...findCycles(facts)];
}

function isPublished(path: string): boolean {
  return ENTRIES.has(path) || path.startsWith("src/") || path.startsWith("transports/");
}

/** Returns the text of a header in one line. */
function headerOf({ header }: SourceFacts): string {
  return header.replaceAll(/\n\s*(?:\*|\/\/)\s*/g, " ");
}

function checkLength(path: string, facts: SourceFacts): Problem[] {
  if (facts.lineCount <= MAX_LINES || REASON.test(headerOf(facts))) return [];
  const message = `${facts.lineCount} lines: split it, or say in its header "Over ${MAX_LINES} lines because …"`;
  return [{ path, line: 1, message }];
}

/** A script does what a well-kept package could do, unless it says why not. */
function checkScript(path: string, facts: SourceFacts): Problem[] {
  if (!/^scripts\/[^/]+$/.test(path) || HAND_WRITTEN.test(headerOf(facts))) return [];
  return [{
    path,
    line: 1,
    message: `A script: say in its header "Hand-written: …", the reason why no package does it`,
  }];
}

function checkClasses(path: string, facts: SourceFacts): Problem[] {
  if (CLASS_REASON.test(headerOf(facts))) return [];
  return facts.crowdedClasses.map(({ text, line }) => {
    const message = `${text}: split it, or say in the header of its file "More than ${MAX_MEMBERS} members because …"`;
    return { path, line, message };
  });
}

function checkPublishedFile(
  path: string,
  facts: SourceFacts,
  files: ReadonlyMap<string, string>,
): Problem[] {
  const problems: Problem[] = [];
  const report = (line: number, message: string) => void problems.push({ path, line, message });
  const layer = layerOf(path);
  if (layer === undefined) {
    report(
      1,
      "Belongs to no layer: move it, or name it in scripts/layers/layer_of.ts",
    );
    return problems;
  }

  for (const { text: specifier, line } of facts.imports) {
    const target = resolveImport(path, specifier);
    if (target === undefined) {
      const allowed = layer === "zeromq" || layer === "transports"
        ? specifier.startsWith("node:") && !TIMING_MODULES.test(specifier)
        : path.startsWith("src/") && ALLOWED_PACKAGES.has(packageName(specifier));
      if (!allowed) {
        report(line, `Imports "${specifier}", which is not allowed here`);
      }
      continue;
    }
    const targetLayer = layerOf(target);
    if (targetLayer === undefined) {
      report(line, `Imports ${target}, which belongs to no layer`);
    } else if (!mayImport(layer, targetLayer)) {
      report(line, `Imports ${target}: ${layer} must not see ${targetLayer}`);
    } else if (!seesRoom(path, target)) {
      report(line, `Imports ${target}: ${engineRoomOf(path)} must not see ${engineRoomOf(target)}`);
    } else if (!files.has(target)) {
      report(line, `Imports ${target}, which does not exist`);
    }
  }

  if (!CLOCK_FILES.has(path)) {
    for (const { text, line } of facts.clockNames) {
      if (THREAD_FILES.get(path) === text) continue;
      // When its events are emitted is a part of zeromq.js 5; it times nothing.
      if (layer === "zeromq" && text === "process.nextTick") continue;
      if (text !== SYSTEM_CLOCK) report(line, `Uses ${text}: ask the clock (src/base/clock.ts)`);
      else if (!SYSTEM_CLOCK_LAYERS.has(layer) && !SYSTEM_CLOCK_FILES.has(path)) {
        report(line, `Uses ${text}: ask the clock of the context`);
      }
    }
  }
  for (const { line } of facts.topLevelAwaits) {
    report(line, "Awaits at the top level, which a CommonJS build cannot");
  }
  if (layer !== "transports") {
    for (const { text, line } of facts.computedImports) {
      report(line, `Imports what cannot be checked: ${text}`);
    }
    for (const { text, line } of layer === "zeromq" ? [] : facts.runtimeNames) {
      report(line, `Names ${text}: only transports/ knows runtimes`);
    }
  }
  for (const { text, line } of facts.rewritten) {
    // `globalThis.Deno` counts as one problem.
    if (problems.some((problem) => problem.line === line)) continue;
    report(line, `Uses ${text}, which dnt rewrites or adds a file for (scripts/layers/rewritten.ts)`);
  }
  return problems;
}

/** Checks the order of the engine's rooms. */
function seesRoom(path: string, target: string): boolean {
  const [from, to] = [engineRoomOf(path), engineRoomOf(target)];
  return from === undefined || to === undefined || roomMayImport(from, to);
}

/** Returns the path of a relative specifier; `undefined` for any other specifier. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith("./") && !specifier.startsWith("../")) {
    return undefined;
  }
  return posix.join(posix.dirname(from), specifier);
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function findCycles(facts: ReadonlyMap<string, SourceFacts>): Problem[] {
  const problems: Problem[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    trail.push(path);
    for (const { text, line } of facts.get(path)?.imports ?? []) {
      const target = resolveImport(path, text);
      if (target === undefined || done.has(target) || !facts.has(target)) {
        continue;
      }
      const start = trail.indexOf(target);
      if (start === -1) visit(target);
      else {problems.push({
          path,
          line,
          message: `Imports in a circle: ${[...trail.slice(start), target].join(" → ")}`,
        });}
    }
    trail.pop();
    done.add(path);
  };
  for (const path of facts.keys()) {
    if (!done.has(path)) visit(path);
  }
  return problems;
}

function main(): void {
  const paths = sourceFiles(codeRoots(), ".ts");
  const problems = checkLayers(
    new Map(
      paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
    ),
  );
  for (const { path, line, message } of problems) {
    console.error(`${path}:${line}: ${message}`);
  }
  console.log(`${paths.length} files, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
