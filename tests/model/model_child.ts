/**
 * Plays sequences of calls on this runtime; started by `npm run model` (`scripts/model.ts`), which explains the arguments.
 *
 * @module
 */

import process from "node:process";
import { playSequences } from "./sequences.ts";

const [seed, runs] = process.argv.slice(2, 4).map(Number) as [number, number];
/** Ends at the first sequence that fails, without making it shorter. */
const quick = process.argv[4] === "quick";

try {
  await playSequences({ seed, runs, host: "tcp://127.0.0.1:0", quick });
  console.log(`Seed ${seed}: ${runs} sequences, none failed`);
} catch (error) {
  console.log(`${error}`);
  console.log(`npm run model -- --seed ${seed} --runs ${runs} repeats this`);
  // Calls that hang keep the process alive.
  process.exit(1);
}
