/**
 * A process without free file descriptors: the same error code on the three runtimes, before the transport is loaded
 * and later, and recovery.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime, test } from "../support/harness.ts";

const CHILD = fileURLToPath(new URL("open_files_child.ts", import.meta.url));
const FLAGS = { deno: "run -A --no-check", bun: "", node: "--import tsx" }[runtime];
/** Endpoints for which files are opened, names looked up, or interfaces listed before there is a socket. */
const OTHERS = ["tcp://localhost:0", "ipc:///tmp/open-files.sock", "ipc://*"];
// Some versions of Node have no abstract names.
if (runtime !== "node") OTHERS.push("ipc://@open-files");
const noLimits = process.platform === "win32" ? "Windows has no ulimit" : undefined;

for (const when of ["before", "later"]) {
  const denoPanics = when === "before" && runtime === "deno"
    ? "Deno panics by itself when it starts to use its own modules without a free file descriptor"
    : undefined;
  test(
    `EMFILE, ${when === "before" ? "before the transport is loaded" : "when it is loaded"}: retried, never final`,
    () => {
      // Deno panics where it lists interfaces or looks up a name without a free file descriptor.
      const others = runtime === "deno" ? [] : OTHERS;
      const command = `ulimit -n 256 && exec "${process.execPath}" ${FLAGS} "${CHILD}" ${when} ${others.join(" ")}`;
      // Deno reads the file that this names only when it is too late for that.
      const env: Record<string, string | undefined> = { ...process.env };
      delete env["DENO_CERT"];
      delete env["NODE_EXTRA_CA_CERTS"];
      const { stdout, stderr } = spawnSync("sh", ["-c", command], { env, encoding: "utf8", timeout: 20_000 });
      assertEquals(stdout.trim().split("\n"), [
        "ZmqError EMFILE tcp://127.0.0.1:0",
        "ZmqError EMFILE tcp://127.0.0.1:9",
        ...others.map((endpoint) => `ZmqError EMFILE ${endpoint}`),
        ...others.length > 0 ? new Array(3).fill("ZmqError EMFILE tcp://localhost:9") : [],
        "goes on",
      ], stderr);
    },
    { timeout: 25_000, ...(denoPanics ?? noLimits) !== undefined && { skip: (denoPanics ?? noLimits)! } },
  );
}
