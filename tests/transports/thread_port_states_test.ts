/**
 * The states of a port to another thread: every cell of the table in the header of `src/transport/thread_port.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { OpenPort, type ThreadPort } from "../../src/transport/thread_port.ts";
import { playChannels, PlayedPort } from "../support/played_port.ts";
import { cause, requireCause, walkStates } from "../support/state_table.ts";

const GOODBYE = null;

/** A port that has to be adopted, as on Deno. */
class Rig {
  readonly channels: { readonly port1: PlayedPort; readonly port2: PlayedPort }[] = [];
  readonly restore = playChannels(this.channels);
  /** The port as it arrived: without `on`. */
  readonly raw = { onmessage: null, postMessage() {}, close() {} } satisfies ThreadPort;
  readonly adopted = new PlayedPort();
  readonly received: unknown[] = [];
  ended = 0;
  begun = false;
  readonly port = new OpenPort(this.raw, (data) => this.received.push(data), () => this.ended++);

  adopt(): void {
    requireCause(!this.begun);
    this.begun = true;
    cause(this.channels[0]).port1.arrive({ port: this.adopted });
  }

  /** Something happens to the port that was adopted. */
  happens(from: string, act: (port: PlayedPort) => void): void {
    if (from === "OVER") this.adopt();
    requireCause(this.begun);
    act(this.adopted);
  }
}

walkStates<Rig>("thread port", {
  path: "transport/thread_port.ts",
  make: () => new Rig(),
  reach: {
    OPENING: () => {},
    OPEN: (rig) => rig.adopt(),
    OVER: (rig) => rig.port.close(),
  },
  happen: {
    adopted: (rig) => rig.adopt(),
    post(rig, from) {
      rig.port.post("late");
      if (from === "OPENING") assertEquals(rig.adopted.posted, []);
      else if (from === "OPEN") assertEquals(rig.adopted.posted, ["late"]);
    },
    message(rig, from) {
      rig.happens(from, (port) => port.arrive("message"));
      assertEquals(rig.received, from === "OPEN" ? ["message"] : []);
    },
    goodbye: (rig, from) => rig.happens(from, (port) => port.arrive(GOODBYE)),
    ends: (rig, from) => rig.happens(from, (port) => port.end()),
    close: (rig) => rig.port.close(),
  },
  stateOf(rig) {
    const { adopted, port, received } = rig;
    const before = received.length;
    if (!rig.begun) {
      rig.adopt();
      // Messages that were posted before `close` are delivered, and then the port is closed.
      if (adopted.closed) {
        assertEquals([adopted.posted.at(-1), rig.ended], [GOODBYE, 0]);
        return "OVER";
      }
      adopted.arrive("probe");
      assertEquals(received.at(-1), "probe");
      return "OPENING";
    }
    adopted.arrive("probe");
    const posted = adopted.posted.length;
    port.post("probe");
    const open = !adopted.closed;
    assertEquals([received.length - before, adopted.posted.length - posted], open ? [1, 1] : [0, 0]);
    return open ? "OPEN" : "OVER";
  },
  end: (rig) => rig.restore(),
});
