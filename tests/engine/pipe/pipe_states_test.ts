/**
 * The states of a pipe: every cell of the table in the header of `pipe.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { PipeConnection } from "../../../src/engine/pipe/contracts.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { message } from "../../support/fake_pipe.ts";
import { PipeWatcher } from "../../support/pipe_watcher.ts";
import { walkStates } from "../../support/state_table.ts";

/** A pipe, and the calls of its connection. */
class Rig {
  readonly pipe = new PeerPipe(new PipeWatcher(), false);
  readonly calls: string[] = [];

  connect(): void {
    const connection: Partial<PipeConnection> = {
      queued: () => void this.calls.push("queued"),
      flush: () => {},
      resumeReading: () => {},
      finish: (deadline) => void this.calls.push(`finish ${deadline}`),
      fail: (error) => void this.calls.push(`fail ${error.message}`),
    };
    this.pipe.connect(connection as PipeConnection);
  }
}

walkStates<Rig>("pipe", {
  path: "engine/pipe/pipe.ts",
  make: () => new Rig(),
  reach: {
    WAITING: () => {},
    CONNECTED: (rig) => rig.connect(),
    DROPPED: (rig) => void rig.pipe.drop(),
  },
  happen: {
    connect: (rig) => rig.connect(),
    disconnect: (rig) => rig.pipe.disconnect(),
    finish(rig, from) {
      rig.pipe.finish();
      // No caller waits for that: there is no deadline.
      assertEquals([rig.calls, rig.pipe.finishing], from === "CONNECTED" ? [["finish undefined"], false] : [[], true]);
    },
    fail(rig, from) {
      rig.pipe.fail(new Error("the test says so"));
      assertEquals(rig.calls, from === "CONNECTED" ? ["fail the test says so"] : []);
    },
    drop(rig, from) {
      rig.pipe.trySend(message("lost"));
      assertEquals([rig.pipe.drop(), rig.pipe.drop()], [from === "DROPPED" ? 0 : 1, 0]);
    },
  },
  stateOf({ pipe, calls }) {
    const { length } = calls;
    if (!pipe.trySend(message("probe"))) return "DROPPED";
    return calls.length > length ? "CONNECTED" : "WAITING";
  },
});
