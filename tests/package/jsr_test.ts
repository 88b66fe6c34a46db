/**
 * The package on JSR: `deno publish` uploads it to a registry that is simulated here, and Deno imports it from there
 * with `jsr:` specifiers. libsodium comes from the npm registry that this machine is configured with.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { installed, run } from "../../scripts/gate/process.ts";
import { publishedRoots, sourceFiles } from "../../scripts/gate/source_files.ts";
import { denoConfig } from "../../scripts/npm_package/manifest.ts";
import { test } from "../support/harness.ts";
import { type JsrRegistry, serveJsr } from "./support/jsr_registry.ts";
import { ANSWERED, withLibzmq } from "./support/libzmq.ts";
import { Project } from "./support/project.ts";

const TIMEOUT = 120_000;
const { name, version } = denoConfig();
const FROM_JSR = `jsr:${name}@${version}`;

const ASK = `
import { Request, toText } from "${FROM_JSR}";
import { version } from "${FROM_JSR}/core";
import { type Transport, ZmqError } from "${FROM_JSR}/transport";

const nobody: Transport["connect"] = () => Promise.reject(new ZmqError("EHOSTUNREACH", "Nobody is there"));
await nobody(null!).catch((error: Error) => console.log(error.name));
const request = new Request({ receiveTimeout: 10_000 });
request.connect(Deno.args[0]!);
await request.send("hello");
const [answer] = await request.receive();
await request.close();
console.log("answered", toText(answer!), "to", version);
`;
const CURVE = `
import { curveKeyPair, Pull, Push, toText, userIdOf } from "${FROM_JSR}";

const server = await curveKeyPair();
const client = await curveKeyPair();
const pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate: () => ({ userId: "anna" }) });
const push = new Push({
  curveServerKey: server.publicKey,
  curvePublicKey: client.publicKey,
  curveSecretKey: client.secretKey,
});
push.connect(await pull.bind("tcp://127.0.0.1:0"));
await push.send("in secret");
const message = await pull.receive();
await push.close();
await pull.close();
console.log(toText(message[0]!), "from", userIdOf(message));
`;

/** Publishes to a registry of its own, and hands over what runs a program that imports from there. */
function jsrTest(
  title: string,
  fn: (registry: JsrRegistry, deno: (file: string, ...args: string[]) => Promise<string>) => Promise<void> | void,
): void {
  test(`JSR: ${title}`, async () => {
    await using registry = await serveJsr();
    const flags = ["--token", "none", "--allow-dirty", "--no-check", "--no-provenance"];
    const env = { JSR_URL: registry.url };
    const { code, output } = await run(installed("deno"), ["publish", ...flags], { timeout: TIMEOUT, env });
    assertEquals(code, 0, output);
    const project = new Project();
    project.write("ask.ts", ASK);
    project.write("curve.ts", CURVE);
    const used = { ...env, DENO_DIR: join(project.folder, "cache") };
    const rest = ["--quiet", "--no-prompt", "--no-lock"];
    await fn(registry, (flag, ...args) => project.runWith(used, installed("deno"), "run", ...rest, flag, ...args));
  }, { timeout: TIMEOUT });
}

jsrTest("what is published is the sources and their documents, and nothing else", ({ files }) => {
  const sources = sourceFiles(publishedRoots(), ".ts").filter((path) => !path.endsWith(".d.ts"));
  assertEquals(files, [...sources, "CHANGELOG.md", "LICENSE", "README.md", "deno.json"].sort());
});

jsrTest("Deno checks its types, and asks libzmq, with permission for the network alone", async (_, deno) => {
  await withLibzmq(async (endpoint) => {
    const output = await deno("--allow-net", "--check=all", "ask.ts", endpoint);
    assertStringIncludes(output, ANSWERED);
    assertStringIncludes(output, `to ${version}`);
    assertStringIncludes(await deno("--allow-net=127.0.0.1", "ask.ts", endpoint), ANSWERED);
  });
});

jsrTest("CURVE needs permission for the network alone", async (_, deno) => {
  assertStringIncludes(await deno("--allow-net", "--check", "curve.ts"), "in secret from anna");
});
