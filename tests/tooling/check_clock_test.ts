/**
 * The layer check on time, turns and chance: outside of the clock no file names the functions of the runtime, in any form.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { test } from "../support/harness.ts";
import { breaks, problemsWith } from "./small_tree.ts";

for (
  const [code, name] of [
    ["setTimeout(() => {}, 1)", "setTimeout"],
    ["clearTimeout(1)", "clearTimeout"],
    ["setInterval(() => {}, 1)", "setInterval"],
    ["clearInterval(1)", "clearInterval"],
    ["setImmediate(() => {})", "setImmediate"],
    ["globalThis.setTimeout", "setTimeout"],
    [`(globalThis as never)["setImmediate"]`, "setImmediate"],
    ["[queueMicrotask]", "queueMicrotask"],
    ["new MessageChannel()", "MessageChannel"],
    ["performance.now()", "performance"],
    ["globalThis.performance", "performance"],
    ["Date.now()", "Date"],
    ["new Date()", "Date"],
    ["Math.random()", "Math.random"],
    [`Math["random"]()`, "Math.random"],
    ["globalThis.Math.random()", "Math.random"],
    ["((m: { random(): number }) => m.random())(Math)", "Math.*"],
    ["AbortSignal.timeout(1)", "AbortSignal.timeout"],
  ] as const
) {
  for (const path of ["src/zmtp/frame.ts", "transports/node.ts"]) {
    breaks(`\`${code}\` in ${path}`, `${path}:1: Uses ${name}: ask the clock`, {
      [path]: `export const MORE = ${code};\nexport const transport = 1;`,
    });
  }
}
breaks("the runtime's clock in the engine", "src/engine/pump.ts:1: Uses systemClock: ask the clock of the context", {
  "src/engine/pump.ts":
    `import { systemClock as clock } from "../base/clock.ts";\nexport const now = () => clock.now();`,
  "src/base/clock.ts": "export const systemClock = { now: () => 0 };",
});
for (const module of ["node:timers", "node:timers/promises", "node:perf_hooks"]) {
  for (const path of ["transports/node.ts", "src/zeromq/socket.ts", "src/zmtp/frame.ts"]) {
    breaks(`${module} in ${path}`, `${path}:1: Imports "${module}"`, {
      [path]: `export * from "${module}";\nexport const transport = 1, MORE = 1;`,
    });
  }
}

/** Functions of the runtime that make time pass or return it. */
const TIMING = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"]
  .concat(["requestIdleCallback", "cancelIdleCallback", "scheduler", "MessageChannel", "performance", "Date", "eval"]);
const MEMBERS = [["scheduler", "postTask"], ["scheduler", "yield"], ["performance", "now"], ["Date", "now"]]
  .concat([["Math", "random"], ["AbortSignal", "timeout"], ["Atomics", "waitAsync"]]);
/** The global object. Its use as a whole is forbidden as well. */
const GLOBALS = ["globalThis", "self", "window", "global"];
const LOOSE_GLOBALS = ["frames", "top", "parent"];

/** Every way to name a global function, and a member of a global object. */
function* formsOf(): Generator<string> {
  const named = function* (global: string): Generator<string> {
    yield `${global}.NAME`;
    yield `${global}["NAME"]`;
    yield `${global}[\`NAME\`]`;
    yield `${global}?.NAME`;
    yield `${global}?.["NAME"]`;
    yield `(${global} as never as { NAME: unknown }).NAME`;
    yield `(${global}!)["NAME"]`;
  };
  for (const name of TIMING) {
    const places = [...GLOBALS, ...LOOSE_GLOBALS].flatMap((global) => [...named(global)]);
    const forms = [
      "NAME",
      "NAME()",
      "new NAME()",
      "NAME.bind(1)",
      "[NAME]",
      "{ NAME }",
      "{ later: NAME }",
      "typeof NAME",
      "void NAME?.()",
    ];
    for (const form of [...forms, ...places]) yield `export const x = ${form.replaceAll("NAME", name)};`;
    for (const global of GLOBALS) {
      yield `export const { ${name} } = ${global};`;
      yield `export const { ${name}: later } = ${global};`;
      yield `export const { "${name}": later } = ${global};`;
      yield `export const { ["${name}"]: later } = ${global};`;
      yield `export const x = Reflect.get(${global}, "${name}");`;
      yield `export const x = ${global}["${name.slice(0, 3)}" + "${name.slice(3)}"];`;
      yield `const everything = ${global}; export const x = everything.${name};`;
      yield `export const { ...rest } = ${global};`;
      yield `export const x = Object.entries(${global});`;
    }
    yield `function later(callback = ${name}): void { callback(); } export { later };`;
    yield `export class Later { readonly start = ${name}; }`;
    yield `export { ${name} };`;
    yield `export { ${name} as later };`;
  }
  for (const [object, member] of MEMBERS) {
    for (const place of [object!, ...GLOBALS.map((global) => `${global}.${object}`)]) {
      yield `export const x = ${place}.${member};`;
      yield `export const x = ${place}["${member}"];`;
      yield `export const x = ${place}?.${member}?.();`;
      yield `export const { ${member} } = ${place};`;
      yield `export const { ${member}: later } = ${place};`;
      yield `export const x = ${place}["${member!.slice(0, 2)}" + "${member!.slice(2)}"];`;
      yield `const object = ${place}; export const x = object.${member};`;
    }
    for (const global of GLOBALS) yield `export const { ${object}: { ${member}: later } } = ${global};`;
  }
  yield `export const x = new Function("return setTimeout");`;
  yield `export const x = Function("return setTimeout")();`;
}

test("layer check refuses every form of a timer, the time, a turn and chance", () => {
  for (const folder of ["src/zmtp", "src/engine", "src/zeromq", "transports"]) {
    const forms = [...formsOf()];
    assertGreater(forms.length, 1000);
    const files = Object.fromEntries(forms.map((code, i) => [`${folder}/form_${i}.ts`, code]));
    const refused = new Set(
      problemsWith(files).filter((text) => text.includes(": Uses ")).map((text) => text.split(":")[0]),
    );
    assertEquals(forms.filter((_, i) => !refused.has(`${folder}/form_${i}.ts`)), [], folder);
  }
});

for (
  const code of [
    "process.nextTick(() => {})",
    "process.hrtime.bigint()",
    "process.uptime()",
    "Bun.sleep(1)",
    "Bun.nanoseconds()",
  ]
) {
  breaks(`the runtime's own time in \`${code}\``, "transports/node.ts:1: Uses", {
    "transports/node.ts": `export const transport = ${code};`,
  });
}

test("layer check lets members carry the names of what times, and objects those of the global object as members", () => {
  const text = [
    `export interface Timed { scheduler: number; setTimeout(): void; self?: Timed; window: number }`,
    `export const MORE = (timed: Timed) => timed.scheduler + timed.window + (timed.self?.scheduler ?? 0);`,
    `export type Any = Function; export const has = Function.prototype[Symbol.hasInstance];`,
  ].join("\n");
  assertEquals(
    problemsWith({ "src/zmtp/frame.ts": text, "transports/node.ts": "export const transport = process.env;" }),
    [],
  );
});

test("layer check lets the clock use its globals, and others only lookalikes", () => {
  assertEquals(problemsWith({ "src/base/clock.ts": "export const now = performance.now.bind(performance);" }), []);
  const text = [
    `/** setTimeout, Date.now(). */`,
    `export const clock = { setTimeout() {}, now: () => Math.max(1, Math.floor(2)), performance: "Date" };`,
    `export const MORE = clock.setTimeout;`,
    `export const stop = (signal: AbortSignal) => clock.performance + signal.aborted;`,
  ].join("\n");
  assertEquals(problemsWith({ "src/zmtp/frame.ts": text }), []);
});
