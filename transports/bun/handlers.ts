/**
 * The callbacks of Bun's sockets: each socket carries its driver.
 *
 * @module
 */

import { LinkCore } from "../../src/transport/link.ts";
import type { TcpOptions } from "../../src/transport/transport.ts";
import { setTcpOptions } from "../shared/tcp.ts";
import type { BunHandlers, BunSocket } from "./api.ts";
import { BunDriver } from "./driver.ts";

/**
 * Makes the callbacks.
 *
 * @param onLink Called with the link of each socket that opens.
 * @param remoteOf Returns the endpoint text of the peer, `undefined` for a peer that has already disconnected.
 * @param unwanted Once it is aborted, sockets that open are closed: Bun cannot cancel a connect, nor the accepts that are pending
 *   when a listener stops.
 */
export function handlers(
  onLink: (link: LinkCore, socket: BunSocket<BunDriver>) => void,
  options: TcpOptions,
  remoteOf: (socket: BunSocket<BunDriver>) => string | undefined,
  unwanted: AbortSignal | undefined,
): BunHandlers<BunDriver> {
  return {
    open(socket) {
      const remote = remoteOf(socket);
      if (unwanted?.aborted || remote === undefined) return socket.close();
      setTcpOptions(socket, options);
      socket.data = new BunDriver(socket);
      onLink(new LinkCore(socket.data, remote), socket);
    },
    data(socket, chunk) {
      socket.data?.sink.received(chunk);
    },
    drain(socket) {
      socket.data?.writable();
    },
    end(socket) {
      socket.data?.sink.peerEnded();
    },
    close(socket, error) {
      socket.data?.gone(error);
    },
  };
}
