/**
 * Text of a peer, or of another program's or a file's, inside text for people: error messages, and what our tools print. It
 * cannot move a terminal's cursor, begin a new line in a log, turn the direction of writing, hide, or be long.
 *
 * Only text for people is escaped. Structured data stays as it came: metadata, user ids, frames, `error.endpoint`.
 *
 * @module
 */

/** Most characters (UTF-16 units) that are shown of a peer's text. */
export const SHOWN = 120;

/** Most characters that are shown of an endpoint, or of a name that a program gave: a host name has up to 253. */
export const SHOWN_OF_NAME = 300;

/** Most bytes of a character in UTF-8. */
const CHARACTER_BYTES = 4;

/**
 * What is not shown as it is: control characters, what has no form of its own (directions, joiners, tags, variants), halves of
 * surrogate pairs, private and unassigned characters, separators of lines and paragraphs, and the escape itself.
 */
const ESCAPED = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\\]/u;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text with everything escaped that is not plain to see: `\n`, `\u{1b}`, and `\xff` for bytes that are not UTF-8. At
 * most `most` characters long; `…` stands for what is left out.
 */
export function peerText(text: string | Uint8Array, most: number = SHOWN): string {
  const pieces = typeof text === "string" ? text[Symbol.iterator]() : charactersOf(text, most);
  let shown = "";
  /** As much of it as leaves room for the `…`. */
  let fitting = 0;
  for (const piece of { [Symbol.iterator]: () => pieces }) {
    shown += escaped(piece);
    if (shown.length > most) return `${shown.slice(0, fitting)}…`;
    if (shown.length < most) fitting = shown.length;
  }
  return shown;
}

/** The same in quotes, for words that could be taken for the sentence around them. */
export function quotedPeerText(text: string | Uint8Array, most?: number): string {
  return `"${peerText(text, most).replaceAll('"', '\\"')}"`;
}

/** An endpoint as its messages show it. */
export function endpointText(endpoint: { toString(): string }): string {
  return peerText(endpoint.toString(), SHOWN_OF_NAME);
}

function escaped(piece: string | number): string {
  if (typeof piece === "number") return `\\x${piece.toString(16).padStart(2, "0")}`;
  return ESCAPED.test(piece) ? SHORT[piece] ?? `\\u{${piece.codePointAt(0)!.toString(16)}}` : piece;
}

/** The characters of UTF-8, and as numbers the bytes that are part of none; no more of them than can be shown. */
function* charactersOf(bytes: Uint8Array, most: number): Generator<string | number> {
  const seen = bytes.subarray(0, (most + 1) * CHARACTER_BYTES);
  for (let at = 0; at < seen.length;) {
    const size = sizeOf(seen[at]!);
    const character = size === 0 ? undefined : decoded(seen.subarray(at, at + size));
    yield character ?? seen[at]!;
    at += character === undefined ? 1 : size;
  }
}

/** How many bytes a character has that begins with this byte; 0 if none does. */
function sizeOf(first: number): number {
  if (first < 0x80) return 1;
  return first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return exact.decode(bytes);
  } catch {
    return undefined;
  }
}
