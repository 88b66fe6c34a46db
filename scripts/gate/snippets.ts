/**
 * Extracts the TypeScript snippets of documents and doc comments, and the lines that each promises to print.
 *
 * @module
 */

/** One snippet. */
export interface Snippet {
  /** File and line, `docs/guide/pair.md:12`. */
  readonly name: string;
  readonly code: string;
  /** Texts of the comments behind `console.log(…)`, in their order; one that ends in ", say" is an example of what is printed. */
  readonly prints: readonly string[];
}

const BLOCK = /^([ \t]*(?:\* ?)?)```ts[ \t]*\n([\s\S]*?)^[ \t]*(?:\* ?)?```[ \t]*$/gm;
const PRINTS = /^[^\n]*\bconsole\.log\([^\n]*; \/\/ ([^\n]+)$/gm;
const JSDOC = /\/\*\*[\s\S]*?\*\//g;

/** The snippets of a Markdown file; a block with `ts ignore` on its fence does not count. */
export function snippetsOf(path: string, text: string): Snippet[] {
  if (path.endsWith(".md")) return blocksOf(path, text, 0, text);
  return [...text.matchAll(JSDOC)].flatMap(({ 0: comment, index }) => blocksOf(path, text, index, comment));
}

function blocksOf(path: string, whole: string, offset: number, text: string): Snippet[] {
  return [...text.matchAll(BLOCK)].map(({ 1: before, 2: body, index }) => {
    const line = whole.slice(0, offset + index).split("\n").length;
    // In a doc comment each line begins with what the line of the fence begins with; an empty one has no space behind the star.
    const bare = (one: string) =>
      one.startsWith(before!) ? one.slice(before!.length) : one.slice(before!.trimEnd().length);
    const code = body!.split("\n").map(bare).join("\n");
    const prints = Array.from(code.matchAll(PRINTS), ([, said]) => said!.trim()).filter((said) =>
      !said.endsWith(", say")
    );
    return { name: `${path}:${line}`, code, prints };
  });
}

/**
 * The lines that were promised and not printed, in that order. Differences between runtimes (quotes, spaces, the length
 * of an array) are ignored.
 */
export function notPrinted({ prints }: Snippet, printed: readonly string[]): string[] {
  const left = printed.map(plain);
  return prints.filter((said) => {
    const at = left.indexOf(plain(said));
    if (at < 0) return true;
    left.splice(0, at + 1);
    return false;
  });
}

function plain(text: string): string {
  return text.replace(/\(\d+\) \[/g, "[").replace(/["'\s]/g, "").replace(/,(?=[\]}])/g, "");
}
