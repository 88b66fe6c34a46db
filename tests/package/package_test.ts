import { assertEquals, assertStringIncludes } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as source from "../../mod.ts";
import { installed } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";
import { installPackage, type Project } from "./project.ts";

const TIMEOUT = 60_000;
const EXPECTED = "received hello, ZmqError";
const WITH_DOM = { lib: ["ES2022", "ESNext.Disposable", "DOM"], types: [] };
const WITH_NODE = { lib: ["ES2022"], types: ["node"], typeRoots: [join(ROOT, "node_modules", "@types")] };

function packageTest(name: string, fn: (project: Project) => void | Promise<void>): void {
  test(`package: ${name}`, async () => await fn(await installPackage()), { timeout: TIMEOUT });
}

packageTest("holds code, declarations and documents, and nothing else", (project) => {
  const folder = join(project.folder, "node_modules", "monocoque-zmq");
  assertEquals(readdirSync(folder).sort(), ["LICENSE", "README.md", "esm", "package.json", "script"]);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  assertEquals(manifest.dependencies, { libsodium: "0.8.4" });
  assertEquals(manifest.scripts, undefined);
});

packageTest("declarations compile in a strict project with DOM types, as ESM and CommonJS", async (project) => {
  await project.compile(WITH_DOM);
});

packageTest("declarations compile in a strict project with Node types, as ESM and CommonJS", async (project) => {
  await project.compile(WITH_NODE);
});

packageTest("an ES module on Node uses it", async (project) => {
  await project.compile(WITH_NODE);
  assertStringIncludes(await project.run(process.execPath, "out/consumer.mjs"), EXPECTED);
});

packageTest("CommonJS on Node uses it", async (project) => {
  await project.compile(WITH_NODE);
  assertStringIncludes(readFileSync(join(project.folder, "out/consumer.cjs"), "utf8"), `require("monocoque-zmq")`);
  assertStringIncludes(await project.run(process.execPath, "out/consumer.cjs"), EXPECTED);
});

packageTest("Bun uses it, as TypeScript and as CommonJS", async (project) => {
  await project.compile(WITH_NODE);
  assertStringIncludes(await project.run(installed("bun"), "consumer.mts"), EXPECTED);
  assertStringIncludes(await project.run(installed("bun"), "out/consumer.cjs"), EXPECTED);
});

packageTest("Deno uses it, as TypeScript and as CommonJS", async (project) => {
  await project.compile(WITH_NODE);
  const run = ["run", "--allow-all", "--node-modules-dir=manual", "--no-lock"];
  assertStringIncludes(await project.run(installed("deno"), ...run, "--check", "consumer.mts"), EXPECTED);
  assertStringIncludes(await project.run(installed("deno"), ...run, "out/consumer.cjs"), EXPECTED);
});

packageTest("CURVE's cryptography is loaded by both builds, on every runtime", async (project) => {
  const use = `curvePublic("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6").then(console.log);`;
  project.write("keys.mjs", `import { curvePublic } from "monocoque-zmq";\n${use}`);
  project.write("keys.cjs", `const { curvePublic } = require("monocoque-zmq");\n${use}`);
  const deno = ["run", "--allow-read", "--allow-env", "--node-modules-dir=manual", "--no-lock"];
  for (const file of ["keys.mjs", "keys.cjs"]) {
    for (const command of [[process.execPath], [installed("bun")], [installed("deno"), ...deno]] as const) {
      const [program, ...args] = command;
      assertStringIncludes(await project.run(program, ...args, file), "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
    }
  }
});

packageTest("a bundler keeps the registration of the transports", async (project) => {
  await project.compile(WITH_NODE);
  await project.run(installed("bun"), "build", "consumer.mts", "--target=node", "--outfile=out/bundle.mjs");
  assertStringIncludes(await project.run(process.execPath, "out/bundle.mjs"), EXPECTED);
});

packageTest("both builds export what mod.ts exports, and know each other's errors", async (project) => {
  project.write(
    "copies.mjs",
    `import { createRequire } from "node:module";
    import * as esm from "monocoque-zmq";
    const script = createRequire(import.meta.url)("monocoque-zmq");
    const known = new script.ZmqError("EAGAIN", "") instanceof esm.ZmqError;
    console.log(JSON.stringify({ esm: Object.keys(esm).sort(), script: Object.keys(script).sort(), known }));`,
  );
  const names = Object.keys(source).sort();
  assertEquals(JSON.parse(await project.run(process.execPath, "copies.mjs")), {
    esm: names,
    script: names,
    known: true,
  });
});
