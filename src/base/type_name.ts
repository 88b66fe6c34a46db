/**
 * The type of a value, for error messages.
 *
 * @module
 */

/** Names the type of a value as error messages show it: the class of an object, such as `Date`. */
export function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const { constructor } = value as { readonly constructor?: unknown };
  const name = typeof constructor === "function" ? constructor.name : "";
  // A class may have a static member called `name`.
  return typeof name !== "string" || name === "" || name === "Object" ? "object" : name;
}
