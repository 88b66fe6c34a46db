/**
 * The child's side of the connection to its parent process: commands on stdin, reports on stdout, one JSON value per
 * line. The child exits when stdin ends, so that no process is left over, whatever happens to the parent.
 *
 * @module
 */

import process from "node:process";

/** Calls `handle` with each command; what it throws is reported as `{ error }`. */
export function serveCommands<Command>(handle: (command: Command) => Promise<void>): void {
  let rest = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      handle(JSON.parse(line) as Command).catch((error: unknown) =>
        report({ error: error instanceof Error ? error.stack ?? error.message : String(error) })
      );
    }
  });
  process.stdin.on("end", () => process.exit());
}

/** Reports a value to the parent. */
export function report(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
