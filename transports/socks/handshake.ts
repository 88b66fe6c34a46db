/**
 * The handshake with a SOCKS5 proxy (RFC 1928, with user names and passwords of RFC 1929): bytes in, bytes out, no I/O. Names are
 * passed to the proxy as they are.
 *
 * | Event          | METHOD | STATUS | REPLY  | DONE | FAILED |
 * | -------------- | ------ | ------ | ------ | ---- | ------ |
 * | none           | REPLY  | FAILED | -      | x    | x      |
 * | password       | STATUS | FAILED | FAILED | x    | x      |
 * | login accepted | FAILED | REPLY  | FAILED | x    | x      |
 * | login refused  | FAILED | FAILED | FAILED | x    | x      |
 * | connected      | FAILED | FAILED | DONE   | x    | x      |
 * | refused        | FAILED | FAILED | FAILED | x    | x      |
 * | half an answer | -      | -      | -      | x    | x      |
 *
 * The states are the answers that the proxy owes; `none` and `password` are the authentication that it chooses. In REPLY `none` is half an answer. `-` changes nothing;
 * `x` would break the contract: bytes behind the last answer are not the handshake's, and none follow an exception.
 * `tests/transports/socks_test.ts` walks the table.
 *
 * @module
 */

import { familyOf, zoneOf } from "../../src/base/ip_address.ts";
import { NO_BYTES } from "../../src/base/bytes.ts";
import type { HostPort } from "../../src/schemes/endpoint.ts";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import type { SocksProxy } from "../../src/transport/transport.ts";
import type { Handshake, HandshakeStep } from "../shared/handshake.ts";

const VERSION = 5;
const CONNECT = 1;
const NO_AUTHENTICATION = 0;
const PASSWORD = 2;
const NONE_ACCEPTED = 255;
const PASSWORD_VERSION = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** RFC 1928 §6, from 1 on. */
const REFUSALS: readonly (readonly [ZmqErrorCode, string])[] = [
  ["EHOSTUNREACH", "general failure"],
  ["EACCES", "its rules do not allow the connection"],
  ["EHOSTUNREACH", "the network cannot be reached"],
  ["EHOSTUNREACH", "the host cannot be reached"],
  ["ECONNREFUSED", "the connection was refused"],
  ["EHOSTUNREACH", "the time to live ran out"],
  ["EPROTO", "it does not know how to connect"],
  ["EPROTO", "it does not know this kind of address"],
];

const encoder = new TextEncoder();

/** The client's half of the handshake, for one connection. */
export class SocksHandshake implements Handshake {
  /** See {@link Handshake.peer}. */
  readonly peer = "the SOCKS proxy";
  /** To be sent first. */
  readonly greeting: Uint8Array;
  readonly #login: Uint8Array | undefined;
  readonly #request: Uint8Array;
  /** The start of an incomplete answer; an answer has at most 262 bytes. */
  #held: Uint8Array = NO_BYTES;
  #answer: (bytes: Uint8Array) => { length: number; send?: Uint8Array } | undefined = (bytes) => this.#method(bytes);
  #done = false;

  /** @throws {ZmqError} `EINVAL` if the host, the user name or the password is too long for the protocol. */
  constructor(target: HostPort, { username, password = "" }: Pick<SocksProxy, "username" | "password">) {
    this.#request = bytes(VERSION, CONNECT, 0, ...address(target.host), target.port >> 8, target.port & 255);
    if (username === undefined) {
      this.greeting = bytes(VERSION, 1, NO_AUTHENTICATION);
    } else {
      this.greeting = bytes(VERSION, 2, NO_AUTHENTICATION, PASSWORD);
      if (username === "") throw new ZmqError("EINVAL", "Cannot connect: the user name for the SOCKS proxy is empty");
      this.#login = bytes(
        PASSWORD_VERSION,
        ...counted(username, "the user name"),
        ...counted(password, "the password"),
      );
    }
  }

  /**
   * Takes bytes of the proxy, in chunks of any size.
   *
   * @throws {ZmqError} If the proxy refuses the connection; `EPROTO` if it does not speak SOCKS5. The handshake is over then.
   */
  receive(chunk: Uint8Array): HandshakeStep {
    const input = this.#held.length === 0 ? chunk : bytes(...this.#held, ...chunk.subarray(0, 512));
    const answer = this.#answer(input);
    if (answer === undefined) {
      this.#held = input;
      return {};
    }
    const taken = answer.length - this.#held.length;
    this.#held = NO_BYTES;
    const rest = chunk.subarray(taken);
    if (this.#done) return { rest };
    if (rest.length > 0) throw nonsense("it answered before it was asked");
    return { send: answer.send! };
  }

  #method(input: Uint8Array): { length: number; send: Uint8Array } | undefined {
    if (input.length > 0 && input[0] !== VERSION) throw nonsense(`it speaks version ${input[0]}`);
    if (input.length < 2) return undefined;
    const method = input[1];
    if (method === NO_AUTHENTICATION) return this.#ask(2);
    if (method === PASSWORD && this.#login !== undefined) {
      this.#answer = (bytes) => this.#status(bytes);
      return { length: 2, send: this.#login };
    }
    if (method !== NONE_ACCEPTED) throw nonsense(`it chose the authentication ${method}, which was not offered`);
    throw new ZmqError(
      "EACCES",
      this.#login === undefined
        ? "the SOCKS proxy requires authentication"
        : "the SOCKS proxy requires another method than user name and password",
    );
  }

  #status(input: Uint8Array): { length: number; send: Uint8Array } | undefined {
    if (input.length > 0 && input[0] !== PASSWORD_VERSION) {
      throw nonsense(`its answer to the user name has version ${input[0]}`);
    }
    if (input.length < 2) return undefined;
    if (input[1] !== 0) throw new ZmqError("EACCES", "the SOCKS proxy refused the user name or the password");
    return this.#ask(2);
  }

  #ask(length: number): { length: number; send: Uint8Array } {
    this.#answer = (bytes) => this.#reply(bytes);
    return { length, send: this.#request };
  }

  #reply(input: Uint8Array): { length: number } | undefined {
    if (input.length > 0 && input[0] !== VERSION) throw nonsense(`its answer has version ${input[0]}`);
    if (input.length > 1 && input[1] !== 0) {
      const [code, why] = REFUSALS[input[1]! - 1] ?? ["EPROTO", `it answered ${input[1]}`];
      throw new ZmqError(code, `the SOCKS proxy did not connect: ${why}`);
    }
    if (input.length < 5) return undefined;
    // The address that the proxy connects from is not used, but has to be skipped.
    const sizes: Record<number, number> = { [IPV4]: 4, [NAME]: 1 + input[4]!, [IPV6]: 16 };
    const size = sizes[input[3]!];
    if (size === undefined) throw nonsense(`its answer has an address of kind ${input[3]}`);
    const length = 4 + size + 2;
    if (input.length < length) return undefined;
    this.#done = true;
    return { length };
  }
}

function address(host: string): readonly number[] {
  switch (familyOf(host)) {
    case 4:
      return [IPV4, ...host.split(".").map(Number)];
    case 6:
      return [IPV6, ...ipv6Bytes(host)];
    default:
      return [NAME, ...counted(host, "the host name")];
  }
}

/** The bytes of an IPv6 address in canonical text. */
function ipv6Bytes(host: string): readonly number[] {
  if (zoneOf(host) !== "") {
    throw new ZmqError(
      "EINVAL",
      `Cannot connect to ${endpointText(host)}: a SOCKS proxy cannot use an interface of this machine`,
    );
  }
  const [head, tail] = host.split("::").map((half) => half === "" ? [] : half.split(":").flatMap(groupBytes));
  return [...head!, ...new Array<number>(16 - head!.length - (tail?.length ?? 0)).fill(0), ...tail ?? []];
}

function groupBytes(group: string): readonly number[] {
  if (group.includes(".")) return group.split(".").map(Number);
  const value = parseInt(group, 16);
  return [value >> 8, value & 255];
}

function counted(text: string, what: string): readonly number[] {
  const encoded = encoder.encode(text);
  if (encoded.length > 255) {
    throw new ZmqError("EINVAL", `Cannot connect: ${what} has ${encoded.length} bytes, and a SOCKS proxy takes 255`);
  }
  return [encoded.length, ...encoded];
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function nonsense(why: string): ZmqError {
  return new ZmqError("EPROTO", `the SOCKS proxy does not speak SOCKS5: ${why}`);
}
