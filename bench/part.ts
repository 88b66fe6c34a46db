/**
 * The part of a process in a benchmark.
 *
 * @module
 */

import type { Timing, Transport, Variant } from "./case.ts";

/** The side that a process plays. */
export type Role = "server" | "client" | "both";

/** The instructions for a process. */
export interface Part {
  readonly caseId: string;
  readonly variant: Variant;
  readonly timing: Timing;
  readonly role: Role;
  /** Directory for sockets of `ipc`. */
  readonly folder: string;
  /** Endpoint that a client connects to. */
  readonly endpoint?: string;
}

/** Returns a function that generates free endpoints to bind. */
export function endpoints(transport: Transport, folder: string): () => string {
  let made = 0;
  switch (transport) {
    case "tcp":
      return () => "tcp://127.0.0.1:*";
    case "ipc":
      return () => `ipc://${folder}/${made++}`;
    case "inproc":
      return () => `inproc://bench-${made++}`;
  }
}
