/**
 * The plan of a scenario: who takes part, with which options, over which network, and what happens when. A seed decides
 * it; it is data, so that a failing one can be made shorter.
 *
 * @module
 */

import type { NetworkTerms } from "./end.ts";
import { drawOptions } from "./options.ts";
import { Random } from "./random.ts";

/** The way in which a burst of messages is sent. */
export type Method = "each" | "burst" | "many" | "try" | "buffered" | "abort";

/** Something that happens. `who` and `to` are indices of members. */
export type Deed =
  | { readonly do: "send"; readonly who: number; readonly count: number; readonly size: number; readonly how: Method }
  | { readonly do: "pause" | "resume" | "slow" | "stop" | "continue" | "crash" | "blackout"; readonly who: number }
  | { readonly do: "restart"; readonly who: number; readonly moves: boolean }
  | { readonly do: "cut" | "part"; readonly who: number; readonly to: number }
  | { readonly do: "disconnect" | "connect"; readonly who: number; readonly to: number }
  | { readonly do: "unbind" | "bind" | "kick"; readonly who: number }
  | { readonly do: "subscribe" | "unsubscribe"; readonly who: number; readonly topic: string }
  | { readonly do: "set"; readonly who: number; readonly options: Readonly<Record<string, unknown>> }
  | { readonly do: "heal" };

/** A deed and its time, in ms. */
export type Action = Deed & { readonly at: number };

/** A socket that takes part. */
export interface Member {
  readonly type: string;
  readonly peerType: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly binds: boolean;
  /** The members that it connects to. */
  readonly peers: readonly number[];
  /** The topics that it subscribes to at first. */
  readonly topics: readonly string[];
}

/** The security mechanism of a scenario. */
export type MechanismName = "NULL" | "PLAIN" | "CURVE";

/** A scenario. */
export interface Plan {
  readonly seed: number;
  readonly inproc: boolean;
  /** The transport between processes; tcp if there is none. */
  readonly carrier?: "ipc" | "frames";
  readonly mechanism: MechanismName;
  readonly network: NetworkTerms;
  readonly members: readonly Member[];
  readonly actions: readonly Action[];
}

const PAIRS = [
  ["PUSH", "PULL"],
  ["PUSH", "PULL"],
  ["PAIR", "PAIR"],
  ["DEALER", "ROUTER"],
  ["DEALER", "ROUTER"],
  ["DEALER", "DEALER"],
  ["REQ", "REP"],
  ["REQ", "ROUTER"],
  ["DEALER", "REP"],
  ["PUB", "SUB"],
  ["PUB", "XSUB"],
  ["XPUB", "SUB"],
  ["XPUB", "XSUB"],
  ["ROUTER", "ROUTER"],
  ["STREAM", "STREAM"],
] as const;
const CARRIERS = [undefined, undefined, undefined, undefined, undefined, undefined, "ipc", "frames"] as const;
/** The topics of all scenarios; one is the prefix of another. */
export const TOPICS = ["", "a", "ab", "b", "news"] as const;
/** Types that send messages by themselves, and not only replies. */
const SENDERS = ["PUSH", "PAIR", "DEALER", "REQ", "PUB", "XPUB", "STREAM"];
const SUBSCRIBERS = ["SUB", "XSUB"];

/** Checks if a member sends by itself. */
export function sendsByItself({ type, peerType, binds }: Member): boolean {
  if (type === "STREAM") return !binds;
  return SENDERS.includes(type) || (type === "ROUTER" && peerType === "ROUTER");
}

/** Makes the plan of a seed. */
export function planOf(seed: number): Plan {
  const random = Random.of(seed, "plan");
  const inproc = random.chance(0.12);
  const pair = random.pick(inproc ? PAIRS.slice(0, -1) : PAIRS);
  const swapped = random.chance(0.5);
  const [binder, connector] = swapped ? [pair[1], pair[0]] : [pair[0], pair[1]];
  const raw = binder === "STREAM";
  const mechanism = inproc || raw || random.chance(0.8) ? "NULL" : random.pick(["PLAIN", "PLAIN", "CURVE"] as const);
  const single = binder === "PAIR";
  const binders = single || random.chance(0.7) ? 1 : 2;
  const connectors = single ? 1 : random.whole(1, 3);
  const members: Member[] = [];
  for (let i = 0; i < binders + connectors; i++) {
    const binds = i < binders;
    const [type, peerType] = binds ? [binder, connector] : [connector, binder];
    const all = Array.from({ length: binders }, (_, at) => at);
    // Each member that binds has a peer.
    const peers = binds ? [] : connectors < binders || random.chance(0.6) ? all : [i % binders];
    const topics = SUBSCRIBERS.includes(type) ? TOPICS.filter(() => random.chance(0.4)) : [];
    members.push({
      type,
      peerType,
      options: optionsFor(type, peerType, i, Random.of(seed, "options", i)),
      binds,
      peers,
      topics,
    });
  }
  const carrier = inproc || raw ? undefined : Random.of(seed, "carrier").pick(CARRIERS);
  return {
    seed,
    inproc,
    ...carrier && { carrier },
    mechanism,
    network: networkOf(Random.of(seed, "terms")),
    members,
    actions: leavingOf(members, Random.of(seed, "leaving")) ?? actionsOf(members, inproc, Random.of(seed, "actions")),
  };
}

function optionsFor(type: string, peerType: string, index: number, random: Random): Record<string, unknown> {
  const options = drawOptions(type, random);
  // Programs that do not wait forever for a reply.
  if (type === "REQ" && index >= 0 && random.chance(0.4)) options.relaxed = options.correlate = true;
  const named = index >= 0 && ["DEALER", "REQ", "ROUTER", "REP"].includes(type) && random.chance(0.4);
  if (named || (index >= 0 && type === "ROUTER" && peerType === "ROUTER")) options.routingId = `n${index}`;
  // As with libzmq, a Request takes such a message for a violation of the protocol.
  // A STREAM carries bytes only.
  if (type === "STREAM") delete options.helloMessage;
  if (peerType === "REQ") delete options.probeRouter, delete options.helloMessage;
  // Without it a peer whose old connection is not known to be lost is refused.
  if (peerType !== "REP" && type === "ROUTER") options.handover = true;
  return options;
}

function networkOf(random: Random): NetworkTerms {
  return {
    latency: random.pick([0, 0.1, 1, 20]),
    jitter: random.pick([0, 0, 1, 30]),
    bandwidth: random.pick([0, 0, 0, 100, 10_000]),
    buffer: random.pick([64, 1000, 20_000, 262_144, 262_144]),
    piece: random.pick([0, 0, 0, 3, 200, 5000]),
    lazy: random.chance(0.3),
  };
}

function actionsOf(members: readonly Member[], inproc: boolean, random: Random): Action[] {
  const time = random.pick([20, 300, 3000, 20_000]);
  const count = random.whole(3, 18);
  const trouble = random.pick([0, 0.2, 0.5]);
  const actions: Action[] = [];
  while (actions.length < count) {
    const at = Math.floor(random.next() * time);
    for (const deed of random.chance(trouble) ? troubleOf(members, inproc, time, random) : workOf(members, random)) {
      const { after = 0, ...rest } = deed;
      actions.push({ at: at + after, ...rest } as Action);
    }
  }
  return actions.sort((a, b) => a.at - b.at);
}

/** For some scenarios: one socket sends, leaves its peers and comes back, and nothing fails. */
function leavingOf(members: readonly Member[], random: Random): Action[] | undefined {
  // A Pair accepts one peer, and a Router one per routing id: they may refuse the next connection while the last one ends.
  const leavers = members.flatMap(({ type, peerType }, who) => {
    return type === "PUSH" || (type === "DEALER" && peerType !== "ROUTER") ? [who] : [];
  });
  if (leavers.length === 0 || !random.chance(0.08)) return undefined;
  const who = random.pick(leavers);
  const { binds, peers } = members[who]!;
  const time = random.pick([20, 300]);
  const actions: Action[] = [];
  for (let left = random.whole(1, 4); left > 0; left--) {
    const at = Math.floor(random.next() * time);
    const how = random.pick(["burst", "try", "many", "buffered"] as const);
    actions.push({ at, do: "send", who, count: random.whole(1, 5), size: random.pick([5, 300, 2000, 20_000]), how });
    const to = binds ? 0 : random.pick(peers);
    const back = at + random.whole(1, time);
    if (binds) actions.push({ at, do: "unbind", who }, { at: back, do: "bind", who });
    else actions.push({ at, do: "disconnect", who, to }, { at: back, do: "connect", who, to });
  }
  return actions.sort((a, b) => a.at - b.at);
}

type Later = Deed & { readonly after?: number };

function workOf(members: readonly Member[], random: Random): Later[] {
  const who = random.whole(0, members.length - 1);
  const member = members[who]!;
  if (member.topics.length > 0 && random.chance(0.5)) {
    return [{ do: random.chance(0.6) ? "subscribe" : "unsubscribe", who, topic: random.pick(TOPICS) }];
  }
  const senders = members.flatMap((one, i) => sendsByItself(one) ? [i] : []);
  const size = random.pick([0, 5, 5, 5, 5, 30, 30, 30, 300, 300, 300, 2000, 2000, random.chance(0.2) ? 20_000 : 100]);
  const count = random.pick([1, 1, 1, 2, 2, 5, 5, 12]);
  const how = random.pick(["each", "each", "burst", "burst", "many", "try", "buffered", "abort"] as const);
  return [{ do: "send", who: random.pick(senders), count: size > 1000 ? Math.min(count, 5) : count, size, how }];
}

function troubleOf(members: readonly Member[], inproc: boolean, time: number, random: Random): Later[] {
  const who = random.whole(0, members.length - 1);
  const { binds, peers, type } = members[who]!;
  const after = Math.floor(random.next() * time * random.pick([0.01, 0.3, 1]));
  const local: (() => Later[])[] = [
    () => [{ do: "pause", who }, { do: "resume", who, after }],
    () => [{ do: "slow", who }],
    () => [{ do: "kick", who }],
    () => [{ do: "set", who, options: optionsFor(type, members[who]!.peerType, -1, random) }],
    binds
      ? () => [{ do: "unbind", who }, { do: "bind", who, after }]
      : () => [{ do: "disconnect", who, to: random.pick(peers) }, {
        do: "connect",
        who,
        to: random.pick(peers),
        after,
      }],
  ];
  if (inproc) return random.pick(local)();
  const [a, b] = binds ? [who, random.whole(0, members.length - 1)] : [who, random.pick(peers)];
  const remote: (() => Later[])[] = [
    () => [{ do: "cut", who: a, to: b }],
    () => [{ do: "cut", who: a, to: b }],
    () => [{ do: "part", who: a, to: b }, { do: "heal", after }],
    () => [{ do: "stop", who }, { do: "continue", who, after }],
    () => [{ do: "crash", who }, { do: "restart", who, moves: random.chance(0.3), after }],
    () => [{ do: "blackout", who }, { do: "restart", who, moves: random.chance(0.3), after }],
  ];
  return random.pick([...local, ...remote])();
}
