/**
 * Messages of 65,536 empty frames, the most that `maxFrames` allows by default: 128 KiB on the wire, much more in memory.
 *
 * @module
 */

import { bytes, frame } from "../../../tests/support/raw_peer.ts";
import type { Attack, Flood, Target } from "../attack.ts";
import { HostilePeer, pourCopies, repeated } from "../hostile_peer.ts";

const FRAMES = 65_536;

function flood(flood: Flood): Promise<void> {
  const more = frame(1, "");
  const one = bytes(repeated(more, (FRAMES - 1) * more.length).chunk, frame(0, ""));
  return pourCopies(one, () => HostilePeer.join(flood.endpoint, flood.signal, "PUSH"), flood);
}

function attack(id: string, title: string, target: Target): Attack {
  return { id, title, unit: "messages", target, flood };
}

/** The messages are received and dropped. */
export const manyFrames: Attack = attack("many-frames", "messages of 65,536 empty frames", "pull");

/** The server does not receive: only its memory matters. */
export const unreadFrames: Attack = attack("unread-frames", "the same, not received", "pull-unread");
