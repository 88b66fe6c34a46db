/**
 * libsodium's `crypto_secretbox_easy`, called on memory of its own: what the library's own boxes are compared with.
 *
 * @module
 */

// deno-lint-ignore no-explicit-any -- the package has no types
let loaded: Promise<any> | undefined;

// deno-lint-ignore no-explicit-any -- the package has no types
async function load(): Promise<any> {
  const { default: exported } = await import("libsodium-sumo");
  // deno-lint-ignore no-explicit-any -- the package has no types
  const make = exported as any;
  const sodium = typeof make === "function" ? await make({ getRandomValue: () => 4 }) : make;
  await sodium.ready;
  sodium._sodium_init();
  return sodium;
}

/** A tag, and as many bytes as there are in `text`. */
export async function oneShotSeal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Promise<Uint8Array> {
  const sodium = await (loaded ??= load());
  const put = (bytes: Uint8Array): number => {
    const at = sodium._malloc(bytes.length);
    sodium.HEAPU8.set(bytes, at);
    return at;
  };
  const places = [put(new Uint8Array(16 + text.length)), put(text), put(nonce), put(key)];
  const [box, plain, nonceAt, keyAt] = places as [number, number, number, number];
  sodium._crypto_secretbox_easy(box, plain, text.length, 0, nonceAt, keyAt);
  const made = sodium.HEAPU8.slice(box, box + 16 + text.length);
  for (const place of places) sodium._free(place);
  return made;
}
