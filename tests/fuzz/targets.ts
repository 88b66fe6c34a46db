/**
 * All fuzz targets.
 *
 * @module
 */

import type { Target } from "./target.ts";
import { COMMAND_TARGETS } from "./targets/commands.ts";
import { CURVE_TARGETS } from "./targets/curve.ts";
import { FRAME_TARGETS } from "./targets/frames.ts";
import { GREETING_TARGETS } from "./targets/greeting.ts";
import { MECHANISM_TARGETS } from "./targets/mechanisms.ts";
import { MESSAGE_TARGETS } from "./targets/messages.ts";
import { QUEUE_TARGETS } from "./targets/queues.ts";
import { SESSION_TARGETS } from "./targets/session.ts";
import { TEXT_TARGETS } from "./targets/texts.ts";
import { ZAP_TARGETS } from "./targets/zap.ts";

const ALL = [
  ...FRAME_TARGETS,
  ...GREETING_TARGETS,
  ...COMMAND_TARGETS,
  ...MECHANISM_TARGETS,
  ...CURVE_TARGETS,
  ...SESSION_TARGETS,
  ...ZAP_TARGETS,
  ...TEXT_TARGETS,
  ...MESSAGE_TARGETS,
  ...QUEUE_TARGETS,
];

/** The targets, by name. */
export const TARGETS: ReadonlyMap<string, Target> = new Map(ALL.map((target) => [target.name, target]));
