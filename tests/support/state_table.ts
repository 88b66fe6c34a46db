/**
 * The table of states and events in the header of a source file, and a walk through all of its cells: each transition, and
 * each event that must change nothing.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { readFile } from "node:fs/promises";
import { test } from "./harness.ts";

/** One cell that can happen. */
export interface Cell {
  readonly event: string;
  readonly from: string;
  /** The state in which it ends: `from` where the table has a `-`. */
  readonly to: string;
}

/** Reads the table of events, by row, and states, by column, in the header of a file under `src/`. */
export async function stateTable(
  path: string,
): Promise<{ readonly states: string[]; readonly events: string[]; readonly cells: Cell[] }> {
  const source = await readFile(new URL(`../../src/${path}`, import.meta.url), "utf8");
  const header = source.slice(0, source.indexOf("@module"));
  const rows = [...header.matchAll(/^ \* \|(.*)\|$/gm)].map(([, row]) => row!.split("|").map((cell) => cell.trim()));
  const [[, ...states], , ...events] = rows as [string[], string[], ...string[][]];
  const cells = events.flatMap(([event, ...next]) =>
    next.map((to, i): Cell => ({ event: event!, from: states[i]!, to: to === "-" ? states[i]! : to }))
      .filter(({ to }) => to !== "")
  );
  return { states, events: events.map(([event]) => event!), cells };
}

/** The functions with which a test drives one machine. */
export interface Machine<Rig> {
  /** The file under `src/` whose header has the table. */
  readonly path: string;
  /** A machine in its first state, with all around it. */
  readonly make: () => Rig | Promise<Rig>;
  /** The steps from the start to each state. */
  readonly reach: Readonly<Record<string, (rig: Rig) => unknown>>;
  /** The function that causes each event. */
  readonly happen: Readonly<Record<string, (rig: Rig, from: string) => unknown>>;
  /** The state, by what can be seen of it. May change the machine: it is not used afterwards. */
  readonly stateOf: (rig: Rig) => string | Promise<string>;
  /** Cleans up. */
  readonly end?: (rig: Rig) => unknown;
}

/** Tests that the states can be distinguished, and every cell of the table. */
export function walkStates<Rig>(name: string, machine: Machine<Rig>): void {
  const { path, make, reach, happen, stateOf, end = () => {} } = machine;
  test(`${name} states: each can be reached, and is distinct`, async () => {
    for (const state of Object.keys(reach)) {
      const rig = await make();
      await reach[state]!(rig);
      assertEquals(await stateOf(rig), state);
      await end(rig);
    }
  });
  test(`${name} states: every cell of the table`, async () => {
    const { states, events, cells } = await stateTable(path);
    assertEquals(states, Object.keys(reach));
    assertEquals(events, Object.keys(happen));
    assertGreater(cells.length, events.length - 1);
    for (const { event, from, to } of cells) {
      const rig = await make();
      await reach[from]!(rig);
      await happen[event]!(rig, from);
      assertEquals(await stateOf(rig), to, `${event} in ${from}`);
      await end(rig);
    }
  });
}
