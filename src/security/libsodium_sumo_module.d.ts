/** The package has no types: what this project uses of it. */
declare module "libsodium-sumo" {
  const libsodium: unknown;
  export default libsodium;
}
