/**
 * Authorization of subscriptions: the program decides by the user id of a subscription.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Subscriber, toText, userIdOf, XPublisher } from "../../mod.ts";
import { ANY } from "../sockets/support.ts";
import { test } from "../support/harness.ts";

test("a subscription has the user id of its peer, and with manual only granted topics are sent", async () => {
  await using publisher = new XPublisher({
    plainServer: true,
    manual: true,
    authenticate: ({ username }) => ({ userId: username! }),
  });
  const endpoint = await publisher.bind(ANY);
  const asked: string[] = [];
  const join = async (user: string) => {
    const subscriber = new Subscriber({ plainUsername: user, receiveTimeout: 20_000 });
    subscriber.connect(endpoint);
    subscriber.subscribe("secret");
    const message = await publisher.receive();
    asked.push(`${userIdOf(message)} ${toText(message[0].subarray(1))}`);
    publisher.subscribe(userIdOf(message) === "ann" ? "secret" : "public");
    return subscriber;
  };
  await using ann = await join("ann");
  await using bob = await join("bob");
  await publisher.send("secret");
  await publisher.send("public");
  assertEquals(asked, ["ann secret", "bob secret"]);
  assertEquals((await ann.receive()).map(toText), ["secret"]);
  // A Subscriber drops what it did not ask for: whatever came to bob, the secret did not.
  bob.receiveTimeout = 100;
  assertEquals(await bob.receive().then(() => "something", (error) => error.code), "EAGAIN");
});
