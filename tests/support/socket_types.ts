/**
 * The socket types of the public list by their names, with their options: for tests that name a type.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import * as core from "../../core.ts";
import type { Option, Values } from "../../src/base/option.ts";
import { newSettings, type Settings } from "../../src/engine/settings.ts";
import * as settings from "../../src/engine/settings.ts";
import type { SocketDefinition } from "../../src/engine/socket_definition.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { ownMetadata as encodeOwn } from "../../src/zmtp/peer_info.ts";
import type { ZmtpSocketType } from "../../src/zmtp/socket_type.ts";
import * as wire from "../../src/zmtp/socket_type.ts";

export type { SocketType } from "../../core.ts";

/** Every option of every type, in the library's own form. */
export type AllSettings =
  & Omit<Settings, "notify">
  & Omit<
    Values<
      & core.RequestOptions
      & core.PublisherOptions
      & core.XPublisherOptions
      & core.XSubscriberOptions
      & Omit<core.RouterOptions, "notify">
    >,
    keyof Settings
  >
  & { notify: "connect" | "disconnect" | "both" | boolean | null }
  // Options that no runtime supports are not in the types.
  & Record<"tcpKeepaliveCount" | "tcpKeepaliveInterval" | "tcpMaxRetransmitTimeout", number>
  & Record<"sendBufferSize" | "receiveBufferSize", number>
  & { interface: null };
/** The name of an option. */
export type OptionName = keyof AllSettings;

type SocketClass = (new (options?: object) => core.Socket) & { readonly prototype: core.Socket };

/** The classes that can be made, by type: whatever `core.ts` exports. */
const CLASSES: Readonly<Record<core.SocketType, SocketClass>> = classes();
/** All socket types. */
export const TYPES = Object.keys(CLASSES) as readonly core.SocketType[];

/** The definition of a type, by its name. */
export const definitionOf: (name: string) => SocketDefinition = (name) => DEFINITIONS.get(name as core.SocketType)!;

const DEFINITIONS = new Map(TYPES.map((type) => [type, definitionOfSocket(new CLASSES[type]())]));

function classes(): Record<core.SocketType, SocketClass> {
  const found = Object.values(core).filter((value) =>
    typeof value === "function" && value.prototype instanceof core.Socket && Object.hasOwn(value.prototype, "linger")
  ) as unknown as SocketClass[];
  return Object.fromEntries(found.map((one) => [nameOf(one), one])) as Record<core.SocketType, SocketClass>;
}

function nameOf(one: SocketClass): string {
  return definitionOfSocket(new one()).name;
}

function definitionOfSocket(socket: core.Socket): SocketDefinition {
  void socket.close();
  return coreOf(socket).definition;
}

/** Returns a type as ZMTP knows it; an unknown name is a type without partners. */
export function wireType(name: string): ZmtpSocketType {
  return definitionOf(name) ?? { name, partners: [] };
}

/** As `newSettings` of the engine. */
export function settle(type: string, options: object): AllSettings {
  return newSettings(definitionOf(type), options) as unknown as AllSettings;
}

/** As `change` of the engine. */
export function change(values: AllSettings, type: string, name: string, value: unknown): void {
  settings.change(values as unknown as Settings, definitionOf(type), name, value);
}

/** As `forgetSecrets` of the engine. */
export function forgetSecrets(values: AllSettings, type: string): void {
  settings.forgetSecrets(values as unknown as Settings, definitionOf(type));
}

/** As `optionsOf` of the engine. */
export function optionsOf(type: string): OptionName[] {
  return settings.optionsOf(definitionOf(type)) as OptionName[];
}

/** The definition of an option of a type. */
export function optionOf(type: string, name: string): Option<unknown> | undefined {
  return settings.optionOf(definitionOf(type), name);
}

/** As `ownMetadata` of `peer_info.ts`. */
export function ownMetadata(type: string, identity: Uint8Array, more?: Readonly<Record<string, string>>): Uint8Array {
  return encodeOwn(wireType(type), identity, more);
}

/** Returns whether two types may talk to each other. */
export function compatible(ours: string, theirs: string): boolean {
  return wire.compatible(wireType(ours), theirs);
}

/** Creates the error of a call that waited too long. */
export function late(limit: string): ZmqError {
  return new ZmqError("EAGAIN", `The test waited ${limit}`);
}
