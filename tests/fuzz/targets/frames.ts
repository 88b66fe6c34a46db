/**
 * The frame decoders of all versions of ZMTP and of ZWS 2.0, each against a naive model of its specification.
 *
 * @module
 */

import { COMMAND, encodeFrame, LONG, MORE } from "../../../src/zmtp/frame.ts";
import { FrameDecoder } from "../../../src/zmtp/frame_decoder.ts";
import { FrameDecoderV1 } from "../../../src/zmtp/frame_decoder_v1.ts";
import { encodeFrameV1 } from "../../../src/zmtp/frame_v1.ts";
import { WHOLE_COMMAND, WHOLE_MORE, WholeFrames } from "../../../src/zmtp/wires/whole_frames.ts";
import { Choices } from "../choices.ts";
import { bytes, require, type Target } from "../target.ts";
import { decodeAll, type Decoded, decodeStream, type Frame, limitOf, requireSame } from "./frame_stream.ts";

const LONG_300 = encodeFrame(MORE, new Uint8Array(300).fill(7));
const HUGE = bytes(LONG, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);

/** The result of a model of a decoder. */
interface Expected {
  readonly frames: readonly Frame[];
  readonly rejected: boolean;
}

/** Reads the limits of frames and commands, and whether bodies are copied. */
function readConfig(choices: Choices): { readonly limit: number; readonly commands: number; readonly copies: boolean } {
  return { limit: limitOf(choices.byte()), commands: limitOf(choices.byte()), copies: choices.below(2) === 1 };
}

/** ZMTP 2.0 and 3.x (RFC 15, RFC 37 §2.3): flags, a length of one or eight bytes, the body. */
function modelV3(stream: Uint8Array, limit: number, commandLimit: number, commands: boolean): Expected {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const frames: Frame[] = [];
  for (let at = 0;;) {
    const long = at < stream.length && (stream[at]! & LONG) !== 0;
    const bodyAt = at + (long ? 9 : 2);
    if (bodyAt > stream.length) return { frames, rejected: false };
    const flags = stream[at]! & ~LONG;
    const length = long ? view.getBigUint64(at + 1) : BigInt(stream[at + 1]!);
    const allowed = commands ? MORE | COMMAND : MORE;
    const most = (flags & COMMAND) !== 0 ? commandLimit : limit;
    if ((flags & ~allowed) !== 0 || length > BigInt(most)) return { frames, rejected: true };
    if (BigInt(bodyAt) + length > BigInt(stream.length)) return { frames, rejected: false };
    at = bodyAt + Number(length);
    frames.push({ flags, body: stream.slice(bodyAt, at) });
  }
}

/** ZMTP 1.0 (RFC 13): a length of one byte, or of eight after 0xFF, which includes the flags that follow. */
function modelV1(stream: Uint8Array, limit: number): Expected {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const frames: Frame[] = [];
  for (let at = 0;;) {
    if (stream[at] === 0) return { frames, rejected: true };
    const bodyAt = at + (stream[at] === 0xff ? 10 : 2);
    if (bodyAt > stream.length) return { frames, rejected: false };
    const length = (stream[at] === 0xff ? view.getBigUint64(at + 1) : BigInt(stream[at]!)) - 1n;
    const flags = stream[bodyAt - 1]!;
    if (length < 0n || ![0, 1, 0x7e, 0x7f].includes(flags) || length > BigInt(limit)) {
      return { frames, rejected: true };
    }
    if (BigInt(bodyAt) + length > BigInt(stream.length)) return { frames, rejected: false };
    at = bodyAt + Number(length);
    frames.push({ flags: flags & 1, body: stream.slice(bodyAt, at) });
  }
}

/** Checks that what was decoded and is encoded again decodes to the same, and is encoded the same from then on. */
function requireStable(
  { frames }: Decoded,
  encode: (frame: Frame) => Uint8Array,
  decode: (list: Uint8Array[]) => Decoded,
) {
  const encoded = frames.map(encode);
  const again = decode(encoded);
  requireSame(again, { frames, rejected: undefined }, "encoded frames decode to the same frames");
  require(
    bytes(...again.frames.map(encode)).length === bytes(...encoded).length,
    "the encoding of decoded frames is canonical",
  );
}

function runV3(commands: boolean, input: Uint8Array): void {
  const choices = new Choices(input);
  const { limit, commands: commandLimit, copies } = readConfig(choices);
  const make = () => {
    const decoder = new FrameDecoder(limit, commandLimit, commands);
    decoder.copies = copies;
    return decoder;
  };
  const stream = choices.rest();
  const decoded = decodeStream(input, stream, make, () => modelV3(stream, limit, commandLimit, commands));
  requireStable(decoded, ({ flags, body }) => encodeFrame(flags, body), (list) => decodeAll(make(), list));
}

const SEEDS_V3 = [
  bytes(4, 4, 0, 0, 5, "hello", 1, 1, "a", 0, 0),
  bytes(7, 7, 1, LONG_300, 4, 6, 5, "READY"),
  bytes(7, 0, 0, LONG_300, LONG | COMMAND, 0, 0, 0, 0, 0, 0, 0, 1, 0),
  bytes(0xf1, 0xf1, 0, HUGE),
  bytes(0xf3, 3, 0, 1, 0, 5, 0, 3, 0, LONG, 0x20, 0, 0, 0, 0, 0, 0, 1),
];
const TOKENS_V3 = [bytes(0, 1), bytes(1, 0), bytes(4, 0), bytes(2, 0, 0, 0, 0, 0, 0, 0), bytes(2, 0, 0x1f), HUGE];

/** The targets. */
export const FRAME_TARGETS: readonly Target[] = [
  {
    name: "frames-3",
    most: 400,
    seeds: SEEDS_V3,
    tokens: TOKENS_V3,
    run: (input) => runV3(true, input),
  },
  {
    name: "frames-2",
    most: 400,
    seeds: SEEDS_V3,
    tokens: TOKENS_V3,
    run: (input) => runV3(false, input),
  },
  {
    name: "frames-1",
    most: 400,
    seeds: [
      bytes(4, 0, 0, 6, 0, "hello", 2, 1, "a", 1, 0),
      bytes(7, 0, 1, encodeFrameV1(MORE, new Uint8Array(300)), 1, 0x7e, 2, 0x7f, "b"),
      bytes(0xf3, 0, 0, 0xff, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, "a"),
      bytes(0xf3, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ],
    tokens: [bytes(1, 0), bytes(2, 1), bytes(0xff, 0, 0, 0, 0, 0, 0, 0), bytes(0x7e), bytes(0x7f)],
    run(input) {
      const choices = new Choices(input);
      const { limit: any, copies } = readConfig(choices);
      // A length of 2^53 is rejected, whatever the limit: it is 1 more than that of its body.
      const limit = Math.min(any, 2 ** 53 - 2);
      const make = () => {
        const decoder = new FrameDecoderV1(limit);
        decoder.copies = copies;
        return decoder;
      };
      const stream = choices.rest();
      const decoded = decodeStream(input, stream, make, () => modelV1(stream, limit));
      requireStable(decoded, ({ flags, body }) => encodeFrameV1(flags, body), (list) => decodeAll(make(), list));
    },
  },
  {
    name: "frames-zws",
    seeds: [
      bytes(4, 4, 0, 1, 6, 0, "hello", 2, 1, "a", 1, 0),
      bytes(4, 4, 1, 1, 7, 2, 5, "READY", 1, 1),
      bytes(4, 0, 0, 0, 0, 1, 4),
    ],
    tokens: [bytes(1, 0), bytes(1, 2), bytes(2, 1)],
    run(input) {
      const choices = new Choices(input);
      const { limit, commands: commandLimit, copies } = readConfig(choices);
      const commands = choices.below(2) === 1;
      const make = () => {
        const source = new WholeFrames(limit, commands, copies);
        source.maxCommandSize = commandLimit;
        return source;
      };
      const messages: Uint8Array[] = [];
      while (choices.left > 0) messages.push(choices.short());
      const decoded = decodeAll(make(), messages);

      const frames: Frame[] = [];
      let rejected = false;
      for (const message of messages) {
        const flags = message[0] ?? 0xff;
        const command = (flags & WHOLE_COMMAND) !== 0;
        rejected = (flags & ~(commands ? 3 : 1)) !== 0 || message.length - 1 > (command ? commandLimit : limit);
        if (rejected) break;
        frames.push({ flags: command ? COMMAND : flags & WHOLE_MORE, body: message.slice(1) });
      }
      require(rejected === (decoded.rejected !== undefined), "the model rejects the same", decoded, frames);
      requireSame({ frames, rejected: decoded.rejected }, decoded, "the model finds the same frames");
    },
  },
];
