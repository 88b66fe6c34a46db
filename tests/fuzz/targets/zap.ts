/**
 * ZAP requests and replies (RFC 27), which come from handlers and sockets of the same program.
 *
 * @module
 */

import { encodeZapReply, encodeZapRequest, parseZapReply, parseZapRequest } from "../../../src/security/zap_codec.ts";
import { encodeMetadata } from "../../../src/zmtp/metadata.ts";
import { ProtocolError } from "../../../src/zmtp/protocol_error.ts";
import { Choices } from "../choices.ts";
import { attempt, bytes, require, same, type Target } from "../target.ts";

const ID = "1";
const METADATA = encodeMetadata([["role", bytes("admin")]]);

function framesOf(input: Uint8Array): Uint8Array[] {
  const choices = new Choices(input);
  const frames: Uint8Array[] = [];
  while (choices.left > 0) frames.push(choices.short());
  return frames;
}

/** Frames as an input. */
function inputOf(...frames: readonly (string | Uint8Array)[]): Uint8Array {
  return bytes(...frames.flatMap((frame) => [frame.length, frame]));
}

function sameFrames(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((frame, i) => same(frame, b[i]!));
}

function runReply(input: Uint8Array): void {
  const frames = framesOf(input);
  const { value: verdict } = attempt(() => parseZapReply(frames, ID), ProtocolError);
  if (verdict === undefined) return;
  const [delimiter, version, id, code, text, userId] = frames;
  require(delimiter!.length === 0, "a reply begins with an empty frame", frames);
  require(same(version!, bytes("1.0")) && same(id!, bytes(ID)), "version and id are those of the request", frames);
  require(same(code!, bytes(`${verdict.status}`)), "the status is the one of the frame", frames);
  const encoded = encodeZapReply(id!, verdict);
  require(same(encoded[4]!, userId!), "a user id keeps its bytes", userId, verdict);
  const again = parseZapReply([new Uint8Array(0), ...encoded], ID);
  require(sameFrames(encodeZapReply(id!, again), encoded), "encoded again, a reply is the same", encoded, text);
  require(again.text === verdict.text, "encoded again, the text is the same", verdict.text, again.text);
}

function runRequest(input: Uint8Array): void {
  const frames = framesOf(input);
  const { value } = attempt(() => parseZapRequest(frames), ProtocolError);
  if (value === undefined) {
    require(frames.length < 6 || !same(frames[0]!, bytes("1.0")), "a complete request of 1.0 is accepted", frames);
    return;
  }
  require(same(frames[0]!, bytes("1.0")), "only version 1.0 is accepted", frames);
  const { id, request } = value;
  require(same(id, frames[1]!) && sameFrames(request.credentials, frames.slice(6)), "bytes stay the same", frames);
  const encoded = encodeZapRequest(ID, request);
  require(same(encoded[0]!, new Uint8Array(0)), "a request begins with an empty frame", encoded);
  const again = parseZapRequest(encoded.slice(1)).request;
  const { domain, address, mechanism } = request;
  const texts = [domain, address, mechanism];
  const equal = texts.every((text, i) => text === [again.domain, again.address, again.mechanism][i]);
  require(equal && same(again.identity, request.identity), "encoded again, a request is the same", request, again);
}

/** The targets. */
export const ZAP_TARGETS: readonly Target[] = [
  {
    name: "zap-reply",
    seeds: [
      inputOf("", "1.0", ID, "200", "OK", "ada", METADATA),
      inputOf("", "1.0", ID, "400", "no", "", ""),
      inputOf("", "1.0", ID, "300", "", "\xff", METADATA),
    ],
    tokens: [bytes("\xef\xbb\xbf"), bytes(3, "200"), bytes(3, "1.0"), bytes(0), METADATA],
    run: runReply,
  },
  {
    name: "zap-request",
    seeds: [
      inputOf("1.0", ID, "global", "127.0.0.1", "me", "PLAIN", "ada", "secret"),
      inputOf("1.0", ID, "", "", "", "NULL"),
    ],
    tokens: [bytes("\xef\xbb\xbf"), bytes(3, "1.0"), bytes(0), bytes("\xed\xa0\x80")],
    run: runRequest,
  },
];
