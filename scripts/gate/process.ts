/**
 * Runs a child process with a time limit, and leaves nothing of it behind.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./source_files.ts";

/** How a child process ended. */
export interface Outcome {
  /** Exit code; `null` when it was killed or could not be started. */
  readonly code: number | null;
  /** Standard output and standard error, the last part of them when there is much. */
  readonly output: string;
  readonly timedOut: boolean;
}

/** Settings of {@link run}. */
export interface RunOptions {
  /** Milliseconds after which the process and its children are killed. */
  readonly timeout: number;
  readonly cwd?: string;
  /** Variables added to the gate's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const MAX_OUTPUT = 1_000_000;
const GATE_ENVIRONMENT = {
  NO_COLOR: "1",
  DENO_NO_PROMPT: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DO_NOT_TRACK: "1",
};

/** The path of a command installed in `node_modules`. */
export function installed(command: string): string {
  return join(ROOT, "node_modules", ".bin", command);
}

/** Runs a command to its end; never rejects. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Outcome> {
  const { timeout, cwd = ROOT, env = {} } = options;
  const { FORCE_COLOR: _color, NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd,
    env: { ...inherited, ...GATE_ENVIRONMENT, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that its children can be killed with it.
    detached: true,
  });
  let output = "";
  let timedOut = false;
  const collect = (chunk: string) => output = (output + chunk).slice(-MAX_OUTPUT);
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, timeout);

  return new Promise((resolve) => {
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({
        code: null,
        output: `Cannot run ${command}: ${error.message}`,
        timedOut,
      });
    });
    // Children that outlive the command would hold its pipes open for ever.
    child.on("exit", () => killGroup(child.pid));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output, timedOut });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
