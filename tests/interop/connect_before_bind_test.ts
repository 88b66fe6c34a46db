/**
 * Connecting to an endpoint that is not bound yet.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { freeEndpoint } from "./free_endpoint.ts";
import { texts } from "./frames.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";

const libzmq = new Peer("libzmq");

const PAIRS: readonly (readonly [connector: EndType, binder: EndType])[] = [
  ["PUSH", "PULL"],
  ["PULL", "PUSH"],
  ["REQ", "REP"],
  ["DEALER", "ROUTER"],
  ["SUB", "PUB"],
  ["PUB", "SUB"],
  ["PAIR", "PAIR"],
];

async function talk(connector: End, binder: End): Promise<void> {
  switch (connector.type) {
    case "SUB":
      return await publishUntilHeard(binder, connector);
    case "PUB":
      return await publishUntilHeard(connector, binder);
    case "PULL":
      await binder.send(["late", "but there"]);
      assertEquals(texts(await connector.receive()), ["late", "but there"]);
      return;
    default:
      // Sent before there was anyone to send it to.
      assertEquals(texts(await binder.receive()).slice(-2), ["early", "bird"]);
  }
}

for (const [connectorType, binderType] of PAIRS) {
  for (const who of ["our", "libzmq's"] as const) {
    const other = who === "our" ? "libzmq's" : "our";
    test(`${who} ${connectorType} connects before ${other} ${binderType} binds`, async () => {
      const options = { reconnectInterval: 20 };
      await using ours = new OurEnd(who === "our" ? connectorType : binderType, options);
      await using theirs = await libzmq.open(who === "our" ? binderType : connectorType, options);
      const [connector, binder] = who === "our" ? [ours, theirs] : [theirs, ours];
      if (connectorType === "SUB") await connector.subscribe("");
      if (binderType === "SUB") await binder.subscribe("");
      const endpoint = await freeEndpoint(libzmq);
      await connector.connect(endpoint);
      const ahead = ["PUSH", "REQ", "DEALER", "PAIR"].includes(connectorType);
      const sent = ahead ? connector.send(["early", "bird"]) : undefined;
      // Twice refused, so that what was sent has waited through an attempt.
      await connector.seen("connect:retry", 2);
      await binder.bind(endpoint);
      await talk(connector, binder);
      await sent;
    });
  }
}
