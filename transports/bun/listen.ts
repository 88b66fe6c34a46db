/**
 * Listening, on Bun's own sockets. Bun cannot set the accept queue and does not report errors of accepting, so `backlog` and
 * `onError` are not used.
 *
 * @module
 */

import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import type { Link, Listener, ListenOptions } from "../../src/transport/transport.ts";
import { bindError, hostToBind, notFound, withZone } from "../shared/hosts.ts";
import { listenIpc } from "../shared/ipc.ts";
import { listenError, requireTcp, tcpEndpoint } from "../shared/tcp.ts";
import { remoteOf } from "./addresses.ts";
import { bun, type BunListener } from "./api.ts";
import { handlers } from "./handlers.ts";
import { tryPath } from "./try_path.ts";

/** See {@link Transport.listen}. */
export async function listen(
  endpoint: Endpoint,
  onLink: (link: Link) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  if (isIpc(endpoint)) {
    return await listenIpc(endpoint, { connect: tryPath, listen: (path, text) => listenPath(path, text, onLink) });
  }
  const stopped = new AbortController();
  const tcp = requireTcp(endpoint);
  const hostname = await hostToBind(tcp, options.ipv6);
  const socket = handlers(onLink, options, (socket) => remoteOf(socket, hostname), stopped.signal);
  try {
    const listener = bun().listen({
      hostname,
      port: tcp.port,
      socket,
      allowHalfOpen: true,
      reusePort: options.reusePort === true,
    });
    const bound: { address?: string } = {};
    listener.getsockname(bound);
    return listenerOf(listener, tcpEndpoint(withZone(bound.address!, hostname), listener.port), stopped);
  } catch (cause) {
    // An unknown host name is the only error for which Bun has no code here.
    const known = (cause as { code?: unknown }).code === undefined ? notFound(cause) : cause;
    throw bindError(tcp, known);
  }
}

// deno-lint-ignore require-await -- what it throws shall reject
async function listenPath(path: string, endpoint: string, onLink: (link: Link) => void): Promise<Listener> {
  const stopped = new AbortController();
  const socket = handlers(onLink, {}, () => endpoint, stopped.signal);
  try {
    return listenerOf(bun().listen({ unix: path, socket, allowHalfOpen: true }), endpoint, stopped);
  } catch (cause) {
    throw listenError(`Cannot listen on ${endpoint}`, cause);
  }
}

/** @param stopped Closes sockets that Bun still accepts after the listener was stopped. */
function listenerOf(listener: BunListener, endpoint: string, stopped: AbortController): Listener {
  return {
    endpoint,
    close() {
      stopped.abort();
      listener.stop();
      return Promise.resolve();
    },
    unref: () => listener.unref(),
    ref: () => listener.ref(),
  };
}
