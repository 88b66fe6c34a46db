/**
 * Removes everything that dnt adds to a package: files with polyfills and shims, and the lines that import them. Our
 * sources need neither (checked by the layer check); if dnt adds them anyway, the package still works.
 *
 * @module
 */

import { sourceFiles } from "../gate/source_files.ts";
import { BUILDS } from "./manifest.ts";

const FILE = /(?:^|\/)_dnt\.[\w.]+$/;
/** Put in after the first comments of a file, as a line between two line breaks, or before all else. */
const IMPORT = /\n?^import (?:\* as \w+ from )?"(?:\.\.?\/)+_dnt\.[\w.]+\.js";\n/gm;
/** A global that is taken from the shims. */
const GLOBAL = /\bdntShim\w*\.(\w+)/g;

/** Returns whether the file, by its path, is one that dnt added. */
export function isDntFile(path: string): boolean {
  return FILE.test(path);
}

/** dnt's own files in a package, by their paths in it, that do something when they are loaded. */
export function polyfillFiles(folder: string): string[] {
  return BUILDS.flatMap((build) => sourceFiles([`${folder}/${build}`], ".js"))
    .filter((path) => isDntFile(path) && path.includes("polyfills"))
    .map((path) => `./${path.slice(`${folder}/`.length)}`);
}

/** A text without what dnt added to it. */
export interface Restored {
  readonly text: string;
  /** The line of `text` that a line of dnt's text is, both counted from 0; `undefined` for one that was added. */
  lineOf(line: number): number | undefined;
}

/** Takes the lines that dnt added, and its names of globals, out of a text that it compiled. */
export function withoutDnt(text: string): Restored {
  const added = [...text.matchAll(IMPORT)].map(({ index, 0: found }) => {
    const breaks = found.split("\n").length - 1;
    const first = text.slice(0, index).split("\n").length - (found.startsWith("\n") ? 0 : 1);
    return { first, end: first + breaks };
  });
  return {
    text: text.replaceAll(IMPORT, "")
      .replaceAll(GLOBAL, (_, name) => name === "dntGlobalThis" ? "globalThis" : name),
    lineOf(line) {
      if (added.some(({ first, end }) => line >= first && line < end)) return undefined;
      return added.reduce((result, { first, end }) => end <= line ? result - (end - first) : result, line);
    },
  };
}
