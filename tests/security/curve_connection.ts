/**
 * A connection of the engine and its peer, a session, with CURVE between them and without a network: bytes go to and fro when
 * the test says so.
 *
 * @module
 */

import type { HeartbeatOptions } from "../../src/zmtp/heartbeat.ts";
import { DEFAULT_LIMITS } from "../../src/zmtp/limits.ts";
import { Session } from "../../src/zmtp/session.ts";
import { ConnectionRig, type RigOptions } from "../support/connection_rig.ts";
import { SessionRecorder } from "../support/session_recorder.ts";
import { curveClient, curveServer } from "./curve_rig.ts";
import { wireType } from "../support/socket_types.ts";

/** A {@link ConnectionRig} with CURVE, and a peer that shakes hands with it. */
export class CurveConnection extends ConnectionRig {
  readonly peer: SessionRecorder;
  /** The number of the link's writes that the peer has read. */
  #read = 0;

  constructor(
    options: RigOptions & { readonly heartbeat?: HeartbeatOptions; readonly peerHeartbeat?: HeartbeatOptions } = {},
  ) {
    const { heartbeat, peerHeartbeat, socketType = "DEALER" } = options;
    super({
      ...options,
      protocol: (handler) =>
        new Session(
          {
            type: wireType(socketType),
            identity: new Uint8Array(0),
            limits: { ...DEFAULT_LIMITS, ...options.limits },
            ...heartbeat && { heartbeat },
          },
          curveServer(),
          handler,
        ),
    });
    this.peer = new SessionRecorder({
      socketType: "DEALER",
      mechanism: curveClient(),
      ...peerHeartbeat && { heartbeat: peerHeartbeat },
    });
    this.connection.start();
    this.peer.session.start(0);
  }

  /** Brings what each side has sent to the other one, until there is nothing left; stops where the link is paused. */
  pump(): void {
    for (;;) {
      const fromPeer = this.link.paused ? [] : this.peer.sent.splice(0);
      const toPeer = this.link.writes.slice(this.#read);
      if (fromPeer.length + toPeer.length === 0) return;
      this.#read += toPeer.length;
      for (const bytes of toPeer) this.peer.session.feed(bytes.slice());
      for (const bytes of fromPeer) {
        if (this.link.paused) this.peer.sent.push(bytes);
        else this.link.arrive(bytes);
      }
    }
  }
}
