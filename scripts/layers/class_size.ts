/**
 * Limits the members of a class: methods and accessors, counted by name, and fields.
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

/** Most methods, and most fields, of a class that gives no reason. */
export const MAX_MEMBERS = 20;

const METHODS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

/** Returns the members of which a class has too many, such as `Link: 24 methods`; `undefined` for all other nodes. */
export function crowdedClass(node: Node, source: SourceFile): string | undefined {
  if (!isClassDeclaration(node) && !isClassExpression(node)) return undefined;
  const methods = namesOf(node, source, (kind) => METHODS.has(kind)).size;
  const fields = namesOf(node, source, (kind) => kind === SyntaxKind.PropertyDeclaration).size;
  if (methods <= MAX_MEMBERS && fields <= MAX_MEMBERS) return undefined;
  const counts = [[methods, "methods"], [fields, "fields"]] as const;
  const over = counts.filter(([count]) => count > MAX_MEMBERS).map(([count, what]) => `${count} ${what}`);
  return `${node.name?.getText(source) ?? "A class"}: ${over.join(", ")}`;
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
