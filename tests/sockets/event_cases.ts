/**
 * Building blocks of the cases of `events_table_test.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ZmqError } from "../../mod.ts";
import type { EventOf, EventType } from "./support.ts";

/** Provokes an event, checks its members, and returns it. */
export interface Case<T extends EventType> {
  readonly how: string;
  readonly provoke: () => Promise<EventOf<T>>;
}

/** At least one way to see each of these events. */
export type Table<Types extends EventType> = { readonly [T in Types]: readonly [Case<T>, ...Case<T>[]] };

/** Fails unless these are the members of the event besides its type; errors are compared by their codes. */
export function assertTells<T extends EventType>(event: EventOf<T>, members: Record<string, unknown>): EventOf<T> {
  const { type: _type, ...told } = event;
  const shown = Object.entries(told).map(([name, value]) => [name, value instanceof ZmqError ? value.code : value]);
  assertEquals(Object.fromEntries(shown), members);
  return event;
}
