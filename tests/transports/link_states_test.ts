/**
 * The states of a link, over a driver that the test plays: every cell of the table in the header of `src/transport/link.ts`, and
 * every order of events, so many in a row, without a breach of the contract.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { readFile } from "node:fs/promises";
import { systemClock } from "../../src/base/clock.ts";
import { LinkCore } from "../../src/transport/link.ts";
import { test } from "../support/harness.ts";
import { PlayedDriver } from "../support/played_driver.ts";
import { Peer } from "./peer.ts";

/** One whose streams have something to do when the peer has ended its side. */
class LeavingDriver extends PlayedDriver {
  leave(): void {
    this.calls.push("leave");
  }
}

/** A link, what is below and what is above it. */
interface Rig<D extends PlayedDriver = PlayedDriver> {
  readonly driver: D;
  readonly link: LinkCore;
  readonly peer: Peer;
}

function rig<D extends PlayedDriver>(driver: D): Rig<D> {
  const link = new LinkCore(driver, "played:peer");
  return { driver, link, peer: new Peer(link) };
}

const BROKEN = new Error("broken");
const BYTE = Uint8Array.of(7);

/** Lets all promises go on that can. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

/** The steps from the start to each state. */
const REACH: Readonly<Record<string, (rig: Rig) => void>> = {
  OPEN: () => {},
  DEAF: ({ driver }) => driver.sink.writeFailed(new Error("deaf")),
  CLOSING: ({ peer }) => void peer.close(Infinity),
  ENDED({ driver, peer }) {
    peer.close(Infinity);
    driver.sink.endSent();
  },
  LEAVING: ({ driver }) => driver.sink.peerEnded(),
  DEAD({ driver, peer }) {
    driver.closes = false;
    peer.abort();
  },
  CLOSED: ({ peer }) => peer.abort(),
};

const HAPPEN: Readonly<Record<string, (rig: Rig) => void>> = {
  close: ({ peer }) => void peer.close(Infinity),
  abort: ({ peer }) => peer.abort(),
  // Once it is closing, that is all that another call can change.
  "grace over": ({ peer }) => void peer.close(0),
  peerEnded: ({ driver }) => driver.sink.peerEnded(),
  endSent: ({ driver }) => driver.sink.endSent(),
  writeFailed: ({ driver }) => driver.sink.writeFailed(BROKEN),
  lost: ({ driver }) => driver.sink.lost(BROKEN),
  closed: ({ driver }) => driver.sink.closed(),
};

/** The state that a link is in, by what it does next. */
async function stateOf({ driver, link, peer }: Rig): Promise<string> {
  await settled();
  if (peer.closes > 0) return "CLOSED";
  const { calls, sink } = driver;
  const does = (what: string, call: () => unknown) => {
    const before = calls.filter((name) => name === what).length;
    call();
    return calls.filter((name) => name === what).length > before;
  };
  if (does("write", () => link.write([BYTE]))) return "OPEN";
  const { received } = peer;
  sink.received(BYTE);
  if (peer.received > received) return "DEAF";
  if (does("finish", () => sink.drained())) return "CLOSING";
  if (does("drop", () => sink.peerEnded())) return "ENDED";
  return does("drop", () => sink.lost()) ? "LEAVING" : "DEAD";
}

/** The table in the header: event, state, next state. */
async function table(): Promise<[string, string, string][]> {
  const source = await readFile(new URL("../../src/transport/link.ts", import.meta.url), "utf8");
  const rows = [...source.matchAll(/^ \* \|(.*)\|$/gm)].map(([, row]) => row!.split("|").map((cell) => cell.trim()));
  const [[, ...states], , ...events] = rows as [string[], string[], ...string[][]];
  assertEquals(states, Object.keys(REACH));
  assertEquals(events.map(([event]) => event), Object.keys(HAPPEN));
  return events.flatMap(([event, ...next]) =>
    next.map((to, i): [string, string, string] => [event!, states[i]!, to]).filter(([, , to]) => to !== "")
  );
}

test("link states: every cell of the table", async () => {
  const cells = await table();
  assertEquals(cells.length, 7 * 8 - 2);
  for (const [event, from, to] of cells) {
    const { driver, link, peer } = rig(new LeavingDriver());
    peer.start();
    REACH[from]!({ driver, link, peer });
    await settled();
    // So that DEAD is not gone at once.
    driver.closes = false;
    HAPPEN[event]!({ driver, link, peer });
    assertEquals(await stateOf({ driver, link, peer }), to === "-" ? from : to, `${event} in ${from}`);
  }
});

test("link states: an empty cell cannot happen: the time of the peer does not run in OPEN and DEAF", async () => {
  const { timer } = systemClock;
  let timers = 0;
  Object.assign(systemClock, { timer: (ms: number, act: () => void) => (timers++, timer(ms, act)) });
  try {
    for (const [state, times] of [["OPEN", 0], ["DEAF", 0], ["ENDED", 1]] as const) {
      const all = rig(new LeavingDriver());
      all.peer.start();
      REACH[state]!(all);
      assertEquals(timers, times, state);
      all.peer.abort();
      await settled();
    }
  } finally {
    Object.assign(systemClock, { timer });
  }
});

test("link states: the states are distinct", async () => {
  for (const [state, reach] of Object.entries(REACH)) {
    const all = rig(new LeavingDriver());
    all.peer.start();
    reach(all);
    assertEquals(await stateOf(all), state);
  }
});

test("link states: without something to do for the driver, the peer's end destroys it", () => {
  const { driver, peer } = rig(new PlayedDriver());
  peer.start();
  driver.sink.peerEnded();
  assertEquals(driver.calls, ["resume", "drop"]);
});

test("link states: written bytes are sent before the end, and the peer's end before ours suffices", async () => {
  const { driver, peer } = rig(new PlayedDriver());
  peer.start();
  driver.takes = false;
  assertEquals(peer.write(BYTE), false);
  const closed = peer.close(Infinity);
  driver.sink.peerEnded();
  assertEquals(driver.calls, ["resume", "write", "resume"]);
  driver.drain();
  assertEquals(driver.calls.at(-1), "finish");
  driver.sink.endSent();
  assertEquals(driver.calls.at(-1), "drop");
  await closed;
  assertEquals([peer.closes, peer.error, peer.drains, peer.breaches], [1, undefined, 0, []]);
});

test("link states: an end and a loss wait for buffered bytes; a loss does not wait for more", async () => {
  for (const end of ["peerEnded", "lost"] as const) {
    for (const holds of [true, false]) {
      const { driver, peer } = rig(new PlayedDriver());
      peer.start();
      peer.pause();
      if (holds) driver.sink.received(BYTE);
      if (end === "lost") driver.sink.lost(BROKEN);
      else driver.sink.peerEnded();
      await settled();
      const waits = holds || end === "peerEnded";
      assertEquals(peer.closes, waits ? 0 : 1);
      if (waits) peer.resume();
      await peer.gone();
      assertEquals([peer.received, peer.error], [holds ? 1 : 0, end === "lost" ? BROKEN : undefined]);
      assertEquals(peer.breaches, []);
    }
  }
});

test("link states: bytes buffered before a loss are dropped by close", async () => {
  const { driver, peer } = rig(new PlayedDriver());
  peer.start();
  peer.pause();
  driver.sink.received(BYTE);
  driver.sink.lost(BROKEN);
  await peer.close();
  assertEquals([peer.received, driver.calls], [0, ["resume", "pause", "drop"]]);
});

test("link states: the reason of abort counts, else the first error; none once the end is sent", async () => {
  const reason = new Error("enough");
  const runs: [Error | undefined, (rig: Rig) => void][] = [
    [BROKEN, ({ driver }) => (driver.sink.writeFailed(BROKEN), driver.sink.lost(new Error("later")))],
    [BROKEN, ({ driver, peer }) => (driver.sink.writeFailed(BROKEN), peer.abort())],
    [reason, ({ driver, peer }) => (driver.sink.writeFailed(BROKEN), peer.abort(reason), peer.abort(BROKEN))],
    [BROKEN, ({ driver }) => (driver.sink.writeFailed(BROKEN), driver.sink.peerEnded())],
    [BROKEN, ({ driver, peer }) => (peer.close(), driver.sink.lost(BROKEN))],
    [undefined, ({ driver, peer }) => (peer.close(), driver.sink.endSent(), driver.sink.lost(BROKEN))],
    [undefined, ({ driver, peer }) => (peer.abort(), driver.sink.lost(BROKEN))],
  ];
  for (const [i, [error, run]] of runs.entries()) {
    const all = rig(new PlayedDriver());
    all.peer.start();
    run(all);
    await all.peer.gone();
    assertStrictEquals(all.peer.error, error, `run ${i}`);
    assertStrictEquals(all.driver.reason, error, `run ${i}`);
  }
});

test("link states: onClose reports the state of the last write", async () => {
  const { driver, peer } = rig(new PlayedDriver());
  peer.start();
  driver.takes = true;
  await peer.send(new Uint8Array(100));
  driver.takes = false;
  peer.write(new Uint8Array(50));
  driver.bytesTaken += 20;
  driver.mostTaken += 30;
  assertEquals(peer.bytesTaken, 120);
  driver.sink.lost();
  await peer.gone();
  assertEquals(peer.taken, 30);
});

test("link states: a link is started once", () => {
  const { peer } = rig(new PlayedDriver());
  peer.start();
  assertThrows(() => peer.start(), TypeError);
});

/** The possible next events, in any order that a driver may have. */
const STEPS: Readonly<Record<string, (rig: Rig) => void>> = {
  start: ({ peer, driver }) => {
    if (!driver.calls.includes("started")) driver.calls.push("started"), peer.start();
  },
  pause: ({ peer }) => peer.pause(),
  resume: ({ peer }) => peer.resume(),
  close: ({ peer }) => void peer.close(0),
  abort: ({ peer }) => peer.abort(),
  received: ({ driver }) => {
    if (driver.calls.includes("resume")) driver.sink.received(BYTE);
  },
  peerEnded: ({ driver }) => driver.sink.peerEnded(),
  endSent: ({ driver }) => {
    if (driver.calls.includes("finish")) driver.sink.endSent();
  },
  write: ({ peer, driver }) => {
    // Not before start, and one only: the next would have to wait for onDrain.
    if (!driver.calls.includes("started") || driver.calls.includes("written")) return;
    driver.calls.push("written");
    driver.takes = false;
    peer.write(BYTE);
  },
  drained: ({ driver }) => {
    if (driver.writes.length === 0 || driver.bytesTaken > 0) return;
    driver.drain();
  },
  writeFailed: ({ driver }) => driver.sink.writeFailed(BROKEN),
  lost: ({ driver }) => driver.sink.lost(BROKEN),
  closed: ({ driver }) => driver.sink.closed(),
  settle: () => {},
};

test("link states: every order of events keeps the contract, and ends", async () => {
  const names = Object.keys(STEPS);
  let run = 0;
  const orders = names.flatMap((a) => names.flatMap((b) => names.flatMap((c) => names.map((d) => [a, b, c, d]))));
  for (const started of [true, false]) {
    for (const order of orders) {
      const all = rig(run++ % 2 === 0 ? new PlayedDriver() : new LeavingDriver());
      if (started) STEPS["start"]!(all);
      for (const name of order) {
        STEPS[name]!(all);
        if (name === "settle") { for (let i = 0; i < 4; i++) await Promise.resolve(); }
      }
      STEPS["start"]!(all);
      all.peer.abort();
      await all.peer.close();
      assertEquals([all.peer.closes, all.peer.breaches], [1, []], order.join(", "));
      assert(all.driver.calls.filter((call) => call === "drop").length <= 1, order.join(", "));
    }
  }
}, { timeout: 60_000 });
