/**
 * The corpus: inputs that are kept in `corpus/TARGET.txt`, one per line in hex. Those after `# failed` once failed.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { toHex } from "./target.ts";

const FOLDER = new URL("./corpus/", import.meta.url);

function fileOf(target: string): URL {
  return new URL(`${target}.txt`, FOLDER);
}

/** Reads the kept inputs of a target. */
export function readCorpus(target: string): Uint8Array[] {
  const file = fileOf(target);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(fromHex);
}

/** Adds inputs to the kept ones of a target. */
export function addToCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const file = fileOf(target);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const lines = inputs.map((input) => `${toHex(input) || "empty"}\n`);
  writeFileSync(file, before + lines.join(""));
}

/** Returns the targets that have a corpus. */
export function corpora(): string[] {
  return readdirSync(FOLDER).map((name) => name.replace(/\.txt$/, ""));
}

/** Reads an input in hex; `empty` is the empty one. */
export function fromHex(text: string): Uint8Array {
  if (text === "empty") return new Uint8Array(0);
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) throw new TypeError(`An input is bytes in hex, or "empty", not ${text}`);
  return Uint8Array.from(text.match(/../g)!, (byte) => Number.parseInt(byte, 16));
}
