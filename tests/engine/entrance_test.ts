/**
 * Incoming links: the number accepted per turn, their order, and the end of waiting ones.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Clock } from "../../src/base/clock.ts";
import { Arrivals } from "../../src/engine/arrivals.ts";
import { Entrance } from "../../src/engine/entrance.ts";
import type { SocketEvent } from "../../src/engine/events.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { settle } from "../support/socket_types.ts";

const PER_TURN = 16;
const HERE = "tcp://0.0.0.0:5555";

/** Turns of the event loop that pass when the test says so. */
class Turns implements Clock {
  #callbacks: (() => void)[] = [];

  get awaited(): number {
    return this.#callbacks.length;
  }

  next(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }

  turn(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  now(): number {
    return 0;
  }

  timer() {
    return { cancel() {}, ref() {}, unref() {} };
  }

  random(): number {
    return 0;
  }
}

/** A socket with an entrance: what it takes is noted in a log. */
function socket(clock: Clock, log: string[], name = "", options: object = {}) {
  const settings = settle("PULL", options);
  const events: SocketEvent[] = [];
  const arrivals = new Arrivals({ settings, clock, emit: (event) => void events.push(event) }, { bytes: 0 });
  const host = {
    clock,
    settings,
    connections: { arrivals },
    enters: (link: FakeLink, endpoint: string) => {
      arrivals.entered(link.remote);
      log.push(`${name}${endpoint === HERE ? "" : endpoint}`);
    },
  };
  return { arrivals, events, entrance: new Entrance(host as never) };
}

function crowd(entrance: Entrance, count: number, endpoint = HERE): FakeLink[] {
  const links = Array.from({ length: count }, () => new FakeLink());
  for (const link of links) entrance.comesIn(link, endpoint);
  return links;
}

test("a single connection is accepted immediately, and a turn is awaited once", () => {
  const [clock, log]: [Turns, string[]] = [new Turns(), []];
  const { entrance } = socket(clock, log);
  crowd(entrance, PER_TURN);
  assertEquals([log.length, entrance.waiting, clock.awaited], [PER_TURN, 0, 1]);
  clock.next();
  assertEquals(clock.awaited, 0);
  crowd(entrance, 1);
  assertEquals([log.length, clock.awaited], [PER_TURN + 1, 1]);
});

test("a crowd is accepted in order of arrival, with a limit per turn", () => {
  const [clock, log]: [Turns, string[]] = [new Turns(), []];
  const { entrance } = socket(clock, log);
  crowd(entrance, 40, "first");
  crowd(entrance, 2, "last");
  assertEquals([log.length, entrance.waiting], [PER_TURN, 26]);
  clock.next();
  assertEquals([log.length, entrance.waiting], [2 * PER_TURN, 10]);
  clock.next();
  assertEquals([log.length, entrance.waiting], [42, 0]);
  assertEquals([log.indexOf("last"), clock.awaited], [40, 1]);
  // The rest of this turn's budget goes to connections that arrive in it.
  crowd(entrance, 7);
  assertEquals([log.length, entrance.waiting], [48, 1]);
});

test("the sockets of an event loop share a turn in rotation: many connections at one do not delay another", () => {
  const [clock, log]: [Turns, string[]] = [new Turns(), []];
  const [busy, quiet] = [socket(clock, log, "busy"), socket(clock, log, "quiet")];
  crowd(busy.entrance, 200);
  crowd(quiet.entrance, 3);
  clock.next();
  assertEquals(log.length, 2 * PER_TURN);
  assertEquals(log.filter((name) => name === "quiet").length, 3);
});

test("connections that wait are counted as connections, and are accepted in the end", () => {
  const [clock, log]: [Turns, string[]] = [new Turns(), []];
  const { entrance, arrivals } = socket(clock, log, "", { maxConnections: 20 });
  const links = crowd(entrance, 30);
  assertEquals([entrance.waiting, arrivals.refusals.maxConnections], [4, 10]);
  assertEquals(links.map(({ aborts }) => aborts.length), [...Array(20).fill(0), ...Array(10).fill(1)]);
  clock.next();
  assertEquals([log.length, entrance.waiting], [20, 0]);
});

test("no more connections wait than maxHandshakes allows: one more is rejected, counted and reported", () => {
  const [clock, log]: [Turns, string[]] = [new Turns(), []];
  const { entrance, arrivals, events } = socket(clock, log, "", { maxHandshakes: 5 });
  const links = crowd(entrance, PER_TURN + 7);
  assertEquals([entrance.waiting, arrivals.refusals.maxHandshakes], [5, 2]);
  assertEquals(links.slice(-3).map(({ aborts }) => aborts.length), [0, 1, 1]);
  assertEquals(events.map((event) => event.type), ["accept:refused"]);
});

test("unbind closes the connections that wait at its endpoint, and close those of all endpoints", () => {
  const [clock, log]: [Turns, string[]] = [new Turns(), []];
  const { entrance, arrivals } = socket(clock, log, "", { maxConnections: 100 });
  crowd(entrance, PER_TURN);
  const [here, there] = [crowd(entrance, 3, "here"), crowd(entrance, 4, "there")];
  entrance.drop("here");
  assertEquals(here.map(({ aborts }) => aborts.length), [1, 1, 1]);
  assertEquals(entrance.waiting, 4);
  entrance.drop();
  assertEquals(there.map(({ aborts }) => aborts.length), [1, 1, 1, 1]);
  clock.next();
  assertEquals([log.length, entrance.waiting], [PER_TURN, 0]);
  // They no longer count either.
  for (let i = 0; i < 10; i++) {
    crowd(entrance, PER_TURN);
    clock.next();
  }
  assertEquals([log.length, arrivals.refusals.maxConnections], [100, 76]);
});
