/**
 * The side of a conversation that is not this test's.
 *
 * @module
 */

import type { End, EndOptions, EndType } from "../support/peers/end.ts";

/** The place of the other sockets: usually a process of their own. */
export interface OtherSide {
  /** Its name in the names of tests. */
  readonly kind: string;
  open(type: EndType, options: EndOptions): Promise<End & AsyncDisposable>;
}
