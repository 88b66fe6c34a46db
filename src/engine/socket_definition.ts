/**
 * A socket type in one place: how it introduces itself, its possible peers, its options and its behavior. The class over it is
 * its interface for programs.
 *
 * @module
 */

import type { OptionGroup, Values } from "../base/option.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { ZmtpSocketType } from "../zmtp/socket_type.ts";
import type { Settings } from "./settings.ts";

/** Everything that makes a socket type. */
export interface SocketDefinition<Options extends object = object, Behavior extends Pattern = Pattern>
  extends ZmtpSocketType {
  /** Its options: those of {@link COMMON}, and of the groups that it has besides. */
  readonly options: OptionGroup<Options>;
  /** Makes the behavior of one socket, which reads its options where it needs them. */
  pattern(settings: Settings & Values<Options>): Behavior;
  /** The name of its class, as error messages show it. Default: `name`. */
  readonly title?: string;
  /** The protocol of its connections: ZMTP, or none at all. Default: ZMTP. */
  readonly protocol?: "zmtp" | "raw";
  /** True if it can be bound and connected over local schemes, such as `inproc://`. Default: yes. */
  readonly local?: boolean;
  /** True if a second `connect` to the same endpoint does nothing, as in libzmq (where inproc is excepted). Default: no. */
  readonly connectsOnce?: boolean;
  /** True if other sockets may listen on the same ports: those of the threads of one publisher. Default: no. */
  readonly sharesPorts?: boolean;
  /** True if it can send only after it has received, as a REP does: whether it has room depends on what it received. Default: no. */
  readonly repliesOnly?: boolean;
}
