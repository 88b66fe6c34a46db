/**
 * Several processes bind one path at once: exactly one gets it. Every step of each of them on the file system is taken
 * in a random order, one at a time, and any of them may be killed between two steps.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import type { Listener } from "../../src/transport/transport.ts";
import {
  fileAt,
  isOwnName,
  isShortName,
  ownName,
  type PathFiles,
  publish,
  withdraw,
} from "../../transports/shared/ipc_path.ts";
import { test } from "../support/harness.ts";
import { deserted, isLive, listenAt, makeStale } from "../support/stale_socket.ts";

const skip = process.platform === "win32" ? { skip: "no ipc on Windows" } : {};

/** Runs `body` with a folder of its own, which must be as empty at its end as `body` says. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await fs.mkdtemp(`${tmpdir()}/zmq-path-`);
  try {
    await body(folder);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

/** A small generator of numbers from 0 up to 1, from a seed. */
function chance(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Lets one of those that wait take its step, once all wait or are done. */
class Steps {
  readonly #waiting: (() => void)[] = [];
  readonly #random: () => number;
  #running: number;

  constructor(count: number, random: () => number) {
    this.#running = count;
    this.#random = random;
  }

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#pause();
    });
  }

  /** One of them ends, or dies. */
  done(): void {
    this.#pause();
  }

  #pause(): void {
    if (--this.#running > 0) return;
    const [go] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1);
    if (go === undefined) return;
    this.#running = 1;
    go();
  }
}

class Killed extends Error {}

interface Contest {
  readonly winners: number[];
  readonly killed: number[];
  readonly listeners: Listener[];
}

/**
 * Lets `count` sockets bind one path, with their steps in a random order; `deadly` is the probability to be killed
 * before a step.
 */
async function contest(folder: string, count: number, random: () => number, deadly = 0): Promise<Contest> {
  const path = `${folder}/socket`;
  const steps = new Steps(count, random);
  const listeners = await Promise.all(Array.from({ length: count }, (_, i) => listenAt(`${folder}/own${i}`)));
  const winners: number[] = [];
  const killed: number[] = [];
  await Promise.all(listeners.map(async (listener, i) => {
    let dead = false;
    const step = async () => {
      await steps.next();
      if (dead || random() < deadly) {
        // The socket of a killed process is stale, and nothing is cleaned up.
        if (!dead) await listener.close();
        dead = true;
        throw new Killed();
      }
    };
    const gated = (name: keyof PathFiles) => async (...args: unknown[]) => {
      await step();
      return await (fs[name] as (...args: unknown[]) => Promise<unknown>)(...args);
    };
    const files = Object.fromEntries((["link", "lstat", "rename", "rm"] as const).map((name) => [name, gated(name)]));
    const live = async (path: string) => {
      await step();
      return await isLive(path);
    };
    try {
      const publishing = { files: files as unknown as PathFiles, isLive: live };
      if (await publish(`${folder}/own${i}`, path, publishing)) winners.push(i);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      killed.push(i);
    } finally {
      steps.done();
    }
  }));
  return { winners, killed, listeners };
}

for (const stale of [false, true]) {
  test(
    `ipc path: if five bind a ${stale ? "stale" : "free"} path, in any order of steps, one succeeds`,
    async () => {
      for (let seed = 0; seed < 60; seed++) {
        await withFolder(async (folder) => {
          if (stale) await makeStale(`${folder}/socket`);
          const { winners, listeners } = await contest(folder, 5, chance(seed));
          assertEquals(winners.length, 1, `seed ${seed}`);
          const at = async (path: string) => (await fs.lstat(`${folder}/${path}`)).ino;
          assertEquals(await at("socket"), await at(`own${winners[0]}`), `seed ${seed}`);
          assertEquals((await fs.readdir(folder)).sort(), ["own0", "own1", "own2", "own3", "own4", "socket"]);
          await Promise.all(listeners.map((it) => it.close()));
        });
      }
    },
    { timeout: 60_000, ...skip },
  );
}

test("ipc path: if one dies between two steps, at most one has the path, and the next one gets it", async () => {
  let deaths = 0;
  for (let seed = 0; seed < 100; seed++) {
    await withFolder(async (folder) => {
      await makeStale(`${folder}/socket`);
      const { winners, killed, listeners } = await contest(folder, 4, chance(seed), 0.12);
      deaths += killed.length;
      assert(winners.length <= 1, `seed ${seed}: ${winners} have it`);
      const ino = async (path: string) => (await fileAt(path, fs))?.ino;
      for (const winner of winners) {
        assertEquals(await ino(`${folder}/socket`), await ino(`${folder}/own${winner}`), `seed ${seed}`);
      }
      await Promise.all(listeners.filter((_, i) => !killed.includes(i)).map((it) => it.close()));
      for (const name of await fs.readdir(folder)) await deserted(`${folder}/${name}`);
      // The files of killed processes, claims too, block no other process.
      const next = await listenAt(`${folder}/next`);
      assertEquals(await publish(`${folder}/next`, `${folder}/socket`, { files: fs, isLive }), true, `seed ${seed}`);
      assertEquals(await ino(`${folder}/socket`), await ino(`${folder}/next`));
      await next.close();
    });
  }
  assert(deaths > 50, `only ${deaths} died`);
}, { timeout: 60_000, ...skip });

test("ipc path: where there are no hard links, a free path and a stale one are taken, and others are not", async () => {
  const link = () => Promise.reject(Object.assign(new Error("no hard links"), { code: "EPERM" }));
  const publishing = { files: { ...fs, link } as unknown as PathFiles, isLive };
  await withFolder(async (folder) => {
    const path = `${folder}/socket`;
    for (const before of ["free", "stale"]) {
      if (before === "stale") await makeStale(path);
      const listener = await listenAt(`${folder}/own`);
      assertEquals(await publish(`${folder}/own`, path, publishing), true, before);
      assertEquals(await isLive(path), true, before);
      const other = await listenAt(`${folder}/other`);
      assertEquals(await publish(`${folder}/other`, path, publishing), false, before);
      assertEquals((await fs.readdir(folder)).sort(), ["other", "socket"]);
      await Promise.all([listener.close(), other.close()]);
      await deserted(path);
      await fs.rm(path);
    }
  });
}, skip);

test("ipc path: a file put at the path at the moment of its release is put back", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/socket`;
    const listener = await listenAt(`${folder}/own`);
    await fs.link(`${folder}/own`, path);
    const { ino } = (await fileAt(path, fs))!;
    const rename = async (from: string, to: string) => {
      await fs.rm(from);
      await fs.writeFile(from, "another's");
      await fs.rename(from, to);
    };
    const files = { ...fs, rename } as unknown as PathFiles;
    await withdraw(`${folder}/own`, path, ino, () => listener.close(), files);
    assertEquals(await fs.readFile(path, "utf8"), "another's");
    assertEquals(await fs.readdir(folder), ["socket"]);
  });
}, skip);

test("ipc path: names of our own are as long as there is room, and known again", () => {
  const deep = `/${"d".repeat(97)}/`;
  const table = [
    ["/run/app/jobs.sock", "/run/app/.jobs.sock.", 8],
    ["jobs", ".jobs.", 8],
    ["/run/ä", "/run/.ä.", 8],
    [`${deep}socket12`, deep, 8],
    [`${deep.slice(0, -4)}/socket12345`, `${deep.slice(0, -4)}/.so`, 8],
    [`/${"d".repeat(102)}/abc`, `/${"d".repeat(102)}/`, 3],
    [`/${"d".repeat(104)}/a`, `/${"d".repeat(104)}/`, 1],
  ] as const;
  for (const [path, start, random] of table) {
    const own = ownName(path, 107);
    assertEquals([own.slice(0, start.length), own.length], [start, start.length + random], path);
    assert(new TextEncoder().encode(own).length <= 107, own);
    assertEquals([isOwnName(own, path, 107), isOwnName(`${own}x`, path, 107), isOwnName(`x${own}`, path, 107)], [
      true,
      false,
      false,
    ]);
    assertEquals(isShortName(path, 107), random < 8);
  }
  // One of 36 names is the path itself, which is not another name.
  for (let i = 0; i < 500; i++) assert(ownName("/a", 2) !== "/a");
});
