/**
 * A process of an attack: the server under attack, on any runtime and with either library, or the hostile peer, on Node.
 *
 * @module
 */

import { peakBytes, residentBytes } from "../memory.ts";
import { report, serveCommands } from "../peers/control.ts";
import { loadLibrary, type PartyName } from "../peers/party.ts";
import type { Harm } from "./attack.ts";
import { ATTACKS } from "./cases/mod.ts";
import { LagMeter } from "./lag.ts";
import { answerEverything, bindTarget } from "./targets.ts";

/** A command to a worker. */
export type WorkerCommand =
  | { readonly do: "serve"; readonly id: string; readonly party: PartyName }
  | { readonly do: "begin" }
  | { readonly do: "tell" }
  | { readonly do: "flood"; readonly id: string; readonly endpoint: string }
  | { readonly do: "stop" };

/** Where the server is bound. */
export interface Bound {
  readonly honest: string;
  readonly target: string;
}

/** A worker's answer to a command; `true` where the command has no result. */
export type WorkerReport =
  | Bound
  | Pick<Harm, "lagP99" | "lagMax" | "peak" | "growth">
  | { readonly operations: number }
  | true;

const meter = new LagMeter();
const flood = new AbortController();
let before = 0;
let operations = 0;

function attack(id: string) {
  return ATTACKS.find((one) => one.id === id)!;
}

serveCommands<WorkerCommand>(async (command) => {
  switch (command.do) {
    case "serve": {
      const library = await loadLibrary(command.party);
      const honest = await answerEverything(library);
      const target = await bindTarget(library, attack(command.id).target, honest);
      return report({ honest, target } satisfies Bound);
    }
    case "begin":
      meter.reset();
      before = residentBytes();
      return report(true);
    case "tell": {
      const peak = peakBytes();
      return report({ ...meter.figures(), peak, growth: peak - before });
    }
    case "flood": {
      const { endpoint, id } = command;
      attack(id).flood({ endpoint, signal: flood.signal, count: (some) => operations += some })
        .catch((error: Error) => report({ error: error.stack ?? error.message }));
      return report(true);
    }
    case "stop":
      report({ operations });
      return flood.abort();
  }
});
