/**
 * Error replies: how a server says that it could not answer a request. On the wire an error reply is an ordinary reply
 * of three frames (a marker, a code, a message), so that every ZeroMQ peer can send one and recognize one.
 *
 * @module
 */

import { brandInstances } from "../base/brand.ts";
import { toBytes, toText } from "../base/message.ts";
import { peerText, SHOWN_OF_NAME } from "../base/peer_text.ts";

/** First frame of an error reply: a zero byte, so that no text equals it, and `zmq-error`. */
const MARKER = "\0zmq-error";

/** Maximum length of the message of an error from a server, in characters. */
const SHOWN_OF_MESSAGE = 1000;

/**
 * An error that a server reported for a request: {@linkcode Requester.request} rejects with it, and a handler
 * of {@linkcode serve} throws it to send it, if `errorReplies` is set. Its text crosses the network, so it must not
 * contain what clients may not know.
 *
 * On the wire it is a reply of three frames: the 10 bytes `00 7a 6d 71 2d 65 72 72 6f 72` (a zero byte and
 * `zmq-error`), the code and the message, both in UTF-8; receivers ignore further frames.
 *
 * @example
 * ```ts
 * import { Requester, Router, RpcError, serve } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * const endpoint = await router.bind("tcp://127.0.0.1:0");
 * const serving = serve(router, () => {
 *   throw new RpcError("NOT_FOUND", "no such user");
 * }, { errorReplies: true });
 * await using requester = new Requester(endpoint);
 * const error = await requester.request("user 7").catch((error) => error);
 * if (!(error instanceof RpcError)) throw error;
 * console.log(error.code, error.message); // NOT_FOUND no such user
 * await router.close();
 * await serving;
 * ```
 */
export class RpcError extends Error {
  static {
    brandInstances(this, "RpcError");
  }

  /** Identifies the kind of failure; chosen by the server. Compare this, not the message. */
  readonly code: string;

  /** Creates an error with a code and a message. Only these two are sent: not the cause, and not the stack. */
  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "RpcError";
    this.code = code;
  }

  /** Returns the reply that reports this error, for servers without `serve`: `reply.send(error.toMessage())`. */
  toMessage(): [Uint8Array, Uint8Array, Uint8Array] {
    return [toBytes(MARKER), toBytes(this.code), toBytes(this.message)];
  }

  /**
   * Returns the error that a reply reports, for clients without `Requester`; `undefined` if it is an ordinary reply.
   * Invisible and control characters of its texts are escaped; texts longer than 300 (code) or 1000 (message)
   * characters are cut.
   */
  static fromMessage(reply: readonly Uint8Array[]): RpcError | undefined {
    const [marker, code, message] = reply;
    if (message === undefined || marker!.length !== MARKER.length || toText(marker!) !== MARKER) return undefined;
    return new RpcError(peerText(code!, SHOWN_OF_NAME), peerText(message, SHOWN_OF_MESSAGE));
  }
}
