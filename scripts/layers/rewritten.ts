/**
 * Finds code that dnt 0.43 and older would rewrite, or for which it would add a file of its own, when it builds for
 * ES2022 without shims. Without such code, the compiled source equals the repository's line by line, and the package
 * has no additional files. Only the syntax counts, as in dnt: `.cause` of any object is found.
 *
 * @module
 */

import {
  isBindingElement,
  isCallExpression,
  isComputedPropertyName,
  isIdentifier,
  isImportAttributes,
  isMetaProperty,
  isObjectBindingPattern,
  isPropertyAccessExpression,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isVariableDeclaration,
  type Node,
  type ObjectBindingPattern,
  type SourceFile,
} from "typescript/unstable/ast";

/** Members of globals that have a polyfill, whether used or taken out of the global. */
const STATIC = new Map([
  ["Object", "hasOwn"],
  ["Promise", "withResolvers"],
  ["Array", "fromAsync"],
]);
/** Methods that have one, by name alone, called with one argument or two. */
const METHODS: ReadonlySet<string> = new Set(["findLast", "findLastIndex"]);
/** Comments that are taken out of the source. */
const DIRECTIVE = /@deno-types\s*=|\/\/\/\s*<reference\s[^>]*\btypes\s*=\s*["'](?:\.\.?\/|https?:)/i;

/** Returns the text of the node if dnt would rewrite it; `undefined` for all other nodes. */
export function rewrittenBy(node: Node, source: SourceFile): string | undefined {
  if (isIdentifier(node)) return node.text === "globalThis" && !isMember(node) ? node.text : undefined;
  if (isMetaProperty(node) && node.getText(source) === "import.meta") return "import.meta";
  if (isImportAttributes(node)) return "import attributes";
  if (isVariableDeclaration(node)) return takenOut(node.name, node.initializer, source);
  if (isCallExpression(node)) {
    const { expression: callee, arguments: { length } } = node;
    if (!isPropertyAccessExpression(callee) || !METHODS.has(callee.name.text)) return undefined;
    return length === 1 || length === 2 ? `.${callee.name.text}()` : undefined;
  }
  if (!isPropertyAccessExpression(node)) return undefined;
  const { expression, name } = node;
  if (name.text === "cause") return ".cause";
  if (!isIdentifier(expression) || STATIC.get(expression.text) !== name.text) return undefined;
  return `${expression.text}.${name.text}`;
}

/** The lines, counted from 1, of comments that would be taken out. */
export function directiveLines(text: string): number[] {
  return text.split("\n").flatMap((line, index) => DIRECTIVE.test(line) ? [index + 1] : []);
}

/** `const { hasOwn } = Object`, and patterns that may take it: a rest, a computed name. */
function takenOut(pattern: Node, initializer: Node | undefined, source: SourceFile): string | undefined {
  if (initializer === undefined || !isIdentifier(initializer) || !isObjectBindingPattern(pattern)) return undefined;
  const member = STATIC.get(initializer.text);
  if (member === undefined) return undefined;
  const taken = (pattern as ObjectBindingPattern).elements.some((element) => {
    if (!isBindingElement(element)) return false;
    if (element.dotDotDotToken !== undefined) return true;
    const key = element.propertyName ?? element.name;
    if (key !== undefined && (isIdentifier(key) || isStringLiteral(key))) return key.text === member;
    return key !== undefined && isComputedPropertyName(key);
  });
  return taken ? `${pattern.getText(source)} = ${initializer.text}` : undefined;
}

/** Returns whether the identifier is the name of a member, not a global; the name in `{ globalThis }` is both. */
function isMember(identifier: Node): boolean {
  const { parent } = identifier;
  return (parent as Node & { readonly name?: Node }).name === identifier && !isShorthandPropertyAssignment(parent);
}
