/**
 * A PUSH and its PULL.
 *
 * @module
 */

import { Pull, type PullOptions, Push, type PushOptions } from "../../mod.ts";

/** A sending and a receiving socket; `await using` closes both. */
export interface Pipeline extends AsyncDisposable {
  readonly push: Push;
  readonly pull: Pull;
}

/** A PUSH that has its PULL, over any transport. */
export async function pipeline(
  endpoint: string,
  pushOptions: PushOptions = {},
  pullOptions: PullOptions = {},
): Promise<Pipeline> {
  const pull = new Pull(pullOptions);
  const push = new Push({ linger: 0, ...pushOptions });
  push.connect(await pull.bind(endpoint));
  await push.waitForPeers(1);
  return {
    push,
    pull,
    async [Symbol.asyncDispose]() {
      await Promise.all([push.close(), pull.close()]);
    },
  };
}
