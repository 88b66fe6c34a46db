/**
 * Runs a child process with a time limit, and kills everything that it leaves behind.
 *
 * @module
 */

import spawn, { type SubprocessError } from "nano-spawn";
import { join } from "node:path";
import process from "node:process";
import treeKill from "tree-kill";
import { ROOT } from "./source_files.ts";

/** The result of a child process. */
export interface Outcome {
  /** Exit code; `null` when it was killed or could not be started. */
  readonly code: number | null;
  /** Standard output alone, for programs to read. */
  readonly stdout: string;
  /** Standard output and standard error, interleaved as received. */
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

const WINDOWS = process.platform === "win32";
/**
 * `true` if `run` started this process: it is then in a group that is killed as a whole, and creates none of its own.
 */
const NESTED = process.env.ZMQ_GATE_GROUP === "1";
/** The time that pipes may stay open after their command has ended, in ms. */
const PIPE_GRACE = 1000;
const GATE_ENVIRONMENT = {
  NO_COLOR: "1",
  DENO_NO_PROMPT: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DO_NOT_TRACK: "1",
  FORCE_COLOR: undefined,
  NODE_TEST_CONTEXT: undefined,
  ZMQ_GATE_GROUP: "1",
};

const running = new Set<number>();
let watching = false;

/** Kills the running commands when this process ends before them, for example by Ctrl-C. */
function watchTheEnd(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => running.forEach(killTree));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(1));
  }
}

/** The path of a command installed in `node_modules`. */
export function installed(command: string): string {
  return join(ROOT, "node_modules", ".bin", command);
}

/** Runs a command to its end; never rejects. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { timeout, cwd = ROOT, env = {} } = options;
  let timedOut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const subprocess = spawn(command, [...args], {
    cwd,
    env: { ...GATE_ENVIRONMENT, ...env },
    stdin: "ignore",
    // A group of its own, so that its children can be killed with it; on Windows it would get a window instead.
    detached: !WINDOWS && !NESTED,
  });
  watchTheEnd();
  let pid: number | undefined;
  subprocess.nodeChildProcess.then((child) => {
    pid = child.pid!;
    running.add(pid);
    timer = setTimeout(() => {
      timedOut = true;
      killTree(pid!);
    }, timeout);
    child.on("exit", () => {
      // Children that outlive the command would keep its pipes open forever; some have left its group.
      if (!NESTED) killTree(pid!);
      grace = setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy()), PIPE_GRACE);
    });
  }, () => {/* It did not start, which the subprocess tells as well. */});
  try {
    const { stdout, output } = await subprocess;
    return { code: 0, stdout, output, timedOut };
  } catch (error) {
    const { exitCode: code = null, signalName, stdout, output, cause } = error as SubprocessError;
    const started = code !== null || signalName !== undefined;
    const told = started ? output : `Cannot run ${command}: ${cause instanceof Error ? cause.message : error}`;
    return { code, stdout, output: told, timedOut };
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    if (pid !== undefined) running.delete(pid);
  }
}

function killTree(pid: number): void {
  if (WINDOWS || NESTED) return treeKill(pid, "SIGKILL", () => {});
  try {
    // Unlike a walk from parent to child, this finds children whose parent has exited.
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has already exited.
  }
}
