/**
 * The limits of what users download and bundle, for size-limit. Each is 4 to 9 % above the size on the day when it was set.
 *
 * Run with `npm test -- --only package`, or on what is built:
 * `npm pack ./npm --pack-destination npm && npx size-limit --config scripts/npm_package/size_limits.mjs`.
 *
 * @module
 */

/**
 * Modules that a program with one `Request` does not load on Node: the transports of other runtimes, SOCKS and CURVE
 * load when they are used.
 */
const LOADED_LATER = [
  "*/deno/transport.js",
  "*/bun/transport.js",
  "*/socks/connect.js",
  "*/websocket/transport.js",
  "*/libsodium.js",
];

/** As a bundler for Node is set up. */
const forNode = (external) => (config) => ({
  ...config,
  format: "esm",
  platform: "node",
  target: "es2022",
  external,
});
const client = { import: "{ Request }", modifyEsbuildConfig: forNode(LOADED_LATER) };
const bytes = { brotli: false };
const file = { ...bytes, disablePlugins: ["@size-limit/esbuild"] };
const npm = (path) => `../../npm/${path}`;

export default [
  { name: "tarball", path: npm("*.tgz"), limit: "1.4 MB", ...file },
  {
    name: "unpacked",
    path: [npm("{esm,script}/**"), npm("{README.md,LICENSE,package.json}")],
    limit: "7.8 MB",
    ...file,
  },
  { name: "client", path: npm("esm/mod.js"), limit: "238 kB", ...client, ...bytes },
  { name: "client, gzip", path: npm("esm/mod.js"), limit: "79 kB", ...client, gzip: true },
  { name: "client of ./core, without a transport", path: npm("esm/core.js"), limit: "203 kB", ...client, ...bytes },
  {
    name: "libsodium, which CURVE loads",
    path: npm("esm/src/security/libsodium.js"),
    limit: "435 kB",
    modifyEsbuildConfig: forNode([]),
    ...bytes,
  },
  { name: "drop-in, unpacked", path: "../../npm-zeromq/v6/**", limit: "4.3 kB", ...file },
];
