/**
 * Scenarios that once failed, shrunk: `npm test` plays them. They are kept as plans, because a seed means another scenario
 * as soon as the generator draws one number more.
 *
 * @module
 */

import type { Plan } from "./plan.ts";

/** A scenario, and what it found. */
export interface Kept {
  readonly why: string;
  readonly plan: Plan;
}

/** All of them. */
export const KEPT: readonly Kept[] = [];
