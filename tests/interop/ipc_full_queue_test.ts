/**
 * A socket file whose owner lives but accepts nothing for a while, because it is stopped and its queue is full, is its owner's:
 * binding it fails and leaves it alone.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { Pull } from "../../mod.ts";
import { rejectsWith } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";

const skip = process.platform === "linux" ? undefined : "only Linux refuses a connection when the queue is full";

for (const owner of ["libzmq", "node"] as const) {
  test(`ipc: a stopped process (${owner}) keeps its socket file, though its queue is full`, () => keeps(owner), {
    ...skip === undefined ? {} : { skip },
  });
}

async function keeps(owner: "libzmq" | "node"): Promise<void> {
  const folder = await mkdtemp(`${tmpdir()}/zmq-`);
  const path = `${folder}/socket`;
  const waiting: Socket[] = [];
  await using peer = new Peer(owner);
  await using pull = new Pull();
  try {
    await (await peer.open("PULL", owner === "node" ? { backlog: 20 } : {})).bind(`ipc://${path}`);
    const { ino } = statSync(path);
    peer.freeze();
    // As many as there is room for, and one more.
    for (let full = false; !full;) {
      const socket = connect({ path });
      waiting.push(socket);
      full = await new Promise<boolean>((resolve) => {
        socket.once("connect", () => resolve(false)).once("error", () => resolve(true));
      });
      assertEquals(waiting.length < 10_000, true);
    }
    await rejectsWith("EADDRINUSE", () => pull.bind(`ipc://${path}`));
    assertEquals(statSync(path).ino, ino);
  } finally {
    for (const socket of waiting) socket.destroy();
    await peer.kill();
    // Free now.
    await pull.bind(`ipc://${path}`);
    await pull.close();
    await rm(folder, { recursive: true, force: true });
  }
}
