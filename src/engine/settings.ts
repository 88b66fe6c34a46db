/**
 * The options of one socket with their values. The engine and the patterns read them where they use them, so that a change
 * applies. Options are defined in `options/`, those of one pattern beside it; see `src/base/option.ts`.
 *
 * @module
 */

import { isOptions, listOf } from "../base/checks.ts";
import type { Option, OptionGroup, Values } from "../base/option.ts";
import { peerText } from "../base/peer_text.ts";
import { typeName } from "../base/type_name.ts";
import { CONFLATE, type ConflateOptions } from "./options/conflate.ts";
import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "./options/receive.ts";
import { ROUTING_ID, type RoutingIdOptions } from "./options/routing_id.ts";
import { SEND, type SendOptions } from "./options/send.ts";
import { SOCKET, type SocketOptions } from "./options/socket.ts";
import { type ThreadOptions, THREADS } from "./options/threads.ts";

/** Options that the engine reads. */
type EngineOptions =
  & SocketOptions
  & SendOptions
  & ReceiveOptions
  & ZeroCopyOptions
  & RoutingIdOptions
  & ConflateOptions
  & ThreadOptions;

/** The options that the engine reads, with their values. Those that a socket type does not have keep their defaults. */
export interface Settings extends Values<EngineOptions> {}

const ENGINE_OPTIONS: OptionGroup<EngineOptions> = {
  ...SOCKET,
  ...SEND,
  ...RECEIVE,
  ...ZERO_COPY,
  ...ROUTING_ID,
  ...CONFLATE,
  ...THREADS,
};

/** All defaults. */
export const DEFAULTS: Readonly<Settings> = Object.freeze(initial(ENGINE_OPTIONS));

/** The part of a socket type that defines its options. */
interface HasOptions<Options extends object> {
  readonly name: string;
  readonly options: OptionGroup<Options>;
}

/**
 * Checks the options of a new socket and fills in the defaults. `undefined` means the default.
 *
 * @throws {TypeError} For a value of the wrong type, or an option that this socket type does not have.
 * @throws {RangeError} For a value that is out of range.
 */
export function newSettings<Options extends object>(
  definition: HasOptions<Options>,
  options: object,
): Settings & Values<Options> {
  if (!isOptions(options)) {
    throw new TypeError(`Options must be an object, such as { linger: 0 }, not ${typeName(options)}`);
  }
  const settings = { ...DEFAULTS, ...initial(definition.options) };
  for (const [name, value] of Object.entries(options)) {
    if (name !== "context" && (value !== undefined || optionOf(definition, name) === undefined)) {
      change(settings, definition, name, value);
    }
  }
  return settings;
}

/**
 * Sets an option.
 *
 * @throws {TypeError} For a value of the wrong type, or an option that this socket type does not have.
 * @throws {RangeError} For a value that is out of range.
 */
export function change(settings: Settings, definition: HasOptions<object>, name: string, value: unknown): void {
  const option = optionOf(definition, name);
  if (option === undefined) {
    const list = listOf(optionsOf(definition), name);
    throw new TypeError(`A ${definition.name} socket has no option ${peerText(name)}; ${list}`);
  }
  const checked = option.check(name, value);
  const values = settings as unknown as Record<string, unknown>;
  // The default of a secret is null, so that no other socket has its bytes.
  if (option.secret === true) wipe(values[name]);
  values[name] = checked;
}

/** Wipes secrets: the socket is closed. */
export function forgetSecrets(settings: Settings, definition: HasOptions<object>): void {
  const values = settings as unknown as Record<string, unknown>;
  for (const name of optionsOf(definition)) {
    const { secret, initial } = optionOf(definition, name)!;
    if (secret !== true) continue;
    wipe(values[name]);
    values[name] = initial;
  }
}

/** The names of the options of a socket type; `context` is not among them, because it cannot be changed. */
export function optionsOf({ options }: HasOptions<object>): string[] {
  return Object.keys(options);
}

/** An option of a socket type, by its name; `undefined` if it has none of that name. */
export function optionOf({ options }: HasOptions<object>, name: string): Option<unknown> | undefined {
  // Own names only, not inherited ones such as `toString`.
  return Object.prototype.hasOwnProperty.call(options, name)
    ? (options as Readonly<Record<string, Option<unknown>>>)[name]
    : undefined;
}

function initial<Options extends object>(options: OptionGroup<Options>): Values<Options> {
  const entries = Object.entries<Option<unknown>>(options).map(([name, option]) => [name, option.initial]);
  return Object.fromEntries(entries) as Values<Options>;
}

function wipe(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0);
}
