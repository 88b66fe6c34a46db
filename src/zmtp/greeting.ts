/**
 * The 64-byte ZMTP 3.x greeting (RFC 37 §2.1): signature, version, mechanism, as-server.
 *
 * @module
 */

import { ZmqError } from "../errors.ts";

/** Length of the greeting, in bytes. */
export const GREETING_SIZE = 64;

const MECHANISM_AT = 12;
const MECHANISM_SIZE = 20;
const AS_SERVER_AT = 32;

/** What the peer's greeting says. */
export interface Greeting {
  /** Major version: 3 or above. */
  readonly major: number;
  /** Minor version: 0 for ZMTP 3.0, 1 and above for 3.1. */
  readonly minor: number;
  /** Security mechanism, such as `NULL`. */
  readonly mechanism: string;
  /** What the peer says of its role; libzmq always says `false`. */
  readonly asServer: boolean;
}

/** Our greeting: version 3.1 with this mechanism. */
export function encodeGreeting(mechanism: string, asServer: boolean): Uint8Array {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes[0] = 0xff;
  bytes[8] = 1;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = 1;
  for (let i = 0; i < mechanism.length; i++) bytes[MECHANISM_AT + i] = mechanism.charCodeAt(i);
  bytes[AS_SERVER_AT] = asServer ? 1 : 0;
  return bytes;
}

/** Gathers the peer's greeting from chunks of any size, and refuses as early as it can. */
export class GreetingReader {
  readonly #bytes = new Uint8Array(GREETING_SIZE);
  #length = 0;

  /** The greeting, once all 64 bytes have been read. */
  greeting: Greeting | undefined;

  /**
   * Takes bytes from `chunk` and returns how many belonged to the greeting.
   *
   * @throws {ZmqError} `EPROTO` if the peer does not speak ZMTP 3.
   */
  read(chunk: Uint8Array): number {
    const taken = Math.min(chunk.length, GREETING_SIZE - this.#length);
    this.#bytes.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), this.#length);
    this.#length += taken;
    this.#check();
    return taken;
  }

  #check(): void {
    const bytes = this.#bytes;
    const length = this.#length;
    // The padding in bytes 1 to 8 says nothing: libzmq puts a length there for ZMTP 1.0 peers.
    if (length > 0 && bytes[0] !== 0xff) throw new ZmqError("EPROTO", "The peer does not speak ZMTP 3: no signature");
    if (length > 9 && (bytes[9]! & 1) === 0) {
      throw new ZmqError("EPROTO", "The peer does not speak ZMTP 3: bad signature");
    }
    if (length > 10 && bytes[10]! < 3) {
      throw new ZmqError("EPROTO", `The peer speaks ZMTP ${bytes[10]! < 1 ? "1.0" : "2.0"}, which is not supported`);
    }
    if (length < GREETING_SIZE) return;
    this.greeting = {
      major: bytes[10]!,
      minor: bytes[11]!,
      mechanism: readMechanism(bytes.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_SIZE)),
      asServer: (bytes[AS_SERVER_AT]! & 1) === 1,
    };
  }
}

/** The mechanism's name; bytes after its first NUL stay part of it, so that only a NUL-padded name can match. */
function readMechanism(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  let name = "";
  for (let i = 0; i < end; i++) name += String.fromCharCode(bytes[i]!);
  return name;
}
