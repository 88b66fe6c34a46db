/**
 * Plays the plan of a scenario. In the storm everything happens; then all failures end, and every socket must be
 * connected, come to rest, and get what is sent; then everything is closed, and nothing may be left.
 *
 * @module
 */

import type { Context } from "../../core.ts";
import { registerScheme } from "../../src/schemes/registry.ts";
import { registerTransport, transportFor } from "../../src/transport/transport.ts";
import { Actor, type Stage } from "./actor.ts";
import {
  checkAccounts,
  checkConnections,
  checkFinals,
  checkLeaving,
  checkMarks,
  checkNothingLeft,
  checkPublished,
  checkStatistics,
  checkTimers,
  type Scene,
} from "./checks.ts";
import { Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import type { Action, Plan } from "./plan.ts";
import { Random } from "./random.ts";
import { secretsOf } from "./secrets.ts";
import { Trace } from "./trace.ts";
import { Process, type Violation, World } from "./world.ts";

const PORT = 5555;
/** The scheme of whole frames. */
const FRAMES = "frames";
/** Virtual time in which everything must be well again, in ms. */
const PATIENCE = 300_000;
/** The linger of the last `close` where the options say forever. */
const LINGER = 2000;
/** Virtual time in which a socket sends its queue after `disconnect`, also if it has to connect first, in ms. */
const FAREWELL = 6000;
/** A timeout that never passes, but has a timer, in ms. */
const LONG = 86_400_000;
/** Bytes from which a socket writes: a write has one message more, in its frames, and encrypted. */
const BATCH = 64 * 1024;
/** Virtual time after the last `close` in which its timers end, in ms. */
const AFTERMATH = 1500;

/** The result of a scenario. */
export interface Outcome {
  readonly violation: Violation | undefined;
  readonly trace: Trace;
  /** Events, and virtual time in ms. */
  readonly events: number;
  readonly time: number;
}

let network: Network | undefined;

/** Has `tcp://` lead into the simulated network. For a process of its own. */
export function useSimulatedNetwork(): void {
  registerTransport("tcp", () => Promise.resolve(network!), { typeOfService: true });
  registerTransport("ipc", () => Promise.resolve(network!));
  if (transportFor(FRAMES) === undefined) registerScheme({ scheme: FRAMES, carrier: "frames" });
  registerTransport(FRAMES, () => Promise.resolve(network!));
}

/** Plays a plan. Only one at a time. */
export async function play(plan: Plan, trace: Trace = new Trace()): Promise<Outcome> {
  const scenario = new Scenario(plan, trace);
  network = scenario.network;
  await scenario.play();
  const { world } = scenario;
  return { violation: world.violation, trace, events: world.events, time: world.now };
}

/** A place in the plan, with who is there now. */
interface Place {
  actor: Actor;
  address: string;
  incarnation: number;
  /** It was killed, and was not started again. */
  gone: boolean;
  bound: boolean;
  readonly peers: Set<number>;
}

/** A scenario that is being played. */
class Scenario implements Scene, Stage {
  readonly plan: Plan;
  readonly world: World;
  readonly ledger: Ledger;
  readonly network: Network;
  readonly contexts = new Map<Process, Context>();
  readonly places: Place[] = [];
  /** All that ever took part. */
  readonly actors: Actor[] = [];
  /** Starts processes again, which settles promises. */
  readonly #starter: Process;

  constructor(plan: Plan, trace: Trace) {
    this.plan = plan;
    this.world = new World(plan.seed, trace);
    this.#starter = new Process(this.world, "starter");
    this.ledger = new Ledger(this.world);
    this.network = new Network(this.world, plan.network);
    this.network.largestWrite = () => BATCH + this.ledger.largest;
  }

  async play(): Promise<void> {
    await this.world.perform("the beginning", this.#begin(), PATIENCE);
    for (const action of this.plan.actions) {
      this.world.after(action.at, () => this.#act(action), action.do === "restart" ? this.#starter : undefined);
    }
    const end = Math.max(0, ...this.plan.actions.map(({ at }) => at));
    await this.world.run(() => false, this.world.now + end + 1);
    checkMarks(this);
    if (this.world.violation === undefined) await this.#heal();
    if (this.world.violation === undefined) await checkFinals(this);
    if (this.world.violation === undefined) await this.#close();
  }

  /** Those who take part now. */
  get living(): Actor[] {
    return this.places.flatMap(({ actor, gone }) => gone ? [] : [actor]);
  }

  /** True if this actor binds. */
  binds(name: string): boolean {
    return this.actors.some((actor) => actor.name === name && actor.member.binds);
  }

  async #begin(): Promise<void> {
    const { members, inproc } = this.plan;
    const process = inproc ? new Process(this.world, "all") : undefined;
    for (const i of members.keys()) {
      this.places.push({
        address: `10.0.0.${i + 1}`,
        incarnation: 0,
        gone: true,
        bound: false,
        peers: new Set(),
        actor: undefined!,
      });
    }
    // Often some connect before anything is bound.
    const order = [...members.keys()];
    if (Random.of(this.plan.seed, "order").chance(0.4)) order.reverse();
    for (const i of order) await this.#start(i, process);
  }

  /** Starts the program of a place, with a socket that binds or connects. */
  async #start(i: number, shared?: Process): Promise<void> {
    const member = this.plan.members[i]!;
    const place = this.places[i]!;
    const process = shared ?? new Process(this.world, `n${i}`);
    if (shared === undefined) {
      this.network.settle(place.address, process);
      this.network.names.set(`n${i}`, place.address);
    }
    const secrets = await secretsOf(this.plan.mechanism, member.binds);
    place.actor = new Actor(this, i, place.incarnation++, member, process, secrets);
    place.gone = false;
    place.bound = false;
    place.peers.clear();
    this.actors.push(place.actor);
    if (member.binds) await this.#bind(place);
    for (const peer of member.peers) this.#connect(place, peer);
  }

  async #bind(place: Place): Promise<void> {
    if (place.bound || place.gone) return;
    place.bound = true;
    const { actor } = place;
    try {
      await actor.socket.bind(this.#ownEndpoint(place));
    } catch (error) {
      if (!actor.ended) throw error;
    }
  }

  async #unbind(place: Place): Promise<void> {
    if (!place.bound || place.gone) return;
    place.bound = false;
    const { actor } = place;
    this.ledger.loosen(actor.name);
    try {
      await actor.socket.unbind(this.#ownEndpoint(place));
    } catch (error) {
      // Its bind may not have been complete.
      if ((error as { code?: string }).code !== "ENOENT") throw error;
      place.bound = true;
    }
  }

  #connect(place: Place, peer: number): void {
    if (place.peers.has(peer) || place.gone || (place.peers.size > 0 && place.actor.member.type === "PAIR")) return;
    place.peers.add(peer);
    const stream = place.actor.member.type === "STREAM" ? { routingId: "server" } : undefined;
    if (stream !== undefined && place.peers.size > 1) return void place.peers.delete(peer);
    place.actor.socket.connect(this.#endpoint(place, peer), stream);
  }

  #disconnect(place: Place, peer: number): void {
    const { type, peerType, options } = place.actor.member;
    // The id that the program chose for the server is taken until its connection has ended.
    if (place.gone || type === "STREAM") return;
    // So is its own id at a Router, which might ignore the next connection.
    if (peerType === "ROUTER" && options.routingId !== undefined) return;
    if (!place.peers.delete(peer)) return;
    this.ledger.loosen(place.actor.name);
    place.actor.socket.disconnect(this.#endpoint(place, peer));
  }

  /** The endpoint that a place binds. */
  #ownEndpoint({ address, actor }: Place): string {
    const { inproc, carrier } = this.plan;
    if (inproc) return `inproc://n${actor.index}`;
    return carrier === undefined ? `tcp://${address}:${PORT}` : `${carrier}:///${address}`;
  }

  /** The endpoint of a peer; it says which process connects. */
  #endpoint({ address }: Place, peer: number): string {
    const { inproc, carrier } = this.plan;
    if (inproc) return `inproc://n${peer}`;
    return carrier === undefined ? `tcp://${address}:0;n${peer}:${PORT}` : `${carrier}:///${address}/n${peer}`;
  }

  #act(action: Action): void {
    const { world, network } = this;
    if (action.do === "heal") {
      world.trace.add("network", "heals");
      return network.heal();
    }
    const place = this.places[action.who]!;
    const { actor } = place;
    if (action.do === "restart") return void (place.gone && this.#restart(place, action.moves));
    if (place.gone) return;
    if (action.do !== "send") actor.say(action.do);
    if (action.do === "set") actor.changed = true;
    checkMarks(this);
    // A stopped program acts when it continues.
    const program = (act: () => void | Promise<void>) =>
      void world.after(0, () => this.#program(actor, act), actor.process);
    switch (action.do) {
      case "send":
        return program(() => actor.send(action.count, action.size, action.how));
      case "pause":
        return actor.pause();
      case "resume":
        return actor.resume();
      case "slow":
        return void (actor.slow = true);
      case "stop":
        return actor.process.stop();
      case "continue":
        return actor.process.continue();
      case "crash":
      case "blackout":
        return this.#kill(place, action.do === "blackout");
      case "cut":
        return network.cut(place.address, this.places[action.to]!.address);
      case "part":
        return network.part(place.address, this.places[action.to]!.address);
      case "disconnect":
        return program(() => this.#disconnect(place, action.to));
      case "connect":
        return program(() => this.#connect(place, action.to));
      case "unbind":
        return program(() => this.#unbind(place));
      case "bind":
        return program(() => this.#bind(place));
      case "kick":
        return program(() => void actor.socket.disconnectPeer(() => true));
      case "subscribe":
        return program(() => actor.subscribe(action.topic));
      case "unsubscribe":
        return program(() => actor.unsubscribe(action.topic));
      case "set":
        return program(() => void Object.assign(actor.socket, action.options));
    }
  }

  #program(actor: Actor, act: () => void | Promise<void>): void {
    if (actor.ended) return;
    const failed = (error: unknown) => {
      if (!actor.ended) this.world.violate("no-uncaught-error", `${actor.name}: ${(error as Error).stack ?? error}`);
    };
    try {
      act()?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #kill(place: Place, power: boolean): void {
    place.gone = true;
    place.actor.ended = true;
    place.actor.process.kill();
    this.network.died(place.address, power);
  }

  #restart(place: Place, moves: boolean): void {
    if (moves) place.address = `10.0.${place.incarnation}.${place.actor.index + 1}`;
    this.#start(place.actor.index).catch((error) => this.world.violate("no-uncaught-error", `${error.stack}`));
  }

  /** Ends all failures, and waits until every socket is connected and every send has ended. */
  async #heal(): Promise<void> {
    const { world } = this;
    world.trace.add("network", "all is well again");
    for (const { actor } of this.places) actor.process.continue();
    await world.perform("starting again", this.#startMissing(), PATIENCE);
    this.network.heal();
    const { latency, jitter, lazy } = this.network.terms;
    // Slowness finds no more now, and costs time.
    this.network.terms = {
      latency: Math.min(1, latency),
      jitter: Math.min(1, jitter),
      lazy,
      bandwidth: 0,
      buffer: 1_000_000,
      piece: 0,
    };
    for (const { actor } of this.places) {
      actor.resume();
      actor.slow = false;
      actor.flush();
      Object.assign(actor.socket, { sendTimeout: -1, receiveTimeout: LONG });
    }
    const late = world.now + PATIENCE;
    // Messages to a peer that is still sending its queue after `disconnect` are lost, and a Pair may refuse the next
    // connection while the last one ends.
    const left = this.plan.actions.some((action) => action.do === "disconnect" || action.do === "unbind");
    if (left || this.plan.members[0]!.type === "PAIR") await world.run(() => false, world.now + FAREWELL);
    await world.run(() => this.#connected(), late);
    if (world.violation !== undefined) return;
    if (!this.#connected()) {
      const counts = this.places.map(({ actor }) => `${actor.name} ${actor.peerCount}`);
      return world.violate("reconnects", `${PATIENCE} ms after all was well: ${counts.join(", ")}`);
    }
    await world.run(() => this.places.every(({ actor }) => actor.sending === 0), late);
    if (world.violation !== undefined) return;
    const busy = this.living.filter((actor) => actor.sending > 0).map(({ name }) => name);
    if (busy.length > 0) world.violate("no-hang", `sends of ${busy} do not end although all is well`);
  }

  async #startMissing(): Promise<void> {
    for (const place of this.places) {
      if (place.gone) await this.#start(place.actor.index);
      else if (place.actor.member.binds) await this.#bind(place);
      else for (const peer of place.actor.member.peers) this.#connect(place, peer);
    }
  }

  /** True if every socket is connected to all of its peers, and no other connection is left. */
  #connected(): boolean {
    const connections = this.places.reduce((sum, { peers }) => sum + peers.size, 0);
    if (!this.plan.inproc && this.network.ends.size !== 2 * connections) return false;
    return this.places.every(({ actor, peers }, i) => {
      const expected = actor.member.binds ? this.places.filter((other) => other.peers.has(i)).length : peers.size;
      return actor.peerCount === expected;
    });
  }

  async #close(): Promise<void> {
    const { world } = this;
    checkStatistics(this);
    checkPublished(this);
    checkConnections(this);
    // Some close while nothing passes: that takes all of their linger.
    if (Random.of(this.plan.seed, "last partition").chance(0.1)) this.network.partAll();
    const random = Random.of(this.plan.seed, "close");
    const closing = this.living.map(async (actor) => {
      await actor.process.sleep(random.whole(0, 3));
      const linger = (actor.socket as unknown as { linger: number }).linger;
      const time = linger < 0 ? LINGER : linger;
      const from = world.now;
      await actor.close(time);
      const took = world.now - from;
      if (took > time + 1) world.violate("close-within-linger", `${actor.name} took ${took} ms, linger ${time}`);
    });
    await world.perform("closing", Promise.all(closing), 60_000);
    if (world.violation !== undefined) return;
    this.network.heal();
    await world.run(() => false, world.now + AFTERMATH);
    checkTimers(this);
    await world.run(() => false, world.now + 120_000);
    if (world.violation !== undefined) return;
    checkNothingLeft(this);
    checkAccounts(this);
    checkLeaving(this);
  }
}
