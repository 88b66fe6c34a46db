/**
 * Binding an endpoint that this process has listened on before.
 *
 * `deno test --parallel` runs test files as threads of one process. A child process that another file starts has copies of
 * all our descriptors until it runs its program, so a listening socket may outlive its close for a moment.
 *
 * @module
 */

/** Taken before a test replaces it. */
const { setTimeout: timer } = globalThis;

/** Between two attempts, in ms. */
const INTERVAL = 5;

/** Binds as soon as the endpoint is free; the test's deadline ends it if that never happens. */
export async function bindAgain(
  socket: { bind(endpoint: string): Promise<string> },
  endpoint: string,
): Promise<string> {
  for (;;) {
    try {
      return await socket.bind(endpoint);
    } catch (error) {
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
      await new Promise((resolve) => timer(resolve, INTERVAL));
    }
  }
}
