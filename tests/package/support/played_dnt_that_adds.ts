/**
 * Plays a dnt that finds something to add: polyfills, imported by every entry file, and shims, imported where a global is
 * used. It writes them as dnt 0.40 to 0.43 do: each import on a line of its own after the first comments, or before all else.
 *
 * @module
 */

import { posix } from "node:path";
import { entryFiles } from "../../../scripts/gate/source_files.ts";
import type { Dnt } from "../../../scripts/npm_package/dnt.ts";
import { play } from "./played_dnt.ts";

const ENTRIES = new Set(Object.values(entryFiles()));
const FIRST_COMMENTS = /^(?:\s*(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*))*/;
const ADDED = {
  "_dnt.polyfills.ts": `// A polyfill.\nif (!Object.hasOwn) throw new Error("no polyfill");\nexport {};\n`,
  "_dnt.shims.ts": `export const TextEncoder = globalThis.TextEncoder;\n`,
};

/** See {@link Dnt}. */
export const build: Dnt["build"] = (options) =>
  play(options, (path, text) => {
    const specifier = (name: string) => {
      const relative = posix.relative(posix.dirname(path), name);
      return `"${relative.startsWith(".") ? relative : `./${relative}`}"`;
    };
    const shimmed = text.replaceAll(/(?<![.\w])TextEncoder\(/g, "dntShim.TextEncoder(");
    const changed = shimmed !== text
      ? insert(shimmed, `import * as dntShim from ${specifier("_dnt.shims.js")};`)
      : text;
    return ENTRIES.has(path) ? insert(changed, `import ${specifier("_dnt.polyfills.js")};`) : changed;
  }, ADDED);

function insert(text: string, statement: string): string {
  const { length } = FIRST_COMMENTS.exec(text)![0];
  return `${text.slice(0, length)}${length === 0 ? "" : "\n"}${statement}\n${text.slice(length)}`;
}
