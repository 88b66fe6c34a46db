/**
 * One process of the demo: plays the parts that it gets, on the runtime on which it was started.
 *
 * @module
 */

import process from "node:process";
import { report, serveCommands } from "../../bench/peers/control.ts";
import type { Library } from "../../bench/peers/library.ts";
import { loadLibrary, type PartyName } from "../../bench/peers/party.ts";
import { type Pattern, receiver, type Role, sender, type Tally } from "./roles.ts";

/** A command to a process. */
export type Command =
  | { readonly do: "introduce"; readonly party: PartyName }
  /** Makes a socket and binds it, or connects it to `endpoint`. */
  | { readonly do: "open"; readonly pattern: Pattern; readonly side: "sender" | "receiver"; readonly endpoint?: string }
  | { readonly do: "run"; readonly count: number }
  /** The receiver is connected. */
  | { readonly do: "go" }
  /** Asks how far the run has come. */
  | { readonly do: "count" }
  | { readonly do: "close" };

/** A report of a process. */
export type Report =
  | { readonly name: string }
  | { readonly open: true; readonly endpoint?: string }
  | { readonly synced: true }
  | { readonly done: Tally }
  | { readonly soFar: Tally }
  | { readonly closed: true };

let library: Library;
let role: Role;
let tally: Tally;
let go: () => void;

serveCommands<Command>(async (command) => {
  switch (command.do) {
    case "introduce":
      library = await loadLibrary(command.party);
      return tell({ name: introduce(command.party) });
    case "open": {
      const { pattern, side, endpoint } = command;
      role = side === "sender" ? sender(pattern, library) : receiver(pattern, library);
      if (role.binds) return tell({ open: true, endpoint: await library.bind(role.socket) });
      role.socket.connect(endpoint!);
      return tell({ open: true });
    }
    case "run": {
      tally = { good: 0, bad: 0, elapsed: 0 };
      const gone = new Promise<void>((resolve) => go = resolve);
      await role.run({ library, count: command.count, tally, go: gone, synced: () => tell({ synced: true }) });
      return tell({ done: tally });
    }
    case "go":
      return go();
    case "count":
      return tell({ soFar: tally });
    case "close":
      await role.socket.close();
      return tell({ closed: true });
  }
});

function tell(value: Report): void {
  report(value);
}

function introduce(party: PartyName): string {
  const { deno, bun, node } = process.versions as Record<string, string | undefined>;
  const runtime = deno !== undefined ? `Deno ${deno}` : bun !== undefined ? `Bun ${bun}` : `Node ${node}`;
  return party === "zeromq.js" ? `${library.name} (zeromq.js on ${runtime})` : runtime;
}
