/**
 * Run on Node by `reference_test.ts`: prints the results of all scenarios over zeromq.js itself, one per line.
 *
 * @module
 */

import process from "node:process";
import * as zeromq from "zeromq";
import { type Api, play, SCENARIOS } from "./scenarios.ts";

process.removeAllListeners("warning");
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  console.log(JSON.stringify([name, await play(scenario, zeromq as unknown as Api)]));
}
process.exit();
