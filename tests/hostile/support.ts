/**
 * A bound socket with a good peer that a bad peer must not affect.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Pull, type PullOptions, Push } from "../../mod.ts";
import { ANY, type EventOf, type EventType, nextEvent, take } from "../sockets/support.ts";

/** A bound Pull with a connected Push. */
export class Victim implements AsyncDisposable {
  readonly pull: Pull;
  readonly push = new Push();
  endpoint = "";
  #sent = 0;

  private constructor(options: PullOptions) {
    this.pull = new Pull(options);
  }

  /** Binds and connects. */
  static async make(options: PullOptions = {}): Promise<Victim> {
    const victim = new Victim(options);
    victim.endpoint = await victim.pull.bind(ANY);
    victim.push.connect(victim.endpoint);
    await victim.pull.waitForPeers(1);
    return victim;
  }

  /** The next event of the bound socket. */
  event<T extends EventType>(type: T): Promise<EventOf<T>> {
    return nextEvent(this.pull, type);
  }

  /** Fails unless the good peer's connection is still the first one, and its messages are all that arrives. */
  async unharmed(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      const text = `good ${this.#sent++}`;
      await this.push.send(text);
      assertEquals(await take(this.pull, 1), [text]);
    }
    assertEquals(this.pull.tryReceive(), undefined);
    assertEquals(this.push.peerCount, 1);
  }

  /** Closes both sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.push.close();
    await this.pull.close();
  }
}
