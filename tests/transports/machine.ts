/**
 * Features that the machine may lack, each as the reason to skip a test, or `undefined`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { loadTransport } from "../../transports/mod.ts";

/** IPv6 on the loopback interface. */
export const noIpv6: string | undefined = await (async () => {
  try {
    await (await (await loadTransport()).listen(Endpoint.parse("tcp://[::1]:0", "bind"), () => {})).close();
    return undefined;
  } catch (error) {
    return `this machine has no ::1 (${(error as Error).message})`;
  }
})();

/** All of 127.0.0.0/8 on the loopback interface. */
export const noLoopbackNet: string | undefined = process.platform === "linux"
  ? undefined
  : "127.0.0.5 and the like are addresses of the machine on Linux only";

/** The kernel's table of connections. */
export const noProc: string | undefined = existsSync("/proc/net/tcp")
  ? undefined
  : "/proc/net/tcp, which tells about timers, is not there";

/** The program that shows what is set on sockets. */
export const noSs: string | undefined = spawnSync("ss", ["-V"]).status === 0
  ? undefined
  : "ss, which tells about it, is not there";
