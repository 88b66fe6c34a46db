/**
 * The states of either side of a connection within the process: every cell of the table in the header of `local_connection.ts`.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { ZmqError } from "../../../src/base/errors.ts";
import { LocalConnection, type LocalSocket } from "../../../src/engine/connection/local_connection.ts";
import type { Connection, ConnectionHost } from "../../../src/engine/connection/contract.ts";
import { PeerPipe } from "../../../src/engine/pipe/pipe.ts";
import { test } from "../../support/harness.ts";
import { PipeWatcher } from "../../support/pipe_watcher.ts";
import { settle, wireType } from "../../support/socket_types.ts";
import { stateTable } from "../../support/state_table.ts";

const FAILED = new ZmqError("EPROTO", "the test says so");

/** A socket of which one connection is of interest. */
class Owner implements ConnectionHost, LocalSocket {
  readonly type = wireType("PAIR");
  readonly settings = settle("PAIR", {});
  readonly owner = this;
  closed = 0;
  readies = 0;
  /** Its handling of an incoming connection. */
  accepts: (connection: LocalConnection) => void = () => {};

  accept(connection: LocalConnection): boolean {
    this.accepts(connection);
    return true;
  }

  connectionReady(connection: Connection): PeerPipe {
    this.readies++;
    const pipe = new PeerPipe(new PipeWatcher(), false);
    pipe.connect(connection);
    return pipe;
  }

  connectionClosed(): void {
    this.closed++;
  }
}

const HAPPEN: Readonly<Record<string, (one: LocalConnection, peer: LocalConnection | undefined) => void>> = {
  // Both are what the connection comes to by itself.
  start: () => {},
  meet: () => {},
  finish: (one) => one.finish(),
  drop: (one) => one.drop(),
  fail: (one) => one.fail(FAILED),
  peer: (_, peer) => peer!.drop(),
};

/** Has an event happen in a state of one of the sides; returns the state after it, and how often its end was reported. */
async function run(side: "caller" | "binder", from: string, event: string): Promise<[string, number]> {
  const [caller, binder] = [new Owner(), new Owner()];
  const near = LocalConnection.to("inproc://name", caller, binder);
  let far: LocalConnection | undefined;
  let state = "";
  const look = (at: string) => {
    if (state !== "" || at === "NEW") return;
    const one = side === "caller" ? near : far!;
    // An ended connection allows no further action.
    state = one.handshaken ? "OPEN" : at;
  };
  let happened = false;
  let ended = false;
  const act = (at: string) => {
    if (at !== from || happened) return;
    happened = true;
    const [one, peer] = side === "caller" ? [near, far] : [far!, near];
    HAPPEN[event]!(one, peer);
    ended = ["finish", "drop", "fail", "peer"].includes(event);
  };
  binder.accepts = (connection) => {
    far = connection;
    if (side === "binder") act("NEW");
    if (side === "caller") {
      if (from === "NEW") look("STARTED");
      act("STARTED");
    }
    connection.start();
    if (side === "binder") {
      if (from === "NEW") look("STARTED");
      act("STARTED");
    }
  };
  if (side === "caller") act("NEW");
  near.start();
  act("OPEN");
  if (from === "ENDED") {
    far!.drop();
    await Promise.resolve();
    act("ENDED");
  }
  const one = side === "caller" ? near : far!;
  await Promise.resolve();
  // They meet at most once: never before a start, nor after an end.
  const met = (from === "NEW" || from === "STARTED") && ended ? 0 : 1;
  assertEquals([caller.readies, binder.readies], [met, met], `${event} in ${from} of the ${side}`);
  const { closed } = side === "caller" ? caller : binder;
  if (ended) return [one.handshaken ? "OPEN" : "ENDED", closed];
  return [event === "start" && from !== "ENDED" ? state : one.handshaken ? "OPEN" : "ENDED", closed];
}

test("local connection states: every cell of the table, on both sides", async () => {
  const { states, events, cells } = await stateTable("engine/connection/local_connection.ts");
  assertEquals(states, ["NEW", "STARTED", "OPEN", "ENDED"]);
  assertEquals(events, Object.keys(HAPPEN));
  assertGreater(cells.length, 15);
  for (const { event, from, to } of cells) {
    for (const side of ["caller", "binder"] as const) {
      // The accepting side does not exist before `start`.
      if (event === "peer" && from === "NEW" && side === "caller") continue;
      const [state, closed] = await run(side, from, event);
      assertEquals(state, to, `${event} in ${from} of the ${side}`);
      // Once, whatever else happens to it.
      assertEquals(closed, to === "ENDED" ? 1 : 0, `${event} in ${from} of the ${side}`);
    }
  }
});

test("local connection: an end before the start is reported at the start, once", async () => {
  const [caller, binder] = [new Owner(), new Owner()];
  const near = LocalConnection.to("inproc://name", caller, binder);
  near.drop();
  assertEquals(caller.closed, 0);
  near.start();
  for (const event of ["finish", "drop", "fail"]) HAPPEN[event]!(near, undefined);
  await Promise.resolve();
  assertEquals([caller.closed, near.handshaken], [1, false]);
});
