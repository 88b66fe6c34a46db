/**
 * Lines of the log that are sent over a logged socket, of this or of another `debugLog`: logging that would write the
 * next line, which is sent as well, without an end.
 *
 * @module
 */

import { reportUncaught } from "../base/uncaught.ts";

/** The beginning of a line: the time, the socket and the scope. */
const HEAD = /zmq \+\d+\.\d{3} s [A-Z]+#\d+ [a-z]+/;
/** Number of lines that are remembered. A peer that guesses one of them can keep its message out of the log. */
const REMEMBERED = 1000;
/** Maximum number of bytes of a frame that are searched for a line. */
const SEARCHED = 4096;

const heads = new Set<string>();
const decoder = new TextDecoder();
let writing = false;

/** Writes a line. One that is caused by the writing of another line is left out. */
export function writeLine(write: (line: string) => void, line: () => string): void {
  if (writing) return;
  writing = true;
  try {
    const text = line();
    const [head = ""] = HEAD.exec(text) ?? [];
    heads.add(head);
    if (heads.size > REMEMBERED) heads.delete(heads.keys().next().value!);
    write(text);
  } catch (error) {
    // The socket must not fail because its log does.
    reportUncaught(error);
  } finally {
    writing = false;
  }
}

/** Returns true if a message contains a line that was written. */
export function carriesLine(message: readonly Uint8Array[]): boolean {
  return message.some((frame) => {
    const found = HEAD.exec(decoder.decode(frame.subarray(0, SEARCHED)));
    return found !== null && heads.has(found[0]);
  });
}
