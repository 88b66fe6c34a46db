/**
 * Measures the built npm package, and a minimal client that is bundled from it, and holds them to
 * `npm_package/size_limits.json`, which also has the figures of the day when the limits were set.
 *
 * Run with `npx tsx scripts/check_size.ts`, after `npm run build:npm`.
 *
 * @module
 */

import { build } from "esbuild";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { pack } from "./gate/npm_pack.ts";
import { ROOT } from "./gate/source_files.ts";
import { NPM_NAME } from "./npm_package/manifest.ts";

/** What is measured, in bytes. */
export interface Sizes {
  /** What is downloaded. */
  readonly tarball: number;
  /** What is on the disk. */
  readonly unpacked: number;
  /** A program with one `Request`, bundled and minified, as far as it is loaded on Node without CURVE. */
  readonly client: number;
  /** The same, compressed by gzip. */
  readonly clientCompressed: number;
  /** The same from `./core`, without a transport. */
  readonly coreClient: number;
  /** What CURVE loads when it is first used: libsodium. */
  readonly curve: number;
}

/** The limit of each size, and the figure when it was set. */
export type SizeLimits = Readonly<Record<keyof Sizes, { readonly limit: number; readonly measured: number }>>;

const PACK_TIMEOUT = 60_000;

/** What is over its limit, in words. */
export function sizeProblems(sizes: Sizes, limits: SizeLimits): string[] {
  return Object.entries(limits)
    .filter(([name, { limit }]) => !(sizes[name as keyof Sizes] <= limit))
    .map(([name, { limit, measured }]) =>
      `${name} has ${sizes[name as keyof Sizes]} bytes: the limit is ${limit}, and it had ${measured} when that was set`
    );
}

/** Measures what is in `npm/`. */
export async function measureSizes(): Promise<Sizes> {
  const { size, unpackedSize } = await pack(["--dry-run", "./npm"], { timeout: PACK_TIMEOUT });
  const client = await bundleClient(NPM_NAME);
  const core = await bundleClient(`${NPM_NAME}/core`);
  return {
    tarball: size,
    unpacked: unpackedSize,
    client: client.loaded.length,
    clientCompressed: gzipSync(client.loaded).length,
    coreClient: core.loaded.length,
    curve: client.curve,
  };
}

/** A client's code, minified: what is loaded on Node, and the size of what CURVE would load. */
async function bundleClient(specifier: string): Promise<{ loaded: string; curve: number }> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-size-"));
  try {
    const installed = join(folder, "node_modules", NPM_NAME);
    mkdirSync(dirname(installed), { recursive: true });
    symlinkSync(join(ROOT, "npm"), installed, "junction");
    const entry = join(folder, "client.mjs");
    writeFileSync(
      entry,
      `import { Request } from "${specifier}";
      const request = new Request();
      request.connect("tcp://127.0.0.1:5555");
      await request.send("hello");
      console.log(await request.receive());`,
    );
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      outdir: join(folder, "out"),
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    const chunks = Object.entries(metafile.outputs);
    const holds = (chunk: typeof chunks[number][1], path: string) =>
      Object.keys(chunk.inputs).some((input) => input.includes(path));
    // Chunks that only Deno, Bun, a proxy or CURVE would load.
    const later = (chunk: typeof chunks[number][1]) =>
      ["transports/deno", "transports/bun", "transports/socks", "libsodium"].some((path) => holds(chunk, path));
    const textOf = (path: string) => outputFiles.find((file) => file.path.endsWith(path.split("/").at(-1)!))!.text;
    return {
      loaded: chunks.filter(([, chunk]) => !later(chunk)).map(([path]) => textOf(path)).join(""),
      curve: chunks.filter(([, chunk]) => holds(chunk, "libsodium")).reduce((sum, [, chunk]) => sum + chunk.bytes, 0),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The limits, as the repository has them. */
export function readLimits(): SizeLimits {
  return JSON.parse(readFileSync(join(ROOT, "scripts/npm_package/size_limits.json"), "utf8")) as SizeLimits;
}

/** For people, a line each. */
export function describeSizes(sizes: Sizes, limits: SizeLimits): string[] {
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  return Object.entries(limits)
    .map(([name, { limit }]) => `${name}: ${kb(sizes[name as keyof Sizes])}, at most ${kb(limit)}`);
}

async function main(): Promise<void> {
  const [sizes, limits] = [await measureSizes(), readLimits()];
  for (const line of describeSizes(sizes, limits)) console.log(line);
  console.log(JSON.stringify(sizes));
  const problems = sizeProblems(sizes, limits);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
