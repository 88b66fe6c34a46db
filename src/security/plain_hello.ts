/**
 * HELLO of PLAIN (RFC 24): a user name and a password, each after its length in one byte.
 *
 * @module
 */

import { ProtocolError } from "../zmtp/protocol_error.ts";

/** Maximum length of a user name and of a password, in bytes. */
const MAX_CREDENTIAL = 255;

/**
 * Encodes the data of HELLO.
 *
 * @throws {RangeError} If the user name or the password is longer than 255 bytes.
 */
export function encodePlainHello(username: Uint8Array, password: Uint8Array): Uint8Array {
  if (username.length > MAX_CREDENTIAL || password.length > MAX_CREDENTIAL) {
    const which = username.length > MAX_CREDENTIAL ? "user name" : "password";
    throw new RangeError(`Cannot use a ${which} of more than ${MAX_CREDENTIAL} bytes`);
  }
  const data = new Uint8Array(2 + username.length + password.length);
  data[0] = username.length;
  data.set(username, 1);
  data[1 + username.length] = password.length;
  data.set(password, 2 + username.length);
  return data;
}

/**
 * Returns the user name and the password, in their own memory.
 *
 * @throws {ProtocolError} If the lengths do not match the data exactly.
 */
export function parsePlainHello(data: Uint8Array): [username: Uint8Array, password: Uint8Array] {
  const passwordAt = 1 + (data[0] ?? 0);
  if (data.length <= passwordAt || data.length !== passwordAt + 1 + data[passwordAt]!) {
    throw new ProtocolError("EPROTO", "MALFORMED_COMMAND_HELLO", "The peer sent a malformed HELLO command");
  }
  return [data.slice(1, passwordAt), data.slice(passwordAt + 1)];
}
