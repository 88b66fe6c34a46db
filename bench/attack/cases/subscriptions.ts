/**
 * SUBSCRIBE and CANCEL of the same topic, alternating, a short one and a long one: each is work for the publisher, and none takes memory.
 *
 * @module
 */

import { bytes, command } from "../../../tests/support/raw_peer.ts";
import type { Attack } from "../attack.ts";
import { HostilePeer, pourCopies } from "../hostile_peer.ts";

function alternating(id: string, title: string, topic: string): Attack {
  return {
    id,
    title,
    unit: "pairs",
    target: "publisher",
    flood: (flood) =>
      pourCopies(
        bytes(command("SUBSCRIBE", topic), command("CANCEL", topic)),
        () => HostilePeer.join(flood.endpoint, flood.signal, "SUB"),
        flood,
      ),
  };
}

/** The attack with a short topic. */
export const subscriptions: Attack = alternating("subscriptions", "SUBSCRIBE and CANCEL, alternating", "topic");

/** The attack with a topic that is nearly as long as topics may be. */
export const longTopics: Attack = alternating(
  "long-topics",
  "the same with topics of 60,000 bytes",
  "x".repeat(60_000),
);
