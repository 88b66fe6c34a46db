/**
 * Runs the scenario without the globals that browsers do not have.
 *
 * @module
 */

const { log } = console;
const names = ["setImmediate", "clearImmediate", "Buffer", "process", "global", "require", "Deno", "Bun"];
const globals = globalThis as unknown as Record<string, unknown>;
for (const name of names) {
  if (!Reflect.deleteProperty(globals, name) || name in globals) Reflect.set(globals, name, undefined);
}
// `Bun` cannot be taken away.
log(`left: ${names.filter((name) => name !== "Bun" && globals[name] !== undefined).join(" ")}`);
const { scenario, streams } = await import("./scenario.ts");
await scenario(streams(TransformStream));
log("done");

export {};
