/**
 * Contexts: how many sockets they allow, and the names that their sockets find each other by.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { ConnectionHost } from "../../src/engine/connection/contract.ts";
import {
  Context,
  DEFAULT_CONTEXT,
  enter,
  type InprocBinder,
  InprocRegistry,
  registryOf,
} from "../../src/engine/context.ts";
import { ZmqError } from "../../src/errors.ts";
import type { Listener } from "../../src/transport.ts";
import { test } from "../support/harness.ts";
import { SpyController } from "../support/spy_signal.ts";
import { settle, wireType } from "../support/socket_types.ts";

/** A socket that is bound to a name; nothing but its being this one matters. */
function binder(name = "name"): InprocBinder {
  return {
    party: {
      type: wireType("PAIR"),
      owner: undefined as unknown as ConnectionHost,
      accept: () => false,
      settings: settle("PAIR", {}),
    },
    endpoint: `inproc://${name}`,
  };
}

/** A signal that is never aborted, and knows whether anybody still listens. */
const idle = () => new SpyController();

test("a context counts its sockets, and knows no limit by default", () => {
  const context = new Context();
  assertEquals([context.maxSockets, context.sockets], [0, 0]);
  const leaves = Array.from({ length: 2000 }, () => enter(context, {}));
  assertEquals(context.sockets, 2000);
  for (const leave of leaves) leave();
  assertEquals(context.sockets, 0);
});

test("a context takes no more sockets than its limit, until one of them is gone", () => {
  const context = new Context({ maxSockets: 2 });
  const leave = enter(context, {});
  enter(context, {});
  const error = assertThrows(() => enter(context, {}), ZmqError, "as many as maxSockets allows");
  assertEquals([error.code, context.sockets], ["EMFILE", 2]);
  leave();
  enter(context, {});
  assertThrows(() => enter(context, {}), ZmqError);
});

test("the limit can be changed: sockets that are open stay", () => {
  const context = new Context({ maxSockets: 1 });
  const leave = enter(context, {});
  context.maxSockets = 2;
  enter(context, {});
  context.maxSockets = 1;
  assertEquals([context.sockets, context.maxSockets], [2, 1]);
  leave();
  assertThrows(() => enter(context, {}), ZmqError);
  context.maxSockets = 0;
  enter(context, {});
  assertEquals(context.sockets, 2);
});

test("the limit is a whole number", () => {
  assertEquals(new Context({ maxSockets: 0 }).maxSockets, 0);
  const context = new Context({ maxSockets: 3 });
  for (const value of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Context({ maxSockets: value }), RangeError, "maxSockets");
    assertThrows(() => context.maxSockets = value, RangeError, "maxSockets");
  }
  for (const value of ["1", true, {}, 1n]) {
    assertThrows(() => new Context({ maxSockets: value as never }), TypeError, "maxSockets must be a number");
    assertThrows(() => context.maxSockets = value as never, TypeError, "maxSockets must be a number");
  }
  assertEquals(context.maxSockets, 3);
});

test("an option that a context does not have is refused", () => {
  for (const options of [{ ioThreads: 2 }, { maxSockets: 1, ioThreads: undefined }]) {
    assertThrows(
      () => new Context(options as never),
      TypeError,
      "A Context has no option ioThreads; it has maxSockets",
    );
  }
  for (const options of [null, 5, "maxSockets", () => {}]) {
    assertThrows(() => new Context(options as never), TypeError, "options must be an object");
  }
  assertEquals(new Context({ maxSockets: undefined } as never).maxSockets, 0);
});

/** Looks for a name, and keeps what it was told: the binder, or why it gave up. */
function look(registry: InprocRegistry, name: string, signal: AbortSignal): unknown[] {
  const told: unknown[] = [];
  registry.call(name, { found: (bound) => told.push(bound), gone: (reason) => told.push(reason) }, signal);
  return told;
}

/** Binds a name, and tells those who wait for it, as a socket does. */
function bindAndAnswer(registry: InprocRegistry, name: string, bound: InprocBinder): Listener {
  const listener = registry.bind(name, bound);
  registry.answer(name);
  return listener;
}

test("every context has names of its own", () => {
  const [a, b] = [new Context(), new Context()];
  assertStrictEquals(registryOf(a), registryOf(a));
  const [first, second] = [binder(), binder()];
  registryOf(a).bind("name", first);
  registryOf(b).bind("name", second);
  assertStrictEquals(look(registryOf(a), "name", idle().signal)[0], first);
  assertStrictEquals(look(registryOf(b), "name", idle().signal)[0], second);
  assertEquals(registryOf(DEFAULT_CONTEXT) === registryOf(a), false);
});

test("a name is bound once, and free again when its listener is closed", async () => {
  const registry = new InprocRegistry();
  const [first, second] = [binder("a"), binder("a")];
  const listener = registry.bind("a", first);
  assertEquals(listener.endpoint, "inproc://a");
  const error = assertThrows(() => registry.bind("a", second), ZmqError, "inproc://a");
  assertEquals(error.code, "EADDRINUSE");
  registry.bind("A", second);
  const closed = listener.close();
  registry.bind("a", second);
  await closed;
  // Closed long ago: must not free the name of another.
  await listener.close();
  assertStrictEquals(look(registry, "a", idle().signal)[0], second);
});

test("a caller is told of the binder before call returns, and does not go on listening to the signal", () => {
  const registry = new InprocRegistry();
  const bound = binder();
  registry.bind("name", bound);
  const controller = idle();
  assertEquals(look(registry, "name", controller.signal).map((one) => one === bound), [true]);
  assertEquals(controller.listeners, 0);
});

test("all who look for a name before it is bound are told before answer returns, in their order", () => {
  const registry = new InprocRegistry();
  const order: number[] = [];
  const controllers = [1, 2, 3].map(idle);
  const bound = binder();
  for (const [i, { signal }] of controllers.entries()) {
    registry.call("name", { found: (one) => order.push(one === bound ? i : -1), gone: () => order.push(-2) }, signal);
  }
  const other = idle();
  const never = look(registry, "other", other.signal);
  bindAndAnswer(registry, "name", bound);
  assertEquals([order, ...controllers.map(({ listeners }) => listeners)], [[0, 1, 2], 0, 0, 0]);
  // Once only.
  registry.answer("name");
  assertEquals([order, never], [[0, 1, 2], []]);
  other.abort("nobody came");
  assertEquals([never, other.listeners], [["nobody came"], 0]);
});

test("whoever gives up leaves nothing behind, and does not keep the others from finding", async () => {
  const registry = new InprocRegistry();
  const [first, second] = [idle(), idle()];
  const gone = look(registry, "name", first.signal);
  const stays = look(registry, "name", second.signal);
  first.abort("enough");
  assertEquals(gone, ["enough"]);
  const bound = binder();
  const listener = bindAndAnswer(registry, "name", bound);
  assertEquals(stays.map((one) => one === bound), [true]);
  await listener.close();
  const last = idle();
  const alone = look(registry, "name", last.signal);
  last.abort("enough");
  assertEquals(alone, ["enough"]);
  // Who looks again is not answered by what the others left.
  const again = look(registry, "name", idle().signal);
  assertEquals(again, []);
  const next = binder();
  bindAndAnswer(registry, "name", next);
  assertEquals(again.map((one) => one === next), [true]);
});

test("whoever has given up before looking is told so, and waits for nobody", () => {
  const registry = new InprocRegistry();
  const outcomes = look(registry, "name", AbortSignal.abort("too late"));
  assertEquals(outcomes, ["too late"]);
  bindAndAnswer(registry, "name", binder());
  assertEquals(outcomes, ["too late"]);
});

test("a caller that frees the name, or ends another caller, while it is told: the rest go on waiting", () => {
  const registry = new InprocRegistry();
  const order: string[] = [];
  const controllers = [1, 2, 3].map(idle);
  const listeners: Listener[] = [];
  const acts = [() => controllers[1]!.abort("ended"), () => {}, () => void listeners[0]!.close()];
  for (const [i, { signal }] of controllers.entries()) {
    const found = () => {
      order.push(`${i} found`);
      acts[i]!();
    };
    registry.call("name", { found, gone: () => order.push(`${i} gone`) }, signal);
  }
  const late = look(registry, "name", idle().signal);
  listeners.push(registry.bind("name", binder()));
  registry.answer("name");
  assertEquals([order, late], [["0 found", "1 gone", "2 found"], []]);
  bindAndAnswer(registry, "name", binder());
  assertEquals(late.length, 1);
});
