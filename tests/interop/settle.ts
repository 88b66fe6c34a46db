/**
 * Waiting until what a libzmq process has sent is in our sockets, without receiving it.
 *
 * All sockets of a libzmq context share one I/O thread, which writes in the order it is asked to. So bytes sent before a
 * request are in our kernel before that request is, and after further round trips our event loop has read them.
 *
 * @module
 */

import { Reply } from "../../mod.ts";
import type { Peer } from "../support/peers/controller.ts";

const ROUND_TRIPS = 3;

/** Resolves when everything small that the peer's sockets had sent before this call is in ours. */
export async function settle(peer: Peer): Promise<void> {
  await using reply = new Reply();
  await using request = await peer.open("REQ");
  await request.connect(await reply.bind("tcp://127.0.0.1:0"));
  for (let i = 0; i < ROUND_TRIPS; i++) {
    await request.send(["there?"]);
    await reply.receive();
    await reply.send("yes");
    await request.receive();
  }
}
