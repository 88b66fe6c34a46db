/**
 * The protocol between a test and its peer process: one JSON object per line, bytes in base64. The test sends requests,
 * the peer answers each one once, in any order. `python_peer.py` speaks it too.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Asks for a call; the first for a socket is `open`, with its type and options. */
export interface Ask {
  readonly id: number;
  readonly socket: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

/** The answer to the request with the same id. */
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: string };
}

/** One line: the value with its byte arrays made printable. */
export function encodeLine(value: object): string {
  return JSON.stringify(printable(value)) + "\n";
}

/** The value of a line. */
export function decodeLine(line: string): unknown {
  return JSON.parse(line, (_key, value) => isBase64(value) ? bytesOf(value.base64) : value);
}

/** Cuts a stream of text into lines. */
export class LineReader {
  #parts: string[] = [];

  /** The lines that are complete now. */
  *read(chunk: string): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
      yield this.#parts.join("") + chunk.slice(start, end);
      this.#parts = [];
      start = end + 1;
    }
    if (start < chunk.length) this.#parts.push(chunk.slice(start));
  }
}

function printable(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64") };
  }
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, printable(inner)]));
}

function isBase64(value: unknown): value is { readonly base64: string } {
  return typeof value === "object" && value !== null && "base64" in value;
}

function bytesOf(base64: string): Uint8Array {
  const buffer = Buffer.from(base64, "base64");
  // Not a Buffer: tests compare with the arrays that sockets return.
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
