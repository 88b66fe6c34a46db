/**
 * The effect of the tcp options on sockets, as the operating system shows it; and the compliance suite with them,
 * because some make Deno use other sockets.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import type { TcpOptions, Transport } from "../../src/transport/transport.ts";
import { loadTransport, transportCapability } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { turn } from "../sockets/support.ts";
import { transportCompliance } from "./compliance.ts";
import { noIpv6, noProc, noSs } from "./machine.ts";
import { Accepted, Peer } from "./peer.ts";

const IDLE = 4321;

async function withKeepalive(): Promise<Transport> {
  const transport = await loadTransport();
  const keepalive: TcpOptions = { tcpKeepalive: 1, tcpKeepaliveIdle: IDLE };
  return {
    connect: (endpoint, options) => transport.connect(endpoint, { ...options, ...keepalive }),
    listen: (endpoint, onLink, options) => transport.listen(endpoint, onLink, { ...options, ...keepalive }),
  };
}

transportCompliance(
  `tcp with keepalive on ${runtime}`,
  withKeepalive,
  "tcp://127.0.0.1:0",
  runtime !== "deno" ? {} : {
    knows: "most",
    except: {
      "bytesTaken grows while one large write is in flight, and tells at the end what onClose tells":
        "Deno's node:net does not report the progress of a write",
      "close goes on sending to a peer that has ended its side meanwhile":
        "Deno's node:net drops what it has not written yet when the peer ends its side",
    },
  },
);

type Look<T> = (local: string, remote: string) => T | Promise<T>;

/** Opens a connection with the options at both ends, and returns what `look` finds about each. */
async function inspect<T>(options: TcpOptions, look: Look<T>, host = "127.0.0.1") {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const bound = host.includes(":") ? `[${host}]` : host;
  const listener = await transport.listen(Endpoint.parse(`tcp://${bound}:0`, "bind"), accepted.onLink, options);
  const client = new Peer(await transport.connect(Endpoint.parse(listener.endpoint, "connect"), options)).start();
  const server = (await accepted.next()).start();
  try {
    await client.send(new Uint8Array([1]));
    await server.until(() => server.received === 1);
    await server.send(new Uint8Array([2]));
    await client.until(() => client.received === 1);
    const [from, to] = [server.link.remote, client.link.remote].map((text) => text.slice("tcp://".length));
    return { connected: await look(from!, to!), accepted: await look(to!, from!) };
  } finally {
    await Promise.all([client.close(), server.close(), listener.close()]);
  }
}

/** An IPv4 address and port as `/proc/net/tcp` writes them. */
function hex(address: string): string {
  const [host, port] = address.split(":");
  const bytes = host!.split(".").reverse().map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return `${bytes.join("")}:${Number(port).toString(16).padStart(4, "0")}`.toUpperCase();
}

/** Seconds until the first keepalive probe of a quiet connection; `undefined` if there will be none. */
async function keepaliveTimer(local: string, remote: string): Promise<number | undefined> {
  let [timer, when] = timerOf(local, remote);
  // Unacknowledged data has a timer of its own, 01.
  for (; timer === "01"; [timer, when] = timerOf(local, remote)) await turn();
  // 02 is the keepalive timer; its time is in hundredths of a second.
  return timer === "02" ? parseInt(when!, 16) / 100 : undefined;
}

/** The timer of a connection that runs now, and when it ends. */
function timerOf(local: string, remote: string): string[] {
  const row = readFileSync("/proc/net/tcp", "utf8").split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1] === hex(local) && columns[2] === hex(remote));
  assert(row !== undefined, `no connection from ${local} to ${remote}`);
  return row[5]!.split(":");
}

test("tcp options: without any there is no keepalive", async () => {
  for (const options of [{}, { tcpKeepalive: -1, tcpKeepaliveIdle: IDLE }, { tcpKeepalive: 0 }]) {
    assertEquals(await inspect(options, keepaliveTimer), { connected: undefined, accepted: undefined });
  }
}, { skip: noProc });

test("tcp options: keepalive, with the system's own time before the first probe", async () => {
  const system = Number(readFileSync("/proc/sys/net/ipv4/tcp_keepalive_time", "utf8"));
  const { connected, accepted } = await inspect({ tcpKeepalive: 1, tcpKeepaliveIdle: -1 }, keepaliveTimer);
  for (const seconds of [connected, accepted]) {
    assert(seconds !== undefined && Math.abs(seconds - system) < 30, `${seconds} s instead of ${system}`);
  }
}, { skip: noProc ?? (transportCapability().tcpKeepalive ? undefined : "not on this runtime") });

test("tcp options: keepalive after a time of our own", async () => {
  const { connected, accepted } = await inspect({ tcpKeepalive: 1, tcpKeepaliveIdle: IDLE }, keepaliveTimer);
  for (const seconds of [connected, accepted]) {
    assert(seconds !== undefined && Math.abs(seconds - IDLE) < 30, `${seconds} s instead of ${IDLE}`);
  }
}, { skip: noProc ?? (transportCapability().tcpKeepaliveIdle ? undefined : "not on this runtime") });

function typeOfService(local: string, remote: string): string | undefined {
  const { stdout } = spawnSync("ss", ["-Htn", "--tos", "src", local, "dst", remote], { encoding: "utf8" });
  return (/tclass:(\w+)/.exec(stdout) ?? /tos:(\w+)/.exec(stdout))?.[1];
}

test("tcp options: type of service, on IPv4 and IPv6", async () => {
  for (const host of ["127.0.0.1", "::1"]) {
    const marked = await inspect({ typeOfService: 0x48 }, typeOfService, host);
    assertEquals(marked, { connected: "0x48", accepted: "0x48" }, host);
  }
}, { skip: transportCapability().typeOfService ? noSs ?? noIpv6 : `${runtime} cannot set it` });

test("tcp options: * with ipv6 takes connections over IPv6 and IPv4", async () => {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse("tcp://*:0", "bind"), accepted.onLink, { ipv6: true });
  assert(/^tcp:\/\/\[::\]:[1-9]\d*$/.test(listener.endpoint), listener.endpoint);
  const port = listener.endpoint.slice(listener.endpoint.lastIndexOf(":"));
  for (const host of ["127.0.0.1", "[::1]"]) {
    const client = new Peer(await transport.connect(Endpoint.parse(`tcp://${host}${port}`, "connect"))).start();
    const server = (await accepted.next()).start();
    assert(server.link.remote.startsWith(`tcp://${host}:`), server.link.remote);
    await Promise.all([client.close(), server.close()]);
  }
  await listener.close();
}, { skip: noIpv6 });

test("tcp options: capabilities are known immediately, and the same each time", () => {
  const capability = transportCapability();
  assertEquals(capability, transportCapability());
  const never = ["tcpKeepaliveCount", "tcpKeepaliveInterval", "sendBufferSize", "receiveBufferSize"];
  for (const name of [...never, "tcpMaxRetransmitTimeout", "interface"]) assertEquals(capability[name], false, name);
  for (const name of ["sourceAddress", "ipv6", "tcpKeepalive", "tcpKeepaliveIdle", "socksProxy"]) {
    assertEquals(capability[name], true, name);
  }
  assertEquals(capability.backlog, runtime !== "bun");
});
