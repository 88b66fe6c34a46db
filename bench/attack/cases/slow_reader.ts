/**
 * Subscribers that stop reading what a busy publisher sends: 20 of them.
 *
 * @module
 */

import { command } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer } from "../hostile_peer.ts";

const SUBSCRIBERS = 20;

/** The attack. */
export const slowReader: Attack = {
  id: "slow-reader",
  title: "20 subscribers that do not read",
  unit: "connections",
  target: "publisher-busy",
  async flood({ endpoint, signal, count }) {
    for (let i = 0; i < SUBSCRIBERS; i++) {
      const peer = await HostilePeer.join(endpoint, signal, "SUB");
      await peer?.write(command("SUBSCRIBE"));
      peer?.pause();
      count(1);
    }
  },
};
