/**
 * Run by `names_test.ts` in a namespace of its own, where `/etc/hosts` is a file to write to: connects to names while
 * what they mean changes, and prints where that led.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { Link, Listener } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";

const [scenario, file] = process.argv.slice(2);
const transport = await loadTransport();

function names(...lines: string[]): void {
  writeFileSync(file!, ["127.0.0.1 localhost", ...lines, ""].join("\n"));
}

function listen(host: string, port = "0"): Promise<Listener> {
  const drop = (link: Link) => link.start({ onData() {}, onDrain() {}, onClose() {} });
  return transport.listen(Endpoint.parse(`tcp://${host}:${port}`, "bind"), drop);
}

function portOf({ endpoint }: Listener): string {
  return endpoint.slice(endpoint.lastIndexOf(":") + 1);
}

/** The host that answered, or why none did. */
async function reach(address: string): Promise<string> {
  try {
    const link = await transport.connect(Endpoint.parse(`tcp://${address}`, "connect"));
    link.abort();
    return link.remote.slice("tcp://".length, link.remote.lastIndexOf(":"));
  } catch (error) {
    if (!(error instanceof ZmqError)) throw error;
    return error.code;
  }
}

async function bothFamilies(): Promise<string[]> {
  names("::1 two", "127.0.0.1 two");
  const reached: string[] = [];
  for (const host of ["127.0.0.1", "[::1]"]) {
    const listener = await listen(host);
    const port = portOf(listener);
    reached.push(await reach(`two:${port}`));
    await listener.close();
    reached.push(await reach(`two:${port}`));
  }
  return reached;
}

async function manyAddresses(): Promise<string[]> {
  // 127.0.0.1 would be put before all others.
  names(...Array.from({ length: 12 }, (_, i) => `127.0.1.${i + 1} many`));
  const listener = await listen("127.0.1.12");
  const port = portOf(listener);
  const reached = [await reach(`many:${port}`), await reach(`127.0.0.5:0;many:${port}`)];
  await listener.close();
  return reached;
}

async function movingName(): Promise<string[]> {
  const first = await listen("127.0.0.1");
  const port = portOf(first);
  const second = await listen("127.0.0.3", port);
  const reached = [await reach(`later:${port}`)];
  // To an address without a listener, to one listener, and while that still listens to the other.
  for (const address of ["127.0.0.2", "127.0.0.1", "127.0.0.3", "127.0.0.1"]) {
    names(`${address} later`);
    reached.push(await reach(`later:${port}`), await reach(`127.0.0.5:0;later:${port}`));
  }
  await Promise.all([first.close(), second.close()]);
  return reached;
}

async function silentAddress(): Promise<string[]> {
  // The test has created 2001:db8:77::/64, where no host answers. IPv6 addresses come first.
  names("2001:db8:77::9 quiet", "10.77.0.1 quiet");
  const listener = await listen("10.77.0.1");
  const reached = [await reach(`quiet:${portOf(listener)}`), await reach(`*:0;quiet:${portOf(listener)}`)];
  await listener.close();
  return reached;
}

/** A DNS server that never answers: what else needs threads goes on, and names of this machine are known. */
async function silentServer(): Promise<string[]> {
  names();
  const asked = new Set<string>();
  const server = createSocket("udp4");
  server.on("message", (query) => asked.add(query.subarray(12).toString("latin1").toLowerCase().split("\0")[0]!));
  await new Promise<void>((resolve) => server.bind(53, "127.0.0.1", resolve));
  let over = 0;
  const attempts = async (name: string) => {
    for (let i = 0; i < 10; i++) {
      const limit = AbortSignal.timeout(20);
      const endpoint = Endpoint.parse(`tcp://${name}.example.invalid:5555`, "connect");
      await transport.connect(endpoint, { signal: limit }).catch(() => over += limit.aborted ? 0 : 1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, i) => attempts(`name${i % 10}`)));
  const listener = await listen("127.0.0.1");
  const [reached] = await Promise.all([reach(`localhost:${portOf(listener)}`), stat(tmpdir())]);
  // The system gives a look-up up after 10 s: that none has ended says that nothing waited for one.
  return [
    reached,
    `${over} look-ups ended`,
    asked.size >= 1 && asked.size <= 4 ? "few names asked for" : [...asked].join(),
  ];
}

const scenarios: Record<string, () => Promise<string[]>> = {
  bothFamilies,
  manyAddresses,
  movingName,
  silentAddress,
  silentServer,
};
const result = JSON.stringify(await scenarios[scenario!]!());
// Look-ups that hang would keep the process alive.
process.stdout.write(`${result}\n`, () => process.exit());
