/**
 * The workflows, which run only on GitHub, and the commands in documents: the files and scripts that they name exist,
 * and no job that may publish runs code of the repository.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { documents, ROOT, sourceFiles } from "../../scripts/gate/source_files.ts";
import { NPM_NAME } from "../../scripts/npm_package/manifest.ts";
import { ZEROMQ_MAJORS, ZEROMQ_NAME } from "../../scripts/npm_package/zeromq.ts";
import { test } from "../support/harness.ts";

interface Job {
  readonly needs?: string;
  readonly strategy?: { readonly matrix: { readonly major: readonly number[] } };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly run?: string; readonly uses?: string; readonly with?: Record<string, unknown> }[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const WORKFLOWS = sourceFiles([".github/workflows"], ".yml");
const RELEASE = parse(read(".github/workflows/release.yml")) as Workflow;
const { scripts, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
/** Programs that a user of the library writes. */
const OF_USERS = ["program.ts", "hello.mts"];
/** The file that `npm pack` makes of the package: it writes `@scope/name` as `scope-name`. */
const TARBALL = `${NPM_NAME.replace("@", "").replace("/", "-")}-*.tgz`;
/** Those of the drop-in, of one version. */
const DROP_IN = `${ZEROMQ_NAME.replace("@", "").replace("/", "-")}-\${{ matrix.major }}.*.tgz`;

function commandsOf(job: Job): string[] {
  return job.steps.flatMap(({ run }) => run === undefined ? [] : run.trim().split("\n"));
}

/** Returns the commands of a text that name something that does not exist. */
function missing(text: string): string[] {
  const found = [...text.matchAll(/\bnpm run ([\w:-]+)|\b(npm test)\b|\bnpx tsx ([\w./-]+)/g)];
  return found
    .filter(([, script, test, file]) =>
      file !== undefined
        ? !existsSync(join(ROOT, file)) && !OF_USERS.includes(file)
        : scripts![script ?? (test && "test")!] === undefined
    )
    .map(([command]) => command);
}

test("workflows: files and scripts in their commands and those of the documents exist", () => {
  assertEquals(missing("npm run relaese; npx tsx scripts/no.ts; npm run release; npm test"), [
    "npm run relaese",
    "npx tsx scripts/no.ts",
  ]);
  assert(WORKFLOWS.length >= 2);
  for (const path of [...WORKFLOWS, ...documents()]) assertEquals(missing(read(path)), [], path);
});

test("workflows: every command is one that is known here", () => {
  const known =
    /^(?:npm test|npm run [\w:-]+(?: .*)?|npm publish \S+(?:\$\{\{ matrix\.major \}\}\S+)?|deno publish --no-check)$/;
  for (const path of WORKFLOWS) {
    const { jobs } = parse(read(path)) as Workflow;
    const commands = Object.values(jobs).flatMap(commandsOf);
    assert(commands.length > 0, path);
    assertEquals(commands.filter((command) => !known.test(command)), [], path);
  }
});

test("release workflow: the gate runs once, with a builder that is named", () => {
  const commands = Object.values(RELEASE.jobs).flatMap(commandsOf).filter((command) =>
    /npm (?:test|run)/.test(command)
  );
  assertEquals(commands, ['npm run release -- check "$GITHUB_REF_NAME" --builder dnt']);
  assertEquals(commandsOf(RELEASE.jobs.check!), commands);
});

test("release workflow: only jobs that publish may, after the check, and they run nothing else", () => {
  assertEquals(RELEASE.permissions, { contents: "read" });
  const publishing = Object.entries(RELEASE.jobs).filter(([, { permissions }]) =>
    permissions?.["id-token"] === "write"
  );
  assertEquals(publishing.map(([name, job]) => [name, job.needs, commandsOf(job)]), [
    ["npm", "check", [`npm publish ./${TARBALL}`]],
    ["drop-in", "npm", [`npm publish ./${DROP_IN}`]],
    ["jsr", "check", ["deno publish --no-check"]],
  ]);
});

test("release workflow: npm gets the tarballs that the check packed, JSR the files of the gate's Deno", () => {
  const step = (job: string, action: string) =>
    RELEASE.jobs[job]!.steps.find(({ uses }) => uses?.startsWith(`${action}@`))!.with!;
  const up = step("check", "actions/upload-artifact");
  assertEquals([up.path, up["if-no-files-found"]], ["monocoque-*.tgz", "error"]);
  for (const job of ["npm", "drop-in"]) assertEquals(step(job, "actions/download-artifact").name, up.name, job);
  const majors = RELEASE.jobs["drop-in"]!.strategy!.matrix.major.map((major) => `v${major}`);
  assertEquals(majors.sort(), [...ZEROMQ_MAJORS].sort());
  assertStringIncludes(read("scripts/release.ts"), `execute("npm", "pack", folder)`);
  assertEquals(step("jsr", "denoland/setup-deno")["deno-version"], devDependencies!.deno);
});
