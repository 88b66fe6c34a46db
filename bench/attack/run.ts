/**
 * Runs one attack on one server: three processes, of which this one is the honest peer.
 *
 * @module
 */

import { Child } from "../peers/child.ts";
import { type PartyName, runMeasured } from "../peers/party.ts";
import type { Attack, Harm } from "./attack.ts";
import { HonestPeer } from "./honest_peer.ts";
import type { Bound, WorkerCommand, WorkerReport } from "./worker.ts";

const WORKER = "bench/attack/worker.ts";
/** Time for all but the measuring itself, in ms: a server that is busy with a flood is given time to come back. */
const TIMEOUT = 60_000;

/** Attacks the server for `ms` milliseconds, and returns the figures. */
export async function run(attack: Attack, party: PartyName, ms: number): Promise<Harm> {
  const server = new Child<WorkerCommand, WorkerReport>(`${party} (server)`, runMeasured(party, WORKER));
  const hostile = new Child<WorkerCommand, WorkerReport>("the hostile peer", runMeasured("node", WORKER));
  const limit = setTimeout(() => {
    for (const child of [server, hostile]) child.kill(`did not come to an end within ${TIMEOUT} ms`);
  }, ms + TIMEOUT);
  try {
    server.send({ do: "serve", id: attack.id, party });
    const bound = await server.next() as Bound;
    await using honest = await HonestPeer.connect(bound.honest);
    server.send({ do: "begin" });
    await server.next();
    hostile.send({ do: "flood", id: attack.id, endpoint: bound.target });
    await hostile.next();
    const began = performance.now();
    const asked = await honest.measure(ms);
    const lasted = performance.now() - began;
    hostile.send({ do: "stop" });
    const { operations } = await hostile.next() as { operations: number };
    server.send({ do: "tell" });
    const told = await server.next() as Pick<Harm, "lagP99" | "lagMax" | "peak" | "growth">;
    return { ...asked, ...told, flood: operations * 1000 / lasted };
  } finally {
    clearTimeout(limit);
    server.kill();
    hostile.kill();
  }
}
