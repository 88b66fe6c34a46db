/**
 * A subscriber of half a million topics, which starts over when it is refused.
 *
 * @module
 */

import { bytes, command } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer } from "../hostile_peer.ts";

const TOPICS = 500_000;
const AT_ONCE = 1000;

/** The attack. */
export const topics: Attack = {
  id: "topics",
  title: "500,000 topics",
  unit: "topics",
  target: "publisher",
  async flood({ endpoint, signal, count }) {
    while (!signal.aborted) {
      const peer = await HostilePeer.join(endpoint, signal, "SUB");
      if (peer === undefined) continue;
      for (let from = 0; from < TOPICS; from += AT_ONCE) {
        const names = Array.from({ length: AT_ONCE }, (_, i) => command("SUBSCRIBE", `topic/${from + i}/of/many`));
        if (!await peer.write(bytes(...names))) break;
        count(AT_ONCE);
      }
      await peer.gone;
    }
  },
};
