/**
 * Picks the adapter, for tcp and ipc, of the runtime this program runs on. Nothing is loaded before it is asked for.
 *
 * @module
 */

import type { Endpoint } from "../src/schemes/endpoint.ts";
import { endpointText } from "../src/base/peer_text.ts";
import { isTcp } from "../src/schemes/tcp.ts";
import type { Transport } from "../src/transport/transport.ts";
import type { CoreTransport } from "./shared/core_transport.ts";
import { withKnownZones } from "./shared/hosts.ts";
import { requireFiles, withFiles } from "./shared/open_files.ts";
import { runtime } from "./shared/runtime.ts";
import { tcpError } from "./shared/tcp.ts";

export { transportCapability } from "./capability.ts";
export { markerOfRuntime } from "./shared/untransferable.ts";

let loaded: Promise<Transport> | undefined;

/**
 * Loads the transport of this runtime, for tcp and ipc: Deno's, Bun's or Node's, in this order of detection (Deno and Bun also
 * answer to the names of Node). Loaded once; asking again after a failure tries again.
 */
export function loadTransport(): Promise<Transport> {
  if (loaded === undefined) {
    loaded = load().then(withZones).then(withSocks).then(withCodes);
    loaded.catch(() => loaded = undefined);
  }
  return loaded;
}

/** Node never loads a module again for which there was no file descriptor once: so it is looked first. */
async function load(): Promise<CoreTransport> {
  const on = runtime();
  if (on === "deno") return (await import("./deno/transport.ts")).transport;
  await requireFiles().catch((cause) => {
    throw tcpError("Cannot load the transport", cause);
  });
  if (on === "bun") return (await import("./bun/transport.ts")).transport;
  return (await import("./node/transport.ts")).transport;
}

/** The transport, with zones of IPv6 addresses by name and by number. */
function withZones({ connect, listen }: CoreTransport): CoreTransport {
  return {
    connect: async (endpoint, options) => await connect(await withKnownZones(endpoint, "Cannot connect to"), options),
    listen: async (endpoint, ...rest) => await listen(await withKnownZones(endpoint, "Cannot listen on"), ...rest),
  };
}

/** The transport, with proxies. */
function withSocks({ connect, listen }: CoreTransport): Transport {
  return {
    listen,
    async connect(endpoint, options) {
      if (options?.socks === undefined || !isTcp(endpoint)) return await connect(endpoint, options);
      const { connectBySocks } = await (socks ??= loadSocks());
      return await connectBySocks(connect, endpoint, options.socks, options);
    },
  };
}

let socks: Promise<typeof import("./socks/connect.ts")> | undefined;

async function loadSocks(): Promise<typeof import("./socks/connect.ts")> {
  try {
    if (runtime() !== "deno") await requireFiles();
    return await import("./socks/connect.ts");
  } catch (error) {
    socks = undefined;
    throw error;
  }
}

/** The transport, in which no more files have one code. */
function withCodes({ connect, listen }: Transport): Transport {
  const name = (attempt: string, endpoint: Endpoint) => () => `${attempt} ${endpointText(endpoint)}`;
  return {
    connect: (endpoint, options) => withFiles(name("Cannot connect to", endpoint), () => connect(endpoint, options)),
    listen: (endpoint, ...rest) => withFiles(name("Cannot listen on", endpoint), () => listen(endpoint, ...rest)),
  };
}
