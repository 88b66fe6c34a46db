/**
 * Encrypted messages of 64 MiB in one frame, which can be opened only as a whole. The hostile peer is this library, because
 * CURVE is too much to write by hand.
 *
 * @module
 */

import { Push } from "../../../mod.ts";
import { CURVE_CLIENT } from "../../peers/library.ts";
import type { Attack } from "../attack.ts";

const SIZE = 64 * 1024 * 1024;

/** The attack. */
export const largeSealedFrame: Attack = {
  id: "large-sealed-frame",
  title: "encrypted messages of 64 MiB",
  unit: "messages",
  target: "pull-curve",
  async flood({ endpoint, signal, count }) {
    const push = new Push({ ...CURVE_CLIENT, sendHighWaterMark: 1, linger: 0 });
    push.connect(endpoint);
    const message = new Uint8Array(SIZE);
    try {
      for (;;) {
        await push.send(message, { signal });
        count(1);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await push.close();
    }
  },
};
