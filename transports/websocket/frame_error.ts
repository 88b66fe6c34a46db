/**
 * The violations of a WebSocket peer, and the codes with which connections end (RFC 6455 §7.4).
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { quotedPeerText } from "../../src/base/peer_text.ts";

/** Codes of close frames. */
export const NORMAL = 1000;
/** The side goes away, or drops this connection. */
const GOING_AWAY = 1001;
/** The peer violated RFC 6455 or ZWS. */
export const PROTOCOL = 1002;
/** The peer sent text. */
export const UNSUPPORTED_DATA = 1003;
/** The reason of a close frame is not UTF-8. */
const INVALID_TEXT = 1007;
/** The peer may not connect. */
const POLICY = 1008;
/** A message exceeds the limit. */
export const TOO_BIG = 1009;
/** Everything else. */
const INTERNAL = 1011;

/** In plain words, for codes that report a failure. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [PROTOCOL, "protocol error"],
  [UNSUPPORTED_DATA, "unsupported data"],
  [INVALID_TEXT, "invalid text"],
  [POLICY, "policy violation"],
  [TOO_BIG, "message too big"],
  [1010, "a required extension is missing"],
  [INTERNAL, "internal error"],
  [1012, "the server restarts"],
  [1013, "try again later"],
  [1014, "bad gateway"],
  [3000, "unauthorized"],
  [3003, "forbidden"],
  [3008, "timeout"],
]);

/** A violation of RFC 6455 by the peer. */
export class FrameError extends ZmqError {
  /** The code that the peer is sent. */
  readonly closeCode: number;

  constructor(closeCode: number, why: string) {
    super(closeCode === TOO_BIG ? "EMSGSIZE" : "EPROTO", why);
    this.closeCode = closeCode;
  }
}

/** The code that shows the peer why its connection is dropped. */
export function closeCodeOf(reason: Error | undefined): number {
  if (reason === undefined) return GOING_AWAY;
  if (reason instanceof FrameError) return reason.closeCode;
  const { code } = reason as { readonly code?: unknown };
  if (code === "EMSGSIZE") return TOO_BIG;
  if (code === "EPROTO") return PROTOCOL;
  if (code === "EACCES") return POLICY;
  return INTERNAL;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the body of a close frame. Returns the text of the failure that it reports; `undefined` for an orderly end.
 *
 * @throws {FrameError} If it is malformed.
 */
export function failureOf(body: Uint8Array): string | undefined {
  if (body.length === 0) return undefined;
  if (body.length === 1) throw new FrameError(PROTOCOL, "The peer sent a close frame with half a code");
  const code = body[0]! << 8 | body[1]!;
  if (!isSendable(code)) throw new FrameError(PROTOCOL, `The peer sent a close frame with the reserved code ${code}`);
  let reason: string;
  try {
    reason = utf8.decode(body.subarray(2));
  } catch {
    throw new FrameError(INVALID_TEXT, "The peer sent a close frame whose reason is not UTF-8");
  }
  if (code === NORMAL || code === GOING_AWAY) return undefined;
  const words = WORDS.get(code) ?? "a code of its own";
  return `closed by the peer with the code ${code} (${words})${reason === "" ? "" : `: ${quotedPeerText(reason)}`}`;
}

/** Checks if a peer may send a code: 1005, 1006 and 1015 are only for reports, and those below 3000 are registered. */
function isSendable(code: number): boolean {
  if (code >= 3000) return code < 5000;
  return code >= NORMAL && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
