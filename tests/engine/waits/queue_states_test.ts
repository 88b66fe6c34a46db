/**
 * The states of the two queues of calls: every cell of the tables in the headers of `send_queue.ts` and `receive_queue.ts`.
 *
 * @module
 */

import { ZmqError } from "../../../src/base/errors.ts";
import type { Message } from "../../../src/base/message.ts";
import { ReceiveQueue } from "../../../src/engine/waits/receive_queue.ts";
import { SendQueue } from "../../../src/engine/waits/send_queue.ts";
import type { Pattern } from "../../../src/routing/pattern.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { late, settle } from "../../support/socket_types.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const closed = () => new ZmqError("ENOTSOCK", "closed");

/** A pattern that takes and has as many messages as the test says, and one of the queues over it. */
class Rig {
  readonly clock = new VirtualClock();
  readonly outcomes: string[] = [];
  /** The number of messages that may be sent or received. */
  count = 0;
  readonly queue: { pump(): void; fail(error: () => Error): void };
  readonly #call: () => Promise<unknown>;

  constructor(kind: "send" | "receive") {
    const settings = settle("PAIR", { sendTimeout: 1000, receiveTimeout: 1000 });
    const take = () => this.count > 0 && this.count-- > 0;
    const pattern: Partial<Pattern> = {
      trySend: take,
      canSend: () => this.count > 0,
      tryReceive: (): Message | undefined => take() ? [bytes("m")] : undefined,
      canReceive: () => this.count > 0,
    };
    if (kind === "send") {
      const queue = new SendQueue(pattern as Pattern, settings, this.clock, late);
      this.queue = queue;
      this.#call = () => queue.send("m");
    } else {
      const queue = new ReceiveQueue(pattern as Pattern, settings, this.clock, late);
      this.queue = queue;
      this.#call = () => queue.receive();
    }
  }

  call(): void {
    this.#call().then(() => this.outcomes.push("done"), (error: ZmqError) => this.outcomes.push(error.code));
  }

  room(): void {
    this.count++;
    this.queue.pump();
  }
}

for (const [kind, room] of [["send", "room"], ["receive", "message"]] as const) {
  walkStates<Rig>(`${kind} queue`, {
    path: `engine/waits/${kind}_queue.ts`,
    make: () => new Rig(kind),
    reach: {
      OPEN: () => {},
      WAITING: (rig) => rig.call(),
      FAILED: (rig) => rig.queue.fail(closed),
    },
    happen: {
      wait: (rig) => rig.call(),
      [room]: (rig) => rig.room(),
      async timeout(rig) {
        requireCause(rig.clock.pending > 0);
        await rig.clock.advance(1000);
      },
      fail: (rig) => rig.queue.fail(closed),
    },
    async stateOf(rig) {
      const { clock, outcomes } = rig;
      await clock.settle();
      if (clock.pending > 0) return "WAITING";
      rig.count = 0;
      rig.call();
      await clock.settle();
      return outcomes.at(-1) === "ENOTSOCK" ? "FAILED" : clock.pending > 0 ? "OPEN" : "";
    },
  });
}
