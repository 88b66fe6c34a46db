/**
 * The layers of the architecture: the layer of each file, and the layers that it may import.
 *
 * @module
 */

/** The layers, each a folder or a set of files. */
export type Layer =
  | "public"
  | "public core"
  | "public transport"
  | "zeromq"
  | "transports"
  | "composites"
  | "authentication"
  | "sockets"
  | "diagnostics"
  | "engine"
  | "routing"
  | "security"
  | "zmtp"
  | "transport"
  | "schemes"
  | "base";

/** The files that users import. */
const ENTRY_LAYERS: ReadonlyMap<string, Layer> = new Map([
  ["mod.ts", "public"],
  ["core.ts", "public core"],
  ["transport.ts", "public transport"],
  ["src/zeromq/mod.ts", "zeromq"],
  ["src/zeromq/v5_compat.ts", "zeromq"],
]);
/** Their paths. */
export const ENTRIES: ReadonlySet<string> = new Set(ENTRY_LAYERS.keys());

const FOLDERS: ReadonlyMap<string, Layer> = new Map([
  ["src/zeromq/", "zeromq"],
  ["src/sockets/", "sockets"],
  ["src/diagnostics/", "diagnostics"],
  ["src/engine/", "engine"],
  ["src/routing/", "routing"],
  ["src/security/", "security"],
  ["src/zmtp/", "zmtp"],
  ["src/composites/", "composites"],
  ["src/transport/", "transport"],
  ["src/schemes/", "schemes"],
  ["src/base/", "base"],
  ["transports/", "transports"],
]);

const BELOW: readonly Layer[] = ["transport", "schemes", "base"];
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  public: ["public core", "transports", ...BELOW],
  "public core": [
    "composites",
    "authentication",
    "sockets",
    "diagnostics",
    "engine",
    "routing",
    "security",
    "zmtp",
    ...BELOW,
  ],
  "public transport": BELOW,
  // The drop-in for zeromq.js uses the library as a program does, and its clock.
  zeromq: ["zeromq", "public", "base"],
  transports: ["transports", ...BELOW],
  composites: ["composites", "sockets", ...BELOW],
  authentication: ["sockets", "engine", "security", ...BELOW],
  sockets: ["sockets", "diagnostics", "engine", "routing", "security", "zmtp", ...BELOW],
  diagnostics: ["diagnostics", "engine", "routing", "zmtp", ...BELOW],
  engine: ["engine", "routing", "security", "zmtp", ...BELOW],
  routing: ["routing", "zmtp", "base"],
  security: ["security", "zmtp", "base"],
  zmtp: ["zmtp", "base"],
  transport: BELOW,
  schemes: ["schemes", "base"],
  base: ["base"],
};

/** The folder of the engine has rooms of its own: a room may import those before it. Files outside the rooms tie them together. */
const ENGINE_ROOMS: readonly string[] = ["options", "pipe", "connection", "waits", "carriers", "endpoints", "pool"];

/** Audited crypto packages that `src/` may import. */
export const ALLOWED_PACKAGES: ReadonlySet<string> = new Set(["libsodium-sumo"]);

/** The only files that take time, turns and chance from the runtime. */
export const CLOCK_FILES: ReadonlySet<string> = new Set(["src/base/clock.ts", "src/base/fake_timers.ts"]);

/** The only files that use these for something else than time: threads talk over a channel, and wake each other. */
export const THREAD_FILES: ReadonlyMap<string, string> = new Map([
  ["src/transport/thread_port.ts", "MessageChannel"],
  ["src/transport/shared_ring.ts", "Atomics.*"],
]);

/** Modules of Node with timers and time. */
export const TIMING_MODULES: RegExp = /^node:(?:timers|perf_hooks)\b/;

/** The layers outside of every context: links, and the drop-in for zeromq.js. */
export const SYSTEM_CLOCK_LAYERS: ReadonlySet<Layer> = new Set<Layer>(["transport", "transports", "zeromq"]);

/**
 * The only files outside of {@link SYSTEM_CLOCK_LAYERS} that use the runtime's clock; all
 * others use that of their context.
 */
export const SYSTEM_CLOCK_FILES: ReadonlySet<string> = new Set([
  "src/engine/context.ts",
  "src/engine/waits/process_hold.ts",
  "src/sockets/clock.ts",
]);

/** The layer of a file below the root of the repository; `undefined` when it belongs to none. */
export function layerOf(path: string): Layer | undefined {
  const entry = ENTRY_LAYERS.get(path);
  if (entry !== undefined) return entry;
  if (path === "src/composites/authenticator.ts") return "authentication";
  for (const [folder, layer] of FOLDERS) {
    if (path.startsWith(folder)) return layer;
  }
  return undefined;
}

/** Returns whether a file of layer `from` may import one of layer `to`. */
export function mayImport(from: Layer, to: Layer): boolean {
  return MAY_IMPORT[from].includes(to);
}

/** The room of a file of the engine; `undefined` outside the rooms. */
export function engineRoomOf(path: string): string | undefined {
  return /^src\/engine\/([^/]+)\//.exec(path)?.[1];
}

/**
 * Returns whether a file in one room of the engine may import one in another. A room without a place in the order may
 * not.
 */
export function roomMayImport(from: string, to: string): boolean {
  return from === to ||
    (ENGINE_ROOMS.includes(from) && ENGINE_ROOMS.indexOf(to) < ENGINE_ROOMS.indexOf(from) && ENGINE_ROOMS.includes(to));
}
