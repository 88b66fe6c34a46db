/**
 * The processes of the demo: each party twice, so that it can also talk to itself across a process boundary.
 *
 * @module
 */

import { Child } from "../../bench/peers/child.ts";
import { PARTY_NAMES, type PartyName, runSource } from "../../bench/peers/party.ts";
import type { Command, Report } from "./party.ts";

const PROGRAM = "scripts/demo/party.ts";

/** Which of a party's two processes. */
export type Side = "sender" | "receiver";

/** A process of the demo. */
export type Actor = Child<Command, Report>;

/** All processes, by party and side. */
export class Cast {
  readonly #actors = new Map<string, Actor>();

  /** Starts all processes at once, and returns how the parties introduce themselves. */
  async start(): Promise<string[]> {
    const names = PARTY_NAMES.map((party) => {
      const introduced = [this.#enter(party, "sender"), this.#enter(party, "receiver")];
      return Promise.all(introduced).then(([name]) => name!);
    });
    return await Promise.all(names);
  }

  /** Returns a process, started again if it was dismissed. */
  async actor(party: PartyName, side: Side): Promise<Actor> {
    const key = `${party} ${side}`;
    if (!this.#actors.has(key)) await this.#enter(party, side);
    return this.#actors.get(key)!;
  }

  /** Ends a process that no longer answers, or whose state is unknown. */
  dismiss(party: PartyName, side: Side): void {
    const key = `${party} ${side}`;
    this.#actors.get(key)?.kill();
    this.#actors.delete(key);
  }

  async #enter(party: PartyName, side: Side): Promise<string> {
    const key = `${party} ${side}`;
    const actor: Actor = new Child(key, runSource(party, PROGRAM));
    this.#actors.set(key, actor);
    actor.send({ do: "introduce", party });
    const report = await actor.next();
    if (!("name" in report)) throw new Error(`${key} did not introduce itself`);
    return report.name;
  }
}
