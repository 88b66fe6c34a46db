/**
 * Send values instead of bytes: JSON for rare messages, a custom codec for frequent ones. A codec is two functions, so
 * Protocol Buffers, CBOR or MessagePack fit in as well.
 *
 * Run: deno run -A examples/codecs.ts (or: bun examples/codecs.ts, npx tsx examples/codecs.ts)
 *
 * Prints:
 *     settings: {"unit":"km","colors":["red","blue"]}
 *     3 points in 24 bytes (as JSON: 56): 1.5/2.5, -3/0.25, 100/-100
 *     refused: Cannot read frame 2: 7 bytes are not a whole number of points
 */

import { type FrameCodec, MessageBuilder, MessageReader, Pull, Push, ZmqError } from "@monocoque/zmq";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Two numbers of four bytes per point, in network order. */
const points: FrameCodec<readonly Point[]> = {
  encode(values) {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    for (const [i, { x, y }] of values.entries()) {
      view.setFloat32(i * 8, x);
      view.setFloat32(i * 8 + 4, y);
    }
    return new Uint8Array(view.buffer);
  },
  decode(frame) {
    if (frame.length % 8 !== 0) throw new TypeError(`${frame.length} bytes are not a whole number of points`);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    return Array.from(
      { length: frame.length / 8 },
      (_, i) => ({ x: view.getFloat32(i * 8), y: view.getFloat32(i * 8 + 4) }),
    );
  },
};

await using push = new Push();
await using pull = new Pull();
pull.connect(await push.bind("tcp://127.0.0.1:0"));

const track = [{ x: 1.5, y: 2.5 }, { x: -3, y: 0.25 }, { x: 100, y: -100 }];
await push.send(new MessageBuilder().text("settings").json({ unit: "km", colors: ["red", "blue"] }).build());
await push.send(new MessageBuilder().text("track").with(points, track).build());
await push.send(["track", new Uint8Array(7)]);

for (let left = 3; left > 0; left--) {
  const message = await pull.receive();
  const reader = new MessageReader(message);
  try {
    if (reader.text() === "settings") console.log(`settings: ${JSON.stringify(reader.json())}`);
    else {
      const read = reader.with(points);
      const sizes = `${message[1]!.length} bytes (as JSON: ${JSON.stringify(read).length})`;
      console.log(`${read.length} points in ${sizes}: ${read.map(({ x, y }) => `${x}/${y}`).join(", ")}`);
    }
  } catch (error) {
    if (!(error instanceof ZmqError)) throw error;
    console.log(`refused: ${error.message}`);
  }
}
