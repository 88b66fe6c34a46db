/**
 * Limits the members of a class: methods and accessors, counted by name, and fields, all together.
 *
 * @module
 */

import {
  type ClassDeclaration,
  type ClassExpression,
  isClassDeclaration,
  isClassExpression,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";

/** Most members of a class that gives no reason. */
export const MAX_MEMBERS = 20;

/** A class may have a few more before it has to give one: this limit is a rule of thumb. */
const TOLERANCE = 2;

const METHODS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

/** Returns how many members a class has if those are too many, such as `Link: 24 members`; `undefined` for all other nodes. */
export function crowdedClass(node: Node, source: SourceFile): string | undefined {
  if (!isClassDeclaration(node) && !isClassExpression(node)) return undefined;
  const methods = namesOf(node, source, (kind) => METHODS.has(kind)).size;
  const fields = namesOf(node, source, (kind) => kind === SyntaxKind.PropertyDeclaration).size;
  if (methods + fields <= MAX_MEMBERS + TOLERANCE) return undefined;
  const name = node.name?.getText(source) ?? "A class";
  return `${name}: ${methods + fields} members (${methods} methods, ${fields} fields)`;
}

/** Overloads have one name, and so has the getter of a setter. */
function namesOf(
  node: ClassDeclaration | ClassExpression,
  source: SourceFile,
  wanted: (kind: SyntaxKind) => boolean,
): Set<string> {
  const members = [...node.members].filter(({ kind }) => wanted(kind));
  return new Set(members.map((member) => (member as unknown as { readonly name: Node }).name.getText(source)));
}
