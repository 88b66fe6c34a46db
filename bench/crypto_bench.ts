/**
 * Compares packages for CURVE's cryptography (docs/adr/0008-crypto-package.md): boxes encrypted and decrypted per
 * second, and key agreements per second, on the runtime that runs this file.
 *
 *     npm install --no-save @noble/ciphers @noble/curves tweetnacl @stablelib/nacl libsodium-wrappers libsodium
 *     npx tsx bench/crypto_bench.ts; npx bun bench/crypto_bench.ts
 *     npx deno run -A --no-check bench/crypto_bench.ts
 *
 * Only libsodium-sumo is a dependency of this project. Packages that are not installed are listed and skipped.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any -- packages without types, that need not be there

import { loadCurveCrypto } from "../src/security/load_curve_crypto.ts";

const SIZES = [64, 1024, 16 * 1024, 64 * 1024];
const KEY = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
const NONCE = Uint8Array.from({ length: 24 }, (_, i) => i);
const ROUNDS = 3;
const ROUND_MS = 80;
const WARM_MS = 500;
const TAG = 16;

/** The functions that are measured; `undefined` if a package does not have one. */
interface Candidate {
  readonly seal: (plain: Uint8Array) => Uint8Array;
  readonly open: (box: Uint8Array) => Uint8Array;
  readonly agree?: () => unknown;
}

/** Not a literal, so that no tool resolves the package before it is used. */
function load(name: string): Promise<any> {
  return import(name);
}

async function libsodiumModule(name: string): Promise<any> {
  const { default: exported } = await load(name);
  const sodium = await exported({ getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0] });
  sodium._sodium_init();
  return sodium;
}

/** The inner module, called on memory that is allocated once. */
async function inner(name: string): Promise<Candidate> {
  const sodium = await libsodiumModule(name);
  const [key, nonce, box] = [32, 24, 1 << 17].map((size) => sodium._malloc(size));
  sodium.HEAPU8.set(KEY, key);
  sodium.HEAPU8.set(NONCE, nonce);
  const sealed = new Uint8Array(1 << 17);
  const opened = new Uint8Array(1 << 17);
  return {
    seal: ({ length }) => {
      sodium.HEAPU8.set(opened.subarray(0, length), box + TAG);
      sodium._crypto_secretbox_detached(box + TAG, box, box + TAG, length, 0, nonce, key);
      sealed.set(sodium.HEAPU8.subarray(box, box + TAG + length));
      return sealed.subarray(0, TAG + length);
    },
    open: (bytes) => {
      const length = bytes.length - TAG;
      sodium.HEAPU8.set(bytes, box);
      if (sodium._crypto_secretbox_open_detached(box + TAG, box + TAG, box, length, 0, nonce, key) !== 0) throw wrong();
      opened.set(sodium.HEAPU8.subarray(box + TAG, box + TAG + length));
      return opened.subarray(0, length);
    },
    agree: () => sodium._crypto_scalarmult_base(box, key) + sodium._crypto_box_beforenm(box + 64, box, key),
  };
}

/** The same with a subkey for the constant half of the nonce: Salsa20 and Poly1305 combined by hand. */
async function subkey(name: string): Promise<Candidate> {
  const sodium = await libsodiumModule(name);
  const [key, derived, nonce, tag, text, plain] = [32, 32, 24, 64, 1 << 17, 1 << 17].map((size) =>
    sodium._malloc(size)
  );
  sodium.HEAPU8.set(KEY, key);
  sodium.HEAPU8.set(NONCE, nonce);
  sodium._crypto_core_hsalsa20(derived, nonce, key, 0);
  const crypt = (length: number) => {
    sodium.HEAPU8.fill(0, text, text + 32);
    sodium._crypto_stream_salsa20_xor(text, text, length + 32, 0, nonce + 16, derived);
  };
  return {
    seal: (bytes) => {
      sodium.HEAPU8.set(bytes, text + 32);
      crypt(bytes.length);
      sodium._crypto_onetimeauth_poly1305(tag, text + 32, bytes.length, 0, text);
      sodium.HEAPU8.copyWithin(text + TAG, tag, tag + TAG);
      return sodium.HEAPU8.slice(text + TAG, text + 32 + bytes.length);
    },
    open: (bytes) => {
      const length = bytes.length - TAG;
      sodium._crypto_stream_salsa20(plain, 32, 0, nonce + 16, derived);
      sodium.HEAPU8.set(bytes, text + TAG);
      if (sodium._crypto_onetimeauth_poly1305_verify(text + TAG, text + 32, length, 0, plain) !== 0) throw wrong();
      crypt(length);
      return sodium.HEAPU8.slice(text + 32, text + 32 + length);
    },
  };
}

const CANDIDATES: Readonly<Record<string, () => Promise<Candidate>>> = {
  "ours (src/security/libsodium.ts)": async () => {
    const crypto = await loadCurveCrypto();
    const line = crypto.line(KEY, NONCE.subarray(0, 16));
    const box = new Uint8Array(1 << 17);
    // Decrypts in place, so the encrypted bytes are copied there again each time.
    const opened = new Uint8Array(1 << 17);
    opened.set(NONCE.subarray(16));
    const counter = Number(new DataView(NONCE.buffer).getBigUint64(16) & 0xffff_ffffn);
    return {
      seal: (plain) => {
        line.seal(counter, plain[0]!, plain.subarray(1), box, 0);
        return box.subarray(0, TAG + plain.length);
      },
      open: (bytes) => {
        opened.fill(0, 0, 4);
        opened.set(bytes, 8);
        const body = opened.subarray(0, 8 + bytes.length);
        if (!line.open(body, 0, 8)) throw wrong();
        return body.subarray(8 + TAG);
      },
      agree: () => crypto.sharedKey(crypto.publicKey(KEY), KEY),
    };
  },
  "libsodium, inner module": () => inner("libsodium"),
  "libsodium-sumo, subkey": () => subkey("libsodium-sumo"),
  "libsodium-wrappers": async () => {
    const { default: sodium } = await load("libsodium-wrappers");
    await sodium.ready;
    return {
      seal: (plain) => sodium.crypto_secretbox_easy(plain, NONCE, KEY),
      open: (box) => sodium.crypto_secretbox_open_easy(box, NONCE, KEY),
      agree: () => sodium.crypto_box_beforenm(sodium.crypto_scalarmult_base(KEY), KEY),
    };
  },
  "@noble/ciphers, @noble/curves": async () => {
    const { xsalsa20poly1305 } = await load("@noble/ciphers/salsa.js");
    const { x25519 } = await load("@noble/curves/ed25519.js");
    return {
      seal: (plain) => xsalsa20poly1305(KEY, NONCE).encrypt(plain),
      open: (box) => xsalsa20poly1305(KEY, NONCE).decrypt(box),
      agree: () => x25519.getSharedSecret(KEY, x25519.getPublicKey(KEY)),
    };
  },
  "tweetnacl": async () => {
    const { default: nacl } = await load("tweetnacl");
    return {
      seal: (plain) => nacl.secretbox(plain, NONCE, KEY),
      open: (box) => nacl.secretbox.open(box, NONCE, KEY)!,
      agree: () => nacl.box.before(nacl.scalarMult.base(KEY), KEY),
    };
  },
  "@stablelib/nacl": async () => {
    const nacl = await load("@stablelib/nacl");
    return {
      seal: (plain) => nacl.secretBox(KEY, NONCE, plain),
      open: (box) => nacl.openSecretBox(KEY, NONCE, box),
    };
  },
};

function wrong(): Error {
  return new Error("An encrypted box cannot be decrypted");
}

/** Runs until the runtime has optimized the WebAssembly code, which takes Bun some time. */
function warm(candidate: Candidate): void {
  const plain = new Uint8Array(1024);
  const box = candidate.seal(plain).slice();
  for (const end = performance.now() + WARM_MS; performance.now() < end;) {
    candidate.seal(plain);
    candidate.open(box);
  }
}

/** Returns calls per second: the best of several rounds, because other processes use the machine too. */
function rate(call: () => unknown): number {
  for (let i = 0; i < 100; i++) call();
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    let elapsed = 0;
    while (elapsed < ROUND_MS) {
      for (let i = 0; i < 8; i++) call();
      calls += 8;
      elapsed = performance.now() - start;
    }
    best = Math.max(best, calls / elapsed * 1000);
  }
  return best;
}

function cell(perSecond: number): string {
  const text = perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M` : `${(perSecond / 1e3).toFixed(1)} k`;
  return text.padStart(8);
}

console.log(
  `${"a second".padEnd(34)}${SIZES.map((size) => `${size} B: seal, open`.padStart(20)).join("")}  key pair + agreement`,
);
for (const [name, make] of Object.entries(CANDIDATES)) {
  let candidate: Candidate;
  try {
    candidate = await make();
  } catch (error) {
    console.log(`${name.padEnd(34)}  missing: ${(error as Error).message.split("\n")[0]}`);
    continue;
  }
  warm(candidate);
  const cells = SIZES.map((size) => {
    const plain = new Uint8Array(size);
    const box = candidate.seal(plain).slice();
    return `${cell(rate(() => candidate.seal(plain)))},${cell(rate(() => candidate.open(box)))}`.padStart(20);
  });
  const agree = candidate.agree === undefined ? "" : cell(rate(candidate.agree));
  console.log(`${name.padEnd(34)}${cells.join("")}  ${agree}`);
}
