/**
 * The folders of the runtimes have the same files with the same names in them. Drivers are thin: all that links have in common is
 * in their core, so a runtime's driver has at most 100 lines of code.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { readdir, readFile } from "node:fs/promises";
import { sourceFiles } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";

const MOST = 100;

/** Lines that are neither empty nor part of a comment. */
function linesOfCode(source: string): number {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").split("\n").filter((line) => /^\s*(?!\/\/)\S/.test(line)).length;
}

test("drivers: a comment does not count as code", () => {
  assertEquals(linesOfCode("/** a\n * b */\nconst c = 1;\n\n  // d\n  e();\n"), 2);
});

const FOLDER = new URL("../../transports/", import.meta.url);
const RUNTIMES = ["bun", "deno", "node"];

/** The files of every runtime, with what each exports. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "transport.ts": ["transport"],
  "connect.ts": ["connect"],
  "listen.ts": ["listen"],
  "try_path.ts": ["tryPath"],
  "addresses.ts": ["remoteOf", "selfError"],
};

test("runtimes: the three have the same files, which export the same names", async () => {
  const runtimes = (await readdir(FOLDER, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !["shared", "socks", "tls", "websocket"].includes(entry.name))
    .map(({ name }) => name);
  assertEquals(runtimes.toSorted(), RUNTIMES);
  for (const runtime of RUNTIMES) {
    for (const [file, names] of Object.entries(FILES)) {
      const exported = Object.keys(await import(new URL(`${runtime}/${file}`, FOLDER).href) as object);
      assertEquals(names.filter((name) => !exported.includes(name)), [], `transports/${runtime}/${file}`);
    }
  }
});

test("drivers: at most 100 lines of code", async () => {
  for (const runtime of RUNTIMES) {
    const lines = linesOfCode(await readFile(new URL(`${runtime}/driver.ts`, FOLDER), "utf8"));
    assert(
      lines <= MOST,
      `transports/${runtime}/driver.ts has ${lines} lines of code: put what others need into the core`,
    );
  }
});

/** Every driver, with a file that runs the compliance suite on its links; the runtimes' own run on their runtimes. */
const COMPLIANCE: Readonly<Record<string, string>> = {
  "src/transport/port_driver.ts": "port_link_test.ts",
  "src/transport/stream_driver.ts": "byte_stream_test.ts",
  "tests/support/memory_link.ts": "memory_link_test.ts",
  "transports/bun/driver.ts": "tcp_test.ts",
  "transports/deno/driver.ts": "tcp_test.ts",
  "transports/node/driver.ts": "tcp_test.ts",
  "transports/tls/driver.ts": "secure_websocket_test.ts",
  "transports/websocket/driver.ts": "websocket_test.ts",
};
/** Drivers on which the suite does not run, with the reason. */
const OTHERS: Readonly<Record<string, string>> = {
  "tests/simulation/end.ts":
    "it moves in virtual time, by the turns of a scenario: tests/simulation/simulation_test.ts",
  "tests/support/memory_frames.ts": "it carries whole messages: tests/sockets/frames_test.ts",
  "tests/support/played_driver.ts": "a test plays it by hand, without a peer",
};

test("drivers: the compliance suite runs on the links of each, also of the one in memory, all made by the one core", async () => {
  const root = new URL("../../", import.meta.url);
  const paths = sourceFiles(["src", "transports", "tests"], ".ts");
  const texts = await Promise.all(paths.map((path) => readFile(new URL(path, root), "utf8")));
  const drivers = paths.filter((_, i) => /^(?:export )?class \w+ implements Driver\b/m.test(texts[i]!));
  assertEquals(drivers.toSorted(), [...Object.keys(COMPLIANCE), ...Object.keys(OTHERS)].toSorted());
  for (const file of Object.values(COMPLIANCE)) {
    assert(texts[paths.indexOf(`tests/transports/${file}`)]!.match(/^ *transportCompliance\(/m), file);
  }
  // On Deno the driver of Node is used for some options.
  assert(texts[paths.indexOf("tests/transports/tcp_options_test.ts")]!.includes("\ntransportCompliance("));
  // A link of another kind would not be covered: only the core implements the contract.
  const links = paths.filter((path, i) =>
    path.startsWith("src/") || path.startsWith("transports/") ? /implements Link\b/.test(texts[i]!) : false
  );
  assertEquals(links, ["src/transport/link.ts"]);
});
