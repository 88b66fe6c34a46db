/**
 * A small HTTP server on this machine, for the registries that the tests play.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

/** The body of a response; text and objects are sent as JSON. `undefined`: not found. */
export type Answer = Uint8Array | object | undefined;

/** A server, until it is disposed of. */
export interface LocalServer extends AsyncDisposable {
  /** With a slash at its end. */
  readonly url: string;
}

/** Serves on a free port of the loopback interface. */
export async function serveLocally(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<LocalServer> {
  const server = createServer(async (request, response) => {
    try {
      const path = decodeURIComponent(new URL(request.url!, "http://local").pathname);
      const found = await answer({ method: request.method!, path, body: await bodyOf(request) });
      if (found === undefined) response.writeHead(404).end();
      else if (found instanceof Uint8Array) response.end(found);
      else response.setHeader("content-type", "application/json").end(JSON.stringify(found));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]() {
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
