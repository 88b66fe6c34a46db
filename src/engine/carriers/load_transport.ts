/**
 * Loads the transport of an endpoint: each failure becomes an error of this library.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import { peerText } from "../../base/peer_text.ts";
import type { Endpoint } from "../../schemes/endpoint.ts";
import { type Transport, transportFor, type TransportLoader } from "../../transport/transport.ts";
import type { SocketDefinition } from "../socket_definition.ts";

/**
 * The loader of the transport of an endpoint.
 *
 * @throws {ZmqError} `EPROTONOSUPPORT` or `ENOCOMPATPROTO` if there is none.
 */
export function loaderFor({ name }: SocketDefinition, { scheme }: Endpoint): TransportLoader {
  const loader = transportFor(scheme);
  if (loader !== undefined) return loader;
  // libzmq's name: it has a transport for it, but not for these types.
  if (scheme === "udp") throw new ZmqError("ENOCOMPATPROTO", `A ${name} socket does not support udp://`);
  throw new ZmqError("EPROTONOSUPPORT", `No transport is registered for ${peerText(scheme)}://${advice(scheme)}`);
}

/** Programs of other protocols take an endpoint for an address of the Web. */
function advice(scheme: string): string {
  return /^(https?|wss?)$/i.test(scheme) ? "; use tcp://host:port, or registerTransport()" : "";
}

/** Loads a transport; what its module or its files throw becomes an error like all others. */
export async function load(loader: TransportLoader, { scheme }: Endpoint): Promise<Transport> {
  try {
    return await loader();
  } catch (cause) {
    if (cause instanceof ZmqError) throw cause;
    const { message = "", code } = Object(cause) as { readonly message?: unknown; readonly code?: unknown };
    // The runtimes' module loaders report too many open files only by the text of a message.
    const full = code === "EMFILE" || code === "ENFILE" || /\bE[MN]FILE\b|too many open files/i.test(String(message));
    const shown = `${peerText(scheme)}://`;
    const why = full ? "too many files are open" : peerText(String(message));
    throw new ZmqError(full ? "EMFILE" : "EIO", `Cannot load the transport for ${shown}: ${why}`, { cause });
  }
}
