/**
 * Incoming links wait here for their turn: a runtime may accept hundreds of them at once, and each costs a session, a
 * greeting and the program's reaction. All sockets of an event loop together take a few per turn, in rotation; a link
 * that waits is paused, and its peer waits as it would in the operating system's queue.
 *
 * | Event             | NEW     | WAITING | TAKEN | ENDED |
 * | ----------------- | ------- | ------- | ----- | ----- |
 * | comes in          | TAKEN   | x       | x     | x     |
 * | comes in, no turn | WAITING | x       | x     | x     |
 * | comes in, refused | ENDED   | x       | x     | x     |
 * | comes in, crowded | ENDED   | x       | x     | x     |
 * | turn              |         | TAKEN   | -     | -     |
 * | drop              |         | ENDED   | -     | -     |
 * | drop elsewhere    |         | -       | -     | -     |
 *
 * The life of one link; `-` changes nothing, an empty cell cannot happen, as the entrance does not know the link, and `x` would break the contract
 * of `Transport.listen`, which hands out each link once. `refused` is by a limit of the options, `crowded` by that
 * of links that wait; `elsewhere` is another endpoint. `tests/engine/entrance_states_test.ts` walks the table.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { Ring } from "../routing/ring.ts";
import type { Link } from "../transport/transport.ts";
import type { Arrivals } from "./arrivals.ts";
import { entranceTurnsOf, type TurnTaker } from "./entrance_turns.ts";
import type { Settings } from "./settings.ts";

/** The socket, as its entrance sees it. */
export interface EntranceHost {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly connections: { readonly arrivals: Arrivals };
  /** Called when it is this link's turn. */
  enters(link: Link, endpoint: string): void;
}

interface Waiting {
  readonly link: Link;
  readonly endpoint: string;
  /** The key by which `Arrivals` counts it. */
  readonly origin: string;
}

/** The entrance of one socket. */
export class Entrance implements TurnTaker {
  readonly #host: EntranceHost;
  #line = new Ring<Waiting>();

  constructor(host: EntranceHost) {
    this.#host = host;
  }

  /** The number of links that wait. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Takes an incoming link, lets it wait, or closes it because of a limit, before memory is allocated for its
   * connection.
   */
  comesIn(link: Link, endpoint: string): void {
    const { clock, settings, connections: { arrivals } } = this.#host;
    if (!arrivals.admits(endpoint, link.remote)) return link.abort();
    if (entranceTurnsOf(clock).may(this)) return this.#host.enters(link, endpoint);
    if (this.#line.length >= settings.maxHandshakes) {
      arrivals.refused("maxHandshakes", endpoint, link.remote);
      return link.abort();
    }
    this.#line.push({ link, endpoint, origin: arrivals.entered(link.remote) });
  }

  /** Takes the first link that waits, unless its endpoint was unbound. */
  takeOne(): void {
    const first = this.#line.shift();
    if (first === undefined) return;
    this.#host.connections.arrivals.left(first.origin);
    this.#host.enters(first.link, first.endpoint);
  }

  /** Ends those that wait, at one endpoint or at all: it is unbound, or the socket is closed. */
  drop(endpoint?: string): void {
    const line = this.#line;
    this.#line = new Ring();
    for (const one of line) {
      if (endpoint !== undefined && one.endpoint !== endpoint) {
        this.#line.push(one);
        continue;
      }
      this.#host.connections.arrivals.left(one.origin);
      one.link.abort();
    }
  }
}
