// Runs one command of node_modules/.bin, installing the development dependencies first where they are missing or out
// of date: `node scripts/bootstrap.mjs tsx scripts/test.ts`. Plain JavaScript without dependencies, because a fresh
// clone has Node and npm alone.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const windows = process.platform === "win32";

function readLock(...path) {
  return JSON.parse(readFileSync(join(root, ...path), "utf8")).packages;
}

/** Compares what npm says it installed with what the lockfile asks for. */
function isInstalled() {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) {
    return false;
  }
  const wanted = readLock("package-lock.json");
  const present = readLock("node_modules", ".package-lock.json");
  const current = Object.keys(present).every((path) => wanted[path]?.integrity === present[path].integrity);
  // Packages for other platforms are optional and rightly absent.
  const complete = Object.keys(wanted).every((path) => path === "" || wanted[path].optional || path in present);
  return current && complete;
}

function install() {
  console.error("Installing the development dependencies (npm ci)");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    shell: windows,
    // Not stdout, which belongs to the command.
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0) {
    throw new Error(`npm ci failed with exit code ${npm.status}`);
  }
}

/** Bun's command is a placeholder where npm is configured not to run install scripts. */
function finishBun() {
  if (
    spawnSync(join(bin, "bun"), ["--version"], { shell: windows }).status === 0
  ) return;
  const done = spawnSync(process.execPath, ["install.js"], {
    cwd: join(root, "node_modules", "bun"),
    stdio: ["ignore", 2, 2],
  });
  if (done.status !== 0) {
    throw new Error("Cannot finish the installation of Bun");
  }
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error("Usage: node scripts/bootstrap.mjs COMMAND [ARGUMENT…]");
  process.exit(2);
}

if (!isInstalled()) install();
finishBun();

// By its name: on Windows a shell finds the right one of its files, whatever is in the path of this folder.
const child = spawn(command, args, {
  cwd: root,
  shell: windows,
  stdio: "inherit",
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`Cannot run ${command}: ${error.message}`);
  process.exitCode = 1;
});
child.on(
  "exit",
  (code, signal) => process.exitCode = signal === null ? code : 1,
);
