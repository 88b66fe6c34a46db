/**
 * One file, three runtimes: it starts itself on Deno, Bun and Node as workers, sends each of them a job, and collects
 * the results. Runtimes are taken from node_modules/.bin, or from the PATH.
 *
 * Run: deno run -A examples/three_runtimes.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     bun … worked on "from Deno, Bun and Node" and says: edoN dna nuB ,oneD morf
 *     deno … worked on "from Deno, Bun and Node" and says: edoN dna nuB ,oneD morf
 *     node … worked on "from Deno, Bun and Node" and says: edoN dna nuB ,oneD morf
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Dealer, Router, toText } from "@monocoque/zmq";

const COMMANDS = { bun: [], deno: ["run", "-A", "--no-check"], node: ["--import", "tsx"] };
const FILE = fileURLToPath(import.meta.url);

/** A worker: registers, does its job, and exits. */
async function work(endpoint: string, runtime: string): Promise<void> {
  await using broker = new Dealer({ routingId: runtime, receiveTimeout: 60_000 });
  broker.connect(endpoint);
  const { versions } = process as { versions: Record<string, string | undefined> };
  await broker.send(versions[runtime]!);
  const [job] = await broker.receive();
  await broker.send([...toText(job)].reverse().join(""));
}

async function hireAndAsk(): Promise<void> {
  await using broker = new Router({ receiveTimeout: 60_000 });
  const endpoint = await broker.bind("tcp://127.0.0.1:0");
  const bin = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const exits = Object.entries(COMMANDS).map(([runtime, flags]) =>
    once(spawn(runtime, [...flags, FILE, endpoint, runtime], { stdio: "inherit", env }), "exit")
  );

  const job = "from Deno, Bun and Node";
  const lines: string[] = [];
  const versions = new Map<string, string>();
  while (lines.length < exits.length) {
    const [id, text] = (await broker.receive()).map(toText);
    if (versions.has(id!)) lines.push(`${id} ${versions.get(id!)} worked on "${job}" and says: ${text}`);
    else {
      versions.set(id!, text!);
      await broker.send([id!, job]);
    }
  }
  for (const line of lines.sort()) console.log(line);
  await Promise.all(exits);
}

const [endpoint, runtime] = process.argv.slice(2);
await (endpoint === undefined ? hireAndAsk() : work(endpoint, runtime!));
