/**
 * A peer whose authenticator rejects a socket sends an ERROR command with a status (RFC 27).
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { AuthError, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, greeting, RawListener } from "../support/raw_peer.ts";
import { nextEvent } from "./support.ts";

for (const status of [300, 400, 500] as const) {
  test(`authentication: an ERROR of ${status} is an event of its own, and the next attempt is delayed`, async () => {
    await using listener = await RawListener.bind();
    await using push = new Push({ reconnectInterval: 10, linger: 0 });
    const refused = nextEvent(push, "handshake:error:auth");
    const retry = nextEvent(push, "connect:retry");
    push.connect(listener.endpoint);
    const peer = await listener.accept();
    peer.write(greeting(), command("ERROR", bytes(3, String(status))));
    const event = await refused;
    assertEquals([event.status, event.endpoint, event.error.code], [status, listener.endpoint, "EACCES"]);
    assert(event.error instanceof AuthError && event.error.status === status);
    // Ten times the interval, with half of it random.
    assert((await retry).interval >= 50);
  });
}

test("authentication: any other reason is an error of the protocol", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ linger: 0 });
  const refused = nextEvent(push, "handshake:error:protocol");
  push.connect(listener.endpoint);
  const peer = await listener.accept();
  peer.write(greeting(), command("ERROR", bytes(3, "no!")));
  assertEquals([(await refused).rule, (await refused).error.code], ["UNSPECIFIED", "EPROTO"]);
});
