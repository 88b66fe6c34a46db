/**
 * Random sequences of calls against the model of what sockets promise, with seeds that are always the same. `npm run
 * model` plays more.
 *
 * @module
 */

import { test } from "../support/harness.ts";
import { ANY } from "../sockets/support.ts";
import { playSequences } from "./sequences.ts";

const SEED = 1;
const RUNS = 40;

test(
  "random sequences of bind, connect, send, receive, abort, unbind, disconnect and close keep their promises",
  async () => {
    try {
      await playSequences({ seed: SEED, runs: RUNS, host: ANY });
    } catch (error) {
      throw new Error(`npm run model -- --seed ${SEED} --runs ${RUNS} repeats this: ${error}`);
    }
  },
  { timeout: 120_000 },
);
