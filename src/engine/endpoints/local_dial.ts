/**
 * An attempt to connect inside this process.
 *
 * @module
 */

import type { InprocBinder, InprocRegistry } from "../context.ts";
import type { Dial } from "./dialer.ts";
import { LocalConnection, type LocalSocket } from "../connection/local_connection.ts";

/** Connects to a name: at once where it is bound, else as soon as it is. */
export function localDial(registry: InprocRegistry, name: string, party: LocalSocket): Dial {
  return ({ endpoint, signal, connected, failed }) => {
    const found = ({ party: other }: InprocBinder) => {
      const crowded = other.owner.crowded?.();
      if (crowded === undefined) connected(LocalConnection.to(endpoint, party, other));
      else failed(crowded);
    };
    registry.call(name, { found, gone: failed }, signal);
  };
}
