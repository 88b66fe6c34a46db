/**
 * `handover`, `notify` and `probeRouter` of ROUTER: our sockets and libzmq's as the subjects of the same tests, with
 * raw peers, and the two libraries with each other.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Peer } from "../support/peers/controller.ts";
import type { End } from "../support/peers/end.ts";
import { message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { texts } from "./frames.ts";
import { comeIn, comeTo, taken } from "./raw_meetings.ts";
import { testBoth, testTalk } from "./subjects.ts";

const libzmq = new Peer("libzmq");
const ANY = "tcp://127.0.0.1:0";
const RECONNECT = { reconnectInterval: 10 };

const named = (identity: string) => ({ type: "DEALER", identity });

/** Receives `count` messages, each as text with its frames joined by "|". */
async function take(socket: End, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(texts(await socket.receive()).join("|"));
  return taken;
}

/** The code that a message is refused with. libzmq reports the loss of a connection before its ROUTER knows of it. */
async function refusal(router: End, message: string[]): Promise<string | undefined> {
  for (;;) {
    try {
      await router.send(message);
    } catch (error) {
      return (error as { code?: string }).code;
    }
    await router.look();
  }
}

// Handover.

testBoth(
  libzmq,
  "without handover, a second peer with the same id is connected, but neither heard nor written to",
  async (open) => {
    await using router = await open("ROUTER");
    const endpoint = await router.bind(ANY);
    await using first = await comeIn(router, endpoint, named("same"));
    await using second = await comeIn(router, endpoint, named("same"));
    second.write(message("from the second"));
    await taken(libzmq, router, second);
    first.write(message("from the first"));
    assertEquals(await take(router, 1), ["same|from the first"]);
    await router.send(["same", "answer"]);
    assertEquals(await first.message(), ["answer"]);
    await second.sync();
  },
);

testBoth(libzmq, "with handover, the last who came with an id has it; it can be switched on and off", async (open) => {
  await using router = await open("ROUTER", { handover: true });
  const endpoint = await router.bind(ANY);
  await using first = await comeIn(router, endpoint, named("same"));
  first.write(message("from the first"));
  assertEquals(await take(router, 1), ["same|from the first"]);
  await using second = await comeIn(router, endpoint, named("same"));
  second.write(message("from the second"));
  assertEquals(await take(router, 1), ["same|from the second"]);
  await router.send(["same", "answer"]);
  assertEquals(await second.message(), ["answer"]);

  await router.set("handover", false);
  await using third = await comeIn(router, endpoint, named("same"));
  third.write(message("from the third"));
  await taken(libzmq, router, third);
  second.write(message("still the second"));
  assertEquals(await take(router, 1), ["same|still the second"]);

  await router.set("handover", true);
  await using fourth = await comeIn(router, endpoint, named("same"));
  fourth.write(message("from the fourth"));
  assertEquals(await take(router, 1), ["same|from the fourth"]);
});

testTalk(libzmq, "handover: a DEALER that comes again before its loss is noticed is heard", async (open, openOther) => {
  await using router = await open("ROUTER", { handover: true });
  const endpoint = await router.bind(ANY);
  const options = { routingId: "d", reconnectInterval: -1 };
  await using first = await openOther("DEALER", options);
  await using second = await openOther("DEALER", options);
  await using third = await openOther("DEALER", options);
  for (const [life, dealer] of Object.entries({ first, second, third })) {
    await dealer.connect(endpoint);
    await dealer.send([life]);
    assertEquals(await take(router, 1), [`d|${life}`]);
    await router.send(["d", `to the ${life}`]);
    assertEquals(await take(dealer, 1), [`to the ${life}`]);
  }
});

testTalk(
  libzmq,
  "handover: two live DEALERs with one id do not take turns: the newest is heard",
  async (open, openOther) => {
    await using router = await open("ROUTER", { handover: true, mandatory: true, sendTimeout: 0 });
    const endpoint = await router.bind(ANY);
    const options = { routingId: "d", reconnectInterval: 1 };
    await using first = await openOther("DEALER", options);
    const second = await openOther("DEALER", options);
    await using third = await openOther("DEALER", options);
    await first.connect(endpoint);
    await first.send(["first"]);
    assertEquals(await take(router, 1), ["d|first"]);
    await second.connect(endpoint);
    await second.send(["second"]);
    assertEquals(await take(router, 1), ["d|second"]);
    for (let round = 0; round < 30; round++) {
      await first.send(["unheard"]);
      await second.send([`${round}`]);
      assertEquals(await take(router, 1), [`d|${round}`]);
      await router.send(["d", `to ${round}`]);
      assertEquals(await take(second, 1), [`to ${round}`]);
    }
    // When the newest disconnects, no older peer gets the id; the next one that connects does.
    await second.close();
    await router.seen("disconnect", 1);
    await first.send(["unheard"]);
    assertEquals(await refusal(router, ["d", "to nobody"]), "EHOSTUNREACH");
    await third.connect(endpoint);
    await third.send(["third"]);
    assertEquals(await take(router, 1), ["d|third"]);
    await router.send(["d", "to the third"]);
    assertEquals(await take(third, 1), ["to the third"]);
  },
);

// Notices.

for (const notify of ["connect", "disconnect", "both", null] as const) {
  testBoth(libzmq, `notify ${notify}: what a ROUTER receives of a peer that comes, sends and goes`, async (open) => {
    await using router = await open("ROUTER", { notify });
    const endpoint = await router.bind(ANY);
    for (const life of ["first", "second"]) {
      const peer = await comeIn(router, endpoint, named(life));
      peer.write(message("hello"));
      await peer.end();
      const expected = [`${life}|hello`];
      if (notify === "connect" || notify === "both") expected.unshift(`${life}|`);
      if (notify === "disconnect" || notify === "both") expected.push(`${life}|`);
      assertEquals(await take(router, expected.length), expected);
    }
    await using last = await comeIn(router, endpoint, named("last"));
    last.write(message("and no more"));
    const come = notify === "connect" || notify === "both" ? ["last|"] : [];
    assertEquals(await take(router, come.length + 1), [...come, "last|and no more"]);
  });
}

testBoth(libzmq, "notify: the notices of a peer without an id have the id that is made up for it", async (open) => {
  await using router = await open("ROUTER", { notify: "both" });
  const peer = await comeIn(router, await router.bind(ANY), { type: "REQ" });
  peer.write(message("", "question"));
  await peer.end();
  const [come, question, gone] = [await router.receive(), await router.receive(), await router.receive()];
  const [id] = come;
  assertEquals([id!.length, id![0]], [5, 0]);
  assertEquals([come, gone].map((notice) => notice.slice(1)), [[new Uint8Array(0)], [new Uint8Array(0)]]);
  assertEquals([question[0], gone[0]], [id, id]);
  assertEquals(texts(question.slice(1)), ["", "question"]);
});

testBoth(libzmq, "notify: of a second peer with the same id nothing is told", async (open) => {
  await using router = await open("ROUTER", { notify: "both" });
  const endpoint = await router.bind(ANY);
  await using first = await comeIn(router, endpoint, named("same"));
  await (await comeIn(router, endpoint, named("same")))[Symbol.asyncDispose]();
  await router.seen("disconnect", 1);
  await taken(libzmq, router, first);
  first.write(message("alone"));
  assertEquals(await take(router, 2), ["same|", "same|alone"]);
});

for (const notify of ["both", "disconnect"] as const) {
  testBoth(libzmq, `notify ${notify}: a handover is told as a connection, and not as a loss`, async (open) => {
    await using router = await open("ROUTER", { handover: true, notify });
    const endpoint = await router.bind(ANY);
    const come = notify === "both" ? ["d|"] : [];
    await using first = await comeIn(router, endpoint, named("d"));
    first.write(message("one"));
    assertEquals(await take(router, come.length + 1), [...come, "d|one"]);
    const second = await comeIn(router, endpoint, named("d"));
    second.write(message("two"), message("three"));
    await second.end();
    assertEquals(await take(router, come.length + 3), [...come, "d|two", "d|three", "d|"]);
    await using other = await comeIn(router, endpoint, named("e"));
    other.write(message("and no more"));
    assertEquals((await take(router, come.length + 1)).at(-1), "e|and no more");
  });
}

testBoth(libzmq, "notify: a connection that the ROUTER makes is told, its loss, and the next one", async (open) => {
  await using listener = await RawListener.bind();
  await using router = await open("ROUTER", { ...RECONNECT, notify: "both" });
  await router.connect(listener.endpoint);
  for (const life of ["first", "second", "third"]) {
    const peer = await comeTo(router, listener, named("server"));
    peer.write(message(life));
    await peer.end();
    assertEquals(await take(router, 3), ["server|", `server|${life}`, "server|"]);
  }
});

testBoth(libzmq, "notify: who does not complete the handshake is not told of", async (open) => {
  await using router = await open("ROUTER", { notify: "both" });
  const endpoint = await router.bind(ANY);
  await (await RawPeer.connect(endpoint))[Symbol.asyncDispose]();
  const wrong = await RawPeer.connect(endpoint);
  await wrong.handshake({ type: "PUB" }).catch(() => {});
  await wrong.gone;
  await using peer = await comeIn(router, endpoint, named("d"));
  peer.write(message("hello"));
  assertEquals(await take(router, 2), ["d|", "d|hello"]);
});

testBoth(libzmq, "notify: the ends that unbind and disconnect make are not told", async (open) => {
  await using listener = await RawListener.bind();
  await using router = await open("ROUTER", { notify: "both" });
  const endpoint = await router.bind(ANY);
  const peer = await comeIn(router, endpoint, named("came"));
  await router.connect(listener.endpoint);
  const server = await comeTo(router, listener, named("server"));
  assertEquals((await take(router, 2)).sort(), ["came|", "server|"]);
  await router.unbind(endpoint);
  await router.disconnect(listener.endpoint);
  // Asked before: a socket of libzmq does its part of ending only while it is used.
  const next = take(router, 2);
  await Promise.all([peer.gone, server.gone]);
  await using last = await comeIn(router, await router.bind(ANY), named("last"));
  last.write(message("and no more"));
  assertEquals(await next, ["last|", "last|and no more"]);
});

testTalk(libzmq, "notify: sockets that come and go are told of", async (open, openOther) => {
  await using router = await open("ROUTER", { notify: "both" });
  const endpoint = await router.bind(ANY);
  for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
    // Each with its own id: the last one's may be taken for a while yet.
    const other = await openOther(type, { routingId: type });
    await other.connect(endpoint);
    assertEquals(await take(router, 1), [`${type}|`]);
    await other.close();
    assertEquals(await take(router, 1), [`${type}|`]);
  }
});

// Probes.

for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
  testBoth(
    libzmq,
    `a ${type} that is bound begins each connection with a probe; it can be switched on and off`,
    async (open) => {
      await using socket = await open(type);
      const endpoint = await socket.bind(ANY);
      for (const probeRouter of [true, false, true]) {
        await socket.set("probeRouter", probeRouter);
        await using peer = await comeIn(socket, endpoint, { type: "ROUTER" });
        if (probeRouter) assertEquals(await peer.message(), [""]);
        await peer.sync();
      }
    },
  );
}

for (const type of ["DEALER", "REQ"] as const) {
  testBoth(libzmq, `a ${type} that connects sends its probe first, before what is queued`, async (open) => {
    await using listener = await RawListener.bind();
    await using socket = await open(type, { probeRouter: true });
    await socket.connect(listener.endpoint);
    await socket.send(["queued"]);
    await using peer = await listener.join({ type: "ROUTER" });
    assertEquals(await peer.message(), [""]);
    assertEquals(await peer.message(), type === "REQ" ? ["", "queued"] : ["queued"]);
  });
}

testBoth(libzmq, "with immediate, each connection that is made again begins with a probe", async (open) => {
  await using listener = await RawListener.bind();
  await using socket = await open("DEALER", { ...RECONNECT, immediate: true, probeRouter: true });
  await socket.connect(listener.endpoint);
  for (let life = 0; life < 3; life++) {
    await using peer = await comeTo(socket, listener, { type: "ROUTER" });
    assertEquals(await peer.message(), [""]);
    await peer.sync();
  }
});

for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
  testTalk(libzmq, `a probing ${type} is known to a ROUTER before it says anything`, async (open, openOther) => {
    await using router = await openOther("ROUTER", { routingId: "router", mandatory: true, sendTimeout: 0 });
    await using prober = await open(type, { probeRouter: true, routingId: "prober" });
    await prober.connect(await router.bind(ANY));
    assertEquals(await take(router, 1), ["prober|"]);
    await router.send(["prober", "", "I know you"]);
    if (type === "DEALER") assertEquals(await take(prober, 1), ["|I know you"]);
    if (type === "ROUTER") assertEquals(await take(prober, 1), ["router||I know you"]);
  });
}

testTalk(libzmq, "a REP takes no notice of a probe", async (open, openOther) => {
  await using reply = await openOther("REP");
  await using prober = await open("REQ", { probeRouter: true });
  await prober.connect(await reply.bind(ANY));
  await prober.send(["question"]);
  assertEquals(await take(reply, 1), ["question"]);
  await reply.send(["answer"]);
  assertEquals(await take(prober, 1), ["answer"]);
});
