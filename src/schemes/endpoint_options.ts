/**
 * Options that a scheme brings for `connect` and `bind` of its endpoints: their types, their definitions and their check.
 *
 * @module
 */

import { isOptions, listOf } from "../base/checks.ts";
import { peerText } from "../base/peer_text.ts";
import { typeName } from "../base/type_name.ts";
import type { EndpointUse } from "./endpoint_error.ts";
import type {
  SecureWebSocketBindOptions,
  SecureWebSocketConnectOptions,
  WebSocketBindOptions,
  WebSocketConnectOptions,
} from "./websocket_options.ts";

/**
 * The types of the options that schemes bring, by scheme. The author of a scheme adds its options by declaration merging,
 * `declare module "@monocoque/zmq/transport" { interface SchemeOptions { serial: { connect: SerialConnectOptions } } }`;
 * `connect` and `bind` of every socket then accept them.
 *
 * @example
 * ```ts
 * import { type EndpointOptionGroup, registerScheme } from "@monocoque/zmq/transport";
 *
 * interface SerialConnectOptions {
 *   readonly baudRate?: number;
 * }
 *
 * const CONNECT: EndpointOptionGroup<SerialConnectOptions> = {
 *   baudRate: {
 *     initial: 115_200,
 *     check(name, value) {
 *       if (typeof value === "number" && value > 0) return value;
 *       throw new RangeError(`${name} must be a positive number`);
 *     },
 *   },
 * };
 * registerScheme({ scheme: "serial", carrier: "bytes", connectOptions: CONNECT });
 * // socket.connect("serial:///dev/ttyS0", { baudRate: 9600 });
 * ```
 */
export interface SchemeOptions {
  /** Options of `ws://` endpoints. */
  readonly ws: { readonly connect: WebSocketConnectOptions; readonly bind: WebSocketBindOptions };
  /** Options of `wss://` endpoints. */
  readonly wss: { readonly connect: SecureWebSocketConnectOptions; readonly bind: SecureWebSocketBindOptions };
}

/** The options of endpoints whose scheme brings none. */
export interface NoEndpointOptions {
  /** No option has this name. Without it, the type would accept every object. */
  readonly noOptions?: never;
}

/** The options of `connect` or `bind` that the schemes bring. Which of them an endpoint has depends on its scheme. */
export type EndpointOptions<Use extends EndpointUse> =
  | NoEndpointOptions
  | {
    [Scheme in keyof SchemeOptions]: SchemeOptions[Scheme] extends { readonly [Name in Use]: infer Options } ? Options
      : never;
  }[keyof SchemeOptions];

/** The definition of an option of a scheme. */
export interface EndpointOption<T> {
  /** Checks a value from the user, and returns it in the library's own form. */
  readonly check: (name: string, value: unknown) => T;
  /** The default. */
  readonly initial: T;
}

/** The values of the options of an interface: complete, and bytes where an option takes bytes or text. */
export type EndpointOptionValues<Options> = {
  readonly [Name in keyof Options]-?: Uint8Array extends Options[Name] ? Exclude<Options[Name], string | undefined>
    : Exclude<Options[Name], undefined>;
};

/** The definitions of all options of an interface. */
export type EndpointOptionGroup<Options> = {
  readonly [Name in keyof Options]-?: EndpointOption<EndpointOptionValues<Options>[Name]>;
};

/** The definitions of the options of a scheme, by name. */
export type EndpointOptionList = Readonly<Record<string, EndpointOption<unknown>>>;

/**
 * Checks the options of `connect` or `bind`, and fills in the defaults. `undefined` means the default.
 *
 * @param options The definitions of the scheme.
 * @param own Names of further options, which the caller checks.
 * @returns The values; `undefined` if the scheme brings no options.
 * @throws {TypeError} For an option that the scheme does not have; else what the check of an option throws.
 */
export function checkEndpointOptions(
  scheme: string,
  use: EndpointUse,
  options: EndpointOptionList | undefined,
  given: object = {},
  own: readonly string[] = [],
): Readonly<Record<string, unknown>> | undefined {
  if (!isOptions(given)) throw new TypeError(`The options of ${use} must be an object, not ${typeName(given)}`);
  const names = [...own, ...Object.keys(options ?? {})];
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const list = listOf(names, name);
    throw new TypeError(`${use} has no option ${peerText(name)} for ${scheme}:// endpoints; ${list}`);
  }
  if (options === undefined) return undefined;
  const values = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(options).map(([name, { check, initial }]) => {
      const value = values[name];
      return [name, value === undefined ? initial : check(name, value)];
    }),
  );
}
