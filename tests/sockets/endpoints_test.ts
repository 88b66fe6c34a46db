/**
 * bind, unbind, connect, disconnect: any number of endpoints, in any order, on either side.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent, rejectsWith, take, throwsWith } from "./support.ts";

test("bind: port 0 and port * are resolved to a real port, each to another", async () => {
  await using pull = new Pull();
  const first = await pull.bind("tcp://127.0.0.1:0");
  const second = await pull.bind("tcp://127.0.0.1:*");
  assertMatch(first, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assertMatch(second, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assertNotEquals(first, second);
});

test("bind: host * binds every interface", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const endpoint = await pull.bind("tcp://*:*");
  assertMatch(endpoint, /^tcp:\/\/0\.0\.0\.0:[1-9]\d*$/);
  push.connect(endpoint.replace("0.0.0.0", "127.0.0.1"));
  await push.send("hello");
  assertEquals(await take(pull, 1), ["hello"]);
});

test("bind: an address in use is EADDRINUSE, with the runtime's error as its cause and an event", async () => {
  await using one = new Pull();
  await using other = new Pull();
  const endpoint = await one.bind(ANY);
  const told = nextEvent(other, "bind:error");
  const error = await rejectsWith("EADDRINUSE", () => other.bind(endpoint));
  assert(error.cause !== undefined);
  assertMatch(error.message, /in use/);
  const event = await told;
  assertEquals(event.endpoint, endpoint);
  assert(event.error === error);
  await rejectsWith("EADDRINUSE", () => one.bind(endpoint));
});

test("bind: an address of another machine is EADDRNOTAVAIL", async () => {
  await using pull = new Pull();
  await rejectsWith("EADDRNOTAVAIL", () => pull.bind("tcp://203.0.113.7:0"));
});

test("a socket binds and connects any number of endpoints at the same time", async () => {
  await using middle = new Pull();
  const bound = [await middle.bind(ANY), await middle.bind(ANY)];
  const pushes = [new Push(), new Push(), new Push(), new Push()];
  for (const [i, endpoint] of bound.entries()) pushes[i]!.connect(endpoint);
  for (const push of pushes.slice(2)) middle.connect(await push.bind(ANY));
  for (const [i, push] of pushes.entries()) await push.send(`from ${i}`);
  assertEquals((await take(middle, 4)).sort(), ["from 0", "from 1", "from 2", "from 3"]);
  for (const push of pushes) await push.close();
});

test("unbind: accepted connections end, other endpoints continue, and the address is free again", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await using next = new Pull();
  const endpoint = await pull.bind(ANY);
  const other = await pull.bind(ANY);
  await using here = await RawPeer.join(endpoint, { type: "PUSH" });
  here.write(message("sent before"));
  await here.sync();
  push.connect(other);
  await pull.waitForPeers(2);
  const closed = nextEvent(pull, "close");
  await pull.unbind(endpoint);
  assertEquals((await closed).endpoint, endpoint);
  await here.gone;
  await push.send("from elsewhere");
  assertEquals((await take(pull, 2)).sort(), ["from elsewhere", "sent before"]);
  await bindAgain(next, endpoint);
  await using late = new Push();
  late.connect(endpoint);
  await late.send("to the next");
  assertEquals(await take(next, 1), ["to the next"]);
});

test("unbind: new peers are refused until the endpoint is bound again", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await pull.unbind(endpoint);
  await using push = new Push({ reconnectInterval: 10 });
  const refused = nextEvent(push, "connect:retry");
  push.connect(endpoint);
  await push.send("patience");
  await refused;
  await bindAgain(pull, endpoint);
  assertEquals(await take(pull, 1), ["patience"]);
});

test("unbind: messages queued for the peers of the endpoint are still sent", async () => {
  await using push = new Push();
  const endpoint = await push.bind(ANY);
  await using peer = await RawPeer.join(endpoint, { type: "PULL" });
  await push.waitForPeers(1);
  for (let i = 0; i < 1000; i++) await push.send(`${i}`);
  await push.unbind(endpoint);
  for (let i = 0; i < 1000; i++) assertEquals(await peer.message(), [`${i}`]);
  await peer.gone;
  assertEquals(push.trySend("nobody is left"), false);
});

test("unbind: also accepts the endpoint as it was passed to bind", async () => {
  await using pull = new Pull();
  const first = await pull.bind("tcp://127.0.0.1:*");
  await pull.unbind("tcp://127.0.0.1:*");
  await rejectsWith("ENOENT", () => pull.unbind(first));
});

test("connect: immediately, before the peer exists, and messages sent meanwhile arrive", async () => {
  const endpoint = await deserted();
  await using push = new Push({ reconnectInterval: 10 });
  await using pull = new Pull();
  push.connect(endpoint);
  assertEquals(push.trySend("early"), true);
  await nextEvent(push, "connect:retry");
  await bindAgain(pull, endpoint);
  assertEquals(await take(pull, 1), ["early"]);
});

test("connect: a second connect to the same endpoint does nothing for Dealer, Subscriber, Publisher and Request", async () => {
  const makers = [
    () => ({ here: new Dealer(), there: new Router() }),
    () => ({ here: new Subscriber(), there: new Publisher() }),
    () => ({ here: new Publisher(), there: new Subscriber() }),
    () => ({ here: new Request(), there: new Reply() }),
  ];
  for (const make of makers) {
    const { here, there } = make();
    const first = await there.bind(ANY);
    const second = await there.bind(ANY);
    here.connect(first);
    here.connect(first);
    await there.waitForPeers(1);
    // A second connection to the first endpoint would be established before a later one.
    const both = [here, there].map((socket) => nextEvent(socket, "handshake", ({ endpoint }) => endpoint === second));
    here.connect(second);
    await Promise.all(both);
    assertEquals([here.type, here.peerCount, there.peerCount], [here.type, 2, 2]);
    await here.close();
    await there.close();
  }
});

test("connect: a second connect to the same endpoint is a second connection for Push", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const endpoint = await pull.bind(ANY);
  push.connect(endpoint);
  push.connect(endpoint);
  await pull.waitForPeers(2);
});

test("disconnect: queued messages are still sent, then the connection ends and is not reestablished", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 10 });
  push.connect(listener.endpoint);
  for (const job of ["a", "b", "c"]) await push.send(job);
  push.disconnect(listener.endpoint);
  const peer = await listener.join({ type: "PULL" });
  for (const job of ["a", "b", "c"]) assertEquals(await peer.message(), [job]);
  await peer.gone;
  throwsWith("ENOENT", () => push.disconnect(listener.endpoint));
});

test("disconnect: messages go to the endpoints that are left, and it can be connected again", async () => {
  await using left = new Pull();
  await using other = new Pull();
  await using push = new Push();
  const endpoint = await left.bind(ANY);
  push.connect(endpoint);
  push.connect(await other.bind(ANY));
  await push.waitForPeers(2);
  const gone = nextEvent(left, "disconnect");
  push.disconnect(endpoint);
  for (const job of ["1", "2"]) await push.send(job);
  assertEquals(await take(other, 2), ["1", "2"]);
  await gone;
  push.connect(endpoint);
  await left.waitForPeers(1);
  await push.send("3");
  await push.send("4");
  assertEquals((await Promise.all([take(left, 1), take(other, 1)])).flat().sort(), ["3", "4"]);
});

test("disconnect: messages that the endpoint does not accept within linger are dropped", async () => {
  await using pair = new Pair({ linger: 20, reconnectInterval: 10 });
  const endpoint = await deserted();
  pair.connect(endpoint);
  await pair.send("lost");
  pair.disconnect(endpoint);
  assertEquals(await pair.close({ linger: -1 }), 1);
});
