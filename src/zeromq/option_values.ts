/**
 * The values of the options of one socket, by their numbers in zmq.h, with the checks and conversions of zeromq.js.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import { encodeZ85, type Socket as NativeSocket } from "../../mod.ts";
import { errnoError } from "./errors.ts";
import type { OptionEntry, OptionKind, OptionValue } from "./option_table.ts";
import type { Security } from "./security.ts";

const SAFE = Number.MAX_SAFE_INTEGER;
/** Options that have one size in libzmq, so that they can be read as each other. */
const SIZES: Readonly<Record<OptionKind, number>> = { Bool: 4, Int32: 4, Uint32: 4, Int64: 8, Uint64: 8, String: 0 };
const [FIRST_KEY, LAST_KEY, KEY_SIZE] = [48, 50, 32];
/** Not rejected silently where this library is stricter than libzmq. */
const STRICT: ReadonlySet<string> = new Set(["routingId"]);

/** Emits a warning of the process. */
export function warn(text: string): void {
  process.emitWarning(text);
}

/** @throws {TypeError} If the value has another type than the option. */
function converted(kind: OptionKind, value: unknown): OptionValue {
  if (kind === "Bool") {
    if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean");
    return value;
  }
  if (kind === "String") {
    if (value === null || typeof value === "string") return value;
    if (ArrayBuffer.isView(value)) {
      return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).toString();
    }
    throw new TypeError("Option value must be a string or buffer");
  }
  if (typeof value !== "number") throw new TypeError("Option value must be a number");
  if (kind === "Int32") return value | 0;
  if (kind === "Uint32") return value >>> 0;
  if (Number.isNaN(value)) return 0;
  if (kind === "Int64") return Math.trunc(value);
  if (value > SAFE) warn("Value is larger than Number.MAX_SAFE_INTEGER and may have been rounded inaccurately.");
  return Math.max(0, Math.trunc(value));
}

/** A CURVE key as bytes. */
function isRawKey(id: number, value: unknown): value is Uint8Array {
  return id >= FIRST_KEY && id <= LAST_KEY && value instanceof Uint8Array && value.length === KEY_SIZE;
}

/** @throws {TypeError} If the number of an option is not a number. */
export function requireId(id: unknown): asserts id is number {
  if (typeof id !== "number") throw new TypeError("Identifier must be a number");
}

/** The values of the options of one socket. */
export class OptionValues {
  readonly #core: NativeSocket;
  readonly #entries: ReadonlyMap<number, OptionEntry>;
  readonly #values = new Map<number, OptionValue>();
  readonly #security: Security;

  constructor(core: NativeSocket, entries: ReadonlyMap<number, OptionEntry>, security: Security) {
    this.#core = core;
    this.#entries = entries;
    this.#security = security;
  }

  /** @throws {ErrnoError} `EINVAL` if there is no such option of this size. */
  get(id: number, kind: OptionKind): OptionValue {
    const entry = this.#entries.get(id);
    if (entry === undefined || SIZES[entry.kind] !== SIZES[kind]) throw errnoError("EINVAL");
    const value = this.#security.get(id) ?? this.#values.get(id) ?? entry.initial;
    if (kind === "Bool") return Number(value) !== 0;
    return typeof value === "boolean" ? Number(value) : value;
  }

  /** @throws {ErrnoError} `EINVAL` if there is no such option of this size, or the value is not permitted. */
  set(id: number, kind: OptionKind, given: unknown): void {
    const input = converted(kind, isRawKey(id, given) ? encodeZ85(given) : given);
    const entry = this.#entries.get(id);
    if (entry === undefined || SIZES[entry.kind] !== SIZES[kind]) throw errnoError("EINVAL");
    const value = entry.check(entry.kind === "Bool" ? Number(input) !== 0 : input);
    if (value === undefined) throw errnoError("EINVAL");
    if (this.#security.set(id, value)) return;
    if (entry.stored !== true) this.#forward(entry, ArrayBuffer.isView(given) ? given : value);
    this.#values.set(id, value);
  }

  /** Sets the option of the same name of this library, where it permits the value. */
  #forward({ name }: OptionEntry, value: unknown): void {
    // libzmq has no limit below −1, and no text is the same as null to it.
    const native = name === "maxMessageSize" ? Math.max(-1, value as number) : value;
    try {
      (this.#core as unknown as Record<string, unknown>)[name] = native;
    } catch {
      if (STRICT.has(name)) throw errnoError("EINVAL");
    }
  }
}
