/**
 * Request and Reply: strict alternation, replies of the asked peer only, round-robin over peers.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Reply, Request, Router } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, rejectsWith, take, texts, throwsWith } from "./support.ts";

test("request and reply: one question, one answer, with any number of frames", async () => {
  await using reply = new Reply();
  await using request = new Request();
  request.connect(await reply.bind(ANY));
  for (const frames of [["a"], ["a", "b", "c"], [""], ["", "", "x"]]) {
    await request.send(frames);
    assertEquals(texts(await reply.receive()), frames);
    await reply.send(["re", ...frames]);
    assertEquals(texts(await request.receive()), ["re", ...frames]);
  }
});

test("request: sends round-robin to its peers", async () => {
  const replies = [new Reply(), new Reply(), new Reply()];
  await using request = new Request();
  for (const reply of replies) request.connect(await reply.bind(ANY));
  await request.waitForPeers(3);
  const serving = replies.map(async (reply, i) => {
    for await (const _ of reply) await reply.send(`${i}`);
  });
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) {
    await request.send("who?");
    answers.push(...await take(request, 1));
  }
  assertEquals(answers.slice(0, 3).sort(), ["0", "1", "2"]);
  assertEquals(answers.slice(3), answers.slice(0, 3));
  for (const reply of replies) await reply.close();
  await Promise.all(serving);
});

test("reply: serves many simultaneous requests, each client gets its own reply", async () => {
  const reply = new Reply();
  const endpoint = await reply.bind(ANY);
  const serving = (async () => {
    for await (const [question] of reply) await reply.send(["re", question]);
  })();
  const clients = Array.from({ length: 10 }, () => new Request());
  await Promise.all(clients.map(async (client, i) => {
    client.connect(endpoint);
    for (let n = 0; n < 20; n++) {
      await client.send(`${i}/${n}`);
      assertEquals(await take(client, 1), [`re|${i}/${n}`]);
    }
    await client.close();
  }));
  await reply.close();
  await serving;
});

test("request: a call in the wrong state is EFSM, and does not change the state", async () => {
  await using reply = new Reply();
  await using request = new Request();
  request.connect(await reply.bind(ANY));
  await rejectsWith("EFSM", () => request.receive());
  throwsWith("EFSM", () => request.tryReceive());
  await request.send("one");
  await rejectsWith("EFSM", () => request.send("two"));
  throwsWith("EFSM", () => request.trySend("two"));
  await reply.receive();
  await reply.send("answer");
  assertEquals(await take(request, 1), ["answer"]);
  await rejectsWith("EFSM", () => request.receive());
});

test("reply: a call in the wrong state is EFSM, and does not change the state", async () => {
  await using reply = new Reply();
  await using request = new Request();
  request.connect(await reply.bind(ANY));
  await rejectsWith("EFSM", () => reply.send("to whom?"));
  throwsWith("EFSM", () => reply.trySend("to whom?"));
  await request.send("one");
  await reply.receive();
  await rejectsWith("EFSM", () => reply.receive());
  throwsWith("EFSM", () => reply.tryReceive());
  await reply.send("answer");
  await rejectsWith("EFSM", () => reply.send("twice"));
  assertEquals(await take(request, 1), ["answer"]);
});

test("reply: receives that wait together are served one after the other, each after the reply before", async () => {
  await using reply = new Reply();
  const endpoint = await reply.bind(ANY);
  const receives = [reply.receive(), reply.receive(), reply.receive()];
  await using peer = await RawPeer.join(endpoint, { type: "REQ" });
  peer.write(bytes(message("", "1"), message("", "2"), message("", "3")));
  for (const [i, receive] of receives.entries()) {
    assertEquals(texts(await receive), [`${i + 1}`]);
    await reply.send(`re ${i + 1}`);
    assertEquals(await peer.message(), ["", `re ${i + 1}`]);
  }
});

test("reply: a reply to a disconnected peer is dropped", async () => {
  await using reply = new Reply();
  const endpoint = await reply.bind(ANY);
  {
    await using peer = await RawPeer.join(endpoint, { type: "REQ" });
    peer.write(message("", "and gone"));
    const lost = nextEvent(reply, "disconnect");
    assertEquals(await take(reply, 1), ["and gone"]);
    await peer.end();
    await lost;
  }
  await reply.send("nobody hears");
  await using request = new Request();
  request.connect(endpoint);
  await request.send("next");
  assertEquals(await take(reply, 1), ["next"]);
});

test("reply: keeps the envelope of a request through any number of routers", async () => {
  await using reply = new Reply();
  await using peer = await RawPeer.join(await reply.bind(ANY), { type: "DEALER" });
  peer.write(message("hop 2", "hop 1", "", "question", "", "more"));
  assertEquals(await take(reply, 1), ["question||more"]);
  await reply.send(["answer", ""]);
  assertEquals(await peer.message(), ["hop 2", "hop 1", "", "answer", ""]);
});

test("reply: a message without a delimiter, or with no frame after it, is ignored", async () => {
  await using reply = new Reply();
  await using peer = await RawPeer.join(await reply.bind(ANY), { type: "DEALER" });
  peer.write(message("no delimiter"), message("a", "b", "c"), message("id", ""), message(""), message("", "good"));
  assertEquals(await take(reply, 1), ["good"]);
  await reply.send("answer");
  assertEquals(await peer.message(), ["", "answer"]);
});

test("request: a malformed reply disconnects the peer, which may reconnect", async () => {
  for (const malformed of [message("no delimiter"), message(""), message("x", "", "y")]) {
    await using listener = await RawListener.bind();
    await using request = new Request({ reconnectInterval: 10 });
    request.connect(listener.endpoint);
    const told = nextEvent(request, "disconnect");
    const peer = await listener.join({ type: "REP" });
    await request.send("question");
    assertEquals(await peer.message(), ["", "question"]);
    peer.write(malformed);
    await peer.gone;
    assertEquals((await told).error?.name, "ZmqError");
    const again = await listener.join({ type: "REP" });
    again.write(message("", "answer after all"));
    assertEquals(await take(request, 1), ["answer after all"]);
  }
});

test("request: only the peer that was asked can answer, and only once", async () => {
  await using asked = await RawListener.bind();
  await using other = await RawListener.bind();
  await using request = new Request();
  request.connect(asked.endpoint);
  const peer = await asked.join({ type: "ROUTER" });
  await request.send("question");
  assertEquals(await peer.message(), ["", "question"]);
  request.connect(other.endpoint);
  const stranger = await other.join({ type: "ROUTER" });
  stranger.write(message("", "from a stranger"));
  await stranger.sync();
  peer.write(message("", "the answer"), message("", "again"));
  await peer.sync();
  assertEquals(await take(request, 1), ["the answer"]);
  throwsWith("EFSM", () => request.tryReceive());
});

test("request to router, dealer to reply: the delimiter is seen where it must be", async () => {
  await using router = new Router();
  await using request = new Request();
  request.connect(await router.bind(ANY));
  await request.send("q");
  const [id, ...rest] = await router.receive();
  assertEquals(texts(rest), ["", "q"]);
  await router.send([id, "", "a"]);
  assertEquals(await take(request, 1), ["a"]);

  await using reply = new Reply();
  await using dealer = new Dealer();
  dealer.connect(await reply.bind(ANY));
  await dealer.send(["tag", "", "q"]);
  assertEquals(await take(reply, 1), ["q"]);
  await reply.send("a");
  assertEquals(await take(dealer, 1), ["tag||a"]);
});
