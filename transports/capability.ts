/**
 * Capabilities of the sockets of this runtime, detected without opening one.
 *
 * @module
 */

import { runtime } from "./shared/runtime.ts";

interface ProcessGlobal {
  readonly platform?: string;
  readonly versions?: { readonly node?: string; readonly uv?: string };
  getBuiltinModule?(name: string): { readonly Socket: { readonly prototype: object } };
}

// Globals of some of the runtimes; checked by `?.` and `typeof`, because builders of packages replace `globalThis`.
declare const Deno: { readonly build?: { readonly os?: string } } | undefined;
declare const process: ProcessGlobal | undefined;

/**
 * Returns capabilities by name: `true` if this runtime, on this operating system, supports the option; others are ignored. Needs no
 * permission.
 *
 * `ipc`, `ipcAbstract` (`ipc://@name`), `sourceAddress` (`tcp://source:port;host:port`), `backlog`, `ipv6` (a listener on
 * every interface), `tcpKeepalive`, `tcpKeepaliveIdle`, `tcpKeepaliveCount`, `tcpKeepaliveInterval`, `sendBufferSize`,
 * `receiveBufferSize`, `typeOfService`, `tcpMaxRetransmitTimeout`, `interface` (binding to a device), `reusePort` (several
 * threads listen on one port), `socksProxy`.
 */
export function transportCapability(): Readonly<Record<string, boolean>> {
  const [onDeno, onBun] = [runtime() === "deno", runtime() === "bun"];
  const host = typeof process === "undefined" ? undefined : process;
  const system = onDeno ? Deno?.build?.os : host?.platform;
  return {
    // Not supported on Windows, where Node has named pipes instead.
    ipc: system !== "windows" && system !== "win32",
    ipcAbstract: system === "linux" && (onDeno || onBun || !padsAbstractNames(host)),
    sourceAddress: true,
    backlog: !onBun,
    ipv6: true,
    tcpKeepalive: true,
    tcpKeepaliveIdle: true,
    // No runtime sets them as asked; Node and Bun set 10 and 1 s where `tcpKeepaliveIdle` is set.
    tcpKeepaliveCount: false,
    tcpKeepaliveInterval: false,
    sendBufferSize: false,
    receiveBufferSize: false,
    typeOfService: onBun || (!onDeno && nodeSetsTypeOfService(host)),
    tcpMaxRetransmitTimeout: false,
    interface: false,
    // Elsewhere the system does not spread connections over the listeners of a port.
    reusePort: system === "linux" && (onDeno || onBun || nodeReusesPort(host)),
    socksProxy: true,
  };
}

/**
 * Before libuv 1.48 (Node 20, and 21 before 21.6.2) Node pads abstract names with zero bytes up to the length of the address, so
 * that no other program finds them; earlier ones cut the name off.
 */
function padsAbstractNames(process: ProcessGlobal | undefined): boolean {
  const [major = 0, minor = 0] = (process?.versions?.uv ?? "").split(".").map(Number);
  return major < 1 || (major === 1 && minor < 48);
}

/** Node 22.12 and later 22, and 23.1. An earlier one ignores the option. */
function nodeReusesPort(process: ProcessGlobal | undefined): boolean {
  const [major = 0, minor = 0] = (process?.versions?.node ?? "").split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/** Node 20 does not; every version that does has `getBuiltinModule`. */
function nodeSetsTypeOfService(process: ProcessGlobal | undefined): boolean {
  const net = process?.getBuiltinModule?.("node:net");
  return net !== undefined && "setTypeOfService" in net.Socket.prototype;
}
