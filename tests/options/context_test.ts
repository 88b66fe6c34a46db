/**
 * `Context`: the limit of open sockets, and names per context.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Context, context, Pull, Push, Request } from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { collect } from "../support/collect.ts";
import { test } from "../support/harness.ts";
import { rejectsWith, take, throwsWith } from "../sockets/support.ts";
import { MAKERS, TYPES, watch } from "./support.ts";

test("maxSockets: opening more sockets is EMFILE until one is closed", async () => {
  const few = new Context({ maxSockets: 2 });
  const first = new Push({ context: few });
  await using _second = new Pull({ context: few });
  assertEquals(few.sockets, 2);
  for (const type of TYPES) throwsWith("EMFILE", () => MAKERS[type]({ context: few }));
  assertEquals(few.sockets, 2);
  // Others do not count.
  await using _elsewhere = new Pull({ context: new Context({ maxSockets: 1 }) });
  await using _shared = new Pull();
  await first.close();
  assertEquals(few.sockets, 1);
  await using _third = new Request({ context: few });
  throwsWith("EMFILE", () => new Push({ context: few }));
});

test("maxSockets set live counts for the next socket; those that are open stay; 0 means no limit", async () => {
  const own = new Context();
  assertEquals(own.maxSockets, 0);
  const sockets = Array.from({ length: 20 }, () => new Push({ context: own }));
  own.maxSockets = 3;
  assertEquals([own.maxSockets, own.sockets], [3, 20]);
  throwsWith("EMFILE", () => new Push({ context: own }));
  for (const socket of sockets.splice(0, 18)) await socket.close();
  sockets.push(new Push({ context: own }));
  throwsWith("EMFILE", () => new Push({ context: own }));
  own.maxSockets = 0;
  sockets.push(new Push({ context: own }));
  assertEquals(own.sockets, 4);
  for (const socket of sockets) await socket.close();
  assertEquals(own.sockets, 0);
});

test("a socket counts until its close is done, and one that could not be made does not", async () => {
  const own = new Context({ maxSockets: 1 });
  assertThrows(() => new Push({ context: own, linger: -2 }), RangeError);
  assertThrows(() => new Push({ context: own, unknown: 1 } as object), TypeError);
  assertEquals(own.sockets, 0);
  const push = new Push({ context: own, linger: -1 });
  push.connect("inproc://late");
  await push.send("queued");
  const closing = push.close();
  const wait = watch(closing);
  await turn();
  assertEquals([wait.settled, own.sockets], [false, 1]);
  own.maxSockets = 0;
  await using pull = new Pull({ context: own });
  await pull.bind("inproc://late");
  assertEquals(await take(pull, 1), ["queued"]);
  await closing;
  assertEquals(own.sockets, 1);
});

test("maxSockets must be a whole number from 0", () => {
  for (const wrong of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Context({ maxSockets: wrong }), RangeError, "maxSockets");
    assertThrows(() => new Context().maxSockets = wrong, RangeError, "maxSockets");
  }
  assertThrows(() => new Context({ maxSockets: "1" as unknown as number }), TypeError, "maxSockets");
});

test("a Context rejects unknown options by name, and anything that is not an object", () => {
  for (const name of ["linger", "ioThreads", "max_sockets"]) {
    assertThrows(() => new Context({ [name]: 1 }), TypeError, `no option ${name};`);
  }
  for (const wrong of [null, 1, "maxSockets"]) {
    assertThrows(() => new Context(wrong as unknown as object), TypeError, "options must be an object");
  }
});

test("an inproc name belongs to its context", async () => {
  const other = new Context();
  await using here = new Pull();
  await using there = new Pull({ context: other });
  await here.bind("inproc://name");
  await there.bind("inproc://name");
  await using alsoHere = new Pull({ context });
  await rejectsWith("EADDRINUSE", () => alsoHere.bind("inproc://name"));
  await using pushHere = new Push();
  await using pushThere = new Push({ context: other });
  for (const push of [pushHere, pushThere]) push.connect("inproc://name");
  await pushHere.send("here");
  await pushThere.send("there");
  assertEquals([await take(here, 1), await take(there, 1)], [["here"], ["there"]]);
});

test("sockets that were never closed and are garbage-collected no longer count", async () => {
  const context = new Context();
  const open = new Push({ context });
  const forget = () => {
    for (let i = 0; i < 40; i++) new Pull({ context });
  };
  forget();
  assertEquals(context.sockets, 41);
  // A collector that looks at the stack may keep a few; the deadline of the test is the limit.
  while (context.sockets > 20) await collect();
  assert(context.sockets >= 1);
  await open.close();
  const before = context.sockets;
  await collect();
  // The one that was closed is not counted out twice.
  assert(context.sockets >= 0 && context.sockets <= before);
});
