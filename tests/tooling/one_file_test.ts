/**
 * A throw-away option and a throw-away socket type, added to a copy of the library: the option touches the file of its group alone,
 * the type a file of its own and the public list. Values, checks, properties, types and the table of the documents follow.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type * as core from "../../core.ts";
import type * as settings from "../../src/engine/settings.ts";
import type * as socket from "../../src/sockets/socket.ts";
import { runtime, test } from "../support/harness.ts";
import { whenTable } from "../support/option_table.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A copy of the core in a folder of its own, which the function is given. */
async function withCopy(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "zmq-one-file-"));
  try {
    for (const part of ["core.ts", "transport.ts", "src", "tsconfig.json", "types"]) {
      await cp(join(ROOT, part), join(folder, part), { recursive: true });
    }
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Changes one file of a copy: each text is found once. */
async function edit(folder: string, path: string, ...changes: readonly [from: string, to: string][]): Promise<void> {
  let text = await readFile(join(folder, path), "utf8");
  for (const [from, to] of changes) {
    assertEquals(text.split(from).length, 2, `${path}: ${from}`);
    text = text.replace(from, () => to);
  }
  await writeFile(join(folder, path), text);
}

/** Type-checks a copy with `use.ts`, which uses what was added; returns what the compiler says. */
async function compile(folder: string, use: string): Promise<string> {
  await writeFile(join(folder, "src", "use.ts"), use);
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const options = { cwd: folder, encoding: "utf8" } as const;
  return await promisify(execFile)(process.execPath, [tsc, "-p", "types"], options).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

const load = async <T>(folder: string, path: string): Promise<T> =>
  await import(pathToFileURL(join(folder, path)).href) as T;

/** The compiler is the same everywhere. */
const elsewhere = runtime === "node" ? undefined : "the compiler says the same on Node";

test("one file: an option", async () => {
  await withCopy(async (folder) => {
    await edit(
      folder,
      "src/engine/options/send.ts",
      [
        "export interface SendOptions {\n",
        "export interface SendOptions {\n  /** Default 7. */\n  readonly throwAway?: number;\n",
      ],
      [
        "export const SEND: OptionGroup<SendOptions> = {\n",
        `export const SEND: OptionGroup<SendOptions> = {\n  throwAway: option(wholeNumber(0, 9), 7, "next bind"),\n`,
      ],
    );
    const { Push, Pull } = await load<typeof core>(folder, "core.ts");
    const made = (options: object) => new Push(options) as unknown as { throwAway: unknown; close(): Promise<number> };
    const sockets = [made({}), made({ throwAway: 0 })];
    assertEquals(sockets.map(({ throwAway }) => throwAway), [7, 0]);
    sockets[0]!.throwAway = 9;
    assertEquals(sockets[0]!.throwAway, 9);
    assertThrows(() => sockets[0]!.throwAway = 10, RangeError, "throwAway must be a whole number from 0 to 9");
    assertThrows(() => made({ throwAway: "1" }), TypeError, "throwAway must be a number");
    assertThrows(() => new Pull({ throwAway: 1 } as object), TypeError, "A PULL socket has no option throwAway");
    for (const one of sockets) await one.close();

    // The table of docs/compatibility.md, as the definitions have it.
    const { coreOf } = await load<typeof socket>(folder, "src/sockets/socket.ts");
    const { optionOf, optionsOf } = await load<typeof settings>(folder, "src/engine/settings.ts");
    const push = new Push();
    const { definition } = coreOf(push);
    const all = new Map(optionsOf(definition).map((name) => [name, [optionOf(definition, name)!]]));
    assert(whenTable(all).some((row) => row.startsWith("| To the next `bind()`") && row.includes("`throwAway`")));
    await push.close();
  });
}, { timeout: 60_000 });

const USE_OPTION = `import { Dealer, Pull, Push, type PushOptions } from "../core.ts";
const options: PushOptions = { throwAway: 1 };
const number: number = new Push(options).throwAway + new Dealer({ throwAway: 2 }).throwAway;
// @ts-expect-error Not a string.
new Push({ throwAway: "1" });
// @ts-expect-error A Pull does not send.
new Pull({ throwAway: 1 });
export const use = number;
`;

test("one file: an option is in all types", async () => {
  await withCopy(async (folder) => {
    const path = "src/engine/options/send.ts";
    const inInterface: [string, string] = [
      "export interface SendOptions {\n",
      "export interface SendOptions {\n  /** Default 7. */\n  readonly throwAway?: number;\n",
    ];
    await edit(folder, path, inInterface);
    const missing = await compile(folder, USE_OPTION);
    assertStringIncludes(missing, "src/engine/options/send.ts");
    assertStringIncludes(missing, "'throwAway' is missing");
    const group = "export const SEND: OptionGroup<SendOptions> = {\n";
    await edit(folder, path, [group, `${group}  throwAway: option(wholeNumber(0, 9), 7, "next bind"),\n`]);
    assertEquals(await compile(folder, USE_OPTION), "");
  });
}, { timeout: 60_000, ...elsewhere && { skip: elsewhere } });

const THROW_AWAY = `import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PushPattern } from "../routing/push.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { SendingSocket } from "./sending.ts";

export interface ThrowAwayOptions extends SendOptions, SocketOptions {}

const THROW: SocketDefinition<ThrowAwayOptions, PushPattern> = {
  name: "THROW",
  partners: ["PULL", "THROW"],
  options: { ...SOCKET, ...SEND },
  pattern: () => new PushPattern(),
};

export class ThrowAway extends SendingSocket {
  constructor(options: ThrowAwayOptions = {}) {
    super(THROW, options);
  }
}

export interface ThrowAway extends Live<ThrowAwayOptions> {}

defineOptions(ThrowAway.prototype, THROW);
`;

const USE_TYPE = `import { type SocketType, ThrowAway, type ThrowAwayOptions } from "../core.ts";
const options: ThrowAwayOptions = { sendHighWaterMark: 1 };
const socket = new ThrowAway(options);
const type: SocketType = socket.type === "THROW" ? "THROW" : "PUSH";
// @ts-expect-error It does not receive.
socket.receive();
export const use = [type, socket.sendHighWaterMark, socket.trySend("")];
`;

test("one file: a socket type, and the public list", async () => {
  await withCopy(async (folder) => {
    await writeFile(join(folder, "src/sockets/throw_away.ts"), THROW_AWAY);
    await edit(folder, "core.ts", [
      "export { Dealer,",
      `export { ThrowAway, type ThrowAwayOptions } from "./src/sockets/throw_away.ts";\nexport { Dealer,`,
    ]);
    await edit(folder, "src/sockets/socket_type.ts", [`  | "REQ"\n`, `  | "REQ"\n  | "THROW"\n`]);
    type Core = typeof core & { ThrowAway: new (options?: object) => core.Push };
    const { Pull, ThrowAway } = await load<Core>(folder, "core.ts");
    const [one, pull] = [new ThrowAway({ linger: 0 }), new Pull()];
    const refused = new Promise<string>((resolve) => {
      pull.events.listen((event) => event.type === "handshake:error:protocol" && resolve(event.rule));
    });
    one.connect(await pull.bind("inproc://throw-away"));
    // A PULL does not know it.
    assertEquals([await refused, one.type as string, one.linger], ["INVALID_METADATA", "THROW", 0]);
    assertThrows(() => new ThrowAway({ receiveTimeout: 1 }), TypeError, "A THROW socket has no option receiveTimeout");
    await one.close();
    await pull.close();
    if (elsewhere === undefined) assertEquals(await compile(folder, USE_TYPE), "");
  });
}, { timeout: 60_000 });
