/**
 * Takes the prose out of files: what Markdown says outside of its code, comments, the messages of errors, and the texts of
 * YAML forms. Code between backticks becomes a word of its own, so that a sentence stays a sentence.
 *
 * @module
 */

import { unified } from "unified";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { isScalar, LineCounter, type Pair, parseDocument, visit } from "yaml";

/** A paragraph, a heading, a table cell, a comment, or a message. */
export interface Prose {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly kind: "text" | "cell" | "heading" | "message";
}

interface Markdown {
  readonly type: string;
  readonly value?: string;
  readonly alt?: string;
  readonly children?: readonly Markdown[];
  readonly position?: { readonly start: { readonly line: number } };
}

/** Stands for code in a sentence: a name, singular, with no vowel in front. */
const CODE = "Code";
const BLOCKS = new Set(["paragraph", "tableCell"]);
const markdown = unified().use(remarkParse).use(remarkGfm);

/** Prose of a Markdown page. */
export function proseOfMarkdown(text: string, firstLine = 1): Prose[] {
  const found: Prose[] = [];
  const visit = (node: Markdown, header: boolean): void => {
    const kind = node.type === "heading" || header ? "heading" : node.type === "tableCell" ? "cell" : "text";
    if (node.type === "heading" || BLOCKS.has(node.type)) {
      found.push({ line: node.position!.start.line + firstLine - 1, text: flat(node), kind });
      return;
    }
    node.children?.forEach((child, i) =>
      visit(child, node.type === "tableRow" ? header : node.type === "table" && i === 0)
    );
  };
  visit(markdown.parse(text) as Markdown, false);
  return found;
}

function flat(node: Markdown): string {
  if (node.type === "inlineCode") return CODE;
  if (node.type === "break") return " ";
  if (node.type === "image") return node.alt ?? "";
  if (node.type === "html") return "";
  return node.value?.replaceAll("\n", " ") ?? node.children?.map(flat).join("") ?? "";
}

const TOKENS =
  /(?<doc>\/\*\*[\s\S]*?\*\/)|\/\*[\s\S]*?\*\/|(?<lines>(?:(?<=^|\n)[ \t]*)\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*)|(?<line>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<regex>(?<=[=(,:!&|?{};]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*)/g;
/** Words of a message, not a name or a code: there are several, and the first is one. */
const MESSAGE = /^[A-Z`$][\w${}.'`"()-]* \S+ \S/;
/** The same for a part of a message, such as what to do in a hint. */
const PART_OF_MESSAGE = /^[a-z]+,? [a-z]+,? [\w(`$]\S* \S/;
const TAGS =
  /^@(?:param|returns|throws|template|default|see|typeParam|module|example|deprecated|internal|since)\b(?: \{\w+\})?(?: (?:\w+ - |\w+ (?=[A-Z])))?/;

/**
 * Comments of TypeScript, and strings that are messages for people.
 *
 * @param parts True if strings that begin in lower case are parts of messages too, not data.
 */
export function proseOfCode(text: string, parts = false): Prose[] {
  const found: Prose[] = [];
  for (const { index, groups } of text.matchAll(TOKENS)) {
    const line = text.slice(0, index).split("\n").length;
    const { doc, lines, line: one, string } = groups!;
    if (doc !== undefined) {
      // Lines that are indented show output.
      const bare = doc.slice(3, -2).split("\n")
        .map((part) => part.replace(/^\s*\* ?/, "").replace(/^ {4}.*/, "").replace(TAGS, "")).join("\n");
      found.push(...proseOfMarkdown(bare.replace(/\{@link (?:code )?([^}|]*)(?:\|[^}]*)?\}/g, "`$1`"), line));
    } else if (lines !== undefined || one !== undefined) {
      const said = (lines ?? one)!.split("\n").map((part) => part.replace(/^\s*\/\/ ?/, "")).join("\n");
      if (/^(?:deno|eslint|@ts)-/.test(said)) continue;
      found.push(...proseOfMarkdown(said, line));
    } else if (string !== undefined && isMessage(string.slice(1, -1), parts)) {
      const said = string.slice(1, -1).replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, CODE).replace(/\s+/g, " ");
      found.push({ line, text: said, kind: "message" });
    }
  }
  return found;
}

function isMessage(text: string, parts: boolean): boolean {
  return MESSAGE.test(text) || parts && PART_OF_MESSAGE.test(text);
}

const TEST_NAMES = /\btest(?:\.\w+)?\(\s*("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/g;

/** Names of tests, which are printed. A name may have its subject first, as in `close: ends all waits`. */
export function namesOfTests(text: string): Prose[] {
  return [...text.matchAll(TEST_NAMES)].flatMap((found) => {
    const name = found[1]!.slice(1, -1).replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, CODE);
    const subject = /^[^:]{1,40}(?=: )/.exec(name)?.[0] ?? "";
    const rest = subject === "" ? name : name.slice(subject.length + 2);
    const line = text.slice(0, found.index).split("\n").length;
    const sentence = { line, text: `${rest.charAt(0).toUpperCase()}${rest.slice(1)}.`, kind: "text" } as const;
    return subject === "" ? [sentence] : [{ line, text: subject, kind: "cell" }, sentence];
  });
}

/** Keys of YAML whose values people read: those of issue templates, and the names in workflows. A name need not be a sentence. */
const YAML_NAMES = new Set(["name", "label", "placeholder"]);
const YAML_TEXTS = new Set(["description", "about", "value"]);

/** Texts and comments of YAML: issue templates and workflows. */
export function proseOfYaml(text: string): Prose[] {
  const lines = new LineCounter();
  const found: Prose[] = [];
  visit(parseDocument(text, { lineCounter: lines }), {
    Pair(_key, { key, value }: Pair) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== "string") return;
      const line = lines.linePos(value.range![0]).line;
      if (YAML_NAMES.has(String(key.value))) found.push({ line, text: value.value, kind: "cell" });
      if (YAML_TEXTS.has(String(key.value))) {
        found.push(...proseOfMarkdown(value.value, value.type === "BLOCK_LITERAL" ? line + 1 : line));
      }
    },
  });
  for (const { 0: comment, index } of text.matchAll(/^ *# ?[^\n]*(?:\n *# ?[^\n]*)*/gm)) {
    const said = comment.split("\n").map((part) => part.replace(/^ *# ?/, "")).join("\n");
    found.push(...proseOfMarkdown(said, lines.linePos(index).line));
  }
  return found;
}
