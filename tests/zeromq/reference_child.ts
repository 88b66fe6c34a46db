/**
 * Run on Node by `reference_test.ts`: prints the results of all scenarios over zeromq.js itself, one per line.
 *
 * @module
 */

import process from "node:process";
import * as zeromq from "zeromq";
import * as version5 from "zeromq/v5-compat.js";
import { type Api, play, SCENARIOS } from "./scenarios.ts";
import { type Api5, SCENARIOS5 } from "./v5_scenarios.ts";

process.removeAllListeners("warning");
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  console.log(JSON.stringify([name, await play(scenario, zeromq as unknown as Api)]));
}
for (const [name, scenario] of Object.entries(SCENARIOS5)) {
  console.log(JSON.stringify([name, await play(scenario, version5 as unknown as Api5)]));
}
process.exit();
