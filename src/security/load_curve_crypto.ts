/**
 * Loads the package with CURVE's cryptography when CURVE is first used (docs/adr/0008-crypto-package.md).
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { CurveCrypto } from "./curve_crypto.ts";

let loaded: Promise<CurveCrypto> | undefined;

/**
 * Loads the package once; later calls return the same promise. Rejects with `ENOTSUP` if it is not installed; the next
 * call then tries again.
 */
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
