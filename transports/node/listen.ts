/**
 * Listening, on Node's `net`.
 *
 * @module
 */

import { createServer, type ListenOptions as ListenConfig } from "node:net";
import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { Link, Listener, ListenOptions } from "../../src/transport/transport.ts";
import { bindError, hostToBind, withZone } from "../shared/hosts.ts";
import { listenIpc, pipeError } from "../shared/ipc.ts";
import { BACKLOG, listenError, requireTcp, setTcpOptions, tcpEndpoint, tcpError } from "../shared/tcp.ts";
import { remoteOf } from "./addresses.ts";
import { NodeDriver, STREAM_MARK } from "./driver.ts";
import { tryPath } from "./try_path.ts";

/** See {@link Transport.listen}. */
export async function listen(
  endpoint: Endpoint,
  onLink: (link: Link) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  const backlog = options.backlog ?? BACKLOG;
  if (!isIpc(endpoint)) {
    const tcp = requireTcp(endpoint);
    const host = await hostToBind(tcp, options.ipv6);
    const failed = (error: Error) => bindError(tcp, error);
    // The types of Node 20 do not have it.
    const shared = { reusePort: options.reusePort === true };
    return await serve(tcp.toString(), { host, port: tcp.port, backlog, ...shared }, onLink, options, failed);
  }
  return await listenIpc(endpoint, {
    connect: tryPath,
    listen: (path, text) => {
      const failed = (error: Error) => listenError(`Cannot listen on ${text}`, error);
      return serve(text, { path, backlog }, onLink, options, failed).catch(async (error) => {
        throw await pipeError(error, path, text);
      });
    },
  });
}

function serve(
  endpoint: string,
  where: ListenConfig,
  onLink: (link: Link) => void,
  options: ListenOptions,
  failed: (error: Error) => Error,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ highWaterMark: STREAM_MARK, allowHalfOpen: true }, (socket) => {
      const remote = where.path === undefined ? remoteOf(socket) : endpoint;
      if (remote !== undefined) {
        if (where.path === undefined) setTcpOptions(socket, options);
        return onLink(new LinkCore(new NodeDriver(socket), remote));
      }
      socket.on("error", () => {});
      socket.destroy();
    });
    const onError = (error: Error) => reject(failed(error));
    server.once("error", onError);
    // Without `exclusive` the workers of `node:cluster` share one listener, and a connection goes to any of them.
    server.listen({ ...where, exclusive: true }, () => {
      server.off("error", onError);
      server.on("error", (error) => options.onError?.(tcpError(`Cannot accept on ${bound}`, error)));
      const address = server.address();
      const bound = typeof address === "object" && address !== null
        ? tcpEndpoint(withZone(address.address, where.host!), address.port)
        : endpoint;
      resolve({
        endpoint: bound,
        close() {
          // The callback of `close` is not awaited: it comes only when the accepted connections are closed as well.
          if (server.listening) server.close();
          return Promise.resolve();
        },
        unref: () => void server.unref(),
        ref: () => void server.ref(),
      });
    });
  });
}
