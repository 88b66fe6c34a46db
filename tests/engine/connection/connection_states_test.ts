/**
 * The states of a connection over a link: every cell of the table in the header of `link_connection.ts`.
 *
 * @module
 */

import { ZmqError } from "../../../src/base/errors.ts";
import { ConnectionRig, turn } from "../../support/connection_rig.ts";
import { peerHandshake } from "../../support/session_recorder.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";

const FAILED = new ZmqError("EPROTO", "the test says so");

/** Its greeting is blocked: so it stays in each state for as long as the test wants. */
function started(rig: ConnectionRig): void {
  rig.link.closesAtOnce = rig.link.abortsAtOnce = rig.link.takes = false;
  rig.connection.start();
}

function met(rig: ConnectionRig): void {
  started(rig);
  rig.link.arrive(peerHandshake("DEALER"));
}

walkStates<ConnectionRig>("connection", {
  path: "engine/connection/link_connection.ts",
  make: () => new ConnectionRig(),
  reach: {
    HANDSHAKE: started,
    OPEN: met,
    FINISHING(rig) {
      started(rig);
      rig.connection.finish(Infinity);
    },
    CLOSING(rig) {
      met(rig);
      rig.link.drain();
      rig.connection.fail(FAILED);
    },
    async CLOSED(rig) {
      started(rig);
      await rig.link.lose();
    },
  },
  happen: {
    // `tests/zmtp/session_states_test.ts` tests that a session is ready at most once.
    ready(rig, from) {
      requireCause(from === "HANDSHAKE" || !rig.connection.handshaken);
      rig.link.arrive(peerHandshake("DEALER"));
    },
    finish: (rig) => rig.connection.finish(Infinity),
    // All that was written is taken. A link that is closed or has ended calls only `onClose`.
    written(rig, from) {
      requireCause(from !== "CLOSED" && rig.link.closes + rig.link.aborts.length === 0);
      rig.link.drain();
    },
    drop: (rig) => rig.connection.drop(),
    fail: (rig) => rig.connection.fail(FAILED),
    lost: (rig) => rig.link.lose(),
  },
  stateOf(rig) {
    const { link, connection } = rig;
    if (rig.closed.length > 0) return "CLOSED";
    const ending = () => link.closes + link.aborts.length > 0 || rig.endings > 0;
    if (ending()) return "CLOSING";
    const { handshaken } = connection;
    if (!handshaken) link.arrive(peerHandshake("DEALER"));
    if (!connection.handshaken) return "CLOSING";
    if (link.blocked) link.drain();
    if (ending()) return "FINISHING";
    return handshaken ? "OPEN" : "HANDSHAKE";
  },
  async end(rig) {
    await rig.end();
    await turn();
  },
});
