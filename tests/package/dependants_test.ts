/**
 * Packages of npm that depend on zeromq.js 6 and 4 do their work with `@monocoque/zeromq` in its place, unchanged: their peer
 * is libzmq, on Node, Bun and Deno.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { installed } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { askForOurs, npmInstall, Project, serveZeromq } from "./support/project.ts";

const TIMEOUT = 240_000;
const FIXTURES = join(ROOT, "tests/package/fixtures/dependants");
const ANY = "tcp://127.0.0.1:0";
const KEY = "secret";
const COMMANDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  Node: [process.execPath],
  Bun: [installed("bun")],
  Deno: [installed("deno"), "run", "--allow-all"],
};
const text = (frame: Uint8Array | undefined) => new TextDecoder().decode(frame);

let installing: Promise<Project> | undefined;

/** The packages of the lockfile, with ours where they look for zeromq.js. */
function installation(): Promise<Project> {
  return installing ??= (async () => {
    const project = new Project();
    for (const name of ["package.json", "package-lock.json", "bitcoin.cjs", "notebook.cjs", "rpc.cjs"]) {
      copyFileSync(join(FIXTURES, name), join(project.folder, name));
    }
    await using registry = await serveZeromq();
    askForOurs(project, registry);
    await npmInstall(project, "--ignore-scripts");
    return project;
  })();
}

/** Runs a program on each runtime, one after the other, each with a new peer. */
function dependant(name: string, fn: (peer: Peer, run: (argument: string) => Promise<string>) => Promise<void>): void {
  for (const [runtime, [program, ...flags]] of Object.entries(COMMANDS)) {
    test(`dependants: ${name} on ${runtime}`, async () => {
      const project = await installation();
      await using peer = new Peer("libzmq");
      const file = `${name.split(" ")[0]}.cjs`;
      await fn(peer, (argument) => project.run(program, ...flags, file, argument));
    }, { timeout: TIMEOUT });
  }
}

dependant("bitcoin subscriber (@dashevo/dashd-zmq, zeromq 6)", async (peer, run) => {
  const node = await peer.open("XPUB");
  const output = run(await node.bind(ANY));
  const [subscription] = await node.receive();
  assertEquals(text(subscription), "\u0001hashtx");
  await node.send(["hashtx", new Uint8Array([0xab, 0xcd]), new Uint8Array(4)]);
  assertEquals((await output).trim(), '"abcd"');
});

dependant("notebook client (enchannel-zmq-backend, zeromq 6)", async (peer, run) => {
  const sign = (frames: readonly string[]) => createHmac("sha256", KEY).update(frames.join("")).digest("hex");
  const connection: Record<string, unknown> = { ip: "127.0.0.1", transport: "tcp", signature_scheme: "hmac-sha256" };
  const shell = await peer.open("ROUTER");
  const channels = { shell, control: await peer.open("ROUTER"), stdin: await peer.open("ROUTER") };
  for (const [name, end] of Object.entries({ ...channels, iopub: await peer.open("PUB") })) {
    connection[`${name}_port`] = Number(new URL(await end.bind(ANY)).port);
  }
  const output = run(JSON.stringify({ ...connection, key: KEY }));
  const [id, delimiter, signature, ...frames] = await shell.receive();
  assertEquals([text(delimiter), text(signature)], ["<IDS|MSG>", sign(frames.map(text))]);
  const answer = ['{"msg_type":"kernel_info_reply"}', text(frames[0]), "{}", '{"implementation":"libzmq"}'];
  await shell.send([id!, "<IDS|MSG>", sign(answer), ...answer]);
  assertEquals(JSON.parse(await output), ["shell", "1", { implementation: "libzmq" }]);
});

dependant("rpc server (zerorpc, zeromq 4)", async (peer, run) => {
  const load = createRequire(join((await installation()).folder, "package.json"));
  const { encode, decode } = load("msgpack-lite") as {
    encode(value: unknown): Uint8Array;
    decode(bytes: Uint8Array): [header: object, name: string, args: unknown[]];
  };
  const client = await peer.open("DEALER");
  const output = run(await client.bind(ANY));
  await client.send(["", encode([{ message_id: "1", v: 3 }, "add", [2, 3]])]);
  for (;;) {
    const [, name, args] = decode((await client.receive()).at(-1)!);
    if (name === "_zpc_hb" || name === "_zpc_more") continue;
    assertEquals([name, args], ["OK", [5]]);
    break;
  }
  assertEquals((await output).trim(), "");
});

test("dependants: their versions are pinned, and the lockfile names no registry", () => {
  const { dependencies } = JSON.parse(readFileSync(join(FIXTURES, "package.json"), "utf8"));
  const lock = readFileSync(join(FIXTURES, "package-lock.json"), "utf8");
  for (const [name, version] of Object.entries<string>(dependencies)) {
    if (name !== "zeromq") assertEquals(/^\d+\.\d+\.\d+$/.test(version), true, name);
  }
  assertEquals([lock.includes('"resolved"'), lock.includes("node_modules/@monocoque")], [false, false]);
});
