/**
 * Checking whether a send or receive is possible, and waiting for it, without doing it.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { systemClock } from "../../../src/base/clock.ts";
import { ReceiveQueue } from "../../../src/engine/waits/receive_queue.ts";
import { SendQueue } from "../../../src/engine/waits/send_queue.ts";
import type { WaitOptions } from "../../../src/engine/waits/wait_list.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import type { Message } from "../../../src/base/message.ts";
import type { Pattern } from "../../../src/routing/pattern.ts";
import { turn } from "../../support/connection_rig.ts";
import { message } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { SpyController } from "../../support/spy_signal.ts";
import { late, settle } from "../../support/socket_types.ts";

/** Sends and receives as often as it has tokens. */
class Tokens implements Pattern {
  readonly queuesAhead = true;
  count = 0;

  attach(): undefined {}
  detach(): void {}
  pipeReadable(): void {}
  pipeWritable(): void {}

  canSend(): boolean {
    return this.count > 0;
  }

  canReceive(): boolean {
    return this.count > 0;
  }

  trySend(): boolean {
    return this.count > 0 && this.count-- > 0;
  }

  tryReceive(): Message | undefined {
    return this.trySend() ? message("m") : undefined;
  }
}

/** One of the two queues, which do the same here. */
interface Side {
  readonly tokens: Tokens;
  ready(): boolean;
  whenReady(options?: WaitOptions): Promise<void>;
  /** Does it, now or in line. */
  act(options?: WaitOptions): Promise<unknown>;
  tryAct(): boolean;
  pump(): void;
  close(): void;
  /** The timeout of `act`, in ms. */
  timeout: number;
}

const closed = () => new ZmqError("ENOTSOCK", "closed");

function sending(): Side {
  const tokens = new Tokens();
  const settings = settle("PAIR", {});
  const queue = new SendQueue(tokens, settings, systemClock, late);
  return {
    tokens,
    ready: () => queue.writable,
    whenReady: (options) => queue.whenWritable(options),
    act: (options) => queue.send("m", options),
    tryAct: () => queue.trySend("m"),
    pump: () => queue.pump(),
    close: () => queue.fail(closed),
    set timeout(value: number) {
      settings.sendTimeout = value;
    },
  };
}

function receiving(): Side {
  const tokens = new Tokens();
  const settings = settle("PAIR", {});
  const queue = new ReceiveQueue(tokens, settings, systemClock, late);
  return {
    tokens,
    ready: () => queue.readable,
    whenReady: (options) => queue.whenReadable(options),
    act: (options) => queue.receive(options),
    tryAct: () => queue.tryReceive() !== undefined,
    pump: () => queue.pump(),
    close: () => queue.fail(closed),
    set timeout(value: number) {
      settings.receiveTimeout = value;
    },
  };
}

for (const [name, make] of [["sending", sending], ["receiving", receiving]] as const) {
  test(`${name}: ready means possible immediately, and asking has no effect`, async () => {
    const side = make();
    assertEquals(side.ready(), false);
    side.tokens.count = 1;
    assertEquals([side.ready(), side.ready(), side.tokens.count], [true, true, 1]);
    await side.whenReady();
    assertEquals([side.tokens.count, side.tryAct(), side.ready()], [1, true, false]);
  });

  test(`${name}: all waits for readiness resolve together, and take nothing`, async () => {
    const side = make();
    let told = 0;
    const waits = [1, 2, 3].map(() => side.whenReady().then(() => told++));
    side.pump();
    await turn();
    assertEquals(told, 0);
    side.tokens.count = 1;
    side.pump();
    await Promise.all(waits);
    assertEquals([told, side.tokens.count, side.ready()], [3, 1, true]);
  });

  test(`${name}: it is not ready for others while a wait is queued`, async () => {
    const side = make();
    const waiting = side.act();
    side.tokens.count = 1;
    assertEquals([side.ready(), side.tryAct()], [false, false]);
    side.pump();
    await waiting;
    assertEquals([side.ready(), side.tokens.count], [false, 0]);
    side.tokens.count = 1;
    assertEquals(side.ready(), true);
  });

  test(`${name}: a wait for readiness resolves once all queued waits are served and there is more`, async () => {
    const side = make();
    let told = false;
    const first = side.act();
    const ready = side.whenReady().then(() => told = true);
    side.tokens.count = 1;
    side.pump();
    await first;
    await turn();
    assertEquals([told, side.tokens.count], [false, 0]);
    const second = side.act();
    side.tokens.count = 2;
    side.pump();
    await second;
    await turn();
    assertEquals([told, side.tokens.count, side.ready()], [true, 1, true]);
    await ready;
  });

  test(`${name}: a wait for readiness resolves when the only queued wait is canceled`, async () => {
    const side = make();
    const controller = new AbortController();
    const first = assertRejects(() => side.act({ signal: controller.signal }));
    let told = false;
    const ready = side.whenReady().then(() => told = true);
    side.tokens.count = 1;
    controller.abort();
    await first;
    side.pump();
    await ready;
    assertEquals([told, side.tokens.count], [true, 1]);
  });

  test(`${name}: a timeout is for doing it, not for waiting to be ready; a change counts from the next one on`, async () => {
    const side = make();
    const patient = side.act();
    side.timeout = 0;
    const ready = side.whenReady();
    assertEquals((await assertRejects(() => side.act(), ZmqError)).code, "EAGAIN");
    side.tokens.count = 1;
    side.pump();
    await patient;
    side.tokens.count = 1;
    side.pump();
    await ready;
    side.tokens.count = 0;
    side.timeout = 5;
    assertEquals((await assertRejects(() => side.act(), ZmqError)).code, "EAGAIN");
  });

  test(`${name}: a signal ends the wait to be ready, and is listened to only while it lasts`, async () => {
    const side = make();
    const controller = new SpyController();
    const { signal } = controller;
    const waiting = assertRejects(() => side.whenReady({ signal }));
    const other = side.whenReady();
    assertEquals(controller.listeners, 1);
    controller.abort("enough");
    assertEquals([await waiting, controller.listeners], ["enough", 0]);
    side.tokens.count = 1;
    assertEquals(await assertRejects(() => side.whenReady({ signal })), "enough");
    side.pump();
    await other;
    const next = new SpyController();
    side.tokens.count = 0;
    const served = side.whenReady({ signal: next.signal });
    side.tokens.count = 1;
    side.pump();
    await served;
    assertEquals(next.listeners, 0);
  });

  test(`${name}: a closed queue is not ready, and ends all waits for readiness`, async () => {
    const side = make();
    const waits = [1, 2].map(() => assertRejects(() => side.whenReady(), ZmqError, "closed"));
    side.close();
    const errors = await Promise.all(waits);
    assertEquals(errors[0] === errors[1], false);
    side.tokens.count = 1;
    side.pump();
    assertStrictEquals(side.ready(), false);
    await assertRejects(() => side.whenReady(), ZmqError, "closed");
  });
}
