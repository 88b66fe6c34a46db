/**
 * The links of a Markdown page and the files that it names, as far as this repository's pages need it.
 *
 * @module
 */

const FENCE = /^ *(```+|~~~+)[^\n]*\n[\s\S]*?^ *\1[`~]* *$/gm;
const COMMENT = /<!--[\s\S]*?-->/g;
const CODE = /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;
const INLINE = /\]\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\<]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/g;
const DEFINITION = /^ {0,3}\[([^\]]+)\]:\s*(?:<([^<>\n]*)>|(\S+))/gm;
const REFERENCE = /\[([^[\]]*)\]\[([^[\]]*)\]/g;
const TAG = /<[a-z][^<>]*>/gi;
const ATTRIBUTE = /\s(src|href|srcset)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;

/** A page without its code and comments, in which brackets mean something else. */
function prose(text: string): string {
  return text.replace(FENCE, "").replace(COMMENT, "").replace(CODE, "``");
}

/** Case and white space make no difference in the label of a reference. */
function labelled(label: string): string {
  return label.trim().toLowerCase().replace(/\s+/g, " ");
}

/** Returns the targets of a page's links and images; a reference without a definition is returned as `[reference]`. */
export function targetsOf(text: string): string[] {
  const plain = prose(text);
  const found = Array.from(plain.matchAll(INLINE), (match) => match[1] ?? match[2]!.replace(/\\(.)/g, "$1"));
  const labels = new Set<string>();
  for (const [, label, inBrackets, bare] of plain.matchAll(DEFINITION)) {
    labels.add(labelled(label!));
    found.push(inBrackets ?? bare!);
  }
  for (const [, text, label] of plain.matchAll(REFERENCE)) {
    const used = labelled(label || text!);
    if (!labels.has(used)) found.push(`[${used}]`);
  }
  for (const [tag] of plain.matchAll(TAG)) {
    for (const [, name, double, single] of tag.matchAll(ATTRIBUTE)) {
      const value = double ?? single!;
      if (name!.toLowerCase() !== "srcset") found.push(value);
      else found.push(...value.split(",").map((candidate) => candidate.trim().split(/\s/)[0]!));
    }
  }
  return found;
}

/** The anchors of a page: those that GitHub gives its headings, and those of its tags. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const page = text.replace(FENCE, "").replace(COMMENT, "");
  for (const [, heading] of page.matchAll(/^#{1,6} +(.+?)[ #]*$/gm)) {
    const words = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "").replace(/ /g, "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  for (const [, id] of prose(text).matchAll(/<a\s[^<>]*(?:id|name)=["']([^"']+)["']/gi)) anchors.add(id!);
  return anchors;
}

/** The files and folders of the repository that a page names in code between backticks, by their paths from its root. */
export function pathsOf(text: string): string[] {
  const code = Array.from(text.replace(FENCE, "").replace(COMMENT, "").matchAll(CODE), ([, , inside]) => inside!);
  return code.flatMap((inside) => inside.split(/[\s"'();:=]+/)).flatMap((word) => {
    const path = word.replace(/#.*$/, "");
    // A pattern (`src/*.ts`) names no file.
    if (!/^(?:bench|docs|examples|scripts|src|tests|transports)\/[\w./,{}-]*$/.test(path)) return [];
    const [, before, choices, after] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path) ?? [];
    return choices === undefined ? [path] : choices.split(",").map((choice) => before + choice + after);
  });
}
