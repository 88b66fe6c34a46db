/**
 * ERROR of PLAIN as libzmq sends it (plain_common.hpp, at least up to 4.3.5): in C++, `"\x5ERROR"` is not the byte 5
 * and `ERROR`, but the byte 0x5E and `RROR`. libzmq's servers send this, and its clients treat the correct form as an
 * unknown command. Our servers send libzmq's form; our clients accept both.
 *
 * @module
 */

const PREFIX = new TextEncoder().encode("^RROR");

/** Encodes the body of the command. `data` is the data of ERROR. */
export function encodePlainError(data: Uint8Array): Uint8Array {
  const body = new Uint8Array(PREFIX.length + data.length);
  body.set(PREFIX);
  body.set(data, PREFIX.length);
  return body;
}

/** Returns the data of the command with this body; `undefined` if it is another command. */
export function plainErrorData(body: Uint8Array): Uint8Array | undefined {
  for (let i = 0; i < PREFIX.length; i++) if (body[i] !== PREFIX[i]) return undefined;
  return body.subarray(PREFIX.length);
}
