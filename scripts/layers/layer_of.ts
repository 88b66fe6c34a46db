/**
 * Which layer a file belongs to, and which layers it may import. The one table of the architecture.
 *
 * @module
 */

/** The layers, each a folder or a set of files. */
export type Layer =
  | "public"
  | "public core"
  | "public transport"
  | "transports"
  | "composites"
  | "authentication"
  | "sockets"
  | "engine"
  | "routing"
  | "security"
  | "zmtp"
  | "leaf";

/** The files that users import. */
const ENTRY_LAYERS: ReadonlyMap<string, Layer> = new Map([
  ["mod.ts", "public"],
  ["core.ts", "public core"],
  ["transport.ts", "public transport"],
]);
/** Their paths. */
export const ENTRIES: ReadonlySet<string> = new Set(ENTRY_LAYERS.keys());

const LEAVES = new Set([
  "src/transport.ts",
  "src/untransferable.ts",
  "src/endpoint.ts",
  "src/ip_address.ts",
  "src/errors.ts",
  "src/message.ts",
  "src/abort.ts",
  "src/brand.ts",
  "src/bytes.ts",
  "src/checks.ts",
  "src/clock.ts",
  "src/fake_timers.ts",
  "src/message_builder.ts",
  "src/message_reader.ts",
  "src/message_turn.ts",
  "src/option.ts",
  "src/peer_text.ts",
  "src/write_error.ts",
]);
const COMPOSITES = new Set([
  "src/proxy.ts",
  "src/streams.ts",
  "src/poll.ts",
  "src/requester.ts",
  "src/serve.ts",
]);
const FOLDERS: ReadonlyMap<string, Layer> = new Map([
  ["src/sockets/", "sockets"],
  ["src/engine/", "engine"],
  ["src/routing/", "routing"],
  ["src/security/", "security"],
  ["src/zmtp/", "zmtp"],
  ["src/schemes/", "leaf"],
  ["src/transport/", "leaf"],
  ["transports/", "transports"],
]);

const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  public: ["public core", "transports", "leaf"],
  "public core": ["composites", "authentication", "sockets", "engine", "routing", "security", "zmtp", "leaf"],
  "public transport": ["leaf"],
  transports: ["transports", "leaf"],
  composites: ["composites", "sockets", "leaf"],
  authentication: ["sockets", "engine", "security", "leaf"],
  sockets: ["sockets", "engine", "routing", "security", "zmtp", "leaf"],
  engine: ["engine", "routing", "security", "zmtp", "leaf"],
  routing: ["routing", "security", "zmtp", "leaf"],
  security: ["security", "zmtp", "leaf"],
  zmtp: ["zmtp", "leaf"],
  leaf: ["leaf"],
};

/** Audited crypto packages that `src/` may import. */
export const ALLOWED_PACKAGES: ReadonlySet<string> = new Set(["libsodium-sumo"]);

/** The only files that take time, turns and chance from the runtime. */
export const CLOCK_FILES: ReadonlySet<string> = new Set(["src/clock.ts", "src/fake_timers.ts"]);

/**
 * Beside links, which are as real as their sockets, the only files that go by the runtime's clock; all others ask that of their
 * context.
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
  if (LEAVES.has(path)) return "leaf";
  if (COMPOSITES.has(path)) return "composites";
  if (path === "src/authenticator.ts") return "authentication";
  for (const [folder, layer] of FOLDERS) {
    if (path.startsWith(folder)) return layer;
  }
  return undefined;
}

/** Whether a file of layer `from` may import one of layer `to`. */
export function mayImport(from: Layer, to: Layer): boolean {
  return MAY_IMPORT[from].includes(to);
}
