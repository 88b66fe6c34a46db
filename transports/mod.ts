/**
 * Selects the adapter, for tcp and ipc, of the runtime this program runs on, and loads it on first use; and the transport for
 * WebSockets, which is over that one.
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
export { debugVariable } from "./shared/debug_variable.ts";
export { markerOfRuntime } from "./shared/untransferable.ts";
export { channelsOfRuntime } from "./shared/diagnostics_channel.ts";

let loaded: Promise<Transport> | undefined;

/**
 * Loads the transport of this runtime, for tcp and ipc: that of Deno, Bun or Node. It is loaded once; after a failure the next call
 * loads it again.
 */
export function loadTransport(): Promise<Transport> {
  if (loaded === undefined) {
    loaded = load().then(withZones).then(withSocks).then(withCodes);
    loaded.catch(() => loaded = undefined);
  }
  return loaded;
}

/** Node never loads a module again after it had no file descriptor for it, so there must be some before. */
async function load(): Promise<CoreTransport> {
  const on = runtime();
  if (on === "deno") return (await import("./deno/transport.ts")).transport;
  await requireFiles().catch((cause) => {
    throw tcpError("Cannot load the transport", cause);
  });
  if (on === "bun") return (await import("./bun/transport.ts")).transport;
  return (await import("./node/transport.ts")).transport;
}

let webSocket: Promise<Transport> | undefined;

/** Loads the transport for ws and wss, which is over the one for tcp. It is loaded once, as that one is. */
export function loadWebSockets(): Promise<Transport> {
  if (webSocket === undefined) {
    webSocket = loadOverTcp();
    webSocket.catch(() => webSocket = undefined);
  }
  return webSocket;
}

async function loadOverTcp(): Promise<Transport> {
  // All links of the transport are of one core, also those through a proxy.
  const tcp = await loadTransport() as CoreTransport;
  if (runtime() !== "deno") await requireFiles();
  const { webSockets } = await import("./websocket/transport.ts");
  return withCodes(webSockets(tcp) as Transport);
}

/** Adds zones of IPv6 addresses by name and by number. */
function withZones({ connect, listen }: CoreTransport): CoreTransport {
  return {
    connect: async (endpoint, options) => await connect(await withKnownZones(endpoint, "Cannot connect to"), options),
    listen: async (endpoint, ...rest) => await listen(await withKnownZones(endpoint, "Cannot listen on"), ...rest),
  };
}

/** Adds SOCKS proxies. */
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

/** Adds `EMFILE` for every failure that is caused by the limit of open files. */
function withCodes({ connect, listen }: Transport): Transport {
  const name = (attempt: string, endpoint: Endpoint) => () => `${attempt} ${endpointText(endpoint)}`;
  return {
    connect: (endpoint, options) => withFiles(name("Cannot connect to", endpoint), () => connect(endpoint, options)),
    listen: (endpoint, ...rest) => withFiles(name("Cannot listen on", endpoint), () => listen(endpoint, ...rest)),
  };
}
