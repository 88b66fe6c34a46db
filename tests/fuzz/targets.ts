/**
 * All fuzz targets.
 *
 * @module
 */

import type { Target } from "./target.ts";
import { COMMAND_TARGETS } from "./targets/commands.ts";
import { FRAME_TARGETS } from "./targets/frames.ts";
import { TEXT_TARGETS } from "./targets/texts.ts";

/** The targets, by name. */
export const TARGETS: ReadonlyMap<string, Target> = new Map(
  [...FRAME_TARGETS, ...COMMAND_TARGETS, ...TEXT_TARGETS].map((target) => [target.name, target]),
);
