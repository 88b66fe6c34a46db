/**
 * Run by `attach_streams_test.ts`: a Reply whose peer uses standard input and output. It ends when its input does.
 *
 * @module
 */

import process from "node:process";
import { Reply, toText } from "../../mod.ts";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { type ByteStreams, webReadable, webWritable } from "../support/web_streams.ts";

const { Deno: own } = globalThis as unknown as {
  Deno?: { readonly stdin: ByteStreams; readonly stdout: ByteStreams };
};
const streams: ByteStreams = own !== undefined
  ? { readable: own.stdin.readable, writable: own.stdout.writable }
  : { readable: webReadable(process.stdin, () => process.stdin.destroy()), writable: webWritable(process.stdout) };

const reply = new Reply();
reply.events.listen((event) => {
  if (event.type === "disconnect") reply.close();
});
reply.attach(linkOf(streams));
for await (const [number, body] of reply) await reply.send([`reply to ${toText(number)}`, `${body!.length}`]);
