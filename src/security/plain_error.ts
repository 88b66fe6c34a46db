/**
 * ERROR of PLAIN as libzmq has it (plain_common.hpp, up to 4.3.5 at least): `"\x5ERROR"` in C++ is not a 5 and `ERROR`, but
 * `5E` and `RROR`. Its clients take what RFC 24 wants for an unknown command, and its servers send this; so do ours, and our
 * clients understand both.
 *
 * @module
 */

const PREFIX = new TextEncoder().encode("^RROR");

/** The body of the command. `data` is that of ERROR. */
export function encodePlainError(data: Uint8Array): Uint8Array {
  const body = new Uint8Array(PREFIX.length + data.length);
  body.set(PREFIX);
  body.set(data, PREFIX.length);
  return body;
}

/** The data of the command with this body, if it is this command. */
export function plainErrorData(body: Uint8Array): Uint8Array | undefined {
  for (let i = 0; i < PREFIX.length; i++) if (body[i] !== PREFIX[i]) return undefined;
  return body.subarray(PREFIX.length);
}
