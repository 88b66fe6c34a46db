/**
 * The head of an HTTP/1.1 request or response (RFC 9112): its first line and its headers, as far as an upgrade needs them.
 *
 * @module
 */

import { NO_BYTES } from "../../src/base/bytes.ts";

/** Largest head in bytes: what servers of the runtimes accept. */
const MAX_HEAD = 16 * 1024;
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** A head that is not one; `status` is the answer of a server. */
export class HeadError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A head, and the bytes that arrived behind it. */
export interface Head {
  /** The first line. */
  readonly line: string;
  /** The headers by name, in lower case. Values of the same name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly rest: Uint8Array;
}

/** Gathers a head from chunks. */
export class HeadReader {
  #held: Uint8Array = NO_BYTES;
  #length = 0;

  /**
   * Returns the head, as soon as it is complete.
   *
   * @throws {HeadError} If it is malformed or too large.
   */
  receive(chunk: Uint8Array): Head | undefined {
    const before = this.#length;
    const taken = Math.min(chunk.length, MAX_HEAD - before);
    this.#add(chunk.subarray(0, taken));
    if (!isLetter(this.#held[0])) throw new HeadError(400, "the first byte is not of HTTP");
    const end = this.#end(Math.max(0, before - 3));
    if (end < 0) {
      if (this.#length < MAX_HEAD) return undefined;
      throw new HeadError(431, `the head is larger than ${MAX_HEAD} bytes`);
    }
    const head = parse(this.#held.subarray(0, end), chunk.subarray(end + 4 - before));
    this.#held = NO_BYTES;
    return head;
  }

  #add(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, Math.min(MAX_HEAD, 2 * this.#held.length)));
      larger.set(this.#held.subarray(0, this.#length));
      this.#held = larger;
    }
    this.#held.set(part, this.#length);
    this.#length = length;
  }

  /** Where the empty line begins; negative if it has not arrived. */
  #end(from: number): number {
    const held = this.#held;
    for (let at = from; at + 3 < this.#length; at++) {
      if (held[at + 3] === 10 && held[at + 2] === 13 && held[at + 1] === 10 && held[at] === 13) return at;
    }
    return -1;
  }
}

function parse(bytes: Uint8Array, rest: Uint8Array): Head {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  const [line = "", ...lines] = text.split("\r\n");
  if (/[\0\r\n]/.test(line)) throw new HeadError(400, "the first line has control characters");
  const headers = new Map<string, string>();
  for (const one of lines) {
    const colon = one.indexOf(":");
    const name = one.slice(0, Math.max(0, colon));
    const value = one.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    if (!NAME.test(name) || /[\0\r\n]/.test(value)) throw new HeadError(400, "a header is malformed");
    const key = name.toLowerCase();
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return { line, headers, rest };
}

/** Methods and versions begin with a letter: a client of another protocol, such as ZMTP or TLS, need not wait for the deadline. */
function isLetter(byte: number | undefined): boolean {
  return byte === undefined || byte >= 65 && byte <= 90;
}

/** The elements of a header that is a list. */
export function listIn(headers: ReadonlyMap<string, string>, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((element) => element.trim()).filter((element) => element !== "");
}

/** Checks if a list has an element, in any case. */
export function hasToken(headers: ReadonlyMap<string, string>, name: string, token: string): boolean {
  return listIn(headers, name).some((element) => element.toLowerCase() === token);
}

/** The bytes of a head. */
export function bytesOfHead(lines: readonly string[]): Uint8Array {
  const text = [...lines, "", ""].join("\r\n");
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 255);
}
