/**
 * The checks at the end of a scenario. `docs/testing.md` lists all invariants by name, with the promises that
 * they stand for.
 *
 * @module
 */

import type { Actor } from "./actor.ts";
import type { End } from "./end.ts";
import type { Ledger, Sent } from "./ledger.ts";
import type { Network } from "./network.ts";
import { type Plan, sendsByItself, TOPICS } from "./plan.ts";
import type { Process, World } from "./world.ts";

/** A scenario, as its checks see it. */
export interface Scene {
  readonly plan: Plan;
  readonly world: World;
  readonly ledger: Ledger;
  readonly network: Network;
  readonly contexts: ReadonlyMap<Process, { readonly sockets: number }>;
  /** The members that each is connected to. */
  readonly places: readonly { readonly peers: ReadonlySet<number> }[];
  /** All that ever took part, and those that do now. */
  readonly actors: readonly Actor[];
  readonly living: readonly Actor[];
}

/** Virtual time for a last message, in ms. */
const LAST = 100_000;
const PUBLISHERS = ["PUB", "XPUB"];
const SUBSCRIBERS = ["SUB", "XSUB"];

/** Everything works again: what is sent now arrives. */
export async function checkFinals(scenario: Scene): Promise<void> {
  const { world, living, ledger } = scenario;
  world.trace.add("scenario", "last messages");
  const conflates = living.some(({ member, socket }) =>
    (socket as unknown as { conflate?: boolean }).conflate === true || member.options.conflate === true
  );
  for (const actor of living) {
    if (world.violation !== undefined) return;
    if (!sendsByItself(actor.member)) continue;
    if (PUBLISHERS.includes(actor.member.type)) await checkSubscriptions(scenario, actor, conflates);
    else {
      if (actor.member.type === "REQ" && actor.asking) continue;
      const first = ledger.count(actor.name);
      world.after(0, () => actor.send(2, 5, "each"), actor.process);
      const last = () => [first, first + 1].map((seq) => ledger.messages.get(`${actor.name}:${seq}`));
      const arrived = () => last().every((one) => one !== undefined && one.to.length > 0);
      await world.run(arrived, world.now + LAST);
      if (world.violation !== undefined || arrived() || conflates) continue;
      // A ROUTER may have sent to an id without a peer.
      if (actor.member.type === "ROUTER") continue;
      world.violate(
        "works-again",
        `${actor.name}: of ${last().map((one) => `${one?.id} → ${one?.to}`)} not all arrived`,
      );
    }
  }
  // Messages that arrive late, or should not arrive.
  await world.run(() => false, world.now + 5000);
}

/** After every reconnect a subscriber gets what it is subscribed to, and nothing else. */
async function checkSubscriptions(scenario: Scene, publisher: Actor, conflates: boolean): Promise<void> {
  const { world, living, places } = scenario;
  await world.run(() => false, world.now + 1000);
  const peers = living.filter((one) =>
    publisher.member.binds
      ? places[one.index]!.peers.has(publisher.index)
      : places[publisher.index]!.peers.has(one.index)
  );
  for (const topic of TOPICS) {
    const wanted = peers.filter((one) => SUBSCRIBERS.includes(one.member.type) && one.wants(topic));
    let sent: Sent | undefined;
    world.after(0, () => void (sent = publisher.publish(topic)), publisher.process);
    const arrived = () => sent !== undefined && wanted.every(({ name }) => sent!.to.includes(name));
    await world.run(arrived, world.now + LAST);
    if (world.violation !== undefined) return;
    if (!arrived()) {
      const names = wanted.map(({ name }) => name);
      world.violate("subscriptions-restored", `${sent?.id} of "${topic}" reached [${sent?.to}] of [${names}]`);
    }
    await world.run(() => false, world.now + 200);
    const others = sent!.to.filter((name) => !wanted.some((one) => one.name === name));
    if (others.length > 0 && !conflates) {
      world.violate("subscriptions-restored", `"${topic}" reached ${others}, not subscribed to it`);
    }
  }
}

const MARKS = [
  "sendHighWaterMark",
  "receiveHighWaterMark",
  "sendHighWaterMarkBytes",
  "receiveHighWaterMarkBytes",
] as const;

/** Queues are within their high-water marks, as long as no connection was lost and the options were not changed. */
export function checkMarks({ world, living, ledger, network }: Scene): void {
  for (const { name, socket, member, events, changed, process } of living) {
    if (changed || events.disconnect !== undefined || process.state !== "running") continue;
    // Statistics cost more than all other checks.
    if (MARKS.every((mark) => member.options[mark] === undefined) || member.options.conflate) continue;
    const options = { sendHighWaterMark: 1000, receiveHighWaterMark: 1000, ...member.options } as Record<
      string,
      number
    >;
    for (const { queued, held, queuedBytes, heldBytes, endpoint } of socket.statistics().peers) {
      const filled = [queued, held, queuedBytes, heldBytes];
      for (const [i, mark] of MARKS.entries()) {
        const limit = options[mark] ?? 0;
        // One message may exceed a limit in bytes; one of a STREAM is a chunk, with the bytes of any number of sends.
        const excess = member.type === "STREAM" ? network.largestWrite() : ledger.largest;
        const most = i < 2 ? limit : limit + excess;
        if (limit > 0 && filled[i]! > most) {
          world.violate("marks-kept", `${name} ${endpoint}: ${filled[i]}, and ${mark} is ${limit}`);
        }
      }
    }
  }
}

/** Actions that give no reason to lose a connection. */
const PEACEFUL = ["send", "pause", "resume", "slow", "subscribe", "unsubscribe"];

/** Without a failure no connection is lost. */
export function checkConnections({ world, living, plan }: Scene): void {
  if (plan.actions.some((action) => !PEACEFUL.includes(action.do))) return;
  // Over whole frames a client completes its handshake before the server, which may have no room for it.
  const failures = living.flatMap(({ events }) => Object.entries(events))
    .filter(([type]) => type.startsWith("handshake:error")).reduce((sum, [, count]) => sum + count, 0);
  for (const { name, events } of living) {
    const lost = (events.disconnect ?? 0) - failures;
    if (lost > 0) world.violate("stays-connected", `${name} lost ${lost} connections without a reason`);
  }
}

/** The numbers of the statistics add up. */
export function checkStatistics({ world, living }: Scene): void {
  for (const { name, socket } of living) {
    const { drops, dropped, refusals, refused, peers } = socket.statistics();
    const sum = (counts: object) => Object.values(counts).reduce((total: number, count) => total + count, 0);
    if (sum(drops) !== dropped) {
      world.violate("statistics-add-up", `${name}: ${dropped} dropped, ${JSON.stringify(drops)}`);
    }
    if (sum(refusals) !== refused) world.violate("statistics-add-up", `${name}: ${refused} refused`);
    if (peers.length !== socket.peerCount) world.violate("statistics-add-up", `${name}: ${peers.length} peers shown`);
  }
}

/** All is closed: no timer is left. */
export function checkTimers({ world, contexts }: Scene): void {
  for (const { name, state, timers } of world.processes) {
    if (state !== "killed" && timers.size > 0) world.violate("nothing-left", `${name} has ${timers.size} timers`);
  }
  for (const [process, { sockets }] of contexts) {
    if (process.state !== "killed" && sockets > 0) world.violate("nothing-left", `${sockets} sockets in a context`);
  }
}

/** All is closed: nothing is left in the network. */
export function checkNothingLeft({ world, network }: Scene): void {
  if (network.listeners > 0) world.violate("nothing-left", `${network.listeners} listeners`);
  if (network.ends.size > 0) world.violate("nothing-left", `${network.ends.size} ends of connections`);
}

/** Each accepted message was delivered, or counted as dropped, also by `close`, or was in bytes lost with a connection. */
export function checkAccounts(scenario: Scene): void {
  const { world, actors, ledger, plan } = scenario;
  for (const actor of actors) {
    if (actor.process.state === "killed" || PUBLISHERS.includes(actor.member.type)) continue;
    const missing = ledger.missing(actor.name);
    if (missing.length === 0) continue;
    const ends = scenario.network.past.filter(({ process }) => process === actor.process);
    if (plan.mechanism === "CURVE" && ends.some(undelivered)) continue;
    const took = new Set(ends.flatMap((end) => takenAlong(end, missing)));
    const unexplained = missing.filter(({ id }) => !took.has(id));
    let counted = actor.givenUp + actor.socket.statistics().dropped;
    for (const other of actors) {
      if (other !== actor && other.process.state !== "killed") counted += other.socket.statistics().dropped;
    }
    if (unexplained.length <= counted) continue;
    const ids = unexplained.map(({ id }) => id);
    world.violate("accepted-is-accounted", `${actor.name}: ${ids} are missing, ${counted} counted as dropped`);
  }
}

/** Published messages arrive once their subscription is known, or are counted as dropped. */
export function checkPublished({ world, living, ledger, network }: Scene): void {
  if ([...network.ends].some(({ busy }) => busy)) return;
  const steady = living.filter(({ member, events, resubscribed }) =>
    SUBSCRIBERS.includes(member.type) && !resubscribed &&
    Object.keys(events).every((type) => !/^(dis|handshake:e)/.test(type))
  );
  for (const publisher of living) {
    if (!PUBLISHERS.includes(publisher.member.type)) continue;
    const { queued, dropped } = publisher.socket.statistics();
    let counted = dropped;
    const missed: string[] = [];
    for (const { name, socket } of steady) {
      const statistics = socket.statistics();
      if (queued + statistics.held > 0) return;
      counted += statistics.dropped;
      missed.push(...ledger.missed(publisher.name, name).map(({ id }) => `${name} missed ${id}`));
    }
    if (missed.length > counted) world.violate("published-is-accounted", `${missed}; ${counted} counted as dropped`);
  }
}

/** Actions of a scenario in which one socket leaves its peers, and nothing fails. */
const LEAVING = ["send", "disconnect", "connect", "unbind", "bind"];
const LONG_LINGER = [undefined, 5000, 30_000, -1];

/** All that was queued is sent after `disconnect` and `unbind`. */
export function checkLeaving({ world, ledger, plan, living }: Scene): void {
  if (plan.actions.some((action) => !LEAVING.includes(action.do))) return;
  const who = new Set(plan.actions.flatMap((one) => one.do === "disconnect" || one.do === "unbind" ? [one.who] : []));
  const actor = living.find(({ index }) => who.has(index));
  if (actor === undefined || who.size > 1 || plan.network.bandwidth > 0) return;
  const { type, options } = actor.member;
  if (!["PUSH", "DEALER"].includes(type) || !LONG_LINGER.includes(options.linger as number)) return;
  if (options.immediate === true || living.some(({ member }) => member.options.conflate === true)) return;
  const missing = ledger.missing(actor.name).map(({ id }) => id);
  if (missing.length > 0) world.violate("disconnect-sends-queue", `${actor.name}: ${missing} did not arrive`);
}

function undelivered({ bytesTaken, delivered, refused, peer }: End): boolean {
  return delivered < bytesTaken || refused || peer.process.state === "killed";
}

/** Which of these messages were in bytes that the peer's program never got. */
function takenAlong(end: End, missing: readonly Sent[]): string[] {
  if (!undelivered(end)) return [];
  const decoder = new TextDecoder("latin1");
  const all = end.sent.map((bytes) => decoder.decode(bytes)).join("");
  // The program may have died before it received what it had been given, or refused this peer, which had begun to send.
  const from = end.refused || end.peer.process.state === "killed" ? 0 : end.delivered;
  return missing.flatMap(({ id }) => {
    const mark = `|${id}]`;
    const at = all.lastIndexOf(mark);
    return at >= 0 && at + mark.length > from ? [id] : [];
  });
}
