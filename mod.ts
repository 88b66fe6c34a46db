/**
 * ZeroMQ for TypeScript, without a native addon: ZMTP 3.1 on Deno, Bun and Node.
 *
 * @example Ask and answer
 * ```ts
 * import { Reply, Request, toText } from "@monocoque/zmq";
 *
 * const reply = new Reply();
 * const endpoint = await reply.bind("tcp://127.0.0.1:0");
 * const serving = (async () => {
 *   for await (const [name] of reply) await reply.send(`hello ${toText(name!)}`);
 * })();
 *
 * const request = new Request();
 * request.connect(endpoint);
 * await request.send("world");
 * const [text] = await request.receive();
 * console.log(toText(text!)); // hello world
 *
 * await request.close();
 * await reply.close();
 * await serving;
 * ```
 *
 * @module
 */

import { type Capability, registerTransport } from "./src/transport/transport.ts";
import { markWith } from "./src/base/untransferable.ts";
import { loadTransport, markerOfRuntime, transportCapability } from "./transports/mod.ts";

// The list of names is there, name by name.
export * from "./core.ts";

/**
 * What this runtime's sockets can be asked for, by the name of the option: `ipc`, `ipcAbstract`, `sourceAddress`, `backlog`,
 * `ipv6`, `tcpKeepalive`, `tcpKeepaliveIdle`, `typeOfService`, `socksProxy`, and others that none can yet.
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
registerTransport("tcp", loadTransport, capability);
registerTransport("ipc", loadTransport, capability);
