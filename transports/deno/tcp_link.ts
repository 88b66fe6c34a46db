/**
 * Links over Deno's tcp connections.
 *
 * @module
 */

import { LinkCore } from "../../src/transport/link.ts";
import type { TcpOptions } from "../../src/transport/transport.ts";
import { remoteOf } from "./addresses.ts";
import type { DenoTcpConn } from "./api.ts";
import { DenoDriver } from "./driver.ts";

/** Makes a link over a connection, with the options of its socket set; closes the connection if that fails. */
export function tcpLink(conn: DenoTcpConn, { tcpKeepalive = -1 }: TcpOptions, host: string): LinkCore {
  try {
    conn.setNoDelay(true);
    if (tcpKeepalive >= 0) conn.setKeepAlive(tcpKeepalive === 1);
    return new LinkCore(new DenoDriver(conn), remoteOf(conn, host));
  } catch (cause) {
    conn.close();
    throw cause;
  }
}
