/**
 * Finds `!` assertions without effect, on expressions that are never null or undefined. Such an assertion misleads
 * readers, and stays in place when the type changes.
 *
 * Hand-written: the typed lint rule (`no-unnecessary-type-assertion`) needs typescript-eslint, which does not run on
 * TypeScript 7. Run with `npx tsx scripts/check_assertions.ts`.
 *
 * @module
 */

import { join, relative } from "node:path";
import process from "node:process";
import { isNonNullExpression, type Node, type NonNullExpression } from "typescript/unstable/ast";
import { API, TypeFlags } from "typescript/unstable/sync";
import { pathToFileURL } from "node:url";
import { codeRoots, ROOT, sourceFiles } from "./gate/source_files.ts";

/** Types from which `!` may remove something. */
const DOUBTFUL = TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void | TypeFlags.Any | TypeFlags.Unknown |
  TypeFlags.TypeParameter | TypeFlags.IndexedAccess | TypeFlags.Conditional | TypeFlags.Substitution;

/** An unnecessary assertion. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** Returns the unnecessary assertions in these files of the project, and the number of all assertions. */
export function checkAssertions(tsconfig: string, paths: readonly string[]): { findings: Finding[]; count: number } {
  const api = new API({ cwd: ROOT });
  try {
    const project = api.updateSnapshot({ openProjects: [tsconfig] }).getProject(tsconfig);
    if (project === undefined) throw new Error(`Cannot open ${tsconfig}`);
    const findings: Finding[] = [];
    let count = 0;
    for (const path of paths) {
      const source = project.program.getSourceFile(path);
      if (source === undefined) continue;
      const assertions: NonNullExpression[] = [];
      const visit = (node: Node): void => {
        if (isNonNullExpression(node)) assertions.push(node);
        node.forEachChild(visit);
      };
      visit(source);
      count += assertions.length;
      const types = project.checker.getTypeAtLocation(assertions.map(({ expression }) => expression));
      assertions.forEach((node, i) => {
        const type = types[i];
        const parts = type?.isUnionType() ? type.getTypes() : [type];
        if (parts.some((part) => part === undefined || (part.flags & DOUBTFUL) !== 0)) return;
        const line = source.text.slice(0, node.getStart(source)).split("\n").length;
        findings.push({ path: relative(ROOT, path), line, text: node.getText(source) });
      });
    }
    return { findings, count };
  } finally {
    api.close();
  }
}

function main(): void {
  const paths = sourceFiles(codeRoots(), ".ts").map((path) => join(ROOT, path));
  const { findings, count } = checkAssertions(join(ROOT, "tsconfig.json"), paths);
  for (const { path, line, text } of findings) console.error(`${path}:${line}: \`${text}\` is never null or undefined`);
  console.log(`${paths.length} files, ${count} assertions, ${findings.length} without a need`);
  if (findings.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
