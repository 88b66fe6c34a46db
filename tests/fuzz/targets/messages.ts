/**
 * Messages: what `MessageReader` reads from frames, and what the encoders of all wires write.
 *
 * @module
 */

import { ZmqError } from "../../../src/base/errors.ts";
import type { Message } from "../../../src/base/message.ts";
import { MessageBuilder } from "../../../src/composites/message_builder.ts";
import { MessageReader } from "../../../src/composites/message_reader.ts";
import { BatchEncoder, COPY_LIMIT, SlabPool } from "../../../src/zmtp/batch_encoder.ts";
import { MORE } from "../../../src/zmtp/frame.ts";
import type { Wire } from "../../../src/zmtp/wires/wire.ts";
import { WireV1 } from "../../../src/zmtp/wires/wire_v1.ts";
import { WireV2 } from "../../../src/zmtp/wires/wire_v2.ts";
import { WireV3 } from "../../../src/zmtp/wires/wire_v3.ts";
import { ZwsWire } from "../../../src/zmtp/wires/zws_wire.ts";
import { Choices } from "../choices.ts";
import { attempt, bytes, require, same, type Target } from "../target.ts";
import { decodeAll } from "./frame_stream.ts";

const NUMBERS = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float64: 8,
} as const;
const NUMBER_NAMES = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function succeeds(fn: () => unknown): boolean {
  try {
    fn();
    return true;
  } catch {
    return false;
  }
}

/** Reads the next frame in one way, and checks what it returns against what is in the frame. */
function readOne(kind: number, reader: MessageReader, frame: Uint8Array | undefined): boolean {
  if (kind < NUMBER_NAMES.length) {
    const name = NUMBER_NAMES[kind]!;
    const { value } = attempt<number | bigint>(() => reader[name](), ZmqError);
    require((value !== undefined) === (frame?.length === NUMBERS[name]), "a number has its size", name, frame);
    if (value === undefined) return false;
    if (Number.isNaN(value)) return true;
    const builder = new MessageBuilder() as unknown as Record<string, (one: number | bigint) => MessageBuilder>;
    const [again] = builder[name]!(value).build();
    require(same(again, frame!), "a number is written as it was read", name, frame, again);
    return true;
  }
  switch (kind) {
    case 9: {
      const { value } = attempt(() => reader.text(), ZmqError);
      const valid = frame !== undefined && succeeds(() => exact.decode(frame));
      require((value !== undefined) === valid, "text is UTF-8", frame);
      if (value !== undefined) {
        require(same(new MessageBuilder().text(value).build()[0], frame!), "text stays the same");
      }
      return valid;
    }
    case 10: {
      const outcome = attempt(() => reader.json(), ZmqError);
      const valid = frame !== undefined && succeeds(() => JSON.parse(exact.decode(frame)));
      require((outcome.rejected === undefined) === valid, "JSON is valid", frame);
      require(!/[\p{C}]/u.test(outcome.rejected ?? ""), "the error can be shown", outcome.rejected);
      if (valid) {
        const again = new MessageReader(new MessageBuilder().json(outcome.value).build()).json();
        require(JSON.stringify(again) === JSON.stringify(outcome.value), "JSON stays the same", frame);
      }
      return valid;
    }
    case 11: {
      const { rejected } = attempt(() => reader.empty(), ZmqError);
      require((rejected === undefined) === (frame?.length === 0), "an empty frame is empty", frame);
      return rejected === undefined;
    }
    default: {
      const { value } = attempt(() => reader.bytes(), ZmqError);
      require(value === frame, "a frame is returned as it is", frame);
      return frame !== undefined;
    }
  }
}

function runReader(input: Uint8Array): void {
  const choices = new Choices(input);
  const message: Uint8Array[] = [];
  for (let count = 1 + choices.below(6); count > 0; count--) message.push(choices.bytes(choices.below(12)));
  const reader = new MessageReader(message);
  let at = 0;
  do {
    if (readOne(choices.below(13), reader, message[at])) at++;
    require(reader.remaining === message.length - at, "an error does not move the reader", at);
  } while (choices.left > 0);
  require(
    (attempt(() => reader.end(), ZmqError).rejected === undefined) === (at === message.length),
    "the end is reported",
  );
  require(reader.rest().length === message.length - at && reader.remaining === 0, "the rest is all that is left");
}

/** Lengths at which an encoder does something else. */
const EDGES = [0, 1, 2, 253, 254, 255, 256, 2036, 2048, COPY_LIMIT - 1, COPY_LIMIT, COPY_LIMIT + 1, 20_000];
const CONTENT = Uint8Array.from({ length: 20_000 }, (_, i) => i * 7 + (i >> 8));
const pool = new SlabPool();

function runBatch(input: Uint8Array): void {
  const choices = new Choices(input);
  const which = choices.below(4);
  const limit = 2 ** 20;
  const wire: Wire = [
    new WireV1(limit, false),
    new WireV2(limit, false),
    new WireV3(1, limit, false),
    new ZwsWire(limit, true, false),
  ][which]!;
  const batch = new BatchEncoder(pool, wire.framing);
  batch.expect(choices.pick([0, 1000, 4000, 60_000]));
  const messages: Message[] = [];
  while (choices.left > 0 && messages.length < 40) {
    const frames = Array.from({ length: 1 + choices.below(4) }, () => {
      const length = choices.byte();
      return CONTENT.subarray(0, length < EDGES.length * 4 ? EDGES[length >> 2]! : length - 50);
    });
    messages.push(frames);
    wire.encode(frames, batch);
  }
  const chunks = batch.complete();
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  require(batch.bytes === length, "a batch knows its bytes", batch.bytes, length);
  require(which !== 3 || chunks.length === messages.flat().length, "on links of whole frames, a chunk is a frame");
  const { frames, rejected } = decodeAll(wire.frames, chunks);
  require(rejected === undefined, "what is written can be read", rejected);
  const expected = messages.flatMap((list) => list.map((body, i) => ({ body, flags: i + 1 < list.length ? MORE : 0 })));
  const equal = frames.length === expected.length &&
    frames.every(({ flags, body }, i) => flags === expected[i]!.flags && same(body, expected[i]!.body));
  require(equal, "what is read is what was written", frames.length, expected.length);
  batch.reset();
  require(batch.bytes === 0 && batch.complete().length === 0, "a batch that was reset is empty");
}

/** The targets. */
export const MESSAGE_TARGETS: readonly Target[] = [
  {
    name: "reader",
    most: 100,
    seeds: [
      bytes(2, 1, 7, 2, "hi", 4, 1, 2, 3, 4, 0, 9, 4, 12),
      bytes(1, 8, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 9, '{"a":"b"}', 8, 10),
      bytes(0, 0, 11),
    ],
    tokens: ["null", "1e5", '"\\u0000"', "\xef\xbb\xbf", "{}", "[]", "\xf0\x9f\x98\x80"].map((text) => bytes(text)),
    run: runReader,
  },
  {
    name: "batch",
    most: 60,
    seeds: [
      bytes(0, 0, 0, 4, 1, 44, 60),
      bytes(1, 1, 2, 12, 16, 20),
      bytes(2, 2, 3, 40, 36, 44, 100),
      bytes(3, 0, 0, 4, 1, 0, 44),
    ],
    run: runBatch,
  },
];
