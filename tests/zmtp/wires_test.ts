/**
 * The wires: each understands what it has encoded, at any split, keeps its limits, and releases what it holds.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import type { Message } from "../../src/base/message.ts";
import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { encodeCommand } from "../../src/zmtp/command.ts";
import { COMMAND, MORE } from "../../src/zmtp/frame.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import type { Wire } from "../../src/zmtp/wires/wire.ts";
import { SealedWire } from "../../src/zmtp/wires/sealed_wire.ts";
import { WireV1 } from "../../src/zmtp/wires/wire_v1.ts";
import { WireV2 } from "../../src/zmtp/wires/wire_v2.ts";
import { ZwsWire } from "../../src/zmtp/wires/zws_wire.ts";
import { WireV3 } from "../../src/zmtp/wires/wire_v3.ts";
import { CurveTraffic } from "../../src/security/curve_traffic.ts";
import { PeerCounter } from "../../src/security/peer_counter.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";

const LIMIT = 3_000_000;
const text = (value: string) => new TextEncoder().encode(value);
const credit = { left: 0 };

/** Both ends of encrypted traffic. */
function ciphers(): [CurveTraffic, CurveTraffic] {
  const end = (asServer: boolean) => {
    const agreed = { crypto, key: new Uint8Array(32).fill(7), counter: 2, peerCounter: new PeerCounter() };
    return new CurveTraffic(agreed, asServer);
  };
  return [end(false), end(true)];
}

/** Two ends of the same form, by its name. */
const WIRES: Readonly<Record<string, () => [Wire, Wire]>> = {
  "1.0": () => [new WireV1(LIMIT, false), new WireV1(LIMIT, false)],
  "2.0": () => [new WireV2(LIMIT, false), new WireV2(LIMIT, false)],
  "3.0": () => [new WireV3(0, LIMIT, false), new WireV3(0, LIMIT, false)],
  "3.1": () => [new WireV3(1, LIMIT, false), new WireV3(1, LIMIT, false)],
  "ZWS2.0": () => [zws(), zws()],
  "ZWS2.0 without commands": () => [new ZwsWire(LIMIT, false, false), new ZwsWire(LIMIT, false, true)],
  "ZWS2.0 sealed": () => {
    const [client, server] = ciphers();
    return [new SealedWire(zws(), client, credit), new SealedWire(zws(), server, credit)];
  },
  "3.1 sealed": () => {
    const [client, server] = ciphers();
    return [
      new SealedWire(new WireV3(1, 0, false), client, credit),
      new SealedWire(new WireV3(1, 0, false), server, credit),
    ];
  },
};

const zws = () => new ZwsWire(LIMIT, true, false);

interface Frame {
  readonly flags: number;
  readonly body: Uint8Array;
}

/** The chunks of a batch: all bytes at once, or a chunk per frame. */
function encoded(wire: Wire, fill: (batch: BatchEncoder) => void): Uint8Array[] {
  const batch = new BatchEncoder(new SlabPool(), wire.framing);
  fill(batch);
  return isWhole(wire) ? batch.complete().map((chunk) => chunk.slice()) : [concat([...batch.complete()])];
}

const isWhole = ({ version }: Wire) => version === "ZWS2.0";

/** All frames in some chunks. */
function decoded({ frames }: Wire, chunks: readonly Uint8Array[]): Frame[] {
  const list: Frame[] = [];
  for (const chunk of chunks) {
    frames.push(chunk);
    while (frames.next() || frames.busy) {
      if (!frames.busy) list.push({ flags: frames.flags, body: frames.body.slice() });
    }
  }
  return list;
}

function limited(wire: Wire, frame = LIMIT, command = LIMIT): void {
  wire.frames.maxFrameSize = frame;
  wire.frames.maxCommandSize = command;
}

const SIZES = [0, 1, 253, 254, 255, 256, 17_000, 100_000, 300_000, LIMIT];

for (const [name, make] of Object.entries(WIRES)) {
  test(`wire ${name}: messages arrive as they were encoded, at any split`, () => {
    for (const split of [Infinity, 65_536, 1009]) {
      const [here, there] = make();
      limited(there);
      const message: Message = SIZES.map((size) => new Uint8Array(size).fill(size));
      const bytes = encoded(here, (batch) => {
        here.encode(message, batch);
        here.encode([text("behind")], batch);
      });
      // Messages of a carrier are not split.
      const chunks = isWhole(here)
        ? bytes
        : bytes.flatMap((all) =>
          Array.from({ length: Math.ceil(all.length / split) || 1 }, (_, i) =>
            split === Infinity ? all : all.slice(i * split, (i + 1) * split))
        );
      const frames = decoded(there, chunks);
      assertEquals(frames.map(({ flags, body }) => [flags, body.length, body[0]]), [
        ...SIZES.map((size, i) => [i < SIZES.length - 1 ? MORE : 0, size, size === 0 ? undefined : size & 255]),
        [0, 6, "b".charCodeAt(0)],
      ]);
    }
  });

  test(`wire ${name}: subscriptions and commands`, () => {
    const [here, there] = make();
    limited(there);
    // In this order: encrypted frames are written in the order in which they were encrypted.
    let command: Uint8Array | undefined;
    const bytes = encoded(here, (batch) => {
      here.encodeSubscription(false, text("a"), batch);
      here.encodeSubscription(true, text("a"), batch);
      command = here.command?.(encodeCommand("X", text("data")));
      if (command !== undefined) batch.addEncoded(command);
    });
    const hasCommands = name.startsWith("3") || (name.startsWith("ZWS") && !name.includes("without"));
    const subscriptions = here.minor === 1 ? ["\x09SUBSCRIBEa", "\x06CANCELa"] : ["\x01a", "\0a"];
    assertEquals(
      decoded(there, bytes).map(({ flags, body }) => [flags, new TextDecoder().decode(body)]),
      [
        ...subscriptions.map((body) => [here.minor === 1 ? COMMAND : 0, body]),
        ...(hasCommands ? [[COMMAND, "\x01Xdata"]] : []),
      ],
    );
    assertEquals([here.version, command !== undefined], [name.split(" ")[0], hasCommands]);
    assertEquals(here.plain, ["2.0", "3.0", "3.1"].includes(name));
  });

  test(`wire ${name}: a frame above the limit of the moment is rejected, one below it is not`, () => {
    for (const size of [100, 70_000]) {
      const [here, there] = make();
      limited(there, size, 10);
      const bytes = encoded(here, (batch) => {
        here.encode([new Uint8Array(size)], batch);
        here.encode([new Uint8Array(size + 1)], batch);
      });
      const [first, second] = bytes;
      there.frames.push(first!);
      assertEquals([there.frames.next(), there.frames.body.length], [true, size]);
      if (second !== undefined) {
        assertEquals(there.frames.next(), false);
        there.frames.push(second);
      }
      const error = assertThrows(() => there.frames.next(), ProtocolError);
      assertEquals(error.code, "EMSGSIZE");
    }
  });

  test(`wire ${name}: drop releases the received bytes, in the middle of a frame as well`, () => {
    for (const size of [10, 1_000_000]) {
      for (const part of [1, 0.5]) {
        const [here, there] = make();
        limited(there);
        const [bytes] = encoded(here, (batch) => here.encode([new Uint8Array(size)], batch));
        there.frames.push(bytes!.slice(0, Math.floor(bytes!.length * (isWhole(here) ? 1 : part))));
        there.frames.next();
        there.frames.drop();
        assertEquals([there.frames.next(), there.frames.busy, there.frames.body.length], [false, false, 0]);
      }
    }
  });
}

test("wire ZWS2.0: each frame is a chunk of its own, in the bytes of RFC 45", () => {
  const wire = zws();
  const large = new Uint8Array(20_000).fill(7);
  const chunks = encoded(wire, (batch) => {
    wire.encode([text("a"), text(""), large, text("b")], batch);
    batch.addEncoded(wire.command(encodeCommand("PING", new Uint8Array(2)))!);
    wire.encodeSubscription(false, text("t"), batch);
  });
  assertEquals(chunks.map((chunk) => [chunk.length, chunk[0], chunk.at(-1)]), [
    [2, 1, "a".charCodeAt(0)],
    [1, 1, 1],
    [20_001, 1, 7],
    [2, 0, "b".charCodeAt(0)],
    [8, 2, 0],
    [3, 0, "t".charCodeAt(0)],
  ]);
});
