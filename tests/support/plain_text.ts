/**
 * Hostile bytes that a peer may send where text is expected, and what text for people must never carry of them.
 *
 * @module
 */

import { assert } from "@std/assert";
import { bytes } from "./raw_peer.ts";

/** Named by their effect on a reader. */
export const HOSTILE: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["60,000 characters", bytes("x".repeat(60_000))],
  ["a new line", bytes("ok\nFATAL: disk full")],
  ["a carriage return", bytes("ok\rFATAL")],
  ["an escape sequence", bytes("\x1b[2J\x1b[31m")],
  ["an escape sequence of C1", bytes("\u009b2J")],
  ["a NUL", bytes("a\0b")],
  ["a bell and a delete", bytes("\x07\x7f\b")],
  ["writing from right to left", bytes("\u202egpj.exe\u2066\u200f\u061c")],
  ["what has no width", bytes("a\u200b\u200d\u2060\ufeff\u00ad\u180e\u3164b")],
  ["separators of lines and paragraphs", bytes("a\u2028b\u2029c\u0085d")],
  ["tags and variants", bytes("a\u{e0041}\u{e0100}\ufe0f")],
  ["bytes that are not UTF-8", bytes("a", 0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x98)],
  ["half of a surrogate pair", bytes(0xed, 0xa0, 0x80)],
  ["60,000 times ESC", bytes("\x1b".repeat(60_000))],
  ["60,000 times an astral character", bytes("\u{1f600}".repeat(15_000))],
];

const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Most characters of a message: an endpoint, a peer's text, and our own words. */
const MOST = 520;

/** Fails if the text could do something to a terminal or a log, or is long. */
export function assertPlain(text: string, most: number = MOST): void {
  assert(text.length <= most, `${text.length} characters: ${JSON.stringify(text.slice(0, 200))}`);
  assert(!HIDDEN.test(text), JSON.stringify(text));
}

/** The same for an error with all its causes: messages, `String(error)`, the head of the stack. */
export function assertPlainError(error: unknown, most?: number): void {
  for (let each = error; each instanceof Error; each = each.cause) {
    assertPlain(each.message, most);
    assertPlain(String(each), most);
    for (const line of (each.stack ?? "").split("\n")) assert(!HIDDEN.test(line), JSON.stringify(line));
  }
}

/** The same for an event, except structured data: metadata. */
export function assertPlainEvent(event: object): void {
  for (const value of Object.values(event)) {
    if (typeof value === "string") assertPlain(value);
    else if (value instanceof Error) assertPlainError(value);
  }
}
