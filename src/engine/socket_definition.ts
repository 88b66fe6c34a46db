/**
 * A socket type in one place: how it introduces itself, whom it may talk to, what options it has, and how it behaves. The class
 * over it says what programs can do with it.
 *
 * @module
 */

import type { OptionGroup, Values } from "../base/option.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { WireType } from "../zmtp/socket_type.ts";
import type { Settings } from "./settings.ts";

/** Everything that makes a socket type. */
export interface SocketDefinition<Options extends object = object, Behaviour extends Pattern = Pattern>
  extends WireType {
  /** Its options: those of {@link COMMON}, and of the groups that it has besides. */
  readonly options: OptionGroup<Options>;
  /** Makes the behaviour of one socket, which reads its options where it needs them. */
  pattern(settings: Settings & Values<Options>): Behaviour;
  /** What its connections speak: ZMTP, or nothing at all. Default: ZMTP. */
  readonly wire?: "zmtp" | "raw";
  /** Whether it can be bound and connected over local schemes, such as `inproc://`. Default: yes. */
  readonly local?: boolean;
  /** Whether a second `connect` to the same endpoint does nothing, as in libzmq (where inproc is excepted). Default: no. */
  readonly connectsOnce?: boolean;
  /** Whether it can send only after it has received, so that its room depends on what it receives, as of a REP. Default: no. */
  readonly repliesOnly?: boolean;
}
