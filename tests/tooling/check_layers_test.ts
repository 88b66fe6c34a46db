import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { breaks, problemsWith } from "./small_tree.ts";

test("layer check accepts a tree that keeps every rule", () => {
  assertEquals(problemsWith({}), []);
});

breaks("an import that points up", "src/zmtp/frame.ts:1: Imports src/engine/frames.ts: zmtp must not see engine", {
  "src/zmtp/frame.ts": `import { X } from "../engine/frames.ts";\nexport const MORE = X;`,
  "src/engine/frames.ts": `export const X = 1;`,
});
breaks("a type import that points up", "src/zmtp/frame.ts:1: Imports src/engine/frames.ts", {
  "src/zmtp/frame.ts": `import type { X } from "../engine/frames.ts";\nexport const MORE: X = 1;`,
  "src/engine/frames.ts": `export type X = number;`,
});
breaks("an import type that points up", "src/zmtp/frame.ts:2: Imports src/engine/frames.ts", {
  "src/zmtp/frame.ts": `\nexport const MORE: import("../engine/frames.ts").X = 1;`,
  "src/engine/frames.ts": `export type X = number;`,
});
breaks("a re-export that points up", "src/zmtp/frame.ts:1: Imports src/engine/frames.ts", {
  "src/zmtp/frame.ts": `export * from "../engine/frames.ts";`,
  "src/engine/frames.ts": `export const MORE = 1;`,
});
breaks("a scheme that sees ZMTP", "src/schemes/endpoint.ts:1: Imports src/zmtp/frame.ts: schemes must not see zmtp", {
  "src/schemes/endpoint.ts": `import "../zmtp/frame.ts";`,
});
breaks(
  "a pipe that sees a connection",
  "src/engine/pipe/pipe.ts:1: Imports src/engine/connection/writer.ts: pipe must not",
  {
    "src/engine/pipe/pipe.ts": `import type { X } from "../connection/writer.ts";\nexport const PIPE: X = 1;`,
    "src/engine/connection/writer.ts": `export type X = number;`,
  },
);
breaks(
  "a room of the engine without a place in the order",
  "src/engine/attic/box.ts:1: Imports src/engine/pipe/pipe.ts",
  {
    "src/engine/attic/box.ts": `export { PIPE } from "../pipe/pipe.ts";`,
    "src/engine/pipe/pipe.ts": `export const PIPE = 1;`,
  },
);
breaks("a base that sees a scheme", "src/base/errors.ts:1: Imports src/schemes/tcp.ts: base must not see schemes", {
  "src/base/errors.ts": `import "../schemes/tcp.ts";`,
});
breaks("a composite that reaches below the sockets", "src/composites/proxy.ts:1: Imports src/engine/dialer.ts", {
  "src/composites/proxy.ts": `export { DIALER as proxy } from "../engine/dialer.ts";`,
});
breaks("a transport that sees the core", "transports/node.ts:1: Imports src/zmtp/frame.ts: transports must not see", {
  "transports/node.ts": `import "../src/zmtp/frame.ts";\nexport const transport = 1;`,
});
breaks("a core entry that sees a transport", "core.ts:1: Imports transports/node.ts: public core must not see", {
  "core.ts": `export { transport } from "./transports/node.ts";`,
});
breaks(
  "a transport entry that sees a socket",
  "transport.ts:1: Imports src/sockets/push.ts: public transport must not",
  {
    "transport.ts": `export { Push } from "./src/sockets/push.ts";`,
  },
);
breaks("a drop-in that sees the engine", "src/zeromq/socket.ts:1: Imports src/engine/dialer.ts: zeromq must not", {
  "src/zeromq/socket.ts": `export { DIALER } from "../engine/dialer.ts";`,
});
breaks("an engine that sees the drop-in", "src/engine/dialer.ts:1: Imports src/zeromq/socket.ts: engine must not", {
  "src/engine/dialer.ts": `export { socket } from "../zeromq/socket.ts";`,
});
breaks("a core that sees a transport", "src/engine/dialer.ts:1: Imports transports/node.ts", {
  "src/engine/dialer.ts": `export const DIALER = () => import("../../transports/node.ts");`,
});
breaks(
  "an import of a file outside the package",
  "src/engine/dialer.ts:1: Imports tests/helper.ts, which belongs to no",
  {
    "src/engine/dialer.ts": `export { DIALER } from "../../tests/helper.ts";`,
    "tests/helper.ts": `export const DIALER = 1;`,
  },
);
breaks("an import of a missing file", "src/engine/dialer.ts:1: Imports src/zmtp/gone.ts, which does not exist", {
  "src/engine/dialer.ts": `export { DIALER } from "../zmtp/gone.ts";`,
});
breaks("a package in src/", `src/zmtp/frame.ts:1: Imports "left-pad"`, {
  "src/zmtp/frame.ts": `export { MORE } from "left-pad";`,
});
breaks("a node: module in src/", `src/zmtp/frame.ts:1: Imports "node:net"`, {
  "src/zmtp/frame.ts": `export { Socket as MORE } from "node:net";`,
});
breaks("a package in transports/", `transports/node.ts:1: Imports "ws"`, {
  "transports/node.ts": `export { WebSocket as transport } from "ws";`,
});
breaks("a node: module in mod.ts", `mod.ts:1: Imports "node:net"`, { "mod.ts": `import "node:net";` });
breaks("a computed import in src/", "src/zmtp/frame.ts:1: Imports what cannot be checked", {
  "src/zmtp/frame.ts": `export const MORE = (name: string) => import(name);`,
});
breaks("a file that belongs to no layer", "src/helpers/all.ts:1: Belongs to no layer", {
  "src/helpers/all.ts": `export const HELP = 1;`,
});
breaks("a top-level await", "src/zmtp/frame.ts:2: Awaits at the top level", {
  "src/zmtp/frame.ts": `\nexport const MORE = await 1;`,
});
breaks("a top-level for await", "src/zmtp/frame.ts:1: Awaits at the top level", {
  "src/zmtp/frame.ts": `export const MORE = 1; for await (const _ of []) { /* nothing */ }`,
});
breaks("a top-level await using", "src/zmtp/frame.ts:1: Awaits at the top level", {
  "src/zmtp/frame.ts": `await using file = open(); export const MORE = 1;`,
});
breaks("a circle", "Imports in a circle: src/zmtp/frame.ts → src/zmtp/part.ts → src/zmtp/frame.ts", {
  "src/zmtp/frame.ts": `import "./part.ts"; export const MORE = 1;`,
  "src/zmtp/part.ts": `import "./whole.ts";\nimport type { MORE } from "./frame.ts";`,
  "src/zmtp/whole.ts": ``,
});
breaks("a circle outside of the library", "Imports in a circle: tests/a.ts → tests/b.ts → tests/a.ts", {
  "tests/a.ts": `import { b } from "./b.ts";\nexport const a = b;`,
  "tests/b.ts": `import type { a } from "./a.ts";\nexport const b: typeof a = 1;`,
});
breaks("a long file without a reason", "src/zmtp/frame.ts:1: 401 lines", {
  "src/zmtp/frame.ts": `/** Frames. */\nexport const MORE = 1;\n${"// padding\n".repeat(399)}`,
});
breaks("a long test file without a reason", "tests/long_test.ts:1: 401 lines", {
  "tests/long_test.ts": "await 1;\n".repeat(401),
});

/** A class with this number of members of each kind. */
function classOf(methods: number, fields: number, name = "Part"): string {
  const list = [
    ...Array.from({ length: methods }, (_, i) => `  m${i}(): void {}`),
    ...Array.from({ length: fields }, (_, i) => `  #f${i} = 0;`),
  ];
  return `class ${name} {\n${list.join("\n")}\n}\n`;
}

breaks(
  "a class of many methods without a reason",
  "src/zmtp/part.ts:1: Part: 23 members (23 methods, 0 fields): split",
  {
    "src/zmtp/part.ts": `export ${classOf(23, 0)}`,
  },
);
breaks(
  "a class of many fields without a reason",
  "src/zmtp/part.ts:2: Part: 23 members (1 methods, 22 fields): split",
  {
    "src/zmtp/part.ts": `\nexport ${classOf(1, 22)}`,
  },
);
breaks(
  "a class of many members inside a function",
  "transports/part.ts:1: A class: 23 members (11 methods, 12 fields)",
  {
    "transports/part.ts": `export const make = () => ${classOf(11, 12, "")}`,
  },
);

test("layer check counts names: a getter and its setter, and overloads, are one; and takes about 20 members", () => {
  const pairs = Array.from({ length: 20 }, (_, i) => `  get a${i}() { return 0; }\n  set a${i}(_: number) {}`);
  const overloads = "  b(one: 1): void;\n  b(two: 2): void;\n  b(): void {}";
  const files = {
    "src/zmtp/pairs.ts": `export class Pairs {\n${pairs.join("\n")}\n}`,
    "src/zmtp/overloads.ts": `export ${classOf(11, 10).replace("m0(): void {}", `m0(): void {}\n${overloads}`)}`,
    "tests/large.ts": classOf(30, 30),
  };
  assertEquals(problemsWith(files), []);
});

test("layer check accepts a large class whose file gives the reason", () => {
  const text = `/**\n * Parts. More than 20 members\n * because of two contracts.\n */\nexport ${classOf(30, 30)}`;
  assertEquals(problemsWith({ "src/zmtp/part.ts": text }), []);
});

breaks("a script that does not say why it is hand-written", "scripts/tidy.ts:1: A script: say in its header", {
  "scripts/tidy.ts": "/** Tidies. */\nexport {};\n",
});

test("layer check accepts a script with its reason, and the parts of one without", () => {
  const files = {
    "scripts/tidy.ts": "/**\n * Tidies.\n *\n * Hand-written: no package does it.\n */\nexport {};\n",
    "scripts/tidy/part.ts": "/** A part. */\nexport {};\n",
  };
  assertEquals(problemsWith(files), []);
});

test("layer check accepts a long file that gives its reason", () => {
  const text = `/**\n * Frames. Over 400 lines\n * because one switch is faster.\n */\n${"export {};\n".repeat(400)}`;
  assertEquals(problemsWith({ "src/zmtp/part.ts": text }), []);
});

for (
  const code of [
    "Deno.cwd()",
    "typeof Bun",
    "process.env",
    "new Map<Buffer, 1>()",
    `require("net")`,
    "globalThis.process",
    `(globalThis as never)["Deno"]`,
    "(globalThis as { Deno?: 1 })",
    "`${Deno}`",
  ]
) {
  breaks(`the runtime's name in \`${code}\``, "src/zmtp/frame.ts:1: Names", {
    "src/zmtp/frame.ts": `export const MORE = ${code};`,
  });
}

test("layer check lets members, strings and comments carry the names of runtimes", () => {
  const text = [
    `/** Deno, process, require("net"). */`,
    `export class Queue { process(): string { return "Deno \${process}"; } }`,
    `export const MORE = new Queue().process();`,
    `export const shape: { require: boolean } = { require: true };`,
  ].join("\n");
  assertEquals(problemsWith({ "src/zmtp/frame.ts": text }), []);
});

for (
  const [code, name] of [
    ["globalThis as object", "globalThis"],
    ["[globalThis]", "globalThis"],
    ["{ globalThis }", "globalThis"],
    ["globalThis.name", "globalThis"],
    ["0 as unknown as typeof globalThis", "globalThis"],
    [`Object.hasOwn({}, "x")`, "Object.hasOwn"],
    ["[Object.hasOwn]", "Object.hasOwn"],
    ["Promise.withResolvers<void>()", "Promise.withResolvers"],
    ["Array.fromAsync([])", "Array.fromAsync"],
    ["[1].findLast((n) => n > 0)", ".findLast()"],
    ["[1].findLastIndex((n) => n > 0, 0)", ".findLastIndex()"],
    ["new Error().cause", ".cause"],
    ["new Map<1, Error>().get(1)?.cause", ".cause"],
    ["import.meta.url", "import.meta"],
    ["import.meta", "import.meta"],
    ["0; const { hasOwn } = Object", "{ hasOwn } = Object"],
    ["0; const { hasOwn: own } = Object", "{ hasOwn: own } = Object"],
    [`0; const { "withResolvers": make } = Promise`, `{ "withResolvers": make } = Promise`],
    ["0; const { from, ...rest } = Array", "{ from, ...rest } = Array"],
    ["0; const { [name]: own } = Object", "{ [name]: own } = Object"],
    ['0; // @deno-types="./x.d.ts"', "a comment that Deno reads"],
    [`0; /// <reference types="./x.d.ts" />`, "a comment that Deno reads"],
  ]
) {
  const expected = (path: string) => `${path}:1: Uses ${name}, which dnt rewrites`;
  breaks(`what dnt rewrites: ${code}`, expected("src/zmtp/frame.ts"), {
    "src/zmtp/frame.ts": `export const MORE = ${code}`,
  });
  breaks(`what dnt rewrites, in a transport: ${code}`, expected("transports/node.ts"), {
    "transports/node.ts": `export const transport = ${code}`,
  });
}
breaks("import attributes, which dnt takes out", "src/zmtp/frame.ts:1: Uses import attributes", {
  "src/zmtp/frame.ts": `import { X } from "./part.ts" with { type: "x" }; export const MORE = X;`,
  "src/zmtp/part.ts": "export const X = 1;",
});

test("layer check ignores lines that dnt ignores, and unpublished files", () => {
  const text = [
    `declare const Object2: { hasOwn(key: string): boolean };`,
    `export const own = [Object2.hasOwn("x"), Object.keys({}), "a".replaceAll("a", "b"), [1].find(() => true)];`,
    `export const { keys } = Object;`,
    `export const { cause } = new Error("x", { cause: 1 });`,
    `export const named = { globalThis: 1 as number, cause: 2, hasOwn: 3 }.globalThis;`,
    `export const MORE = "globalThis, Object.hasOwn, import.meta"; // globalThis`,
  ].join("\n");
  assertEquals(problemsWith({ "src/zmtp/frame.ts": text, "tests/any_test.ts": "console.log(globalThis);" }), []);
});
