/**
 * Parses the options of `npm run attack --`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { PARTY_NAMES, type PartyName } from "../peers/party.ts";
import type { Attack } from "./attack.ts";
import { ATTACKS } from "./cases/mod.ts";

const SECONDS = 2;
const QUICK_SECONDS = 0.5;

/** The selected attacks and parties. */
export interface Selection {
  readonly attacks: readonly Attack[];
  /** This library on each chosen runtime, and libzmq beside it. */
  readonly parties: readonly PartyName[];
  /** The duration of each flood. */
  readonly ms: number;
  /** Prints JSON instead of a table. */
  readonly json: boolean;
}

/** Reads the arguments. */
export function parseSelection(args: readonly string[]): Selection {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", multiple: true, default: [] },
      runtime: { type: "string", multiple: true, default: [] },
      alone: { type: "boolean", default: false },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const seconds = Number(values.seconds ?? (values.quick ? QUICK_SECONDS : SECONDS));
  if (!(seconds > 0 && seconds <= 600)) throw new RangeError(`Cannot use --seconds ${values.seconds}: 0 to 600`);
  const runtimes = PARTY_NAMES.filter((name) => name !== "zeromq.js");
  const cases = chosen("--case", values.case, ATTACKS.map(({ id }) => id));
  const parties: readonly string[] = chosen("--runtime", values.runtime.filter((name) => name !== "all"), runtimes);
  return {
    attacks: ATTACKS.filter(({ id }) => cases.includes(id)),
    parties: PARTY_NAMES.filter((name) => name === "zeromq.js" ? !values.alone : parties.includes(name)),
    ms: 1000 * seconds,
    json: values.json,
  };
}

/** Those that were asked for, or all. */
function chosen(flag: string, given: readonly string[], known: readonly string[]): readonly string[] {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`Cannot use ${flag} ${unknown}: choose among ${known.join(", ")}`);
  return given.length === 0 ? known : given;
}
