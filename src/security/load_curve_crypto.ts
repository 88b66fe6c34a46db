/**
 * Loads the package that does CURVE's cryptography, when CURVE is first used (docs/adr/0008-crypto-package.md).
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { CurveCrypto } from "./curve_crypto.ts";

let loaded: Promise<CurveCrypto> | undefined;

/** Loads it once; later calls get the same. Rejects with `ENOTSUP` if it is not installed, and may be called again then. */
export function loadCurveCrypto(): Promise<CurveCrypto> {
  return loaded ??= load();
}

async function load(): Promise<CurveCrypto> {
  try {
    const { loadLibsodium } = await import("./libsodium.ts");
    return await loadLibsodium();
  } catch (error) {
    loaded = undefined;
    throw new ZmqError("ENOTSUP", "CURVE needs the package libsodium-sumo, which cannot be loaded", { cause: error });
  }
}
