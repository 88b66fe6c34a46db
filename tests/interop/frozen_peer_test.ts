/**
 * A process of libzmq that is stopped, as by a debugger or a machine out of memory: its connections stay open, and only
 * heartbeats detect that it does not respond.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";

const HEARTBEAT = { heartbeatInterval: 50, heartbeatTimeout: 300 };

/** The error of the next lost connection. */
function lost(socket: Dealer): Promise<unknown> {
  return new Promise((resolve) => {
    socket.events.listen((event) => event.type === "disconnect" && resolve(event.error));
  });
}

for (const binder of ["ours", "theirs"] as const) {
  test(`a libzmq process that is stopped is detected by heartbeats: ${binder} binds`, async () => {
    await using libzmq = new Peer("libzmq");
    await using dealer = new Dealer({ ...HEARTBEAT, linger: 0 });
    const router = await libzmq.open("ROUTER");
    if (binder === "ours") await router.connect(await dealer.bind("tcp://127.0.0.1:0"));
    else dealer.connect(await router.bind("tcp://127.0.0.1:0"));
    await dealer.waitForPeers(1);
    const error = lost(dealer);
    libzmq.freeze();
    const reason = await error;
    assertEquals(reason instanceof ZmqError && reason.code, "ETIMEDOUT");
    assertEquals(dealer.peerCount, 0);
  }, { timeout: 20_000 });
}
