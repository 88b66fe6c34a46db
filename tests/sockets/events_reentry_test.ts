/**
 * A listener may close the socket from inside any event: nothing is left then, and `end` is the last event.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Pull, Push, type Socket, type SocketEvent } from "../../mod.ts";
import { test } from "../support/harness.ts";

/** Closes the socket when it emits this event; resolves with all of its events. */
function closeOn(socket: Socket, type: SocketEvent["type"]): Promise<string[]> {
  const told: string[] = [];
  return new Promise((resolve) => {
    socket.events.listen((event) => {
      told.push(event.type);
      if (event.type === type) void socket.close().then(() => resolve(told));
    });
  });
}

for (const type of ["bind", "accept", "handshake", "disconnect"] as const) {
  test(`a bound socket may be closed on ${type}`, async () => {
    const pull = new Pull();
    const told = closeOn(pull, type);
    await using push = new Push({ linger: 0, reconnectInterval: -1 });
    try {
      push.connect(await pull.bind("tcp://127.0.0.1:0"));
    } catch { /* Closed before `bind` told its endpoint. */ }
    if (type === "disconnect") {
      await push.waitForPeers(1);
      await push.close();
    }
    const events = await told;
    await push.close();
    assertEquals(events.at(-1), "end");
    assertEquals(pull.peerCount, 0);
  });
}

for (const type of ["connect", "handshake", "disconnect", "connect:retry"] as const) {
  test(`a connecting socket may be closed on ${type}`, async () => {
    const pull = new Pull();
    const push = new Push({ linger: 0 });
    const told = closeOn(push, type);
    push.connect(await pull.bind("tcp://127.0.0.1:0"));
    if (type === "disconnect" || type === "connect:retry") {
      await pull.waitForPeers(1);
      await push.waitForPeers(1);
      await pull.close();
    }
    const events = await told;
    await pull.close();
    assertEquals(events.at(-1), "end");
    assertEquals(events.filter((event) => event === "end").length, 1);
    assertEquals(push.peerCount, 0);
  });
}
