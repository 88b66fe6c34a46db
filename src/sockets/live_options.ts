/**
 * Options as properties: what a socket was made with can be read, and set while it lives.
 *
 * @module
 */

import { optionsOf } from "../engine/settings.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { coreOf, type Socket } from "./socket.ts";

/** The options of a socket as its properties. All but `context` can be set. */
export type Live<Options> = { -readonly [Name in keyof Omit<Options, "context">]-?: Exclude<Options[Name], undefined> };

/** Gives a socket class the options of its type as properties. */
export function defineOptions(prototype: Socket, definition: SocketDefinition): void {
  for (const name of optionsOf(definition)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: false,
      get(this: Socket): unknown {
        const value = (coreOf(this).settings as unknown as Readonly<Record<string, unknown>>)[name];
        // A copy: the bytes that the engine uses are nobody else's.
        return value instanceof Uint8Array ? value.slice() : value;
      },
      set(this: Socket, value: unknown): void {
        coreOf(this).setOption(name, value);
      },
    });
  }
}
