/**
 * Plays an npm registry that has a few packed packages and nothing else, for what will only install by name.
 *
 * @module
 */

import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { run } from "../../../scripts/gate/process.ts";
import { type LocalServer, serveLocally } from "./http.ts";

interface Packed {
  readonly manifest: {
    readonly name: string;
    readonly version: string;
    readonly publishConfig?: { readonly tag?: string };
  };
  readonly bytes: Uint8Array;
}

const READ_TIMEOUT = 120_000;

/** Serves these tarballs, below a path that no cache knows. */
export async function serveNpm(tarballs: readonly string[]): Promise<LocalServer> {
  const root = `${randomUUID()}/`;
  const packages = await Promise.all(tarballs.map(read));
  const server: LocalServer = await serveLocally(({ path }) => {
    const [name, file] = path.slice(1).replace(root, "").split("/-/");
    const found = packages.filter(({ manifest }) => manifest.name === name);
    if (found.length === 0) return undefined;
    if (file === undefined) return packument(name!, found, server.url + root);
    return found.find(({ manifest }) => file === `${manifest.version}.tgz`)?.bytes;
  });
  return { ...server, url: server.url + root };
}

/** The registry's document about a package, of which each tag is one version. */
function packument(name: string, versions: readonly Packed[], url: string): object {
  const tags = versions.map(({ manifest }) => [manifest.publishConfig?.tag ?? "latest", manifest.version]);
  const entries = versions.map(({ manifest, bytes }) => {
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const dist = { tarball: `${url}${name}/-/${manifest.version}.tgz`, integrity };
    return [manifest.version, { ...manifest, dist }];
  });
  return { name, "dist-tags": Object.fromEntries(tags), versions: Object.fromEntries(entries) };
}

async function read(tarball: string): Promise<Packed> {
  const { code, stdout, output } = await run("tar", ["-xzOf", tarball, "package/package.json"], {
    timeout: READ_TIMEOUT,
  });
  if (code !== 0) throw new Error(`Cannot read ${tarball}: ${output}`);
  return { manifest: JSON.parse(stdout), bytes: readFileSync(tarball) };
}
