/**
 * Names of hosts and of network interfaces. Names are changed in a Linux namespace, where `/etc/hosts` is a file of the
 * test; that needs no root, only a kernel that lets users create namespaces.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { loadTransport } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";
import { noIpv6, noLoopbackNet } from "./machine.ts";

const NAMESPACE = ["--user", "--map-root-user", "--mount"];
const OWN_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"';
const OWN_NETWORK = "ip link set lo up && ip addr add 10.77.0.1/32 dev lo && " +
  "ip -6 addr add 2001:db8:77::1/128 dev lo && ip -6 route add 2001:db8:77::/64 dev lo && ";

/** Names are asked for at an address where the scenario listens. */
const SILENT_SERVER = 'ip link set lo up && dns=$(mktemp) && echo "nameserver 127.0.0.1" > "$dns" && ' +
  'mount --bind "$dns" /etc/resolv.conf && rm "$dns" && ';

/** Runs a scenario of `names_child.ts` in a namespace. */
async function inNamespace(scenario: string, flags: readonly string[], setup: string): Promise<unknown> {
  const folder = mkdtempSync(`${tmpdir()}/zmq-names-`);
  const hosts = `${folder}/hosts`;
  writeFileSync(hosts, "127.0.0.1 localhost\n");
  const script = fileURLToPath(new URL("./names_child.ts", import.meta.url));
  const program = { deno: ["run", "-A", script], bun: [script], node: nodeProgram(script) }[runtime];
  const args = [...flags, "sh", "-c", setup, hosts, process.execPath, ...program, scenario, hosts];
  try {
    const { stdout } = await promisify(execFile)("unshare", args, { timeout: 20_000 });
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Why such a namespace cannot be made here. */
function refusal(flags: readonly string[], setup: string): string | undefined {
  const { status, error, stderr } = spawnSync("unshare", [...flags, "sh", "-c", setup, "/etc/hosts", "true"], {
    encoding: "utf8",
  });
  return status === 0 ? undefined : `no namespace: ${error?.message ?? stderr.trim()}`;
}

const noNamespace = refusal(NAMESPACE, OWN_HOSTS);
const noNetwork = noNamespace ?? refusal([...NAMESPACE, "--net"], OWN_NETWORK + OWN_HOSTS);

test("names: one with an IPv6 and an IPv4 address is reached at the one with a listener", async () => {
  const reached = await inNamespace("bothFamilies", NAMESPACE, OWN_HOSTS);
  assertEquals(reached, ["127.0.0.1", "ECONNREFUSED", "[::1]", "ECONNREFUSED"]);
}, { skip: noNamespace ?? noIpv6, timeout: 25_000 });

test("names: all of many addresses are tried", async () => {
  assertEquals(await inNamespace("manyAddresses", NAMESPACE, OWN_HOSTS), ["127.0.1.12", "127.0.1.12"]);
}, { skip: noNamespace, timeout: 25_000 });

test("names: are resolved again at each attempt, for any result of the last one", async () => {
  const twice = ["ECONNREFUSED", "127.0.0.1", "127.0.0.3", "127.0.0.1"].flatMap((host) => [host, host]);
  assertEquals(await inNamespace("movingName", NAMESPACE, OWN_HOSTS), ["ENOTFOUND", ...twice]);
}, { skip: noNamespace, timeout: 25_000 });

test("names: after an address that does not answer the next one is attempted", async () => {
  const reached = await inNamespace("silentAddress", [...NAMESPACE, "--net"], OWN_NETWORK + OWN_HOSTS);
  assertEquals(reached, ["10.77.0.1", "10.77.0.1"]);
}, { skip: noNetwork ?? noIpv6, timeout: 25_000 });

test("names: a DNS server that is silent keeps neither files nor names of this machine waiting", async () => {
  const result = await inNamespace("silentServer", [...NAMESPACE, "--net"], SILENT_SERVER + OWN_HOSTS);
  assertEquals(result, ["127.0.0.1", "0 look-ups ended", "few names asked for"]);
}, { skip: noNamespace ?? refusal([...NAMESPACE, "--net"], SILENT_SERVER + OWN_HOSTS), timeout: 25_000 });

/** Where a listener on a host is really bound. */
async function bound(host: string, ipv6?: boolean): Promise<string> {
  const listener = await (await loadTransport()).listen(Endpoint.parse(`tcp://${host}:*`, "bind"), () => {}, { ipv6 });
  await listener.close();
  return listener.endpoint.replace(/:[1-9]\d*$/, "");
}

test("names: a network interface is bound at its IPv4 address", async () => {
  assertEquals(await bound("lo"), "tcp://127.0.0.1");
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const first = addresses!.find(({ family }) => family === "IPv4");
    if (first !== undefined) assertEquals(await bound(name), `tcp://${first.address}`, name);
  }
}, { skip: noLoopbackNet });

test("names: with ipv6, a network interface is bound at its IPv6 address", async () => {
  assertEquals(await bound("lo", true), "tcp://[::1]");
}, { skip: noLoopbackNet ?? noIpv6 });

const linkLocal = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  .find((address) => address.family === "IPv6" && address.scopeid > 0);
const linkName = Object.entries(networkInterfaces()).find(([, addresses]) =>
  addresses!.some(({ address }) => address === linkLocal?.address)
)?.[0];

test("names: a link-local address is reported with the name of the link", async () => {
  const host = `[${linkLocal!.address}%${linkName}]`;
  assertEquals(await bound(host), `tcp://${host}`);
}, { skip: linkLocal === undefined ? "this machine has no link-local address" : undefined });

test("names: a name that is neither an interface nor a host is ENODEV", async () => {
  const transport = await loadTransport();
  const endpoint = Endpoint.parse("tcp://nosuch0.invalid:5555", "bind");
  for (const ipv6 of [false, true]) {
    const error = await assertRejects(() => transport.listen(endpoint, () => {}, { ipv6 }), ZmqError);
    assertEquals(error.code, "ENODEV");
    assert(error.message.startsWith("Cannot listen on tcp://nosuch0.invalid:5555: "), error.message);
    assertEquals([error.cause instanceof Error, (error.cause as { code?: unknown }).code], [true, "ENOTFOUND"]);
  }
}, { timeout: 30_000 });
