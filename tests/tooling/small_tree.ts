/**
 * A small tree of source files that keeps every rule of `scripts/check_layers.ts`, for tests that change a file of it.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkLayers } from "../../scripts/check_layers.ts";
import { test } from "../support/harness.ts";

/** A small tree that keeps every rule. */
const GOOD: Readonly<Record<string, string>> = {
  "mod.ts": [
    `import { registerTransport } from "./src/transport/transport.ts";`,
    `registerTransport("tcp", async () => (await import("./transports/node.ts")).transport);`,
    `export * from "./core.ts";`,
  ].join("\n"),
  "core.ts": `export { Push } from "./src/sockets/push.ts";\nexport { proxy } from "./src/composites/proxy.ts";`,
  "transport.ts": `export { registerTransport } from "./src/transport/transport.ts";`,
  "src/transport/transport.ts":
    `import type { Endpoint } from "../schemes/endpoint.ts";\nexport function registerTransport(): void {}`,
  "src/schemes/endpoint.ts": `export interface Endpoint { readonly host: string }`,
  "src/zmtp/frame.ts": `export const MORE = 1; // process, Deno and node:net may be talked about`,
  "src/routing/queue.ts": `import { MORE } from "../zmtp/frame.ts";\nexport const QUEUE = MORE;`,
  "src/engine/dialer.ts": `import { QUEUE } from "../routing/queue.ts";\nexport const DIALER = QUEUE;`,
  "src/sockets/push.ts": `import { DIALER } from "../engine/dialer.ts";\nexport class Push { process = DIALER }`,
  "src/composites/proxy.ts":
    `import { Push } from "../sockets/push.ts";\nexport const proxy = () => new Push().process;`,
  "transports/node.ts":
    `import net from "node:net";\nimport "../src/transport/transport.ts";\nexport const transport = net;`,
};

/** Returns the problems of the good tree after `changes`. */
export function problemsWith(changes: Readonly<Record<string, string>>): string[] {
  return checkLayers(new Map(Object.entries({ ...GOOD, ...changes })))
    .map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

/** Expects exactly one problem, which starts with `expected`. */
export function breaks(rule: string, expected: string, changes: Readonly<Record<string, string>>): void {
  test(`layer check refuses ${rule}`, () => {
    const problems = problemsWith(changes);
    assertEquals(problems.length, 1, problems.join("\n"));
    assertStringIncludes(problems[0]!, expected);
  });
}
