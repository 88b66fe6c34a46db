/**
 * Use multipart messages: one or more frames that arrive together or not at all. Frames separate routing, headers and
 * contents; a builder and a reader build and validate them.
 *
 * Run: deno run -A examples/multipart.ts (or: bun examples/multipart.ts, npx tsx examples/multipart.ts)
 *
 * Prints:
 *     5 frames of 5, 2, 1, 0 and 3 bytes
 *     order 7 of 3 pears for {"name":"Ada"}
 *     refused: Cannot read frame 2 as a number: expected 4 bytes, got 3
 *     refused: Cannot read frame 3: the message has 2 frames
 *     passed on, with its contents as they were: true
 */

import { type Message, MessageBuilder, MessageReader, Pair, toText, ZmqError } from "@monocoque/zmq";

await using left = new Pair();
await using right = new Pair();
right.connect(await left.bind("tcp://127.0.0.1:0"));

// A frame may be text, a number (as text), bytes, or null for an empty frame.
await left.send(["hello", 42, new Uint8Array([1]), null, "one"]);
const sizes = (await right.receive()).map((frame) => frame.length);
console.log(`${sizes.length} frames of ${sizes.slice(0, -1).join(", ")} and ${sizes.at(-1)} bytes`);

function readOrder(message: Message): string {
  const reader = new MessageReader(message);
  if (reader.text() !== "order") return "something else";
  const [number, count, what, customer] = [reader.uint32(), reader.uint8(), reader.text(), reader.json()];
  reader.end(); // no frame may follow
  return `order ${number} of ${count} ${what} for ${JSON.stringify(customer)}`;
}

const order = new MessageBuilder().text("order").uint32(7).uint8(3).text("pears").json({ name: "Ada" }).build();
await left.send(order);
await left.send(["order", "7.0"]);
await left.send(order.slice(0, 2));
for (let i = 0; i < 3; i++) {
  try {
    console.log(readOrder(await right.receive()));
  } catch (error) {
    if (!(error instanceof ZmqError) || error.code !== "EPROTO") throw error;
    console.log(`refused: ${error.message}`);
  }
}

// Other frames are forwarded unchanged: nothing is copied.
await left.send([crypto.getRandomValues(new Uint8Array(1000)), "to Oslo"]);
const [contents, address] = await right.receive();
await right.send([address!, contents]);
const [, returned] = await left.receive();
const same = toText(address!) === "to Oslo" && returned!.every((byte, i) => byte === contents[i]);
console.log(`passed on, with its contents as they were: ${same}`);
