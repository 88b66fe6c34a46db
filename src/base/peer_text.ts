/**
 * Escapes text from a peer, another program or a file before it becomes part of an error message or of a tool's output.
 * The result cannot move a terminal's cursor, start a new line in a log, change the writing direction, be invisible, or
 * be long.
 *
 * Secrets in addresses are masked: logs and error messages reach people who may not know them.
 *
 * Only text that people read is escaped. Structured data (metadata, user ids, frames, `error.endpoint`) stays
 * unchanged.
 *
 * @module
 */

/** Maximum length of text from a peer, in characters (UTF-16 units). */
export const SHOWN = 120;

/** Maximum length of an endpoint or of a name from the program, in characters: a host name has up to 253. */
export const SHOWN_OF_NAME = 300;

/** Maximum bytes per character in UTF-8. */
const CHARACTER_BYTES = 4;

/**
 * Characters that are escaped: control characters, invisible characters (direction, joiners, tags, variation
 * selectors), lone surrogates, private use and unassigned characters, line and paragraph separators, and the backslash.
 */
const ESCAPED = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\\]/u;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Returns the text with every character that is not plainly visible escaped: `\n`, `\u{1b}`, and `\xff` for bytes that
 * are not UTF-8. The result has at most `most` characters; `…` replaces the rest.
 */
export function peerText(text: string | Uint8Array, most: number = SHOWN): string {
  const pieces = typeof text === "string" ? text[Symbol.iterator]() : charactersOf(text, most);
  let shown = "";
  /** Length of the text that leaves room for the `…`. */
  let fitting = 0;
  for (const piece of { [Symbol.iterator]: () => pieces }) {
    shown += escaped(piece);
    if (shown.length > most) return `${shown.slice(0, fitting)}…`;
    if (shown.length < most) fitting = shown.length;
  }
  return shown;
}

/** Returns the same in quotes, for text that could be mistaken for a part of the sentence around it. */
export function quotedPeerText(text: string | Uint8Array, most?: number): string {
  return `"${peerText(text, most).replaceAll('"', '\\"')}"`;
}

/** Returns an endpoint as messages show it: without a password. */
export function endpointText(endpoint: { toString(): string }): string {
  return peerText(withoutSecretsOf(endpoint.toString()), SHOWN_OF_NAME);
}

/** The beginning of an endpoint that is a path or a name, or may be meant as one. */
const PATH_OR_NAME = /^(?:ipc|inproc)(?![\w.+-])/i;
const BARE_PATH = /^(?:\.{0,2}\/(?!\/)|@)/;
const SCHEME = /^[a-z][\w.+-]*:\/\//i;

/**
 * Masks the password and the tokens of a text that is an endpoint as a whole, malformed or not: then it may contain spaces and
 * quotes, and an address may have no scheme. All from the first `:` after the scheme to the last `@` is masked, as
 * {@linkcode withoutPassword} does in an address.
 */
export function withoutSecretsOf(endpoint: string): string {
  return withoutPassword(withoutUserInfo(endpoint));
}

function withoutUserInfo(endpoint: string): string {
  if (!endpoint.includes("@") || PATH_OR_NAME.test(endpoint)) return endpoint;
  const scheme = SCHEME.exec(endpoint)?.[0] ?? "";
  const rest = endpoint.slice(scheme.length);
  if (BARE_PATH.test(endpoint) && !rest.slice(0, rest.lastIndexOf("@")).includes(":")) return endpoint;
  return `${scheme}${maskedUserInfo(rest)}`;
}

/** Masks everything before the last `@` but a user name: a password may contain `@` and `/`. */
function maskedUserInfo(rest: string): string {
  const at = rest.lastIndexOf("@");
  if (at < 0) return rest;
  return `${rest.slice(0, rest.slice(0, at).indexOf(":") + 1)}***${rest.slice(at)}`;
}

/** An address: its scheme, and the rest. Paths (`ipc`) and names (`inproc`) contain no password. */
const ADDRESS = /(\b(?!ipc:|inproc:)[a-z][\w+.-]{0,30}:\/\/)([^\s"'`<>]*)/gi;
/** The name of a parameter, and its value. As above, a text matches in one way only, so that matching takes linear time. */
const PARAMETER = /[?&#;]([^\s"'`<>=&?]*)=/g;
const VALUE = /[^\s"'`<>&#]*/y;
const SECRET_NAME = /token|secret|pass|pwd|key|auth|sig|jwt|credential/i;
/** The end of a sentence, which does not belong to the address. */
const PUNCTUATION = ":;,.)";

/**
 * Masks the passwords and tokens in the addresses of a text, such as `wss://ann:secret@host` and
 * `wss://host/?token=secret`, as the endpoints of other schemes may have them.
 */
export function withoutPassword(text: string): string {
  // Most texts contain neither character, and need no search.
  const masked = text.includes("@")
    ? text.replace(ADDRESS, (_, scheme: string, rest: string) => `${scheme}${maskedUserInfo(rest)}`)
    : text;
  return masked.includes("=") ? withoutSecrets(masked) : masked;
}

function withoutSecrets(text: string): string {
  let shown = "";
  let at = 0;
  for (const { 0: parameter, 1: name, index } of text.matchAll(PARAMETER)) {
    // Part of a value that is masked.
    if (index < at || !SECRET_NAME.test(name!)) continue;
    VALUE.lastIndex = index + parameter.length;
    const [value] = VALUE.exec(text)!;
    let end = value.length;
    while (end > 0 && PUNCTUATION.includes(value[end - 1]!)) end--;
    if (end === 0) continue;
    shown += `${text.slice(at, index)}${parameter}***`;
    at = index + parameter.length + end;
  }
  return shown + text.slice(at);
}

/**
 * Returns the message of an error, at most `most` characters. The library's own messages have text of peers escaped
 * already, so their backslashes stay as they are; messages of other errors are escaped.
 */
export function errorText({ message }: { readonly message: string }, most: number): string {
  return peerText(withoutPassword(String(message)), most).replaceAll("\\\\", "\\");
}

/** Returns bytes that are not text, such as the routing ids that a Router generates, in hexadecimal: `0x00a1`. */
export function hexText(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, hexOf).join("")}`;
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function escaped(piece: string | number): string {
  if (typeof piece === "number") return `\\x${hexOf(piece)}`;
  return ESCAPED.test(piece) ? SHORT[piece] ?? `\\u{${piece.codePointAt(0)!.toString(16)}}` : piece;
}

/** Yields the characters of UTF-8 text, and invalid bytes as numbers. Reads only as many bytes as can be shown. */
function* charactersOf(bytes: Uint8Array, most: number): Generator<string | number> {
  const seen = bytes.subarray(0, (most + 1) * CHARACTER_BYTES);
  for (let at = 0; at < seen.length;) {
    const size = sizeOf(seen[at]!);
    const character = size === 0 ? undefined : decoded(seen.subarray(at, at + size));
    yield character ?? seen[at]!;
    at += character === undefined ? 1 : size;
  }
}

/** Returns the length in bytes of the character that begins with this byte; 0 if no character does. */
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
