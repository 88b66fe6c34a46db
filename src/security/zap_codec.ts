/**
 * ZAP requests and replies as frames (RFC 27; libzmq zap_client.cpp), for handlers at `inproc://zeromq.zap.01`. On the
 * requesting side the empty delimiter comes first, as a DEALER sees it; on the handler's side there is none, as a REP
 * sees it.
 *
 * @module
 */

import { type Message, toBytes, toText } from "../base/message.ts";
import { emptyFrame } from "../base/untransferable.ts";
import type { AuthStatus } from "../zmtp/auth_error.ts";
import { encodeMetadata, type Metadata, parseMetadata } from "../zmtp/metadata.ts";
import { ProtocolError, type ProtocolRule } from "../zmtp/protocol_error.ts";
import type { ZapRequest, ZapVerdict } from "./zap.ts";

/** The endpoint of ZAP handlers. */
export const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

const VERSION = "1.0";
/** Maximum length of a short string of RFC 27, in bytes. */
const MAX_STRING = 255;
const REPLY_FRAMES = 7;
const FIXED_REQUEST_FRAMES = 6;

const encoder = new TextEncoder();
const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes a request with its id, as the requesting side sends it. */
export function encodeZapRequest(id: string, request: ZapRequest): Message {
  const { domain, address, identity, mechanism, credentials } = request;
  const [version, ...texts] = [VERSION, id, domain, address].map((text) => encoder.encode(text));
  return [emptyFrame(), version!, ...texts, identity, encoder.encode(mechanism), ...credentials];
}

/**
 * Parses the reply to the request with this id, as the requesting side receives it.
 *
 * @throws {ProtocolError} If the reply is invalid, with libzmq's name of the violation as its `rule`.
 */
export function parseZapReply(frames: Message, id: string): ZapVerdict {
  if (frames.length !== REPLY_FRAMES) {
    throw wrong("ZAP_MALFORMED_REPLY", `a reply of ${frames.length} frames; it must have ${REPLY_FRAMES}`);
  }
  const [delimiter, version, replyId, code, text, userId, metadata] = frames as [
    ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array],
  ];
  if (delimiter.length > 0) throw wrong("ZAP_UNSPECIFIED", "a reply that does not begin with an empty frame");
  if (toText(version) !== VERSION) throw wrong("ZAP_BAD_VERSION", "a reply whose version is not 1.0");
  if (toText(replyId) !== id) throw wrong("ZAP_BAD_REQUEST_ID", "a reply to another request");
  const status = statusOf(toText(code));
  if (status === undefined) throw wrong("ZAP_INVALID_STATUS_CODE", "a status code other than 200, 300, 400, 500");
  if (text.length > MAX_STRING || userId.length > MAX_STRING) {
    throw wrong("ZAP_MALFORMED_REPLY", `a status text or user id of more than ${MAX_STRING} bytes`);
  }
  return { status, text: toText(text), userId: textOrBytes(userId), metadata: readMetadata(metadata) };
}

/**
 * Parses a request and its id, as a handler receives it.
 *
 * @throws {ProtocolError} If it is not a request of ZAP 1.0.
 */
export function parseZapRequest(frames: Message): { id: Uint8Array; request: ZapRequest } {
  if (frames.length < FIXED_REQUEST_FRAMES) {
    throw wrong(
      "ZAP_UNSPECIFIED",
      `a request of ${frames.length} frames; it must have ${FIXED_REQUEST_FRAMES} or more`,
    );
  }
  const [version, id, domain, address, identity, mechanism, ...credentials] = frames as [
    ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array],
    ...Uint8Array[],
  ];
  if (toText(version) !== VERSION) throw wrong("ZAP_BAD_VERSION", "a request whose version is not 1.0");
  const request = {
    domain: toText(domain),
    address: toText(address),
    identity,
    mechanism: toText(mechanism),
    credentials,
  };
  return { id, request };
}

/**
 * Encodes a reply to the request with this id, as a handler sends it.
 *
 * @throws {RangeError} If the text or the user id is longer than 255 bytes.
 */
export function encodeZapReply(id: Uint8Array, verdict: ZapVerdict): Message {
  const text = encoder.encode(verdict.text);
  const userId = toBytes(verdict.userId);
  if (text.length > MAX_STRING || userId.length > MAX_STRING) {
    throw new RangeError(`Cannot answer with a status text or user id of more than ${MAX_STRING} bytes`);
  }
  const code = encoder.encode(String(verdict.status));
  return [encoder.encode(VERSION), id, code, text, userId, encodeMetadata(verdict.metadata)];
}

/** Keeps a user id that is not valid UTF-8 as bytes: with replacement characters, different ids could become equal. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return exact.decode(bytes);
  } catch {
    return bytes.slice();
  }
}

function statusOf(code: string): 200 | AuthStatus | undefined {
  return code === "200" || code === "300" || code === "400" || code === "500"
    ? Number(code) as 200 | AuthStatus
    : undefined;
}

function readMetadata(frame: Uint8Array): Metadata {
  try {
    // A handler is trusted, so the limits for peers do not apply.
    return parseMetadata(frame, Infinity);
  } catch (error) {
    throw wrong("ZAP_INVALID_METADATA", "metadata that cannot be parsed", { cause: error });
  }
}

function wrong(rule: ProtocolRule, what: string, options?: { readonly cause?: unknown }): ProtocolError {
  return new ProtocolError("EPROTO", rule, `The ZAP peer sent ${what}`, options);
}
