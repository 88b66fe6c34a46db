/**
 * Makes a failing scenario shorter: without actions, members, options and difficulties of the network that it does not
 * need to fail in the same way.
 *
 * @module
 */

import type { Action, Plan } from "./plan.ts";

/** Checks if a plan still fails in the same way. */
export type Fails = (plan: Plan) => Promise<boolean>;

/** Most scenarios that are played to make one shorter. */
const MOST_ATTEMPTS = 400;
const SMOOTH = { latency: 1, jitter: 0, bandwidth: 0, buffer: 262_144, piece: 0, lazy: false };

/** Returns the shortest plan found that still fails. */
export async function shrink(plan: Plan, fails: Fails): Promise<Plan> {
  let best = plan;
  let left = MOST_ATTEMPTS;
  const attempt = async (shorter: Plan): Promise<boolean> => {
    if (left-- <= 0 || !await fails(shorter)) return false;
    best = shorter;
    return true;
  };
  for (let before = ""; before !== JSON.stringify(best) && left > 0;) {
    before = JSON.stringify(best);
    await dropActions(() => best, attempt);
    for (let i = best.members.length - 1; i >= 0; i--) await attempt(withoutMember(best, i));
    for (const i of best.members.keys()) await dropOptions(() => best, i, attempt);
    await attempt({ ...best, mechanism: "NULL" });
    for (const [name, value] of Object.entries(SMOOTH)) {
      if (best.network[name as keyof typeof SMOOTH] === value) continue;
      await attempt({ ...best, network: { ...best.network, [name]: value } });
    }
    for (const [i, action] of best.actions.entries()) {
      if (action.do === "send" && action.count > 1) await attempt(withAction(best, i, { ...action, count: 1 }));
      if (action.do === "send" && action.size > 5) await attempt(withAction(best, i, { ...action, size: 5 }));
    }
  }
  return best;
}

type Attempt = (plan: Plan) => Promise<boolean>;

async function dropActions(best: () => Plan, attempt: Attempt): Promise<void> {
  for (let size = best().actions.length; size >= 1; size >>= 1) {
    for (let at = 0; at < best().actions.length;) {
      const { actions } = best();
      const shorter = [...actions.slice(0, at), ...actions.slice(at + size)];
      if (!await attempt({ ...best(), actions: shorter })) at += size;
    }
  }
}

async function dropOptions(best: () => Plan, i: number, attempt: Attempt): Promise<void> {
  for (const name of Object.keys(best().members[i]!.options)) {
    const plan = best();
    const { [name]: _, ...options } = plan.members[i]!.options;
    await attempt({ ...plan, members: plan.members.map((one, at) => at === i ? { ...one, options } : one) });
  }
}

/** Without a member: its actions do nothing, and others do not connect to it. Only the last one, so that indices stay. */
function withoutMember(plan: Plan, i: number): Plan {
  if (i !== plan.members.length - 1) return plan;
  const members = plan.members.slice(0, i).map((one) => ({ ...one, peers: one.peers.filter((peer) => peer !== i) }));
  const about = (action: Action) => ("who" in action && action.who === i) || ("to" in action && action.to === i);
  return { ...plan, members, actions: plan.actions.filter((action) => !about(action)) };
}

function withAction(plan: Plan, i: number, action: Action): Plan {
  return { ...plan, actions: plan.actions.map((one, at) => at === i ? action : one) };
}
