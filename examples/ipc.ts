/**
 * Programs on one machine, by way of a file instead of a port: who may connect is a matter of file permissions. `ipc://*` makes
 * a path up, `ipc://@name` needs no file at all, where the system is Linux.
 *
 * Run: deno run -A examples/ipc.ts (or: bun examples/ipc.ts, npx tsx examples/ipc.ts)
 *
 * Prints:
 *     from who may write to the file: hello
 *     a path in use: EADDRINUSE
 *     a path that is no socket: EADDRINUSE
 *     its contents are untouched: precious
 *     the file is gone with its socket: true
 */

import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pull, Push, toText, type ZmqError } from "@monocoque/zmq";

const folder = await mkdtemp(join(tmpdir(), "ipc-")); // which other users cannot enter
const path = join(folder, "news.sock");

const pull = new Pull();
await pull.bind(`ipc://${path}`);
await chmod(path, 0o600); // for this user only; 0o660 for a group

await using push = new Push();
push.connect(`ipc://${path}`);
await push.send("hello");
console.log(`from who may write to the file: ${toText((await pull.receive())[0]!)}`);

/** Tries to bind a path, and tells what came of it. */
async function bindTo(path: string): Promise<string> {
  await using socket = new Pull();
  return await socket.bind(`ipc://${path}`).catch((error: ZmqError) => error.code);
}
console.log(`a path in use: ${await bindTo(path)}`);

// What a crashed program left behind is replaced; anything but a socket is not.
await writeFile(join(folder, "diary.txt"), "precious");
console.log(`a path that is no socket: ${await bindTo(join(folder, "diary.txt"))}`);
console.log(`its contents are untouched: ${await readFile(join(folder, "diary.txt"), "utf8")}`);

await pull.close();
console.log(`the file is gone with its socket: ${!existsSync(path)}`);
await rm(folder, { recursive: true });
