/**
 * IPv6 addresses with a zone, by the name of an interface and by its number, for every interface of this machine: bound,
 * connected, and as source addresses; with libzmq as the peer, too.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { Pull, Push, toText } from "../../mod.ts";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { loadTransport } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { noIpv6 } from "./machine.ts";

interface Zoned {
  /** The address and its zone, as it is asked for. */
  readonly asked: string;
  /** As it is reported. */
  readonly told: string;
}

/** Every IPv6 address of this machine in each zone that there is for it. */
function zonedAddresses(): Zoned[] {
  const found: Zoned[] = [];
  for (const [name, infos] of Object.entries(networkInterfaces())) {
    for (const { family, address } of infos ?? []) {
      if (family !== "IPv6") continue;
      const bare = address.replace(/%.*/, "");
      const told = bare.startsWith("fe80:") ? `${bare}%${name}` : bare;
      for (const zone of zonesOf(name)) found.push({ asked: `${bare}%${zone}`, told });
    }
  }
  return found;
}

/** The name of an interface and, where the system has one, its number. */
function zonesOf(name: string): string[] {
  const file = `/sys/class/net/${name}/ifindex`;
  return existsSync(file) ? [name, readFileSync(file, "utf8").trim()] : [name];
}

const addresses = noIpv6 === undefined ? zonedAddresses() : [];
const libzmq = new Peer("libzmq");

/** A message to what is bound at `[host]:0`; returns where it is bound. */
async function passes(bound: string, target: (port: string) => string): Promise<string> {
  await using pull = new Pull();
  await using push = new Push();
  const endpoint = await pull.bind(`tcp://[${bound}]:0`);
  push.connect(target(portOf(endpoint)));
  await push.send("through");
  assertEquals(toText((await pull.receive())[0]), "through");
  const [peer] = push.statistics().peers;
  assertEquals(peer!.remote.replace(/:\d+$/, ""), endpoint.replace(/:\d+$/, ""));
  await pull.unbind(`tcp://[${bound}]:0`);
  return endpoint.replace(/:\d+$/, "");
}

const portOf = (endpoint: string): string => endpoint.slice(endpoint.lastIndexOf(":") + 1);

for (const { asked, told } of addresses) {
  test(`zones: ${asked} is bound and connected as ${told}`, async () => {
    assertEquals(await passes(asked, (port) => `tcp://[${asked}]:${port}`), `tcp://[${told}]`);
  });

  test(`zones: ${asked} is a source address`, async () => {
    const target = (port: string) => `tcp://[${asked}]:0;[${asked}]:${port}`;
    assertEquals(await passes(asked, target), `tcp://[${told}]`);
  }, runtime === "deno" && told.includes("%") ? { skip: "Deno takes no link-local source address" } : {});

  test(`zones: ${asked} bound here, connected by libzmq, and the other way round`, async () => {
    await using pull = new Pull();
    await using push = await libzmq.open("PUSH", { ipv6: true });
    await push.connect(`tcp://[${asked}]:${portOf(await pull.bind(`tcp://[${asked}]:0`))}`);
    await push.send(["from libzmq"]);
    assertEquals(toText((await pull.receive())[0]), "from libzmq");

    await using theirs = await libzmq.open("PULL", { ipv6: true });
    await using ours = new Push();
    ours.connect(`tcp://[${asked}]:${portOf(await theirs.bind(`tcp://[${asked}]:*`))}`);
    await ours.send("to libzmq");
    assertEquals(toText((await theirs.receive())[0]!), "to libzmq");
  });
}

test("zones: this machine has link-local addresses for the tests above", () => {
  assert(addresses.length > 0);
}, { skip: noIpv6 });

test("zones: invalid interfaces", async () => {
  const transport = await loadTransport();
  for (const zone of ["no-such-zone", "999999"]) {
    for (const text of [`tcp://[fe80::1%${zone}]:5555`, `tcp://[fe80::1%${zone}]:0;[::1]:5555`]) {
      const endpoint = Endpoint.parse(text);
      const connecting = await assertRejects(() => transport.connect(endpoint), ZmqError, `interface ${zone} `);
      assertEquals([connecting.code, connecting.message.includes(text)], ["EINVAL", true]);
    }
    const bound = Endpoint.parse(`tcp://[fe80::1%${zone}]:5555`);
    const binding = await assertRejects(() => transport.listen(bound, () => {}), ZmqError, `interface ${zone} `);
    assertEquals(binding.code, "EINVAL");
  }
}, { skip: noIpv6 });

if (runtime === "deno") {
  test("zones: link-local addresses that Deno does not support are rejected", async () => {
    const transport = await loadTransport();
    const local = addresses.find(({ told }) => told.includes("%"))!.told;
    const source = Endpoint.parse(`tcp://[${local}]:0;[${local}]:5555`);
    const options = { tcpKeepalive: 1, tcpKeepaliveIdle: 60 };
    const target = Endpoint.parse(`tcp://[${local}]:5555`);
    for (
      const attempt of [
        () => transport.connect(source),
        () => transport.connect(target, options),
        () => transport.listen(target, () => {}, options),
      ]
    ) assertEquals((await assertRejects(attempt, ZmqError)).code, "ENOTSUP");
  }, addresses.some(({ told }) => told.includes("%")) ? {} : { skip: "this machine has no link-local address" });
}
