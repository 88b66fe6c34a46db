/**
 * Keys of the recorded handshakes, which are known so that what was recorded can be opened. Those of the server are the ones
 * in libzmq's manual (zmq_curve(7)), and so are those of the client.
 *
 * @module
 */

import { decodeZ85 } from "../../src/security/z85.ts";

/** The server's, in Z85. */
export const SERVER = {
  publicKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  secretKey: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
} as const;

/** The client's, in Z85. */
export const CLIENT = {
  publicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  secretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
} as const;

/** A pair of keys as bytes. */
export function bytesOf(pair: { publicKey: string; secretKey: string }): {
  publicKey: Uint8Array;
  secretKey: Uint8Array;
} {
  return { publicKey: decodeZ85(pair.publicKey), secretKey: decodeZ85(pair.secretKey) };
}
