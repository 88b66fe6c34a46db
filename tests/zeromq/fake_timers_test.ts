/**
 * The drop-in for zeromq.js under fake timers: everything that it times by itself goes on.
 *
 * @module
 */
// A process of its own: it replaces the timers of the process.

import { assertEquals, assertRejects } from "@std/assert";
import { allEnded } from "../../src/zeromq/exit.ts";
import * as zmq from "../../src/zeromq/mod.ts";
import * as v5 from "../../src/zeromq/v5_compat.ts";
import { fakeTimers, still } from "../support/fake_timers.ts";
import { test } from "../support/harness.ts";

/** The body under fake timers of the runtime's own test runner, and under some that replace every global. */
function fakedTest(name: string, body: () => Promise<void>): void {
  for (const [how, fake] of [["the runner's", fakeTimers], ["all", still]] as const) {
    test(`drop-in under fake timers (${how}): ${name}`, async () => {
      const restore = await fake();
      try {
        await body();
        await allEnded();
      } finally {
        restore();
      }
    }, { timeout: 20_000 });
  }
}

fakedTest("a send or receive out of turn waits for its timeout", async () => {
  const reply = new zmq.Reply({ sendTimeout: 30, linger: 0 });
  await assertRejects(() => reply.send("nothing was asked"), Error);
  reply.close();
  const request = new zmq.Request({ receiveTimeout: 30, linger: 0 });
  await assertRejects(() => request.receive(), Error);
  request.close();
});

fakedTest("a loop that never waits makes way", async () => {
  const [push, pull] = [new zmq.Push({ sendHighWaterMark: 0 }), new zmq.Pull({ receiveHighWaterMark: 0 })];
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint!);
  for (let i = 0; i < 2000; i++) await push.send(`${i}`);
  for (let i = 0; i < 2000; i++) assertEquals(String((await pull.receive())[0]), `${i}`);
  push.close();
  pull.close();
});

fakedTest("a socket that lingers ends when its messages are sent", async () => {
  const [push, pull] = [new zmq.Push({ linger: -1 }), new zmq.Pull()];
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint!);
  for (let i = 0; i < 200; i++) await push.send(new Uint8Array(10_000));
  push.close();
  for (let i = 0; i < 200; i++) await pull.receive();
  pull.close();
});

fakedTest("a socket of version 5 receives while it binds", async () => {
  const [push, pull] = [v5.socket("push"), v5.socket("pull")];
  const received = new Promise((resolve) => pull.on("message", (frame: unknown) => resolve(String(frame))));
  // It has begun to receive, which fails as long as the socket binds.
  pull.bind("tcp://127.0.0.1:*", () => push.connect(pull.getsockopt("last_endpoint" as never) as string));
  push.send("hello");
  assertEquals(await received, "hello");
  push.close();
  pull.close();
});
