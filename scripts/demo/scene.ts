/**
 * One cell of the demo's table: a sender and a receiver, one pattern, and the check that every message arrived.
 *
 * @module
 */

import type { PartyName } from "../../bench/peers/party.ts";
import type { Actor, Cast } from "./cast.ts";
import type { Pattern, Tally } from "./roles.ts";

/** The result of a scene. */
export interface Outcome {
  /** Messages (for REQ/REP: round trips) per second, as the measuring side saw them. */
  readonly rate: number;
  /** Messages that arrived as they should. */
  readonly arrived: number;
  /** The failure; `undefined` if the scene passed. */
  readonly failure?: string;
}

/** Messages sent in each pattern. */
export const COUNTS: Readonly<Record<Pattern, number>> = { "REQ/REP": 2000, "PUB/SUB": 50_000, "PUSH/PULL": 50_000 };

/** Time for one scene, in ms, and for a process to answer after that. */
const LIMIT = 8000;
const ANSWER_LIMIT = 1000;

/** The scene ended before everything had arrived. */
class Unfinished extends Error {
  readonly arrived: number;

  constructor(arrived: number) {
    super(`${arrived} had arrived after ${LIMIT} ms`);
    this.arrived = arrived;
  }
}

/** Lets two parties talk. Never rejects. */
export async function play(cast: Cast, pattern: Pattern, from: PartyName, to: PartyName): Promise<Outcome> {
  const timers: ReturnType<typeof setTimeout>[] = [];
  try {
    const sender = await cast.actor(from, "sender");
    const receiver = await cast.actor(to, "receiver");
    // Asked how far it has come, a process that still lives ends the wait of `tallyOf`.
    timers.push(setTimeout(() => receiver.send({ do: "count" }), LIMIT));
    const silence = new Promise<never>((_, reject) => {
      timers.push(setTimeout(() => reject(new Error("a process does not answer")), LIMIT + ANSWER_LIMIT));
    });
    return await Promise.race([perform(pattern, sender, receiver), silence]);
  } catch (error) {
    // Their state is unknown, and must not affect the next scene.
    cast.dismiss(from, "sender");
    cast.dismiss(to, "receiver");
    const arrived = error instanceof Unfinished ? error.arrived : 0;
    return { rate: 0, arrived, failure: (error as Error).message };
  } finally {
    timers.forEach(clearTimeout);
  }
}

async function perform(pattern: Pattern, sender: Actor, receiver: Actor): Promise<Outcome> {
  const count = COUNTS[pattern];
  const [binder, connector] = pattern === "PUB/SUB" ? [sender, receiver] : [receiver, sender];
  const sideOf = (actor: Actor) => actor === sender ? "sender" : "receiver";
  binder.send({ do: "open", pattern, side: sideOf(binder) });
  const bound = await binder.next();
  if (!("open" in bound)) throw new Error("The socket did not open");
  connector.send({ do: "open", pattern, side: sideOf(connector), endpoint: bound.endpoint! });
  await connector.next();

  for (const actor of [receiver, sender]) actor.send({ do: "run", count });
  const [received, sent] = await Promise.all([tallyOf(receiver, sender), tallyOf(sender, sender)]);
  for (const actor of [sender, receiver]) actor.send({ do: "close" });
  await Promise.all([sender.next(), receiver.next()]);

  const measured = pattern === "REQ/REP" ? sent : received;
  const bad = received.bad + sent.bad;
  const outcome = { rate: (count - 1) * 1000 / measured.elapsed, arrived: Math.min(received.good, measured.good) };
  return bad === 0 ? outcome : { ...outcome, failure: `${bad} messages were not what was sent` };
}

/** Waits until an actor is done, and passes on that a subscriber is connected. */
async function tallyOf(actor: Actor, sender: Actor): Promise<Tally> {
  for (;;) {
    const report = await actor.next();
    if ("synced" in report) sender.send({ do: "go" });
    else if ("done" in report) return report.done;
    else if ("soFar" in report) throw new Unfinished(report.soFar.good);
    else throw new Error(`Unexpected report ${JSON.stringify(report)}`);
  }
}
