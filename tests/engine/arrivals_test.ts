/**
 * The limits of incoming connections, with a test clock: the rejected ones, and their events.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Arrivals, type ArrivalsHost } from "../../src/engine/arrivals.ts";
import type { Clock, Timer } from "../../src/base/clock.ts";
import type { SocketEvent } from "../../src/engine/events.ts";
import { originOf } from "../../src/engine/peer_address.ts";
import { TokenBucket } from "../../src/engine/token_bucket.ts";
import { test } from "../support/harness.ts";
import { settle } from "../support/socket_types.ts";

const HERE = "tcp://0.0.0.0:5555";
const ANN = "tcp://192.0.2.1:40000";
const BEN = "tcp://192.0.2.2:40000";

/** Time and timers that the test moves on. */
class Time implements Clock {
  ms = 0;
  readonly timers = new Map<() => void, number>();
  unrefs = 0;

  now(): number {
    return this.ms;
  }

  timer(ms: number, callback: () => void): Timer {
    this.timers.set(callback, this.ms + ms);
    return { cancel: () => void this.timers.delete(callback), ref() {}, unref: () => void this.unrefs++ };
  }

  turn(): void {
    throw new Error("Nothing waits for a turn here");
  }

  random(): number {
    return 0;
  }

  pass(ms: number): void {
    this.ms += ms;
    for (const [callback, due] of [...this.timers]) {
      if (due > this.ms) continue;
      this.timers.delete(callback);
      callback();
    }
  }
}

class Rig implements ArrivalsHost {
  readonly clock = new Time();
  readonly settings;
  readonly events: SocketEvent[] = [];
  readonly leftovers = { bytes: 0 };
  readonly arrivals: Arrivals;

  constructor(options: object) {
    this.settings = settle("PULL", options);
    this.arrivals = new Arrivals(this, this.leftovers);
  }

  emit(event: SocketEvent): void {
    this.events.push(event);
  }

  /** Makes `count` connections arrive, and returns the number of accepted ones. */
  come(count: number, remote = ANN): number {
    let admitted = 0;
    for (let i = 0; i < count; i++) if (this.arrivals.admits(HERE, remote)) admitted++, this.arrivals.entered(remote);
    return admitted;
  }

  /** The refusals that the events since the last call reported. */
  told(): [limit: string, count: number][] {
    return this.events.splice(0).map((event) => {
      assert(event.type === "accept:refused");
      return [event.limit, event.count];
    });
  }
}

test("tokens: a burst of one second's limit, then one at a time, with no further burst", () => {
  for (const rate of [1, 4, 10, 1000]) {
    const bucket = new TokenBucket();
    const take = (now: number) => {
      let taken = 0;
      while (bucket.take(now, rate)) taken++;
      return taken;
    };
    assertEquals([take(5000), take(5000)], [rate, 0]);
    assertEquals(take(5000 + 1000 / rate), 1);
    assertEquals([take(9000), take(1e9), take(1e9 + 500)], [rate, rate, Math.floor(rate / 2)]);
  }
});

test("tokens: without a rate there is no limit, and one that is set begins with a full store", () => {
  const bucket = new TokenBucket();
  for (let i = 0; i < 10_000; i++) assert(bucket.take(0, 0));
  assertEquals([bucket.take(0, 2), bucket.take(0, 2), bucket.take(0, 2)], [true, true, false]);
  assert(bucket.take(0, 0));
  assertEquals([bucket.take(0, 2), bucket.take(0, 2), bucket.take(0, 2)], [true, true, false]);
});

test("without options every connection is accepted", () => {
  const rig = new Rig({});
  assertEquals(rig.come(10_000), 10_000);
  rig.arrivals.end();
  assertEquals(rig.events, []);
});

test("maxHandshakesPerSecond: by the clock of the context", () => {
  const rig = new Rig({ maxHandshakesPerSecond: 10 });
  assertEquals([rig.come(25), rig.come(1)], [10, 0]);
  rig.clock.pass(99);
  assertEquals(rig.come(1), 0);
  rig.clock.pass(1);
  assertEquals([rig.come(5, BEN), rig.arrivals.refusals.maxHandshakesPerSecond], [1, 21]);
  rig.settings.maxHandshakesPerSecond = 0;
  assertEquals(rig.come(100), 100);
});

test("maxConnections and maxConnectionsPerAddress count open connections, and a change applies to later ones", () => {
  const rig = new Rig({ maxConnections: 5, maxConnectionsPerAddress: 3 });
  assertEquals([rig.come(9), rig.come(9, BEN), rig.come(9, "tcp://192.0.2.3:1")], [3, 2, 0]);
  rig.arrivals.left(originOf(ANN));
  assertEquals([rig.come(1), rig.come(1)], [1, 0]);
  rig.settings.maxConnections = 0;
  assertEquals([rig.come(9), rig.come(9, BEN)], [0, 1]);
  // Over ipc there are no addresses.
  assertEquals(rig.come(20, "ipc:///tmp/socket"), 20);
  rig.settings.maxConnections = 1;
  assertEquals(rig.come(1, "ipc:///tmp/socket"), 0);
});

test("an address that is over its limit takes no handshakes from others", () => {
  const rig = new Rig({ maxConnectionsPerAddress: 2, maxHandshakesPerSecond: 5 });
  assertEquals([rig.come(1000), rig.come(2, BEN), rig.come(2, "tcp://192.0.2.3:1")], [2, 2, 1]);
  assertEquals(rig.arrivals.refusals.maxHandshakesPerSecond, 1);
});

test("unread messages of disconnected peers block new connections until they are received", () => {
  const rig = new Rig({ maxLeftoverBytes: 1000 });
  rig.leftovers.bytes = 999;
  assertEquals(rig.come(1), 1);
  rig.leftovers.bytes = 1000;
  assertEquals([rig.come(1), rig.come(1, "ipc:///tmp/socket")], [0, 0]);
  rig.settings.maxLeftoverBytes = 0;
  assertEquals(rig.come(1), 1);
  assertEquals(rig.arrivals.refusals.maxLeftoverBytes, 2);
});

test("a flood of refusals is one event immediately and one per second and limit; the counts include all of them", () => {
  const rig = new Rig({ maxConnections: 1 });
  rig.come(1);
  for (let i = 0; i < 1000; i++) rig.come(1);
  assertEquals(rig.told(), [["maxConnections", 1]]);
  rig.clock.pass(999);
  assertEquals(rig.told(), []);
  rig.clock.pass(1);
  assertEquals(rig.told(), [["maxConnections", 999]]);
  rig.come(3);
  rig.settings.maxConnections = 0;
  rig.settings.maxConnectionsPerAddress = 1;
  rig.come(4);
  rig.clock.pass(1000);
  assertEquals(rig.told(), [["maxConnections", 3], ["maxConnectionsPerAddress", 4]]);
  rig.clock.pass(1000);
  assertEquals([rig.told(), rig.clock.timers.size], [[], 0]);
  rig.come(1);
  assertEquals(rig.told(), [["maxConnectionsPerAddress", 1]]);
  assertEquals(rig.clock.unrefs, 3 + 1);
  rig.come(2);
  rig.arrivals.end();
  assertEquals([rig.told(), rig.clock.timers.size], [[["maxConnectionsPerAddress", 2]], 0]);
  const { maxConnections, maxConnectionsPerAddress } = rig.arrivals.refusals;
  assertEquals([maxConnections, maxConnectionsPerAddress], [1003, 7]);
});

const ORIGINS: [remote: string, origin: string][] = [
  ["tcp://192.0.2.1:5555", "192.0.2.1"],
  ["tcp://[2001:db8:1:2:3:4:5:6]:5555", "2001:db8:1:2::/64"],
  ["tcp://[2001:db8:1:2::9]:1", "2001:db8:1:2::/64"],
  ["tcp://[2001:db8::1]:1", "2001:db8::/64"],
  ["tcp://[::1]:1", "::/64"],
  // All link-local addresses belong to one network: each counts separately.
  ["tcp://[fe80::1%eth0]:1", "fe80::1%eth0"],
  ["tcp://[fe80::1%eth1]:1", "fe80::1%eth1"],
  ["tcp://[febf::2]:1", "febf::2"],
  ["ipc:///tmp/socket", ""],
  ["ipc://@name", ""],
  ["inproc://name", ""],
  ["serial:/dev/ttyS0", ""],
];

for (const [remote, origin] of ORIGINS) {
  test(`${remote} counts as ${origin === "" ? "no address" : origin}`, () => assertEquals(originOf(remote), origin));
}
