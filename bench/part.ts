/**
 * What a process of a benchmark is told to do.
 *
 * @module
 */

import type { Timing, Transport, Variant } from "./case.ts";

/** Which side a process plays. */
export type Role = "server" | "client" | "both";

/** What a process is told. */
export interface Part {
  readonly caseId: string;
  readonly variant: Variant;
  readonly timing: Timing;
  readonly role: Role;
  /** Where the sockets of `ipc` may be. */
  readonly folder: string;
  /** Where a client connects. */
  readonly endpoint?: string;
}

/** Makes endpoints to bind to, each of which is free. */
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
