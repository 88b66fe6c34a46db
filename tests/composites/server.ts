/**
 * Helpers of the tests of requests and servers.
 *
 * @module
 */

import { type Message, Router, serve, toText } from "../../mod.ts";
import { ANY } from "../sockets/support.ts";

export const textOf = ([frame]: Message): string => toText(frame);

/** For requests that get a reply: only a hang is too slow. */
export const PATIENT = { timeout: 20_000, retries: 0 };

/** A Router that serves until it is disposed of. */
export interface Server extends AsyncDisposable {
  readonly router: Router;
  readonly endpoint: string;
}

/** Serves on a port of the system's choice. */
export async function server(
  handler: Parameters<typeof serve>[1],
  options: Parameters<typeof serve>[2] = {},
): Promise<Server> {
  const router = new Router();
  const endpoint = await router.bind(ANY);
  const serving = serve(router, handler, options);
  return {
    router,
    endpoint,
    async [Symbol.asyncDispose]() {
      await router.close();
      await serving;
    },
  };
}
