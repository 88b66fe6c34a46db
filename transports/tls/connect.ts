/**
 * Connecting over TLS, on Node's `tls`, which Deno and Bun have as well.
 *
 * @module
 */

import { connect, type ConnectionOptions } from "node:tls";
import { ZmqError } from "../../src/base/errors.ts";
import { familyOf } from "../../src/base/ip_address.ts";
import type { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import type { SecureWebSocketConnectOptions } from "../../src/schemes/websocket_options.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { ConnectOptions } from "../../src/transport/transport.ts";
import { STREAM_MARK } from "../node/driver.ts";
import { type Route, routesTo, tryEach } from "../shared/routes.ts";
import { setTcpOptions, tcpEndpoint } from "../shared/tcp.ts";
import { TlsDriver } from "./driver.ts";
import { tlsError } from "./errors.ts";

/** Opens a link. */
export async function connectTls(
  endpoint: TcpEndpoint,
  options: ConnectOptions,
  own: SecureWebSocketConnectOptions = {},
): Promise<LinkCore> {
  const { signal, socks } = options;
  if (socks !== undefined) throw new ZmqError("ENOTSUP", "wss:// through a SOCKS proxy is not supported; use ws://");
  const routes = await routesTo(endpoint, signal);
  return await tryEach(routes, (route, signal) => open(endpoint, route, options, own, signal), signal);
}

function open(
  endpoint: TcpEndpoint,
  { host, port }: Route,
  options: ConnectOptions,
  { ca = "", cert = "", key = "", rejectUnauthorized = true, serverName = "" }: SecureWebSocketConnectOptions,
  signal: AbortSignal | undefined,
): Promise<LinkCore> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // An IP address is not sent to the server (RFC 6066 §3), but the certificate must have it.
    const name = serverName !== "" ? serverName : familyOf(endpoint.host) === undefined ? endpoint.host : undefined;
    const socket = connect(
      {
        host,
        port,
        rejectUnauthorized,
        allowHalfOpen: true,
        highWaterMark: STREAM_MARK,
        ALPNProtocols: ["http/1.1"],
        ...name !== undefined && { servername: name },
        ...ca !== "" && { ca },
        ...cert !== "" && { cert },
        ...key !== "" && { key },
      } as ConnectionOptions,
    );
    const failed = (cause: unknown) => over(() => reject(tlsError(`Cannot connect to ${endpoint.toString()}`, cause)));
    const ended = () => failed({ code: "ECONNRESET" });
    const onAbort = () => over(() => reject(signal!.reason));
    const over = (act: () => void) => {
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      act();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", failed);
    socket.on("close", ended);
    socket.once("secureConnect", () => {
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", failed);
      socket.off("close", ended);
      setTcpOptions(socket, options);
      const remote = tcpEndpoint(socket.remoteAddress ?? host, port);
      resolve(new LinkCore(new TlsDriver(socket), remote));
    });
  });
}
