/**
 * Connect programs on one machine through a Unix domain socket: file permissions decide who can connect. `ipc://*`
 * generates a path; on Linux `ipc://@name` needs no file at all.
 *
 * Run: deno run -A examples/ipc.ts (or: bun examples/ipc.ts, npx tsx examples/ipc.ts)
 *
 * Prints:
 *     from a user with access to the file: hello
 *     a path in use: EADDRINUSE
 *     a path that is not a socket: EADDRINUSE
 *     its contents are untouched: precious
 *     close() has removed the file: true
 */

import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pull, Push, toText, type ZmqError } from "@monocoque/zmq";

const folder = await mkdtemp(join(tmpdir(), "ipc-")); // other users cannot enter it
const path = join(folder, "news.sock");

const pull = new Pull();
await pull.bind(`ipc://${path}`);
await chmod(path, 0o600); // for this user only; 0o660 for a group

await using push = new Push();
push.connect(`ipc://${path}`);
await push.send("hello");
console.log(`from a user with access to the file: ${toText((await pull.receive())[0])}`);

/** Binds a path, and returns the result as text. */
async function bindTo(path: string): Promise<string> {
  await using socket = new Pull();
  return await socket.bind(`ipc://${path}`).catch((error: ZmqError) => error.code);
}
console.log(`a path in use: ${await bindTo(path)}`);

// A stale socket of a crashed program is replaced; a file that is not a socket is not.
await writeFile(join(folder, "diary.txt"), "precious");
console.log(`a path that is not a socket: ${await bindTo(join(folder, "diary.txt"))}`);
console.log(`its contents are untouched: ${await readFile(join(folder, "diary.txt"), "utf8")}`);

await pull.close();
console.log(`close() has removed the file: ${!existsSync(path)}`);
await rm(folder, { recursive: true });
