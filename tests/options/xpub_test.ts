/**
 * The options of XPublisher: states, several topics per call, waits, inproc, and intended differences from libzmq.
 * tests/interop/options_xpub_test.ts compares them with libzmq.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Message, Subscriber, subscriptionMessage, XPublisher, XSubscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, command, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, texts, throwsWith, turn } from "../sockets/support.ts";

const SUB = { type: "SUB" };
let names = 0;
const inproc = () => `inproc://options-xpub-${++names}`;

const subscribe = (...topics: string[]) => bytes(...topics.map((topic) => command("SUBSCRIBE", topic)));
const cancel = (...topics: string[]) => bytes(...topics.map((topic) => command("CANCEL", topic)));

// Verbosity.

test("an unsubscribe of a topic that the peer did not subscribe to is not received (in libzmq it is if others subscribed)", async () => {
  for (const verbosity of [null, "allSubs"] as const) {
    await using xpub = new XPublisher({ verbosity });
    const endpoint = await xpub.bind(ANY);
    await using wants = await RawPeer.join(endpoint, SUB);
    wants.write(subscribe("t"));
    assertEquals(await take(xpub, 1), ["\x01t"]);
    await using other = await RawPeer.join(endpoint, SUB);
    other.write(cancel("t", "never"), subscribe("u"));
    assertEquals(await take(xpub, 1), ["\x01u"]);
    wants.write(cancel("t"));
    assertEquals(await take(xpub, 1), ["\x00t"]);
    wants.write(cancel("t"), subscribe("v"));
    assertEquals(await take(xpub, 1), ["\x01v"]);
  }
});

test("verbosity allSubsUnsubs over inproc: every subscribe and cancel of two subscribers", async () => {
  await using xpub = new XPublisher({ verbosity: "allSubsUnsubs" });
  const endpoint = await xpub.bind(inproc());
  await using first = new Subscriber();
  const second = new Subscriber();
  for (const subscriber of [first, second]) {
    subscriber.subscribe("t");
    subscriber.connect(endpoint);
    assertEquals(await take(xpub, 1), ["\x01t"]);
  }
  first.unsubscribe("t");
  assertEquals(await take(xpub, 1), ["\x00t"]);
  await second.close();
  assertEquals(await take(xpub, 1), ["\x00t"]);
});

// Manual.

test("manual: subscribe and unsubscribe are EINVAL without it, EFSM without a peer, and take several topics", async () => {
  await using xpub = new XPublisher();
  const endpoint = await xpub.bind(ANY);
  throwsWith("EINVAL", () => xpub.subscribe("a"));
  throwsWith("EINVAL", () => xpub.unsubscribe("a"));
  xpub.manual = true;
  throwsWith("EFSM", () => xpub.subscribe("a"));
  throwsWith("EFSM", () => xpub.unsubscribe("a"));
  await using peer = await RawPeer.join(endpoint, SUB);
  peer.write(subscribe("asked"));
  assertEquals(await take(xpub, 1), ["\x01asked"]);
  xpub.subscribe("a", bytes("b"), "a");
  assertEquals([xpub.topicsCount, xpub.subscriberCount], [2, 1]);
  // No topic at all means all messages.
  xpub.subscribe();
  assertEquals(xpub.topicsCount, 3);
  await xpub.send("anything");
  assertEquals(await peer.message(), ["anything"]);
  xpub.unsubscribe();
  xpub.unsubscribe("a", "b", "never");
  assertEquals([xpub.topicsCount, xpub.subscriberCount], [0, 0]);
});

test("manual: the topic's bytes may be changed afterwards", async () => {
  await using xpub = new XPublisher({ manual: true });
  await using peer = await RawPeer.join(await xpub.bind(ANY), SUB);
  peer.write(subscribe("asked"));
  await xpub.receive();
  const topic = bytes("topic");
  xpub.subscribe(topic);
  topic.fill(0);
  await xpub.send("topic");
  assertEquals(await peer.message(), ["topic"]);
});

test("manual: other messages of a peer make it the last one, too", async () => {
  await using xpub = new XPublisher({ manual: true });
  const endpoint = await xpub.bind(ANY);
  await using first = await RawPeer.join(endpoint, { type: "XSUB" });
  await using second = await RawPeer.join(endpoint, { type: "XSUB" });
  first.write(subscribe("asked"));
  assertEquals(await take(xpub, 1), ["\x01asked"]);
  second.write(message("let me in", "please"));
  assertEquals(await take(xpub, 1), ["let me in|please"]);
  xpub.subscribe("t");
  await xpub.send("t");
  assertEquals(await second.message(), ["t"]);
  await first.sync();
});

test("manual: subscribe and unsubscribe do nothing for a disconnected peer, whose messages are still received, as in libzmq", async () => {
  await using xpub = new XPublisher({ manual: true });
  const peer = await RawPeer.join(await xpub.bind(ANY), SUB);
  peer.write(subscribe("one", "two"));
  await peer.sync();
  const lost = nextEvent(xpub, "disconnect");
  await peer.end();
  await lost;
  const told: string[] = [];
  for (let i = 0; i < 4; i++) {
    told.push(...await take(xpub, 1));
    assertEquals([xpub.subscribe("one"), xpub.unsubscribe("two")], [false, false]);
  }
  assertEquals(told.slice(0, 2), ["\x01one", "\x01two"]);
  assertEquals(told.slice(2).sort(), ["\x00one", "\x00two"]);
  assertEquals([xpub.topicsCount, xpub.subscriberCount], [0, 0]);
});

test("manual: waitForSubscribers counts the subscriptions that the program made", async () => {
  await using xpub = new XPublisher({ manual: true });
  await using subscriber = new Subscriber();
  subscriber.subscribe("asked");
  subscriber.connect(await xpub.bind(inproc()));
  await xpub.receive();
  const waiting = xpub.waitForSubscribers(1, { topic: "given" });
  assertEquals(xpub.subscriberCount, 0);
  xpub.subscribe("given");
  await waiting;
});

test("manual: a broker that assigns topics, with subscribers that connect and disconnect", async () => {
  await using xpub = new XPublisher({ manual: true });
  const endpoint = await xpub.bind(ANY);
  const seen: string[] = [];
  const deciding = (async () => {
    for await (const [event] of xpub) {
      const [kind, topic] = [event[0], new TextDecoder().decode(event.subarray(1))];
      seen.push(`${kind === 1 ? "+" : "-"}${topic}`);
      if (topic.startsWith("secret")) continue;
      try {
        if (kind === 1) xpub.subscribe(`public.${topic}`);
        else xpub.unsubscribe(`public.${topic}`);
      } catch {
        // It has gone meanwhile.
      }
    }
  })();
  // It takes all that it is given.
  await using stays = new XSubscriber();
  stays.connect(endpoint);
  await stays.waitForPeers(1);
  for (const topic of ["a", "secret"]) await stays.send(`\x01${topic}`);
  await xpub.waitForSubscribers(1, { topic: "public.a" });
  for (let i = 0; i < 20; i++) {
    const goes = new Subscriber();
    goes.subscribe("a");
    goes.connect(endpoint);
    if (i % 2 === 0) await xpub.waitForSubscribers(2, { topic: "public.a" });
    await goes.close();
  }
  for (const topic of ["a", "secret", "public.a", "public.secret"]) await xpub.send(topic);
  assertEquals(await take(stays, 1), ["public.a"]);
  await xpub.close();
  await deciding;
  assertEquals(seen.filter((event) => event.endsWith("secret")), ["+secret"]);
});

// To one peer.

test("sendTo: a message to the sender of a subscription only, whatever is sent and received in between", async () => {
  for (const options of [{}, { manual: true }, { manualLastValue: true }, { verbosity: "allSubs" }] as const) {
    await using xpub = new XPublisher({ ...options });
    const endpoint = await xpub.bind(ANY);
    await using a = await RawPeer.join(endpoint, SUB);
    await using b = await RawPeer.join(endpoint, SUB);
    const subscriptions = xpub.subscriptions();
    a.write(subscribe("a"));
    const { value: first } = await subscriptions.next();
    b.write(subscribe("b"));
    const second = await xpub.receive();
    assert(xpub.sendTo(first, ["last value", "of a"]));
    assert(xpub.sendTo(second, "last value of b"));
    assert(xpub.sendTo(first, "once more"));
    await xpub.send("for nobody");
    assertEquals([await a.message(), await a.message()], [["last value", "of a"], ["once more"]]);
    assertEquals(await b.message(), ["last value of b"]);
    assertEquals(xpub.statistics().dropped, 0);
  }
});

test("sendTo: false for a peer that has disconnected or has a full queue; nothing goes to others, nothing is counted", async () => {
  await using xpub = new XPublisher({ sendHighWaterMark: 2, verbosity: "allSubs" });
  const endpoint = await xpub.bind(inproc());
  await using stays = new Subscriber();
  const goes = new Subscriber({ receiveHighWaterMark: 2 });
  const senders: Message[] = [];
  for (const subscriber of [stays, goes]) {
    subscriber.subscribe("");
    subscriber.connect(endpoint);
    senders.push(await xpub.receive());
  }
  let queued = 0;
  while (xpub.sendTo(senders[1]!, "full")) queued++;
  assert(queued >= 2 && queued <= 4, `${queued}`);
  await goes.close();
  while (xpub.peerCount > 1) await turn();
  const { dropped } = xpub.statistics();
  assertEquals(xpub.sendTo(senders[1]!, "gone"), false);
  assertEquals(xpub.statistics().dropped, dropped);
  await xpub.send("for all");
  assertEquals(await take(stays, 1), ["for all"]);
  await xpub.close();
  throwsWith("ENOTSOCK", () => xpub.sendTo(senders[0]!, "closed"));
});

test("sendTo: the peer must be named by what this socket received", async () => {
  await using xpub = new XPublisher();
  await using other = new XPublisher();
  await using sub = new Subscriber();
  sub.connect(await xpub.bind(inproc()));
  sub.subscribe("t");
  const received = await xpub.receive();
  for (const wrong of [[...received], { type: "subscribe", topic: received[0] }, [new Uint8Array(1)]] as const) {
    assertThrows(() => xpub.sendTo(wrong as never, "x"), TypeError, "this XPublisher received");
  }
  assertThrows(() => xpub.sendTo(null as never, "x"), TypeError);
  assertThrows(() => other.sendTo(received, "x"), TypeError);
  assertThrows(() => xpub.sendTo(received, [] as never), TypeError, "empty message");
  assert(xpub.sendTo(received, "t"));
});

// The last value.

test("manualLastValue: only subscribe() addresses the next message to that peer (libzmq: every received message does)", async () => {
  await using xpub = new XPublisher({ manualLastValue: true });
  const endpoint = await xpub.bind(ANY);
  await using a = await RawPeer.join(endpoint, { type: "XSUB" });
  await using b = await RawPeer.join(endpoint, { type: "XSUB" });
  for (const peer of [a, b]) {
    peer.write(subscribe("t"));
    await xpub.receive();
    xpub.subscribe("t");
    await xpub.send("t: last value");
    assertEquals(await peer.message(), ["t: last value"]);
  }
  b.write(message("a word"), subscribe("not granted"), cancel("not granted"));
  assertEquals((await take(xpub, 3)).length, 3);
  await xpub.send("t: to all");
  assertEquals([await a.message(), await b.message()], [["t: to all"], ["t: to all"]]);
});

test("manualLastValue: the peer that was subscribed may be subscribed again, and gets one message each time", async () => {
  await using xpub = new XPublisher({ manualLastValue: true });
  const endpoint = await xpub.bind(inproc());
  await using other = new Subscriber();
  await using peer = new Subscriber();
  for (const subscriber of [other, peer]) {
    subscriber.subscribe("");
    subscriber.connect(endpoint);
    await xpub.receive();
    xpub.subscribe("");
    await xpub.send("welcome");
    assertEquals(await take(subscriber, 1), ["welcome"]);
  }
  xpub.subscribe("again");
  await xpub.send(["again", "for one"]);
  await xpub.send("for all");
  assertEquals(await take(peer, 2), ["again|for one", "for all"]);
  assertEquals(await take(other, 1), ["for all"]);
});

test("manualLastValue: if that peer has disconnected, the next message goes to all peers", async () => {
  await using xpub = new XPublisher({ manualLastValue: true });
  const endpoint = await xpub.bind(ANY);
  await using stays = await RawPeer.join(endpoint, SUB);
  stays.write(subscribe("t"));
  await xpub.receive();
  xpub.subscribe("t");
  await xpub.send("t: welcome");
  const goes = await RawPeer.join(endpoint, SUB);
  goes.write(subscribe("t"));
  await xpub.receive();
  xpub.subscribe("t");
  const lost = nextEvent(xpub, "disconnect");
  await goes.end();
  await lost;
  await xpub.send("t: to all");
  assertEquals([await stays.message(), await stays.message()], [["t: welcome"], ["t: to all"]]);
});

test("manualLastValue switched off: messages go to all again, and peers subscribe themselves", async () => {
  await using xpub = new XPublisher({ manualLastValue: true });
  const endpoint = await xpub.bind(ANY);
  await using a = await RawPeer.join(endpoint, SUB);
  await using b = await RawPeer.join(endpoint, SUB);
  for (const peer of [a, b]) {
    peer.write(subscribe("t"));
    await xpub.receive();
    xpub.subscribe("t");
  }
  xpub.manualLastValue = false;
  throwsWith("EINVAL", () => xpub.subscribe("t"));
  await xpub.send("t");
  assertEquals([await a.message(), await b.message()], [["t"], ["t"]]);
  a.write(subscribe("own"));
  assertEquals(await take(xpub, 1), ["\x01own"]);
  await xpub.send("own");
  assertEquals(await a.message(), ["own"]);
});

// The welcome.

test("welcomeMessage: each connection begins with it, also after a reconnect (libzmq: only the first)", async () => {
  await using listener = await RawListener.bind();
  await using xpub = new XPublisher({ welcomeMessage: "welcome", reconnectInterval: 10 });
  xpub.connect(listener.endpoint);
  for (let life = 0; life < 3; life++) {
    await using peer = await listener.join(SUB);
    assertEquals(await peer.message(), ["welcome"]);
    await peer.sync();
  }
});

test("welcomeMessage: sent after a hello, regardless of the high-water mark; an empty one is a message; each peer gets a copy", async () => {
  await using xpub = new XPublisher({ welcomeMessage: "welcome", helloMessage: "hello", sendHighWaterMark: 1 });
  const endpoint = await xpub.bind(ANY);
  await using peer = await RawPeer.join(endpoint, SUB);
  assertEquals([await peer.message(), await peer.message()], [["hello"], ["welcome"]]);
  xpub.helloMessage = null;
  xpub.welcomeMessage = "";
  await using next = await RawPeer.join(endpoint, SUB);
  assertEquals(await next.message(), [""]);
  xpub.welcomeMessage = "welcome";
  const local = await xpub.bind(inproc());
  for (let i = 0; i < 2; i++) {
    await using subscriber = new XSubscriber();
    subscriber.connect(local);
    const [frame] = await subscriber.receive();
    assertEquals(texts([frame]), ["welcome"]);
    frame.fill(0);
  }
});

test("welcomeMessage: a Subscriber receives it if it has subscribed to it", async () => {
  for (const endpoint of [ANY, inproc()]) {
    await using xpub = new XPublisher({ welcomeMessage: "welcome" });
    const address = await xpub.bind(endpoint);
    await using wants = new Subscriber();
    await using doesNot = new Subscriber();
    for (const [subscriber, topic] of [[wants, "wel"], [doesNot, "news"]] as const) {
      subscriber.subscribe(topic);
      subscriber.connect(address);
      await xpub.waitForSubscribers(1, { topic });
    }
    await xpub.send("news");
    assertEquals(await take(wants, 1), ["welcome"]);
    assertEquals(await take(doesNot, 1), ["news"]);
  }
});

test("subscriptions: yields each received subscription, skips other messages, and ends with the socket", async () => {
  const xpub = new XPublisher();
  await using sub = new XSubscriber();
  sub.connect(await xpub.bind(ANY));
  await sub.waitForPeers(1);
  for (const message of [subscriptionMessage("subscribe", "a"), ["other"], subscriptionMessage("cancel", "a")]) {
    await sub.send(message);
  }
  await sub.send(subscriptionMessage("subscribe", new Uint8Array([0, 255])));
  const told: string[] = [];
  for await (const { type, topic } of xpub.subscriptions()) {
    told.push(`${type} ${[...topic]}`);
    if (told.length === 3) break;
  }
  assertEquals(told, ["subscribe 97", "cancel 97", "subscribe 0,255"]);
  const rest = xpub.subscriptions().next();
  await xpub.close();
  assertEquals((await rest).done, true);
});

test("subscriptions: a loop that is left while it waits takes nothing", async () => {
  await using xpub = new XPublisher();
  await using sub = new Subscriber();
  sub.connect(await xpub.bind(ANY));
  await sub.waitForPeers(1);
  const subscriptions = xpub.subscriptions();
  const waiting = subscriptions.next();
  await subscriptions.return!();
  assertEquals(await waiting, { done: true, value: undefined });
  sub.subscribe("a");
  assertEquals(await take(xpub, 1), ["\x01a"]);
});
