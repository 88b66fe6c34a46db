/**
 * Source maps of the built package, the same for both builders.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { ROOT, sourceFiles } from "../gate/source_files.ts";
import { isDntFile, withoutDnt } from "./dnt_files.ts";
import { BUILDS } from "./manifest.ts";
import { moveLines } from "./mappings.ts";

interface SourceMap {
  sources: string[];
  sourcesContent?: string[];
  mappings: string;
}

const SPECIFIER_SUFFIX = /((?:from|import) |import\()"(\.\.?\/[^"]+)\.(?:ts|js)"/g;

/**
 * Makes each map name its source as if that were in the package (`src/composites/proxy.ts` of the package, which is not shipped), and
 * puts its text, as the repository has it, into the maps of `esm/`. Those of `script/` are without it: a second copy
 * would be a quarter of the package. Lines that dnt added are taken out of the maps, too; its own files keep their text.
 *
 * @throws {Error} If the code was made from another text.
 */
export function settleSourceMaps(folder: string): void {
  for (const build of BUILDS) {
    for (const path of sourceFiles([`${folder}/${build}`], ".js.map")) {
      const stem = path.slice(`${folder}/${build}/`.length, -".js.map".length);
      const source = `${stem}.ts`;
      const map = JSON.parse(readFileSync(path, "utf8")) as SourceMap;
      if (!isDntFile(source)) restore(map, readFileSync(join(ROOT, source), "utf8"), `${path} does not hold ${source}`);
      map.sources = [posix.relative(dirname(`${build}/${stem}`), source)];
      if (build !== "esm") delete map.sourcesContent;
      writeFileSync(path, JSON.stringify(map));
    }
  }
}

/** Makes a map of what dnt compiled one of the text that the repository has. */
function restore(map: SourceMap, text: string, problem: string): void {
  if (map.sourcesContent?.length !== 1) throw new Error(problem);
  const restored = withoutDnt(map.sourcesContent[0]!);
  if (!isMadeFrom(restored.text, text)) throw new Error(problem);
  map.mappings = moveLines(map.mappings, restored.lineOf);
  map.sourcesContent = [text];
}

/** dnt compiles a copy of each source whose specifiers are rewritten, which moves nothing. */
function isMadeFrom(content: string, text: string): boolean {
  const [one, other] = [content, text].map((source) => source.replaceAll(SPECIFIER_SUFFIX, '$1"$2"'));
  return one === other;
}
