/**
 * Listening for TLS, on Node's `tls`, which Deno and Bun have as well.
 *
 * @module
 */

import { createServer } from "node:tls";
import { ZmqError } from "../../src/base/errors.ts";
import type { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import type { SecureWebSocketBindOptions } from "../../src/schemes/websocket_options.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { Link, Listener, ListenOptions } from "../../src/transport/transport.ts";
import { STREAM_MARK } from "../node/driver.ts";
import { bindError, hostToBind } from "../shared/hosts.ts";
import { BACKLOG, setTcpOptions, tcpEndpoint } from "../shared/tcp.ts";
import { TlsDriver } from "./driver.ts";
import { tlsError } from "./errors.ts";

/** Time for the handshake of TLS, in ms. */
const HANDSHAKE_TIMEOUT = 30_000;

/** Listens on an endpoint. */
export async function listenTls(
  endpoint: TcpEndpoint,
  onLink: (link: Link) => void,
  options: ListenOptions,
  { cert = "", key = "", ca = "" }: SecureWebSocketBindOptions = {},
): Promise<Listener> {
  if (cert === "" || key === "") {
    throw new ZmqError("EINVAL", "the options cert and key of bind are required for wss://");
  }
  const host = await hostToBind(endpoint, options.ipv6);
  const client = ca === "" ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(
    {
      cert,
      key,
      ...client,
      handshakeTimeout: HANDSHAKE_TIMEOUT,
      highWaterMark: STREAM_MARK,
      ALPNProtocols: ["http/1.1"],
    } as Parameters<typeof createServer>[0],
    (socket) => {
      const { remoteAddress, remotePort } = socket;
      if (remoteAddress === undefined) {
        socket.on("error", () => {});
        return void socket.destroy();
      }
      // Not before: a client that leaves during its handshake would keep its connection until the handshake times out.
      (socket as { allowHalfOpen?: boolean }).allowHalfOpen = true;
      setTcpOptions(socket, options);
      onLink(new LinkCore(new TlsDriver(socket), tcpEndpoint(remoteAddress, remotePort!)));
    },
  );
  // A client that fails its handshake costs only its own connection.
  server.on("tlsClientError", (cause: Error) => options.onError?.(tlsError(`Rejected a client on ${bound}`, cause)));
  let bound = endpoint.toString();
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error) => reject(bindError(endpoint, error));
    server.once("error", onError);
    server.listen({ host, port: endpoint.port, backlog: options.backlog ?? BACKLOG, exclusive: true }, () => {
      server.off("error", onError);
      resolve();
    });
  });
  const address = server.address();
  if (typeof address === "object" && address !== null) bound = tcpEndpoint(address.address, address.port);
  server.on("error", (error) => options.onError?.(tlsError(`Cannot accept on ${bound}`, error)));
  return {
    endpoint: bound,
    close() {
      if (server.listening) server.close();
      return Promise.resolve();
    },
    unref: () => void server.unref(),
    ref: () => void server.ref(),
  };
}
