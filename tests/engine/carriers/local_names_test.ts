/**
 * The names by which sockets of a context find each other.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { LocalNames } from "../../../src/engine/carriers/local_names.ts";
import type { ConnectionHost } from "../../../src/engine/connection/contract.ts";
import type { LocalSocket } from "../../../src/engine/connection/local_connection.ts";
import { Context, DEFAULT_CONTEXT, namesOf } from "../../../src/engine/context.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import type { Listener } from "../../../src/transport/transport.ts";
import { test } from "../../support/harness.ts";
import { settle, wireType } from "../../support/socket_types.ts";
import { SpyController } from "../../support/spy_signal.ts";

/** A socket that is bound to a name; only its identity matters. */
function binder(): LocalSocket {
  return {
    type: wireType("PAIR"),
    owner: undefined as unknown as ConnectionHost,
    accept: () => false,
    settings: settle("PAIR", {}),
  };
}

/** A signal that is never aborted, and knows whether it still has listeners. */
const idle = () => new SpyController();

/** Looks for a name, and keeps the result: the binder, or the reason why the look-up ended. */
function look(names: LocalNames, name: string, signal: AbortSignal): unknown[] {
  const told: unknown[] = [];
  names.call(name, { found: (bound) => told.push(bound), gone: (reason) => told.push(reason) }, signal);
  return told;
}

/** Binds a name, and notifies the waiting look-ups, as a socket does. */
function bindAndAnswer(names: LocalNames, name: string, bound: LocalSocket): Listener {
  const listener = names.bind(name, bound);
  names.answer(name);
  return listener;
}

test("every context has names of its own", () => {
  const [a, b] = [new Context(), new Context()];
  assertStrictEquals(namesOf(a), namesOf(a));
  const [first, second] = [binder(), binder()];
  namesOf(a).bind("name", first);
  namesOf(b).bind("name", second);
  assertStrictEquals(look(namesOf(a), "name", idle().signal)[0], first);
  assertStrictEquals(look(namesOf(b), "name", idle().signal)[0], second);
  assertEquals(namesOf(DEFAULT_CONTEXT) === namesOf(a), false);
});

test("a name is bound once, and free again when its listener is closed", async () => {
  const names = new LocalNames();
  const [first, second] = [binder(), binder()];
  const listener = names.bind("inproc://a", first);
  assertEquals(listener.endpoint, "inproc://a");
  const error = assertThrows(() => names.bind("inproc://a", second), ZmqError, "inproc://a");
  assertEquals(error.code, "EADDRINUSE");
  names.bind("inproc://A", second);
  const closed = listener.close();
  names.bind("inproc://a", second);
  await closed;
  // Closed long ago: must not free the name of another.
  await listener.close();
  assertStrictEquals(look(names, "inproc://a", idle().signal)[0], second);
});

test("the first listener does not free a name that its socket has bound again", async () => {
  const names = new LocalNames();
  const socket = binder();
  const old = names.bind("inproc://a", socket);
  await old.close();
  names.bind("inproc://a", socket);
  await old.close();
  assertStrictEquals(names.get("inproc://a"), socket);
});

test("a caller gets the binder before call returns, and stops listening to the signal", () => {
  const names = new LocalNames();
  const bound = binder();
  names.bind("name", bound);
  const controller = idle();
  assertEquals(look(names, "name", controller.signal).map((one) => one === bound), [true]);
  assertEquals(controller.listeners, 0);
});

test("all callers that wait for a name get it before answer returns, in order", () => {
  const names = new LocalNames();
  const order: number[] = [];
  const controllers = [1, 2, 3].map(idle);
  const bound = binder();
  for (const [i, { signal }] of controllers.entries()) {
    names.call("name", { found: (one) => order.push(one === bound ? i : -1), gone: () => order.push(-2) }, signal);
  }
  const other = idle();
  const never = look(names, "other", other.signal);
  bindAndAnswer(names, "name", bound);
  assertEquals([order, ...controllers.map(({ listeners }) => listeners)], [[0, 1, 2], 0, 0, 0]);
  // Once only.
  names.answer("name");
  assertEquals([order, never], [[0, 1, 2], []]);
  other.abort("nobody came");
  assertEquals([never, other.listeners], [["nobody came"], 0]);
});

test("a canceled caller leaves nothing behind, and does not keep others from the name", async () => {
  const names = new LocalNames();
  const [first, second] = [idle(), idle()];
  const gone = look(names, "name", first.signal);
  const stays = look(names, "name", second.signal);
  first.abort("enough");
  assertEquals(gone, ["enough"]);
  const bound = binder();
  const listener = bindAndAnswer(names, "name", bound);
  assertEquals(stays.map((one) => one === bound), [true]);
  await listener.close();
  const last = idle();
  const alone = look(names, "name", last.signal);
  last.abort("enough");
  assertEquals(alone, ["enough"]);
  // A second look-up does not get an answer that was left for others.
  const again = look(names, "name", idle().signal);
  assertEquals(again, []);
  const next = binder();
  bindAndAnswer(names, "name", next);
  assertEquals(again.map((one) => one === next), [true]);
});

test("a caller whose signal is already aborted fails without waiting", () => {
  const names = new LocalNames();
  const outcomes = look(names, "name", AbortSignal.abort("too late"));
  assertEquals(outcomes, ["too late"]);
  bindAndAnswer(names, "name", binder());
  assertEquals(outcomes, ["too late"]);
});

test("a caller that frees the name, or ends another caller, during its callback: the rest continue waiting", () => {
  const names = new LocalNames();
  const order: string[] = [];
  const controllers = [1, 2, 3].map(idle);
  const listeners: Listener[] = [];
  const acts = [() => controllers[1]!.abort("ended"), () => {}, () => void listeners[0]!.close()];
  for (const [i, { signal }] of controllers.entries()) {
    const found = () => {
      order.push(`${i} found`);
      acts[i]!();
    };
    names.call("name", { found, gone: () => order.push(`${i} gone`) }, signal);
  }
  const late = look(names, "name", idle().signal);
  listeners.push(names.bind("name", binder()));
  names.answer("name");
  assertEquals([order, late], [["0 found", "1 gone", "2 found"], []]);
  bindAndAnswer(names, "name", binder());
  assertEquals(late.length, 1);
});
