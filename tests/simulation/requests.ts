/**
 * The requests of an actor: which replies it may receive.
 *
 * @module
 */

import type { Ledger, Sent } from "./ledger.ts";
import type { Member } from "./plan.ts";
import type { World } from "./world.ts";

/** The scenario, as requests see it. */
export interface Exchange {
  readonly world: World;
  readonly ledger: Ledger;
  /** True if this actor binds. */
  binds(name: string): boolean;
}

/** The actor. */
interface Asker {
  readonly name: string;
  readonly member: Member;
  /** Its options were changed. */
  readonly changed: boolean;
  readonly socket: object;
}

/** The requests of one actor. */
export class Requests {
  /** For REQ: the request that was sent last. */
  last: Sent | undefined;
  /** The request whose reply it no longer waits for, with `relaxed`. */
  owed: Sent | undefined;
  /** It received the reply to a request of its predecessor. */
  inherits = false;
  readonly #stage: Exchange;
  readonly #actor: Asker;

  constructor(stage: Exchange, actor: Asker) {
    this.#stage = stage;
    this.#actor = actor;
  }

  /** The option, as it is now. */
  get relaxed(): boolean {
    return (this.#actor.socket as { relaxed: boolean }).relaxed;
  }

  /** A reply arrived; `to` is the id of its request. */
  answered(reply: Sent, to: string): void {
    const { name, member, changed } = this.#actor;
    const { world, ledger } = this.#stage;
    const request = ledger.messages.get(to)!;
    if (request.from !== name) {
      this.inherits ||= this.#mayInherit(request, reply);
      if (!this.inherits) world.violate("replies-find-their-request", `${name} got ${reply.id}, the reply to ${to}`);
    }
    if (member.type === "REQ" && request !== this.last && !changed && !this.inherits) {
      const relaxed = member.options.relaxed === true && member.options.correlate !== true;
      if (!relaxed) {
        world.violate("replies-find-their-request", `${name} asked ${this.last?.id}, got ${reply.text}`);
      }
    }
    request.answered = true;
  }

  /**
   * As in libzmq, a connected Reply that owes a reply to a lost peer sends it to the next one at that endpoint, and a
   * Router sends it to the next one with that routing id: the program that was started again there. From then on its
   * replies are one request late.
   */
  #mayInherit(request: Sent, reply: Sent): boolean {
    const { name, member } = this.#actor;
    if (member.options.correlate === true) return false;
    const isNamed = member.peerType === "ROUTER" && member.options.routingId !== undefined;
    return request.from.split(".")[0] === name.split(".")[0] && (isNamed || !this.#stage.binds(reply.from));
  }
}
