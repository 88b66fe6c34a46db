/**
 * Many processes that bind one ipc path at the same time: exactly one of them gets it, can be reached there, and nothing is
 * left behind; with free and stale paths, after SIGKILL, on one runtime and on all three at once, and beside libzmq.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { Push } from "../../mod.ts";
import { runtime, test } from "../support/harness.ts";
import { Peer, type PeerEnd, type PeerError, type PeerKind } from "../support/peers/controller.ts";
import { isLive, makeStale } from "../support/stale_socket.ts";
import { rejectsWith } from "../sockets/support.ts";
import { texts } from "./frames.ts";

const OPTIONS = process.platform === "win32" ? { skip: "no ipc on Windows" } : { timeout: 60_000 };
/** Names that an implementation might use for a lock, or for a file that was moved aside. */
const USERS = ["socket~", "socket.lock", "socket.tmp", ".socket.lock", ".socket", "socket.stale", "socket.bak"];
const ROUNDS = 25;

/** Runs `body` with a folder that has files of a user, and looks whether they are the same afterwards. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/zmq-race-`);
  for (const name of USERS) writeFileSync(`${folder}/${name}`, name);
  try {
    await body(folder);
    for (const name of USERS) assertEquals(readFileSync(`${folder}/${name}`, "utf8"), name);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the files in the folder besides the user's. */
function others(folder: string): string[] {
  return readdirSync(folder).filter((name) => !USERS.includes(name));
}

/**
 * All bind at once; fails unless exactly one of them has the endpoint and gets the messages sent there. Returns its
 * index.
 */
async function bindAtOnce(pulls: readonly PeerEnd[], endpoint: string, round: string): Promise<number> {
  const outcomes = await Promise.all(
    pulls.map((pull) => pull.bind(endpoint).then(() => "bound", (error: PeerError) => error.code ?? error.message)),
  );
  const expected = [...pulls.slice(1).map(() => "EADDRINUSE"), "bound"];
  assertEquals(outcomes.toSorted(), expected, `${round}: ${outcomes}`);
  const winner = outcomes.indexOf("bound");
  await using push = new Push({ linger: 0 });
  push.connect(endpoint);
  await push.send(round);
  assertEquals(texts(await pulls[winner]!.receive()), [round]);
  return winner;
}

const CROWDS: Readonly<Record<string, readonly PeerKind[]>> = {
  [`six processes on ${runtime}`]: Array(6).fill(runtime),
  "two processes on each runtime": ["node", "bun", "deno", "node", "bun", "deno"],
};

for (const [crowd, kinds] of Object.entries(CROWDS)) {
  test(`ipc: if ${crowd} bind a path simultaneously, one succeeds`, async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/socket`;
      const peers = kinds.map((kind) => new Peer(kind));
      try {
        const pulls = await Promise.all(peers.map((peer) => peer.open("PULL")));
        for (let round = 0; round < ROUNDS; round++) {
          const stale = round % 4 !== 0;
          if (stale) await makeStale(path);
          const winner = await bindAtOnce(pulls, `ipc://${path}`, `round ${round}, ${stale ? "stale" : "free"}`);
          assertEquals(others(folder), ["socket"]);
          await pulls[winner]!.unbind(`ipc://${path}`);
          assertEquals(others(folder), []);
        }
        // And with what a process really leaves that is killed.
        while (pulls.length > 1) {
          const winner = await bindAtOnce(pulls, `ipc://${path}`, `${pulls.length} are left`);
          pulls.splice(winner, 1);
          await peers.splice(winner, 1)[0]!.kill();
          assert(statSync(path).isSocket());
          assertEquals(others(folder), ["socket"]);
        }
      } finally {
        await Promise.all(peers.map((peer) => peer.kill()));
      }
    });
  }, OPTIONS);
}

test("ipc: the file of a killed libzmq process is replaced; the path of a running one is in use", async () => {
  await withFolder(async (folder) => {
    const endpoint = `ipc://${folder}/socket`;
    await using libzmq = new Peer("libzmq");
    await (await libzmq.open("PULL")).bind(endpoint);
    await using ours = new Peer(runtime);
    const pull = await ours.open("PULL");
    assertEquals(await pull.bind(endpoint).catch((error: PeerError) => error.code), "EADDRINUSE");
    await libzmq.kill();
    await bindAtOnce([pull], endpoint, "after libzmq");
    await pull.unbind(endpoint);
    assertEquals(others(folder), []);
  });
}, OPTIONS);

test("ipc: a libzmq that takes over a path, as it always does, keeps it when we unbind", async () => {
  await withFolder(async (folder) => {
    const endpoint = `ipc://${folder}/socket`;
    await using ours = new Peer(runtime);
    const pull = await ours.open("PULL");
    await pull.bind(endpoint);
    await using libzmq = new Peer("libzmq");
    const thief = await libzmq.open("PULL");
    await thief.bind(endpoint);
    await pull.unbind(endpoint);
    assertEquals(await isLive(`${folder}/socket`), true);
    await using push = new Push({ linger: 0 });
    push.connect(endpoint);
    await push.send("to libzmq");
    assertEquals(texts(await thief.receive()), ["to libzmq"]);
    await rejectsWith("EADDRINUSE", async () => {
      await using again = new Push();
      await again.bind(endpoint);
    });
  });
}, OPTIONS);
