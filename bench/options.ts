/**
 * Parses the options of `npm run bench --`.
 *
 * @module
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BenchCase, Timing } from "./case.ts";
import { CASES } from "./cases/mod.ts";
import { IN_PROCESS } from "./in_process/measure.ts";
import { PARTIES, type Party, PEERS, RUNTIMES, takesPart } from "./parties.ts";
import type { PartyName } from "./peers/party.ts";

const FULL: Timing = { warmup: 300, window: 600, scale: 1 };
const QUICK: Timing = { warmup: 100, window: 150, scale: 0.05 };
const ROUNDS = 5;

/** The parsed options. */
export interface Selection {
  readonly cases: readonly BenchCase[];
  readonly inProcess: boolean;
  readonly runtimes: readonly PartyName[];
  readonly parties: readonly Party[];
  readonly rounds: number;
  readonly timing: Timing;
  readonly quick: boolean;
  /** Directory for CPU profiles, whose tables are printed. Profiling lowers the figures. */
  readonly profiles: string | undefined;
  /** File to save the run to. */
  readonly save: string | undefined;
  /** Saved run to compare with. */
  readonly compare: string | undefined;
  /** Saved run to report, instead of measuring. */
  readonly load: string | undefined;
  /** Directory for charts. */
  readonly charts: string | undefined;
  /** True to update tables and charts in the documentation. */
  readonly docs: boolean;
}

/** Parses the arguments. */
export function parseSelection(args: readonly string[]): Selection {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      runtime: { type: "string", multiple: true, default: [] },
      case: { type: "string", multiple: true, default: [] },
      alone: { type: "boolean", default: false },
      profile: { type: "string" },
      save: { type: "string" },
      compare: { type: "string" },
      load: { type: "string" },
      charts: { type: "string" },
      docs: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`Cannot use --rounds ${values.rounds}`);
  requireKnown("--runtime", values.runtime, RUNTIMES);
  requireKnown("--case", values.case, [...CASES.map(({ id }) => id), IN_PROCESS]);
  const wants = (wanted: readonly string[], name: string) => wanted.length === 0 || wanted.includes(name);
  const runtimes = RUNTIMES.filter((runtime) => wants(values.runtime, runtime));
  const left = values.alone ? PEERS : [];
  const path = (value: string | undefined) => value === undefined ? undefined : resolve(value);
  return {
    cases: CASES.filter(({ id }) => wants(values.case, id)),
    inProcess: wants(values.case, IN_PROCESS),
    runtimes,
    parties: PARTIES.filter((party) =>
      (party.kind === "peer" || runtimes.some((runtime) => takesPart(party, runtime))) &&
      !left.some((peer) => takesPart(party, peer.server))
    ),
    rounds,
    timing: values.quick ? QUICK : FULL,
    quick: values.quick,
    profiles: path(values.profile),
    save: path(values.save),
    compare: path(values.compare),
    load: path(values.load),
    charts: path(values.charts),
    docs: values.docs,
  };
}

function requireKnown(flag: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`Cannot use ${flag} ${unknown}: choose among ${known.join(", ")}`);
}
