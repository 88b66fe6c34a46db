/**
 * The commands that run a program on each runtime.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { installed } from "../gate/process.ts";
import { bundled } from "./bundle.ts";

const COMMANDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  deno: [installed("deno"), "run", "--allow-all", "--no-check"],
  bun: [installed("bun")],
  node: [process.execPath],
};

/** The command for a runtime. */
export function commandOf(runtime: string): readonly [string, ...string[]] {
  const command = COMMANDS[runtime];
  if (command === undefined) throw new TypeError(`--runtime is one of ${Object.keys(COMMANDS).join(", ")}`);
  return command;
}

/** Bundles a program, and runs it with our output; resolves with its exit code. */
export function runOn(runtime: string, entry: string, args: readonly string[]): Promise<number> {
  const [program, ...before] = commandOf(runtime);
  return bundled(entry, (file) => {
    const child = spawn(program, [...before, file, ...args], { stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
    return new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => resolve(code ?? 1));
    });
  });
}
