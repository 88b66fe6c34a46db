/**
 * A tcp transport through Web streams: `node:net` sockets as Web streams, and these as links by `linkOf`.
 *
 * @module
 */

import { connect, createServer, type Socket } from "node:net";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { type Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import type { ConnectOptions, Link, Listener, ListenOptions, Transport } from "../../src/transport/transport.ts";
import { tcpEndpoint, tcpError } from "../../transports/shared/tcp.ts";
import { webStreams } from "../support/web_streams.ts";

function linkTo(socket: Socket, remote: string): Link {
  socket.setNoDelay(true);
  return linkOf(webStreams(socket), { remote });
}

/** tcp over Web streams. */
export const netStreamTransport: Transport = {
  connect(endpoint: Endpoint, { signal }: ConnectOptions = {}): Promise<Link> {
    const { host, port } = endpoint as TcpEndpoint;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const socket = connect({ host, port, allowHalfOpen: true });
      const onAbort = () => {
        socket.destroy();
        reject(signal!.reason);
      };
      const onError = (error: Error) => reject(tcpError(`Cannot connect to ${endpoint.toString()}`, error));
      signal?.addEventListener("abort", onAbort);
      socket.once("error", onError).once("connect", () => {
        signal?.removeEventListener("abort", onAbort);
        socket.off("error", onError);
        resolve(linkTo(socket, endpoint.toString()));
      });
    });
  },

  listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    const { host, port } = endpoint as TcpEndpoint;
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        onLink(linkTo(socket, tcpEndpoint(socket.remoteAddress ?? "0.0.0.0", socket.remotePort ?? 1)));
      });
      server.once("error", (error) => reject(tcpError(`Cannot listen on ${endpoint.toString()}`, error)));
      server.listen({ host, port, backlog: options.backlog ?? 511 }, () => {
        const bound = new TcpEndpoint(host, (server.address() as { port: number }).port).toString();
        resolve({
          endpoint: bound,
          close() {
            if (server.listening) server.close();
            return Promise.resolve();
          },
        });
      });
    });
  },
};
