/**
 * Listening, on Deno's own sockets.
 *
 * @module
 */

import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { Link, Listener, ListenOptions } from "../../src/transport/transport.ts";
import { bindError, hostToBind, withZone } from "../shared/hosts.ts";
import { listenIpc } from "../shared/ipc.ts";
import { BACKLOG, listenError, requireTcp, tcpEndpoint } from "../shared/tcp.ts";
import { Acceptor } from "./acceptor.ts";
import { deno } from "./api.ts";
import { DenoDriver } from "./driver.ts";
import { tcpLink } from "./tcp_link.ts";
import { listenThroughNode, needsNode } from "./through_node.ts";
import { tryPath } from "./try_path.ts";

/** See {@link Transport.listen}. */
export async function listen(
  endpoint: Endpoint,
  onLink: (link: Link) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  const { backlog = BACKLOG, onError } = options;
  if (isIpc(endpoint)) {
    return await listenIpc(endpoint, {
      connect: tryPath,
      listen: (path, text) => listenPath(path, text, onLink, onError),
    });
  }
  const tcp = requireTcp(endpoint);
  if (needsNode(options)) return await listenThroughNode(tcp, onLink, options);
  const hostname = await hostToBind(tcp, options.ipv6);
  try {
    const listener = deno().listen({
      hostname,
      port: tcp.port,
      tcpBacklog: backlog,
      reusePort: options.reusePort === true,
    });
    const bound = tcpEndpoint(withZone(listener.addr.hostname, hostname), listener.addr.port);
    const accept = async () => tcpLink(await listener.accept(), options, hostname);
    return new Acceptor(bound, accept, listener, onLink, onError);
  } catch (cause) {
    throw bindError(tcp, cause);
  }
}

// deno-lint-ignore require-await -- what it throws shall reject
async function listenPath(
  path: string,
  endpoint: string,
  onLink: (link: Link) => void,
  onError: ((error: Error) => void) | undefined,
): Promise<Listener> {
  try {
    const listener = deno().listen({ transport: "unix", path });
    const accept = async () => new LinkCore(new DenoDriver(await listener.accept()), endpoint);
    return new Acceptor(endpoint, accept, listener, onLink, onError);
  } catch (cause) {
    throw listenError(`Cannot listen on ${endpoint}`, cause);
  }
}
