/**
 * A client and a server without a network, whose bytes a test can inspect and change in transit.
 *
 * @module
 */

import type { Mechanism } from "../../src/zmtp/mechanism.ts";
import { type RecorderOptions, SessionRecorder } from "../support/session_recorder.ts";

/** Changes what is sent, or leaves it. Called for each piece in its order. */
export type Tamper = (bytes: Uint8Array, from: "client" | "server") => Uint8Array | undefined;

/** Two sessions. */
export interface SessionPair {
  readonly client: SessionRecorder;
  readonly server: SessionRecorder;
  /** Delivers sent commands to the peer until none is left; call it again after a late answer. */
  pump(): void;
}

/** Lets two mechanisms meet. Neither end throws, whatever is sent. */
export function meet(
  client: Mechanism,
  server: Mechanism,
  tamper: Tamper = (bytes) => bytes,
  options: RecorderOptions = {},
): SessionPair {
  const ends = {
    client: new SessionRecorder({ socketType: "DEALER", ...options, mechanism: client }),
    server: new SessionRecorder({ socketType: "DEALER", ...options, mechanism: server }),
  };
  const pump = () => {
    for (;;) {
      const pieces = [
        ...ends.client.sent.splice(0).map((bytes) => ({ bytes, from: "client" as const })),
        ...ends.server.sent.splice(0).map((bytes) => ({ bytes, from: "server" as const })),
      ];
      if (pieces.length === 0) return;
      for (const { bytes, from } of pieces) {
        const left = tamper(bytes, from);
        if (left !== undefined) ends[from === "client" ? "server" : "client"].session.feed(left.slice());
      }
    }
  };
  ends.client.session.start(0);
  ends.server.session.start(0);
  pump();
  return { ...ends, pump };
}
