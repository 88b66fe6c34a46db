/**
 * Measures once: starts two fresh processes, or one for inproc, one of which reports figures.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerCommand, WorkerReport } from "./attack/worker.ts";
import { type BenchCase, type Figures, nameOf, type Timing, type Variant } from "./case.ts";
import type { Party } from "./parties.ts";
import type { Part, Role } from "./part.ts";
import { Child } from "./peers/child.ts";
import { runLibzmq } from "./peers/libzmq.ts";
import { type PartyName, runMeasured } from "./peers/party.ts";
import { profilerFlags } from "./report/profile.ts";
import type { PlayerReport, WorkerPart } from "./worker.ts";

const WORKER = "bench/worker.ts";
const HOSTILE = "bench/attack/worker.ts";
/** Time limit in addition to the measured time, in ms. */
const TIMEOUT = 60_000;

/** A process that has been started, or that starts when it gets its part. */
interface Player {
  play(part: Part): void;
  next(): Promise<PlayerReport>;
  kill(reason?: string): void;
  end(): Promise<void>;
}

/** The parameters of a measurement. */
export interface Measurement {
  readonly bench: BenchCase;
  readonly variant: Variant;
  readonly party: Party;
  readonly timing: Timing;
  /** Directory for CPU profiles of the processes, if any. */
  readonly profiles?: string | undefined;
}

/** Measures once. */
export async function measure(measurement: Measurement): Promise<Figures> {
  const { bench, variant, party, timing, profiles } = measurement;
  const folder = mkdtempSync(join(tmpdir(), "zmq-bench-"));
  const roles: readonly Role[] = bench.transport === "inproc" ? ["both"] : ["server", "client"];
  const players = roles.map((role) => playerOf(measurement, role));
  const limit = timing.warmup + timing.window + (bench.timeout ?? TIMEOUT);
  let hostile: Child<WorkerCommand, WorkerReport> | undefined;
  const deadline = setTimeout(() => {
    for (const player of players) player.kill(`did not measure within ${limit} ms`);
  }, limit);
  try {
    const part = { caseId: bench.id, variant, timing, folder };
    const [first, client] = players;
    first!.play({ ...part, role: roles[0]! });
    if (client !== undefined) {
      const bound = await first!.next();
      if (!("endpoint" in bound)) throw new Error(`${party.id}: the server did not bind`);
      if (bound.target !== undefined) {
        hostile = new Child("the hostile peer", runMeasured("node", HOSTILE));
        hostile.send({ do: "flood", id: variant.flood, endpoint: bound.target });
        await hostile.next();
      }
      client.play({ ...part, role: "client", endpoint: bound.endpoint });
    }
    const measured = await Promise.race(players.map((player) => player.next()));
    if (!("figures" in measured)) throw new Error(`${party.id}: nobody measured`);
    // If they were killed, they would not write their profiles.
    if (profiles !== undefined) await Promise.all(players.map((player) => player.end()));
    return measured.figures;
  } finally {
    clearTimeout(deadline);
    hostile?.kill();
    for (const player of players) player.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function playerOf({ bench, variant, party, profiles }: Measurement, role: Role): Player {
  const host = role === "client" ? party.client : party.server;
  const name = `${host} (${role})`;
  if (host === "libzmq") return new LibzmqPlayer(name, bench);
  const flags = [
    ...(profiles === undefined ? [] : profilerFlags(profiles, [bench.id, nameOf(bench, variant), party.id, role])),
    ...(bench.gc ? GC_FLAGS[host] : []),
  ];
  return new WorkerPlayer(name, host, flags);
}

const GC_FLAGS: Readonly<Record<PartyName, readonly string[]>> = {
  "deno": ["--v8-flags=--expose-gc"],
  "bun": [],
  "node": ["--expose-gc"],
  "zeromq.js": ["--expose-gc"],
};

/** A program of this directory. It is started immediately, because some runtimes take longer to start. */
class WorkerPlayer implements Player {
  readonly #party: PartyName;
  readonly #child: Child<WorkerPart, PlayerReport>;

  constructor(name: string, party: PartyName, flags: readonly string[]) {
    this.#party = party;
    this.#child = new Child(name, runMeasured(party, WORKER, flags));
  }

  play(part: Part): void {
    this.#child.send({ ...part, party: this.#party });
  }

  next(): Promise<PlayerReport> {
    return this.#child.next();
  }

  kill(reason?: string): void {
    this.#child.kill(reason);
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}

/** The program in C, which gets its part as command-line arguments. */
class LibzmqPlayer implements Player {
  readonly #name: string;
  readonly #bench: BenchCase;
  #child: Child<never, PlayerReport> | undefined;

  constructor(name: string, bench: BenchCase) {
    this.#name = name;
    this.#bench = bench;
  }

  play(part: Part): void {
    this.#child = new Child(this.#name, runLibzmq(this.#bench, part));
  }

  next(): Promise<PlayerReport> {
    return this.#child!.next();
  }

  kill(reason?: string): void {
    this.#child?.kill(reason);
  }

  async end(): Promise<void> {
    await this.#child?.end();
  }
}
