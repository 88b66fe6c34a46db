/**
 * Source maps as users get them, whichever tool wrote them.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { ROOT, sourceFiles } from "../gate/source_files.ts";
import { BUILDS } from "./manifest.ts";

interface SourceMap {
  sources: string[];
  sourcesContent?: string[];
}

const SPECIFIER_SUFFIX = /((?:from|import) |import\()"(\.\.?\/[^"]+)\.(?:ts|js)"/g;

/**
 * Makes each map name its source as if that were in the package (`src/proxy.ts` of the package, which is not shipped), and
 * puts its text, as the repository has it, into the maps of `esm/`. Those of `script/` are without it: a second copy
 * would be a quarter of the package.
 *
 * @throws {Error} If the code was made from another text.
 */
export function settleSourceMaps(folder: string): void {
  for (const build of BUILDS) {
    for (const path of sourceFiles([`${folder}/${build}`], ".js.map")) {
      const stem = path.slice(`${folder}/${build}/`.length, -".js.map".length);
      const source = `${stem}.ts`;
      const map = JSON.parse(readFileSync(path, "utf8")) as SourceMap;
      const text = readFileSync(join(ROOT, source), "utf8");
      if (map.sourcesContent?.length !== 1 || !isMadeFrom(map.sourcesContent[0]!, text)) {
        throw new Error(`${path} does not hold ${source}`);
      }
      map.sources = [posix.relative(dirname(`${build}/${stem}`), source)];
      if (build === "esm") map.sourcesContent = [text];
      else delete map.sourcesContent;
      writeFileSync(path, JSON.stringify(map));
    }
  }
}

/** dnt compiles a copy of each source whose specifiers are rewritten, which moves nothing. */
function isMadeFrom(content: string, text: string): boolean {
  const [one, other] = [content, text].map((source) => source.replaceAll(SPECIFIER_SUFFIX, '$1"$2"'));
  return one === other;
}
