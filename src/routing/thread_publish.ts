/**
 * PUB, as a thread that serves subscribers of a publisher in another thread plays it: it reports the first subscribe and the last
 * unsubscribe of each topic (`onUnion`), as an XPUB does, and still drops other messages of subscribers.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import { subscriptionOf } from "../zmtp/subscription.ts";
import type { Pipe } from "./pipe.ts";
import { XPublishPattern } from "./xpublish.ts";

/** The behavior of such a PUB. */
export class ThreadPublishPattern extends XPublishPattern {
  override inbound(pipe: Pipe, message: Message): Message | undefined {
    if (subscriptionOf(message) === undefined) {
      pipe.countDrop("unexpectedMessage");
      return undefined;
    }
    return super.inbound(pipe, message);
  }
}
