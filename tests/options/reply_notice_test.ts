/**
 * A Reply has no notices of losses: there would be nobody to reply to.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Reply } from "../../mod.ts";
import { ANY, nextEvent, take } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { message, RawPeer } from "../support/raw_peer.ts";

test("disconnectMessage of a Reply is not received, and the next request is", async () => {
  await using reply = new Reply({ disconnectMessage: "", hiccupMessage: "lost" });
  const endpoint = await reply.bind(ANY);
  const first = await RawPeer.join(endpoint, { type: "REQ" });
  const gone = nextEvent(reply, "disconnect");
  await first.end();
  await gone;
  assertEquals(reply.tryReceive(), undefined);
  await using second = await RawPeer.join(endpoint, { type: "REQ" });
  second.write(message("", "a request"));
  assertEquals(await take(reply, 1), ["a request"]);
});
