/**
 * `bindSync`: finds out synchronously whether an endpoint can be bound, and at which port, before the engine binds it
 * in the background. An error that appears only there is a warning of the process.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { Endpoint, IpcEndpoint, TcpEndpoint } from "../../mod.ts";
import { errnoError } from "./errors.ts";

/** Endpoints that are not bound yet, of all sockets of the process. */
const soon = new Set<string>();

/**
 * A tcp port that is free now; `undefined` if this one is not. Only a listener without a host is bound synchronously on
 * every runtime.
 */
function freePort(port: number): number | undefined {
  const server = createServer();
  server.on("error", () => {});
  server.listen({ port, exclusive: true });
  const address = server.address();
  server.close();
  return address === null || typeof address === "string" ? undefined : address.port;
}

/**
 * The endpoint to bind, with its port.
 *
 * @param taken Returns whether a socket of the process has bound an endpoint.
 * @throws {ErrnoError} `EADDRINUSE`, or `ENOENT` for an ipc path in a directory that does not exist.
 */
export function endpointToBind(text: string, taken: (endpoint: string) => boolean): string {
  const endpoint = Endpoint.parse(text, "bind");
  const refuse = (code: string) => errnoError(code, undefined, text);
  if (soon.has(endpoint.toString()) || taken(endpoint.toString())) throw refuse("EADDRINUSE");
  if (endpoint instanceof TcpEndpoint) {
    const port = freePort(Number(text.slice(text.lastIndexOf(":") + 1).replace("*", "0")));
    if (port === undefined) throw refuse("EADDRINUSE");
    return text.replace(/:[^:]*$/, `:${port}`);
  }
  if (endpoint instanceof IpcEndpoint) {
    const path = text.slice("ipc://".length);
    if (path === "*") return `ipc://${join(tmpdir(), `zmq-${randomUUID()}`)}`;
    if (!path.startsWith("@") && !existsSync(dirname(path))) throw refuse("ENOENT");
  }
  return text;
}

/** Notes an endpoint until it is bound, or cannot be. */
export function noteSoon(endpoint: string, bound: Promise<unknown>): void {
  const name = Endpoint.parse(endpoint, "bind").toString();
  soon.add(name);
  const done = () => void soon.delete(name);
  bound.then(done, done);
}
