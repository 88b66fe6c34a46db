/**
 * libzmq without JavaScript: the C program of `c/`, compiled when it is needed.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchCase } from "../case.ts";
import type { Part } from "../part.ts";
import { CACHE, type CommandLine, ROOT } from "./party.ts";

const SOURCES = join(ROOT, "bench", "peers", "c");
const PROGRAM = join(CACHE, "libzmq-peer");

/** The result of compiling: the version of libzmq, or the reason why there is no program. */
export type Compiled = { readonly version: string } | { readonly missing: string };

/** Compiles the program, if this machine can. */
export function compileLibzmq(compiler = "cc"): Compiled {
  mkdirSync(CACHE, { recursive: true });
  const files = readdirSync(SOURCES).filter((file) => file.endsWith(".c")).map((file) => join(SOURCES, file));
  const args = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-o", PROGRAM, ...files, "-lzmq", "-lpthread"];
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: "utf8" });
  if (error !== undefined) return { missing: `there is no C compiler (${compiler})` };
  if (status === 0) return { version: spawnSync(PROGRAM, ["version"], { encoding: "utf8" }).stdout.trim() };
  if (/zmq\.h: No such file|cannot find -lzmq/.test(stderr)) {
    return { missing: "there is no zmq.h (on Debian it is in libzmq3-dev)" };
  }
  return { missing: `its program does not compile: ${stderr.trim().split("\n")[0]}` };
}

/** Returns whether the compiled program has a feature that not every libzmq has. */
export function libzmqHas(what: string): boolean {
  return spawnSync(PROGRAM, ["has", what]).status === 0;
}

/** Returns the command line with which the program plays a part. */
export function runLibzmq({ program, transport }: BenchCase, part: Part): CommandLine {
  const { variant, timing } = part;
  const values = {
    role: part.role,
    transport,
    folder: part.folder,
    endpoint: part.endpoint ?? "",
    size: variant.size,
    count: variant.count,
    topics: variant.topics,
    stopped: variant.stopped,
    warmup: timing.warmup,
    window: timing.window,
    scale: timing.scale,
  };
  return [PROGRAM, program.inC!, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)];
}
