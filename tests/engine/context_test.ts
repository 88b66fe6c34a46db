/**
 * Contexts: how many sockets they allow, and the names that their sockets find each other by.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import type { PeeringOwner } from "../../src/engine/peering.ts";
import {
  Context,
  DEFAULT_CONTEXT,
  enter,
  type InprocBinder,
  InprocRegistry,
  registryOf,
} from "../../src/engine/context.ts";
import { settle } from "../../src/engine/settings.ts";
import { ZmqError } from "../../src/errors.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { SpyController } from "../support/spy_signal.ts";

/** A socket that is bound to a name; nothing but its being this one matters. */
function binder(name = "name"): InprocBinder {
  return {
    party: {
      type: "PAIR",
      owner: undefined as unknown as PeeringOwner,
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
  const leaves = Array.from({ length: 2000 }, () => enter(context));
  assertEquals(context.sockets, 2000);
  for (const leave of leaves) leave();
  assertEquals(context.sockets, 0);
});

test("a context takes no more sockets than its limit, until one of them is gone", () => {
  const context = new Context({ maxSockets: 2 });
  const leave = enter(context);
  enter(context);
  const error = assertThrows(() => enter(context), ZmqError, "as many as maxSockets allows");
  assertEquals([error.code, context.sockets], ["EMFILE", 2]);
  leave();
  enter(context);
  assertThrows(() => enter(context), ZmqError);
});

test("the limit can be changed: sockets that are open stay", () => {
  const context = new Context({ maxSockets: 1 });
  const leave = enter(context);
  context.maxSockets = 2;
  enter(context);
  context.maxSockets = 1;
  assertEquals([context.sockets, context.maxSockets], [2, 1]);
  leave();
  assertThrows(() => enter(context), ZmqError);
  context.maxSockets = 0;
  enter(context);
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

test("every context has names of its own", async () => {
  const [a, b] = [new Context(), new Context()];
  assertStrictEquals(registryOf(a), registryOf(a));
  const [first, second] = [binder(), binder()];
  registryOf(a).bind("name", first);
  registryOf(b).bind("name", second);
  assertStrictEquals(await registryOf(a).find("name", idle().signal), first);
  assertStrictEquals(await registryOf(b).find("name", idle().signal), second);
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
  await listener.close();
  registry.bind("a", second);
  // Closed long ago: must not free the name of another.
  await listener.close();
  assertStrictEquals(await registry.find("a", idle().signal), second);
});

test("whoever is bound is found at once, and nobody goes on listening to the signal", async () => {
  const registry = new InprocRegistry();
  const bound = binder();
  registry.bind("name", bound);
  const controller = idle();
  assertStrictEquals(await registry.find("name", controller.signal), bound);
  assertEquals(controller.listeners, 0);
});

test("all who look for a name before it is bound find it when it is, in their order", async () => {
  const registry = new InprocRegistry();
  const order: number[] = [];
  const controllers = [1, 2, 3].map(idle);
  const finds = controllers.map(async ({ signal }, i) => {
    const found = await registry.find("name", signal);
    order.push(i);
    return found;
  });
  const other = idle();
  const never = assertRejects(() => registry.find("other", other.signal));
  const bound = binder();
  registry.bind("name", bound);
  assertEquals((await Promise.all(finds)).map((found) => found === bound), [true, true, true]);
  assertEquals([order, ...controllers.map(({ listeners }) => listeners)], [[0, 1, 2], 0, 0, 0]);
  other.abort("nobody came");
  assertEquals(await never, "nobody came");
});

test("whoever gives up leaves nothing behind, and does not keep the others from finding", async () => {
  const registry = new InprocRegistry();
  const [first, second] = [idle(), idle()];
  const gone = assertRejects(() => registry.find("name", first.signal));
  const stays = registry.find("name", second.signal);
  first.abort("enough");
  assertEquals(await gone, "enough");
  const bound = binder();
  const listener = registry.bind("name", bound);
  assertStrictEquals(await stays, bound);
  await listener.close();
  const last = idle();
  const alone = assertRejects(() => registry.find("name", last.signal));
  last.abort("enough");
  await alone;
  // Who looks again is not answered by what the others left.
  let found = false;
  const third = idle();
  const again = registry.find("name", third.signal).then(() => found = true);
  await turn();
  assertEquals(found, false);
  registry.bind("name", binder());
  await again;
});

test("whoever has given up before looking is told so, and waits for nobody", async () => {
  const registry = new InprocRegistry();
  const outcomes: unknown[] = [];
  registry.find("name", AbortSignal.abort("too late")).then(
    () => outcomes.push("found"),
    (reason: unknown) => outcomes.push(reason),
  );
  await turn();
  assertEquals(outcomes, ["too late"]);
  registry.bind("name", binder());
  await turn();
  assertEquals(outcomes, ["too late"]);
});
