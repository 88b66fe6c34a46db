/**
 * Plays JSR: takes what `deno publish` uploads, and serves it as JSR does, to Deno with `JSR_URL` set to it.
 *
 * Only the part that Deno requests: no users, no scores, no documentation, and every token is valid. Most of JSR's
 * checks before it accepts a package are also made by `deno publish`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../scripts/gate/process.ts";
import { type Answer, type Asked, type LocalServer, serveLocally } from "./http.ts";
import { filesBelow } from "./files.ts";

/** The registry, until it is disposed of. */
export interface JsrRegistry extends LocalServer {
  /** Paths of the files of what was published last, sorted, without a slash in front. */
  readonly files: readonly string[];
}

const PUBLISH = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)\/versions\/([^/]+)$/;
const UNPACK_TIMEOUT = 120_000;

/** Starts it, with nothing in it. */
export async function serveJsr(): Promise<JsrRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-jsr-"));
  /** The served files, by path. */
  const served = new Map<string, Answer>();
  let files: readonly string[] = [];

  const publish = async ([, scope, name, version]: readonly string[], tarball: Uint8Array): Promise<Answer> => {
    const root = await unpack(folder, `${scope}-${name}-${version}`, tarball);
    files = filesBelow(root);
    const at = `/@${scope}/${name}`;
    const manifest: Record<string, { size: number; checksum: string }> = {};
    for (const path of files) {
      const bytes = readFileSync(join(root, path));
      const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
      manifest[`/${path}`] = { size: bytes.length, checksum };
      served.set(`${at}/${version}/${path}`, bytes);
    }
    const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as { exports: object };
    served.set(`${at}/${version}_meta.json`, { manifest, exports });
    served.set(`${at}/meta.json`, { scope, name, latest: version, versions: { [version!]: {} } });
    return { id: "1", status: "success", error: null };
  };

  const answer = ({ method, path, body }: Asked): Answer | Promise<Answer> => {
    const publishing = method === "POST" ? PUBLISH.exec(path) : null;
    if (publishing !== null) return publish(publishing, body);
    // Deno only checks that scopes and packages exist.
    if (path.startsWith("/api/scopes/") && !path.includes("/versions/")) return {};
    return served.get(path);
  };
  const server = await serveLocally(answer);
  return {
    url: server.url,
    get files() {
      return files;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function unpack(folder: string, name: string, tarball: Uint8Array): Promise<string> {
  const root = mkdtempSync(join(folder, `${name}-`));
  const archive = join(folder, `${name}.tar.gz`);
  writeFileSync(archive, tarball);
  const { code, output } = await run("tar", ["-xzf", archive, "-C", root], { timeout: UNPACK_TIMEOUT });
  if (code !== 0) throw new Error(`Cannot unpack what was published: ${output}`);
  return root;
}
