/**
 * Options as properties of a socket, which can be read and set while it is open.
 *
 * @module
 */

import { optionsOf } from "../engine/settings.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { coreOf, type Socket } from "./socket.ts";

/** The options of a socket as its properties. All except `context` can be set. */
export type Live<Options> = { -readonly [Name in keyof Omit<Options, "context">]-?: Exclude<Options[Name], undefined> };

/** Defines the options of a socket type as properties of its class. */
export function defineOptions(prototype: Socket, definition: SocketDefinition): void {
  for (const name of optionsOf(definition)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: false,
      get(this: Socket): unknown {
        const value = (coreOf(this).settings as unknown as Readonly<Record<string, unknown>>)[name];
        // A copy, so that the user cannot change the bytes that the engine uses.
        return value instanceof Uint8Array ? value.slice() : value;
      },
      set(this: Socket, value: unknown): void {
        coreOf(this).setOption(name, value);
      },
    });
  }
}
