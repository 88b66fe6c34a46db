/**
 * The disconnect message of a Reply is received as a request of one frame, which may be empty, and its reply is
 * dropped.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Reply } from "../../mod.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { message, RawPeer } from "../support/raw_peer.ts";

test("disconnectMessage of a Reply may be an empty frame", async () => {
  await using reply = new Reply({ disconnectMessage: "" });
  const endpoint = await reply.bind(ANY);
  const first = await RawPeer.join(endpoint, { type: "REQ" });
  const gone = nextEvent(reply, "disconnect");
  await first.end();
  await gone;
  assertEquals(reply.tryReceive()?.length, 1);
  await reply.send("to nobody");
  await using second = await RawPeer.join(endpoint, { type: "REQ" });
  second.write(message("", "a request"));
  assertEquals(await take(reply, 1), ["a request"]);
});
