/**
 * ZeroMQ for Deno, Bun and Node: ZMTP 3.1 in TypeScript, without a native addon. It interoperates with libzmq.
 *
 * @example Request and reply
 * ```ts
 * import { Reply, Request, toText } from "@monocoque/zmq";
 *
 * const reply = new Reply();
 * const endpoint = await reply.bind("tcp://127.0.0.1:0");
 * const serving = (async () => {
 *   for await (const [name] of reply) await reply.send(`hello ${toText(name)}`);
 * })();
 *
 * const request = new Request();
 * request.connect(endpoint);
 * await request.send("world");
 * const [text] = await request.receive();
 * console.log(toText(text)); // hello world
 *
 * await request.close();
 * await reply.close();
 * await serving;
 * ```
 *
 * @module
 */

import { type Capability, registerTransport } from "./src/transport/transport.ts";
import { publishOn } from "./src/base/channels.ts";
import { markWith } from "./src/base/untransferable.ts";
import { debugLog } from "./core.ts";
import {
  channelsOfRuntime,
  debugVariable,
  loadTransport,
  loadWebSockets,
  markerOfRuntime,
  transportCapability,
} from "./transports/mod.ts";

// The exports are listed one by one in core.ts.
export * from "./core.ts";

/**
 * Transports and options by name, `true` if this runtime supports them: `ipc`, `ipcAbstract`, `sourceAddress`, `backlog`,
 * `ipv6`, `tcpKeepalive`, `tcpKeepaliveIdle`, `typeOfService`, `socksProxy`, `reusePort` (the option
 * `threads` of publishers: several threads listen on one port), and some that are `false` on every runtime.
 *
 * @example
 * ```ts
 * import { capability, Push } from "@monocoque/zmq";
 *
 * await using push = new Push(capability.typeOfService ? { typeOfService: 0x10 } : {});
 * ```
 */
export const capability: Capability = transportCapability();

markWith(markerOfRuntime());
publishOn(channelsOfRuntime());
registerTransport("tcp", loadTransport, capability);
registerTransport("ipc", loadTransport, capability);
registerTransport("ws", loadWebSockets, capability);
registerTransport("wss", loadWebSockets, capability);

const debug = debugVariable();
if (debug !== undefined) {
  try {
    debugLog(debug);
  } catch (error) {
    // A misspelt variable must not keep the program from starting.
    console.error(`ZMQ_DEBUG is ignored: ${(error as Error).message}`);
  }
}
