/**
 * Reads the facts about a source file that the layer rules need from TypeScript's syntax tree.
 *
 * Node only: the synchronous API of TypeScript 7 communicates with its compiler through pipes that Deno and Bun do not
 * support.
 *
 * @module
 */

import { createVirtualFileSystem } from "typescript/unstable/fs";
import { API } from "typescript/unstable/sync";
import {
  isAwaitExpression,
  isCallExpression,
  isElementAccessExpression,
  isForOfStatement,
  isIdentifier,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
  isVariableDeclarationList,
  type Node,
  NodeFlags,
  type NoSubstitutionTemplateLiteral,
  type SourceFile,
  type StringLiteral,
  SyntaxKind,
} from "typescript/unstable/ast";
import { crowdedClass } from "./class_size.ts";
import { directiveLines, rewrittenBy } from "./rewritten.ts";

/** Something at a line, counted from 1. */
export interface Sighting {
  readonly text: string;
  readonly line: number;
}

/** Facts about one file. */
export interface SourceFacts {
  /** Specifiers of static and dynamic imports, re-exports and `import("…")` types. */
  readonly imports: readonly Sighting[];
  /** Dynamic imports whose specifier is not a literal. */
  readonly computedImports: readonly Sighting[];
  /** Names of runtime globals in code. */
  readonly runtimeNames: readonly Sighting[];
  /** Time, turns and chance of the runtime, taken or called, and {@link SYSTEM_CLOCK}. */
  readonly clockNames: readonly Sighting[];
  /** `await`, `for await` and `await using` outside every function. */
  readonly topLevelAwaits: readonly Sighting[];
  /** The places that the builder of the npm package would rewrite. */
  readonly rewritten: readonly Sighting[];
  /** Classes with many members, and how many they have. */
  readonly crowdedClasses: readonly Sighting[];
  readonly lineCount: number;
  /** The comments before the first statement. */
  readonly header: string;
}

/** Names that mean a runtime wherever they stand. */
const RUNTIME_NAMES = new Set(["Deno", "Bun", "Buffer"]);
/** Names that mean a runtime unless they name a member of something else. */
const RUNTIME_VARIABLES = new Set(["process", "require"]);
/** Functions of the runtime that make time pass, or a turn. */
const CLOCK_FUNCTIONS = new Set([
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "cancelAnimationFrame",
  "requestIdleCallback",
  "cancelIdleCallback",
  "scheduler",
  "Scheduler",
  "MessageChannel",
  // They could call any of these.
  "eval",
]);
/** Other names of `globalThis`. */
const GLOBALS = new Set(["globalThis", "self", "window", "global", "frames", "top", "parent"]);
/** Those that mean it wherever they stand by themselves, and could be asked for any of its members. `globalThis` is found by what dnt rewrites. */
const WHOLE_GLOBALS = new Set(["self", "window", "global"]);
/** The export of `src/base/clock.ts` that is the runtime's clock. */
export const SYSTEM_CLOCK = "systemClock";
/** Objects that do, with the members that do; any use of those that have no harmless members. */
const CLOCK_OBJECTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["performance", []],
  ["Date", []],
  ["Temporal", []],
  ["Math", ["random"]],
  ["AbortSignal", ["timeout"]],
  ["Atomics", ["wait", "waitAsync"]],
]);
/** The same of objects that belong to a runtime: they may be used otherwise, also as a whole. */
const RUNTIME_CLOCKS: ReadonlyMap<string, readonly string[]> = new Map([
  ["process", ["nextTick", "hrtime", "uptime"]],
  ["Bun", ["sleep", "sleepSync", "nanoseconds"]],
]);
const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);
const LEADING_COMMENTS = /^(?:\s*(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*))*/;
const ROOT = "/checked";

/** Reads the facts of all files, by path. */
export function readFacts(
  files: ReadonlyMap<string, string>,
): Map<string, SourceFacts> {
  const tsconfig = `${ROOT}/tsconfig.json`;
  const disk: Record<string, string> = {
    [tsconfig]: JSON.stringify({
      compilerOptions: {
        noLib: true,
        noResolve: true,
        types: [],
        noEmit: true,
        allowImportingTsExtensions: true,
      },
      files: [...files.keys()],
    }),
  };
  for (const [path, text] of files) disk[`${ROOT}/${path}`] = text;
  const api = new API({ cwd: ROOT, fs: createVirtualFileSystem(disk) });
  try {
    const project = api.updateSnapshot({ openProjects: [tsconfig] }).getProject(
      tsconfig,
    );
    const facts = new Map<string, SourceFacts>();
    for (const [path, text] of files) {
      const source = project?.program.getSourceFile(`${ROOT}/${path}`);
      if (source === undefined) throw new Error(`Cannot parse ${path}`);
      facts.set(path, factsOf(source, text));
    }
    return facts;
  } finally {
    api.close();
  }
}

function factsOf(source: SourceFile, text: string): SourceFacts {
  const lineStarts = [...text.matchAll(/\n/g)].map((match) => match.index + 1);
  const at = (node: Node, label: string): Sighting => {
    const start = node.getStart(source);
    return {
      text: label,
      line: 1 + lineStarts.filter((offset) => offset <= start).length,
    };
  };
  const computedImports: Sighting[] = [];
  const runtimeNames: Sighting[] = [];
  const clockNames: Sighting[] = [];
  const topLevelAwaits: Sighting[] = [];
  const crowdedClasses: Sighting[] = [];
  const rewritten: Sighting[] = directiveLines(text).map((line) => ({ text: "a comment that Deno reads", line }));

  const visit = (node: Node, insideFunction: boolean): void => {
    if (isComputedImport(node)) {
      computedImports.push(at(node, node.getText(source)));
    }
    const name = runtimeName(node);
    if (name !== undefined) runtimeNames.push(at(node, name));
    const changed = rewrittenBy(node, source);
    if (changed !== undefined) rewritten.push(at(node, changed));
    const crowded = crowdedClass(node, source);
    if (crowded !== undefined) crowdedClasses.push(at(node, crowded));
    const clock = clockName(node);
    if (clock !== undefined) clockNames.push(at(node, clock));
    if (!insideFunction && isAwait(node)) {
      topLevelAwaits.push(at(node, "await"));
    }
    const within = insideFunction || FUNCTIONS.has(node.kind);
    node.forEachChild((child) => visit(child, within));
  };
  visit(source, false);

  return {
    imports: source.imports.filter(isStringLiteralLike).map((specifier) => at(specifier, specifier.text)),
    computedImports,
    runtimeNames,
    clockNames,
    topLevelAwaits,
    rewritten,
    crowdedClasses,
    lineCount: lineStarts.length + (text === "" || text.endsWith("\n") ? 0 : 1),
    header: LEADING_COMMENTS.exec(text)?.[0] ?? "",
  };
}

function isStringLiteralLike(
  node: Node,
): node is StringLiteral | NoSubstitutionTemplateLiteral {
  return isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node);
}

function isComputedImport(node: Node): boolean {
  if (
    !isCallExpression(node) || node.expression.kind !== SyntaxKind.ImportKeyword
  ) return false;
  const specifier = node.arguments[0];
  return specifier === undefined || !isStringLiteralLike(specifier);
}

function isAwait(node: Node): boolean {
  if (isAwaitExpression(node)) return true;
  if (isForOfStatement(node)) return node.awaitModifier !== undefined;
  return isVariableDeclarationList(node) &&
    (node.flags & NodeFlags.AwaitUsing) === NodeFlags.AwaitUsing;
}

function runtimeName(node: Node): string | undefined {
  if (isIdentifier(node)) {
    if (RUNTIME_NAMES.has(node.text)) return node.text;
    return RUNTIME_VARIABLES.has(node.text) && !isMemberName(node) ? node.text : undefined;
  }
  if (!isElementAccessExpression(node) || !isGlobalThis(node.expression)) {
    return undefined;
  }
  const key = node.argumentExpression;
  if (!isStringLiteralLike(key)) return undefined;
  return RUNTIME_NAMES.has(key.text) || RUNTIME_VARIABLES.has(key.text) ? key.text : undefined;
}

/** Returns the name of the runtime's time, event loop turn or randomness that a node uses. */
function clockName(node: Node): string | undefined {
  const global = globalName(node);
  if (global === undefined) return undefined;
  if (global === SYSTEM_CLOCK) return global;
  if (CLOCK_FUNCTIONS.has(global) || (global === "Function" && isCalled(node))) return global;
  if (WHOLE_GLOBALS.has(global)) return isAskedForMember(node) ? undefined : global;
  const own = RUNTIME_CLOCKS.get(global);
  const members = own ?? CLOCK_OBJECTS.get(global);
  if (members === undefined || members.length === 0) return members && global;
  // A member by name, or the whole object, any member of which may be used. In `globalThis.Math.random` the second part
  // names the global.
  const object = isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
  const { parent } = object;
  let member: string | undefined;
  if (isPropertyAccessExpression(parent) && parent.expression === object) member = parent.name.text;
  else if (isElementAccessExpression(parent) && parent.expression === object) {
    const key = parent.argumentExpression;
    member = isStringLiteralLike(key) ? key.text : undefined;
  } else if (inType(node)) return undefined;
  if (own !== undefined && member === undefined) return undefined;
  return member === undefined || members.includes(member) ? `${global}.${member ?? "*"}` : undefined;
}

/** The global that a node names: by itself, or as a member of `globalThis`. */
function globalName(node: Node): string | undefined {
  if (isIdentifier(node)) return isMemberName(node) ? undefined : node.text;
  if (!isElementAccessExpression(node) || !isGlobalThis(node.expression)) return undefined;
  const key = node.argumentExpression;
  return isStringLiteralLike(key) ? key.text : undefined;
}

/** Returns whether the function is called, or used as a constructor: `Function` as a type or a namespace is harmless. */
function isCalled(callee: Node): boolean {
  const { parent } = callee;
  return (isCallExpression(parent) || isNewExpression(parent)) && parent.expression === callee;
}

/** Returns whether a member with a name is taken from the object, so that the name decides. */
function isAskedForMember(object: Node): boolean {
  const { parent } = object;
  if (isPropertyAccessExpression(parent)) return parent.expression === object;
  return isElementAccessExpression(parent) && isStringLiteralLike(parent.argumentExpression);
}

/** Returns whether the identifier is the name of a type. */
function inType(identifier: Node): boolean {
  return identifier.parent.kind === SyntaxKind.TypeReference;
}

/** Returns whether the identifier names a member of something that is not `globalThis`. */
function isMemberName(identifier: Node): boolean {
  const parent = identifier.parent;
  if (isPropertyAccessExpression(parent)) {
    return parent.name === identifier && !isGlobalThis(parent.expression);
  }
  switch (parent.kind) {
    case SyntaxKind.PropertyAssignment:
    case SyntaxKind.PropertyDeclaration:
    case SyntaxKind.PropertySignature:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.MethodSignature:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
      return (parent as Node & { readonly name?: Node }).name === identifier;
    default:
      return false;
  }
}

/** Returns whether the expression is `globalThis` by any of its names, also in parentheses or under a type assertion. */
function isGlobalThis(expression: Node): boolean {
  if (isIdentifier(expression)) return GLOBALS.has(expression.text);
  const inner = (expression as Node & { readonly expression?: Node }).expression;
  switch (expression.kind) {
    case SyntaxKind.ParenthesizedExpression:
    case SyntaxKind.AsExpression:
    case SyntaxKind.SatisfiesExpression:
    case SyntaxKind.NonNullExpression:
      return inner !== undefined && isGlobalThis(inner);
    default:
      return false;
  }
}
