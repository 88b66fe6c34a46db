/**
 * A libzmq that answers requests, in a process of its own, for programs that have the package installed.
 *
 * @module
 */

import { Peer } from "../../support/peers/controller.ts";

/** The output of the programs in `tests/package/fixtures/` when they succeed. */
export const ANSWERED = "answered hello from libzmq";

/** Runs `ask` with the endpoint of a REP socket of libzmq, which answers every request. */
export async function withLibzmq<T>(ask: (endpoint: string) => Promise<T>): Promise<T> {
  await using peer = new Peer("libzmq");
  const reply = await peer.open("REP");
  const endpoint = await reply.bind("tcp://127.0.0.1:0");
  let asking = true;
  const answering = (async () => {
    while (asking) {
      const [question] = await reply.receive();
      await reply.send([`${new TextDecoder().decode(question)} from libzmq`]);
    }
  })();
  // It ends when the peer does.
  answering.catch(() => {});
  try {
    return await ask(endpoint);
  } finally {
    asking = false;
  }
}
