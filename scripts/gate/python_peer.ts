/**
 * Finds a Python with `zmq`, the second real peer of the interop tests; installs Debian's package if possible.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { run } from "./process.ts";

// Not the first python3 of the path: Debian's package serves Debian's interpreter.
const DEBIAN_PYTHON = "/usr/bin/python3";
const APT_TIMEOUT = 300_000;

/**
 * Returns the environment of the interop tests: `PYTHON_ZMQ`, an interpreter, or `PYTHON_ZMQ_MISSING`, the reason why
 * there is none.
 */
export async function pythonPeer(): Promise<Readonly<Record<string, string>>> {
  if (await importsZmq()) return { PYTHON_ZMQ: DEBIAN_PYTHON };
  const reason = await installPythonZmq();
  if (reason === undefined && await importsZmq()) {
    return { PYTHON_ZMQ: DEBIAN_PYTHON };
  }
  return {
    PYTHON_ZMQ_MISSING: reason ??
      "python3-zmq was installed but cannot be imported",
  };
}

async function importsZmq(): Promise<boolean> {
  return (await run(DEBIAN_PYTHON, ["-c", "import zmq"], { timeout: 120_000 }))
    .code === 0;
}

/** Resolves with the reason when it cannot be done. */
async function installPythonZmq(): Promise<string | undefined> {
  if (!existsSync("/usr/bin/apt-get")) {
    return "python3-zmq is missing and there is no apt-get";
  }
  if (process.getuid?.() !== 0) {
    return "python3-zmq is missing and apt-get needs root";
  }
  const apt = (...args: string[]) =>
    run("/usr/bin/apt-get", args, {
      timeout: APT_TIMEOUT,
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
  const install = () => apt("install", "--yes", "--no-install-recommends", "python3-zmq");
  if ((await install()).code === 0) return undefined;
  // The package lists may be older than the mirror.
  await apt("update");
  const again = await install();
  if (again.code === 0) return undefined;
  return `python3-zmq cannot be installed: ${again.output.trim().split("\n").at(-1)}`;
}
