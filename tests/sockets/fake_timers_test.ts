/**
 * Sockets under fake timers: replacing timers in a program's tests must not stop messages, deadlines or reconnecting.
 *
 * @module
 */
// A process of its own: it replaces the timers of the process.

import { assertEquals, assertRejects } from "@std/assert";
import { poll, Publisher, Pull, Push, Reply, Request, Subscriber, toText, ZmqError } from "../../mod.ts";
import { bindAgain } from "../support/bind_again.ts";
import { fakeTimers, still } from "../support/fake_timers.ts";
import { test } from "../support/harness.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { nextEvent } from "./support.ts";

/** The body under fake timers of the runtime's own test runner, and under some that replace every global. */
function fakedTest(name: string, body: () => Promise<void>): void {
  for (const [how, fake] of [["the runner's", fakeTimers], ["all", still]] as const) {
    test(`under fake timers (${how}) ${name}`, async () => {
      const restore = await fake();
      try {
        await body();
      } finally {
        restore();
      }
    }, { timeout: 20_000 });
  }
}

for (const endpoint of ["tcp://127.0.0.1:0", "ipc://*", "inproc://faked"]) {
  fakedTest(`messages go both ways over ${endpoint}`, async () => {
    const reply = new Reply();
    const request = new Request();
    request.connect(await reply.bind(endpoint));
    for (let i = 0; i < 20; i++) {
      await request.send(`${i}`);
      assertEquals(toText((await reply.receive())[0]), `${i}`);
      await reply.send(["got", `${i}`]);
      assertEquals((await request.receive()).map(toText), ["got", `${i}`]);
    }
    await request.close();
    await reply.close();
  });
}

fakedTest("a loop that never waits makes way, and ends", async () => {
  await using push = new Push({ sendHighWaterMark: 0 });
  await using pull = new Pull({ receiveHighWaterMark: 0 });
  push.connect(await pull.bind("tcp://127.0.0.1:0"));
  let received = 0;
  const receiving = (async () => {
    while (received < 10_000) {
      await pull.receive();
      received++;
    }
  })();
  for (let i = 0; i < 10_000; i++) await push.send("many");
  await receiving;
});

fakedTest("subscriptions arrive", async () => {
  await using publisher = new Publisher();
  await using subscriber = new Subscriber();
  subscriber.subscribe("a");
  subscriber.connect(await publisher.bind("tcp://127.0.0.1:0"));
  await publisher.waitForSubscribers(1);
  await publisher.send("abc");
  assertEquals(toText((await subscriber.receive())[0]), "abc");
});

fakedTest("timeouts run out", async () => {
  await using pull = new Pull({ receiveTimeout: 30 });
  await using push = new Push({ sendTimeout: 30 });
  await assertRejects(() => pull.receive(), ZmqError, "within 30 ms");
  await assertRejects(() => push.send("nobody"), ZmqError, "within 30 ms");
  assertEquals(await poll([pull], { timeout: 30 }), []);
});

fakedTest("a refused connection is tried again", async () => {
  await using gone = new Pull();
  const endpoint = await gone.bind("tcp://127.0.0.1:0");
  await gone.close();
  await using push = new Push({ reconnectInterval: 20 });
  push.connect(endpoint);
  const retried = new Promise<void>((resolve) => {
    let retries = 0;
    push.events.listen((event) => {
      if (event.type === "connect:retry" && ++retries === 3) resolve();
    });
  });
  await retried;
  await using pull = new Pull();
  await bindAgain(pull, endpoint);
  await push.send("at last");
  assertEquals(toText((await pull.receive())[0]), "at last");
});

fakedTest("a silent peer is given up, before its handshake and after it", async () => {
  await using pull = new Pull({ heartbeatInterval: 20, heartbeatTimeout: 60, handshakeInterval: 100 });
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  const failed = nextEvent(pull, "handshake:error:other");
  await using mute = await RawPeer.connect(endpoint);
  const { error } = await failed;
  assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
  await mute.gone;
  const lost = nextEvent(pull, "disconnect");
  await using silent = await RawPeer.join(endpoint, { type: "PUSH" });
  assertEquals((await lost).type, "disconnect");
  await silent.gone;
});

fakedTest("close gives up after linger", async () => {
  const push = new Push({ linger: 50 });
  push.connect("inproc://nobody");
  await push.send("lost");
  assertEquals(await push.close(), 1);
});
