/**
 * One measurement: two fresh processes, one of which reports figures.
 *
 * @module
 */

import type { BenchCase, Figures, Timing, Variant } from "./case.ts";
import { Child } from "./peers/child.ts";
import { type PartyName, runMeasured } from "./peers/party.ts";
import { profilerFlags } from "./profile.ts";
import type { Part, WorkerReport } from "./worker.ts";

const WORKER = "bench/worker.ts";
/** Time for all but the measuring itself, in ms. */
const PATIENCE = 20_000;

/** Runs one variant of a benchmark on one party. Profiles of both processes go to the folder `profiles`, if there is one. */
export async function measure(
  bench: BenchCase,
  variant: Variant,
  party: PartyName,
  timing: Timing,
  profiles?: string,
): Promise<Figures> {
  const start = (role: "server" | "client") => {
    const flags = profiles === undefined ? [] : profilerFlags(profiles, [bench.id, variant.name, party, role]);
    return new Child<Part, WorkerReport>(`${party} (${role})`, runMeasured(party, WORKER, flags));
  };
  const server = start("server");
  const client = start("client");
  const limit = timing.warmup + timing.window + PATIENCE;
  const deadline = setTimeout(() => {
    server.kill(`did not measure within ${limit} ms`);
    client.kill(`did not measure within ${limit} ms`);
  }, limit);
  try {
    const part: Part = { party, caseId: bench.id, variant, ...timing };
    server.send(part);
    const bound = await server.next();
    if (!("endpoint" in bound)) throw new Error(`${party}: the server did not bind`);
    client.send({ ...part, endpoint: bound.endpoint });
    const measured = await Promise.race([server.next(), client.next()]);
    if (!("figures" in measured)) throw new Error(`${party}: nobody measured`);
    // Killed, they would not write their profiles.
    if (profiles !== undefined) await Promise.all([server.end(), client.end()]);
    return measured.figures;
  } finally {
    clearTimeout(deadline);
    server.kill();
    client.kill();
  }
}
