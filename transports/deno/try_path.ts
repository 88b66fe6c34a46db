/**
 * Finding out whether a socket listens at an ipc path, on Deno.
 *
 * @module
 */

import { deno } from "./api.ts";

/** See {@link IpcRuntime.connect}. */
export async function tryPath(path: string): Promise<void> {
  (await deno().connect({ transport: "unix", path })).close();
}
