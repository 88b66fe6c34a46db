/**
 * Endpoints without a listener, for sockets that connect early and for peers that restart.
 *
 * @module
 */

import process from "node:process";
import type { Peer } from "../support/peers/controller.ts";

// A file's own part: on Deno, files may share a process.
const FILE = Math.floor(Math.random() * 250);
let made = 0;

/** A TCP endpoint with a free port, on a host of its own, so that no other process gets it. */
export function ownEndpoint(): string {
  // The system assigns the free ports of 127.0.0.1 to any process. macOS has no other loopback addresses.
  const host = process.platform === "darwin" ? "127.0.0.1" : `127.${1 + process.pid % 250}.${1 + FILE}.${1 + made++}`;
  return `tcp://${host}:0`;
}

/** An endpoint that the peer has listened on, and does no longer. */
export async function freeEndpoint(peer: Peer): Promise<string> {
  await using pull = await peer.open("PULL");
  const endpoint = await pull.bind(ownEndpoint());
  await pull.unbind(endpoint);
  await pull.seen("close", 1);
  return endpoint;
}
