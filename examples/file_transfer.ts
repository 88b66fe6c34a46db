/**
 * Transfer a large file in chunks with credit-based flow control: the client requests some chunks in advance, and one
 * more for each that arrives. The line is always busy, and the server holds only these chunks, for any number of
 * clients.
 *
 * Run: deno run -A examples/file_transfer.ts (or: bun examples/file_transfer.ts, npx tsx examples/file_transfer.ts)
 *
 * Prints:
 *     1000000 bytes came in 16 pieces
 *     at most 5 pieces were asked for in advance
 *     it is the same file: true
 */

import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, type Message, MessageBuilder, MessageReader, Router, serve } from "@monocoque/zmq";

const PIECE = 64 * 1024;
const AHEAD = 5;

const folder = await mkdtemp(join(tmpdir(), "transfer-"));
const path = join(folder, "large.bin");
const original = crypto.getRandomValues(new Uint8Array(50_000));
await writeFile(path, new Uint8Array(1_000_000).map((_, i) => original[i % original.length]!));

const server = new Router();
const endpoint = await server.bind("tcp://127.0.0.1:0");
const file = await open(path);
const answer = async ([frame]: Message) => {
  const offset = new MessageReader([frame]).uint32();
  const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE, offset);
  return new MessageBuilder().uint32(offset).bytes(buffer.subarray(0, bytesRead)).build();
};
const serving = serve(server, answer, { concurrency: 1 }); // one after another, so pieces come in order

await using client = new Dealer();
client.connect(endpoint);
let asked = 0;
async function askForMore(): Promise<void> {
  await client.send(new MessageBuilder().uint32(asked++ * PIECE).build());
}
for (let i = 0; i < AHEAD; i++) await askForMore();

const pieces: Uint8Array[] = [];
let ahead = 0;
for await (const message of client) {
  const reader = new MessageReader(message);
  const [offset, piece] = [reader.uint32(), reader.bytes()];
  ahead = Math.max(ahead, asked - pieces.length);
  if (piece.length === 0) break; // past the end
  if (offset !== pieces.length * PIECE) throw new Error("Out of order");
  pieces.push(piece);
  await askForMore();
}
const copy = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
console.log(`${copy.length} bytes came in ${pieces.length} pieces`);
console.log(`at most ${ahead} pieces were asked for in advance`);
const same = await readFile(path).then((bytes) => bytes.equals(copy));
console.log(`it is the same file: ${same}`);

await server.close();
await serving;
await file.close();
await rm(folder, { recursive: true });
