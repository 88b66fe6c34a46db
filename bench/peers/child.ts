/**
 * A child process that reads commands and writes reports, one JSON value per line.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { type CommandLine, ROOT } from "./party.ts";

/** An error, which can replace any report. */
interface ErrorReport {
  readonly error: string;
}

const MAX_ERRORS = 10_000;
const live = new Set<ChildProcess>();

process.on("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(1));
}

/** Ends all children that are left. */
export function killAll(): void {
  for (const child of live) kill(child);
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || !live.delete(child)) return;
  try {
    // The whole group: the `deno` command of npm is a script that starts the real one.
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has already exited.
  }
}

/** A running child. */
export class Child<Command, Report> {
  readonly #name: string;
  readonly #process: ChildProcess;
  #errors = "";
  #rest = "";
  #end: Error | undefined;
  readonly #reports: (Report | ErrorReport)[] = [];
  readonly #waits: { resolve: (report: Report) => void; reject: (error: Error) => void }[] = [];

  /** Starts a program. `name` is for messages. */
  constructor(name: string, [command, ...args]: CommandLine) {
    this.#name = name;
    const child = spawn(command, args, {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    });
    this.#process = child;
    live.add(child);
    child.stdin.on("error", () => {});
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-MAX_ERRORS);
    });
    child.on("error", (error) => this.#ended(`cannot be started: ${error.message}`));
    child.on("close", (code, signal) => this.#ended(`ended with ${signal ?? `exit code ${code}`}`));
  }

  /** Gives a command. */
  send(command: Command): void {
    this.#process.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** The next report. */
  next(): Promise<Report> {
    const report = this.#reports.shift();
    if (report !== undefined) return this.#judge(report);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => this.#waits.push({ resolve, reject }));
  }

  /** Kills the child; pending waits for a report reject with `reason`. */
  kill(reason = "was ended"): void {
    kill(this.#process);
    this.#ended(reason);
  }

  /** Lets the child end by itself, which it does when its command channel is closed. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once("close", () => resolve());
      this.#process.stdin!.end();
    });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const report = JSON.parse(line) as Report | ErrorReport;
      const wait = this.#waits.shift();
      if (wait === undefined) this.#reports.push(report);
      else this.#judge(report).then(wait.resolve, wait.reject);
    }
  }

  #judge(report: Report | ErrorReport): Promise<Report> {
    if (typeof report === "object" && report !== null && "error" in report) {
      return Promise.reject(new Error(`${this.#name}: ${report.error}`));
    }
    return Promise.resolve(report);
  }

  #ended(how: string): void {
    live.delete(this.#process);
    if (this.#end !== undefined) return;
    this.#end = new Error(`${this.#name} ${how}${this.#errors === "" ? "" : `:\n${this.#errors.trimEnd()}`}`);
    for (const { reject } of this.#waits.splice(0)) reject(this.#end);
  }
}
