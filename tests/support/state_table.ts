/**
 * The table of states and events in the header of a source file, and a walk through all of its cells. Events are its rows and
 * states its columns, or the other way round if its first cell is `State`:
 *
 * - a state: the event leads there.
 * - `-`: the event happens, and changes nothing.
 * - empty: the event cannot happen, because nothing exists in that state that could cause it. The walk plays it nevertheless:
 *   the test looks for the cause (`cause`), and there must be none.
 * - `x`: only a caller that breaks its contract could do that. It is not played; the header says which contract.
 *
 * @module
 */

import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { readFile } from "node:fs/promises";
import { test } from "./harness.ts";

/** One cell that can happen. */
export interface Cell {
  readonly event: string;
  readonly from: string;
  /** The state in which it ends: `from` where the table has a `-`. */
  readonly to: string;
}

/** An event was to be played where nothing could cause it. */
class CannotHappen extends Error {}

/** Returns what causes an event. */
export function cause<T>(found: T | undefined): T {
  if (found === undefined) throw new CannotHappen("Nothing could cause this event");
  return found;
}

/** Goes on only if there is a cause for an event. */
export function requireCause(exists: boolean): void {
  if (!exists) throw new CannotHappen("Nothing could cause this event");
}

/** Reads the table of events and states in the header of a file under `src/`; `table` counts from 0 if there are several. */
export async function stateTable(
  path: string,
  table = 0,
): Promise<{ states: string[]; events: string[]; cells: Cell[]; empty: Omit<Cell, "to">[] }> {
  const source = await readFile(new URL(`../../src/${path}`, import.meta.url), "utf8");
  const header = source.slice(0, source.indexOf("@module"));
  const [lines] = [...header.matchAll(/(?:^ \* \|.*\|\n)+/gm)][table]!;
  const rows = lines.trimEnd().split("\n").map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
  rows.splice(1, 1);
  const turned = rows[0]![0] === "State" ? rows[0]!.map((_, i) => rows.map((row) => row[i]!)) : rows;
  const [[, ...states], ...events] = turned as [string[], ...string[][]];
  const all = events.flatMap(([event, ...next]) =>
    next.map((to, i): Cell => ({ event: event!, from: states[i]!, to: to === "-" ? states[i]! : to }))
  );
  if (/\| +x +\|/.test(header) !== header.includes("`x`")) {
    throw new Error(
      `${path}: the header says which contract an \`x\` of its table would break, and nothing else about it`,
    );
  }
  return {
    states,
    events: events.map(([event]) => event!),
    cells: all.filter(({ to }) => to !== "" && to !== "x"),
    empty: all.filter(({ to }) => to === ""),
  };
}

/** The functions with which a test drives one machine. */
export interface Machine<Rig> {
  /** The file under `src/` whose header has the table. */
  readonly path: string;
  /** The number of the table if the header has several, from 0. */
  readonly table?: number;
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
  const { path, table, make, reach, happen, stateOf, end = () => {} } = machine;
  test(`${name} states: each can be reached, and is distinct`, async () => {
    for (const state of Object.keys(reach)) {
      const rig = await make();
      await reach[state]!(rig);
      assertEquals(await stateOf(rig), state);
      await end(rig);
    }
  });
  test(`${name} states: every cell of the table`, async () => {
    const { states, events, cells } = await stateTable(path, table);
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
  test(`${name} states: an empty cell cannot happen`, async () => {
    for (const { event, from } of (await stateTable(path, table)).empty) {
      const rig = await make();
      await reach[from]!(rig);
      await assertRejects(async () => await happen[event]!(rig, from), CannotHappen, "", `${event} in ${from}`);
      assertEquals(await stateOf(rig), from, `${event} in ${from}`);
      await end(rig);
    }
  });
}
