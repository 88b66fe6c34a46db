/**
 * Use sockets as Web streams: pipe a file, a fetch or a compressor into one socket and out of another, with
 * back-pressure from end to end.
 *
 * Run: deno run -A examples/web_streams.ts (or: bun examples/web_streams.ts, npx tsx examples/web_streams.ts)
 *
 * Prints:
 *     10000 lines, 188890 bytes
 *     less than a third of them went over the wire: true
 *     what came out is what went in: true
 */

import { Pull, Push, readableStreamOf, writableStreamOf } from "@monocoque/zmq";

const text = Array.from({ length: 10_000 }, (_, i) => `${i} green bottles\n`).join("");
const source = new Blob([text]); // or file.stream(), or response.body
console.log(`10000 lines, ${source.size} bytes`);

await using push = new Push();
await using pull = new Pull();
pull.connect(await push.bind("tcp://127.0.0.1:0"));

// Sockets have no end of stream; here an empty message does that.
const markEnd = new TransformStream<Uint8Array, Uint8Array>({ flush: (stream) => stream.enqueue(new Uint8Array(0)) });
const upload = source.stream()
  .pipeThrough(new CompressionStream("gzip"))
  .pipeThrough(markEnd)
  .pipeTo(writableStreamOf(push));

const untilEnd = new TransformStream<Uint8Array[], Uint8Array<ArrayBuffer>>({
  transform([chunk], stream) {
    if (chunk!.length === 0) stream.terminate();
    else stream.enqueue(chunk!.slice());
  },
});
const unpacked = readableStreamOf(pull).pipeThrough(untilEnd).pipeThrough(new DecompressionStream("gzip"));
const received = await new Response(unpacked).text();
await upload;

const { bytesReceived } = pull.statistics();
console.log(`less than a third of them went over the wire: ${bytesReceived < source.size / 3}`);
console.log(`what came out is what went in: ${received === text}`);
