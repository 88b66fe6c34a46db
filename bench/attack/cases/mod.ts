/**
 * All attacks, in the order of the table.
 *
 * @module
 */

import type { Attack } from "../attack.ts";
import { curveHellos, curveHellosLimited } from "./curve_hellos.ts";
import { droppedMessages } from "./dropped_messages.ts";
import { emptyMessages } from "./empty_messages.ts";
import { handshakes } from "./handshakes.ts";
import { largeSealedFrame } from "./large_sealed_frame.ts";
import { manyFrames, unreadFrames } from "./many_frames.ts";
import { metadataBomb, metadataFull, unfinishedHandshakes } from "./metadata_bomb.ts";
import { pings } from "./pings.ts";
import { routingIdTaken } from "./routing_id_taken.ts";
import { slowReader } from "./slow_reader.ts";
import { longTopics, subscriptions } from "./subscriptions.ts";
import { topics } from "./topics.ts";

/** No attack: the baseline of the others. */
const none: Attack = { id: "none", title: "none", unit: "", target: "router", flood: async () => {} };

/** The attacks. */
export const ATTACKS: readonly Attack[] = [
  none,
  pings,
  subscriptions,
  longTopics,
  droppedMessages,
  emptyMessages,
  manyFrames,
  unreadFrames,
  handshakes,
  curveHellos,
  curveHellosLimited,
  routingIdTaken,
  topics,
  metadataBomb,
  metadataFull,
  unfinishedHandshakes,
  slowReader,
  largeSealedFrame,
];
