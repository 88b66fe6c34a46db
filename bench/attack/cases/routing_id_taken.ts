/**
 * Peers whose routing id already belongs to another peer, and that send anyway: 100 messages of 100 kB each, from 20
 * peers at a time.
 *
 * @module
 */

import { message } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer } from "../hostile_peer.ts";

const PEERS = 20;
const MESSAGES = 100;
const BYTES = 100_000;

/** The attack. */
export const routingIdTaken: Attack = {
  id: "routing-id-taken",
  title: "messages under a taken routing id",
  unit: "messages",
  target: "router",
  async flood({ endpoint, signal, count }) {
    const owner = await HostilePeer.join(endpoint, signal, "DEALER", "taken");
    await owner?.heard();
    const one = message(new Uint8Array(BYTES));
    const send = async () => {
      while (!signal.aborted) {
        const peer = await HostilePeer.join(endpoint, signal, "DEALER", "taken");
        if (peer === undefined) continue;
        for (let sent = 0; sent < MESSAGES && await peer.write(one); sent++) count(1);
        // A server that keeps the connection keeps what came over it, too.
        await peer.gone;
      }
    };
    await Promise.all(Array.from({ length: PEERS }, send));
  },
};
