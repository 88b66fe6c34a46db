/**
 * `ZMQ_DEBUG`: the debug log of a program that does not call `debugLog`, as docs/guide/diagnostics.md and
 * docs/troubleshooting.md show it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assertEquals, assertMatch } from "@std/assert";
import { toText } from "../../mod.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";

interface DenoOutput {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}
declare const Deno: {
  readonly Command: new (path: string, options: object) => { output(): Promise<DenoOutput> };
};

/** Deno's `node:child_process` adds `-A` to every command that is Deno. */
async function runDeno(args: readonly string[], env: object): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr } = await new Deno.Command(process.execPath, { args, env, stdin: "null" }).output();
  return { stdout: toText(stdout), stderr: toText(stderr) };
}

/** Runs the child with `ZMQ_DEBUG`; returns what it wrote to stderr. */
async function runChild(value: string, denoFlags: readonly string[] = ["-A"]): Promise<string> {
  const path = fileURLToPath(new URL("debug_log_child.ts", import.meta.url));
  const args = { deno: ["run", "--no-check", ...denoFlags, path], bun: [path], node: nodeProgram(path) }[runtime];
  const env = { ...process.env, ZMQ_DEBUG: value, NO_COLOR: "1" };
  const { stdout, stderr } = runtime === "deno"
    ? await runDeno(args, env)
    : await promisify(execFile)(process.execPath, [...args], { env });
  assertEquals(stdout.trim(), "done");
  return stderr.trim();
}

test("ZMQ_DEBUG turns the log on when the library is loaded", async () => {
  const lines = (await runChild("connection,close,PULL")).split("\n");
  assertEquals(lines.map((line) => line.replace(/^zmq \+[\d.]+ s /, "")), [
    "PULL#1 connection inproc://child: bound, accepts connections",
    "PULL#1 close: close() was called: 0 message(s) to send",
    "PULL#1 connection inproc://child: unbound",
    "PULL#1 close: closed",
  ]);
});

test("ZMQ_DEBUG with a typo is reported, and the program runs; 0 and nothing are off", async () => {
  assertMatch(await runChild("conection"), /^ZMQ_DEBUG is ignored: The debug log has no scope "conection"; it has /);
  assertEquals([await runChild("0"), await runChild("")], ["", ""]);
});

if (runtime === "deno") {
  test("ZMQ_DEBUG is read on Deno only if that is permitted, and no prompt asks for it", async () => {
    for (const flags of [[], ["--deny-env"], ["--allow-env=OTHER"], ["--allow-env", "--deny-env=ZMQ_DEBUG"]]) {
      assertEquals(await runChild("*", flags), "", flags.join(" "));
    }
    assertMatch(await runChild("*", ["--allow-env=ZMQ_DEBUG"]), /PULL#1 close: closed$/);
  });
}
