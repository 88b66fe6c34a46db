/**
 * A subscriber that asks for too much costs itself its connection, and the publisher neither memory nor time.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, message, RawPeer } from "../support/raw_peer.ts";

const MIB = 1024 * 1024;

for (const type of ["PUB", "XPUB"] as const) {
  for (const form of ["command", "message"] as const) {
    test(`${type}: a topic of 8 MiB in a ${form} is refused`, async () => {
      await using publisher = type === "PUB" ? new Publisher() : new XPublisher();
      const endpoint = await publisher.bind("tcp://127.0.0.1:0");
      await using good = new Subscriber();
      good.subscribe("a");
      good.connect(endpoint);
      await publisher.waitForSubscribers(1, { topic: "a" });

      const refused = new Promise<string>((resolve) => {
        publisher.events.listen((event) => {
          if (event.type === "disconnect") resolve(String((event.error as { code?: string } | undefined)?.code));
        });
      });
      await using attacker = await RawPeer.join(endpoint, { type: "SUB" });
      const topic = "x".repeat(8 * MIB);
      await attacker.write(form === "command" ? command("SUBSCRIBE", topic) : message(bytes(1, topic)));
      assertEquals(await refused, "EMSGSIZE");
      assertEquals(publisher.subscriberCount, 1);
      await publisher.send("a still there");
      assertEquals((await good.receive())[0].length, 13);
    });
  }
}
