/**
 * Plays an npm registry that has a few packed packages and nothing else, for what will only install by name.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { run } from "../../../scripts/gate/process.ts";
import { type LocalServer, serveLocally } from "./http.ts";

interface Packed {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly bytes: Uint8Array;
}

const READ_TIMEOUT = 120_000;

/** Serves these tarballs. */
export async function serveNpm(tarballs: readonly string[]): Promise<LocalServer> {
  const packages = new Map((await Promise.all(tarballs.map(read))).map((one) => [one.manifest.name, one]));
  const server: LocalServer = await serveLocally(({ path }) => {
    const [name, file] = path.slice(1).split("/-/");
    const found = packages.get(name!);
    return found === undefined || file !== undefined ? found?.bytes : packument(found, server.url);
  });
  return server;
}

/** The registry's document about a package. */
function packument({ manifest, bytes }: Packed, url: string): object {
  const { name, version } = manifest;
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const dist = { tarball: `${url}${name}/-/${name}-${version}.tgz`, integrity };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

async function read(tarball: string): Promise<Packed> {
  const { code, stdout, output } = await run("tar", ["-xzOf", tarball, "package/package.json"], {
    timeout: READ_TIMEOUT,
  });
  if (code !== 0) throw new Error(`Cannot read ${tarball}: ${output}`);
  return { manifest: JSON.parse(stdout), bytes: readFileSync(tarball) };
}
