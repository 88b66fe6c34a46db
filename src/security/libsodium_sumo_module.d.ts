/** The package has no types; this declares the part that is used. */
declare module "libsodium-sumo" {
  const libsodium: unknown;
  export default libsodium;
}
