/**
 * The parties that are measured, each a column of the tables: which host plays each side of a benchmark.
 *
 * @module
 */

import { PARTY_NAMES, type PartyName } from "./peers/party.ts";

/** A host that can play a side: this library on a runtime, zeromq.js on Node, libzmq in C. */
export type Host = PartyName | "libzmq";

/** One of {@link PARTIES}. */
export interface Party {
  readonly id: string;
  /** Name in tables. */
  readonly title: string;
  /** `mixed`: this library on one side, libzmq in C on the other. */
  readonly kind: "ours" | "peer" | "mixed";
  readonly server: Host;
  readonly client: Host;
}

const TITLES: Readonly<Record<Host, string>> = {
  "deno": "Deno",
  "bun": "Bun",
  "node": "Node",
  "zeromq.js": "zeromq.js",
  "libzmq": "libzmq in C",
};

/** The runtimes on which this library is measured. */
export const RUNTIMES: readonly PartyName[] = PARTY_NAMES.filter((name) => name !== "zeromq.js");

/** The other libraries, to each of which this library is compared. */
export const PEERS: readonly Party[] = [alone("zeromq.js", "peer"), alone("libzmq", "peer")];

/** All parties, in the order of the tables. */
export const PARTIES: readonly Party[] = [
  ...RUNTIMES.map((runtime) => alone(runtime, "ours")),
  ...PEERS,
  // The client sends, if messages go only one way.
  ...RUNTIMES.map((runtime) => mixed(runtime, "libzmq")),
  ...RUNTIMES.map((runtime) => mixed("libzmq", runtime)),
];

function alone(host: Host, kind: "ours" | "peer"): Party {
  return { id: host, title: TITLES[host], kind, server: host, client: host };
}

function mixed(client: Host, server: Host): Party {
  return {
    id: `${client}>${server}`,
    title: `${TITLES[client]} → ${TITLES[server]}`,
    kind: "mixed",
    server,
    client,
  };
}

/** Checks if a host plays a side of a party. */
export function takesPart(party: Party, host: Host): boolean {
  return party.server === host || party.client === host;
}
