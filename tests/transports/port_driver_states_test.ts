/**
 * The states of the driver of ports between threads: every cell of both tables in the header of `src/transport/port_driver.ts`. The
 * test plays the port and the peer's side of the rings.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import type { LinkSink } from "../../src/transport/transport.ts";
import { portLink } from "../../src/transport/port_driver.ts";
import { newRing, RING_SIZE, RingReader, RingWriter, useSharedMemory } from "../../src/transport/shared_ring.ts";
import { test } from "../support/harness.ts";
import { PlayedPort } from "../support/played_port.ts";
import { requireCause, walkStates } from "../support/state_table.ts";

const { turn } = systemClock;
const { store } = Atomics;
/** Turns in which a reader looks again. */
const LOOKS = 8;
const WINDOW = 256 * 1024;
const BYTE = Uint8Array.of(7);
const WAKE = "wake";
const END = "end";

const settled = () => new Promise<void>((resolve) => turn(resolve));

/** A link over a port, whose other end the test plays. */
class Rig implements LinkSink {
  readonly port = new PlayedPort();
  readonly link = portLink(this.port, "played:peer");
  turns: (() => void)[] = [];
  /** Bytes that the link has delivered. */
  received = 0;
  drains = 0;
  closes = 0;
  pausing = false;
  finished = false;
  /** The peer's side of the ring that the driver reads. */
  readonly writer: RingWriter;

  constructor() {
    useSharedMemory({ rings: true, notifications: false });
    Object.assign(systemClock, { turn: (callback: () => void) => void this.turns.push(callback) });
    const ring = newRing()!;
    this.writer = new RingWriter(ring, () => {});
    this.link.pause();
    this.link.start(this);
    this.port.arrive({ ring });
  }

  onData(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.pausing) this.link.pause();
  }

  onDrain(): void {
    this.drains++;
  }

  onClose(): void {
    this.closes++;
  }

  end(): void {
    Object.assign(systemClock, { turn });
    Object.assign(Atomics, { store });
    this.link.abort();
    useSharedMemory();
  }

  // The peer, as a reader.

  /** The peer's side of the ring that the driver writes. */
  reader(): RingReader | undefined {
    for (const message of this.port.posted) {
      const { ring } = message as { readonly ring?: SharedArrayBuffer };
      if (ring !== undefined) return new RingReader(ring, () => {});
    }
    return undefined;
  }

  // The peer, as a writer.

  /** The peer writes some bytes, and wakes the driver if it sleeps. */
  bytes(): void {
    this.writer.write([BYTE], 1);
    if (this.writer.wakeReader()) this.port.arrive(WAKE);
  }

  /** The link reads, and looks again in the next turn. */
  async look(): Promise<void> {
    this.bytes();
    this.link.resume();
    await settled();
  }

  async turnOver(): Promise<void> {
    const { turns } = this;
    this.turns = [];
    for (const callback of turns) callback();
    await settled();
  }

  /** All looks but the last one. */
  async looks(): Promise<void> {
    for (let i = 1; i < LOOKS; i++) await this.turnOver();
  }

  /** Turns are over in a state in which none is due: one that was due when it was left, if there can be one. */
  async leaveTurn(from: string): Promise<void> {
    if (from !== "PAUSED" && from !== "DEAD") return requireCause(this.turns.length > 0);
    if (from === "DEAD") return;
    await this.look();
    this.link.pause();
  }

  /** Looks for the last time, and at the moment at which the driver lies down the peer writes. */
  async lastLook(from: string): Promise<void> {
    await this.leaveTurn(from);
    if (from === "LOOKING") {
      await this.looks();
      let at: Int32Array | undefined;
      Object.assign(Atomics, {
        store: (words: Int32Array, index: number, value: number) => {
          const stored = store(words, index, value);
          if (at === undefined) {
            at = words;
            this.writer.write([BYTE], 1);
          }
          return stored;
        },
      });
    }
    await this.turnOver();
    Object.assign(Atomics, { store });
  }
}

walkStates<Rig>("writing to a thread", {
  path: "transport/port_driver.ts",
  make: () => new Rig(),
  reach: {
    OPEN: (rig) => rig.link.resume(),
    FULL(rig) {
      rig.link.resume();
      fill(rig);
    },
    INDEBTED(rig) {
      rig.link.resume();
      assert(!rig.link.write([new Uint8Array(WINDOW + 1)]));
    },
    ENDED(rig) {
      rig.link.resume();
      finish(rig);
    },
    DEAD(rig) {
      rig.link.resume();
      fill(rig);
      rig.link.abort();
    },
  },
  happen: {
    write: (rig) => assert(rig.link.write([BYTE])),
    "write, no room": (rig) => fill(rig),
    "write, window": (rig) => assert(!rig.link.write([new Uint8Array(WINDOW + 1)])),
    "little room": (rig) => rig.port.arrive(WAKE),
    room(rig) {
      const reader = rig.reader();
      while (reader?.read() !== undefined);
      rig.port.arrive(WAKE);
    },
    "little credit": (rig) => rig.port.arrive(1),
    credit: (rig) => rig.port.arrive(WINDOW),
    finish: (rig) => finish(rig),
    "peer ends": (rig) => rig.port.arrive(END),
    "port ends": (rig) => rig.port.end(),
    drop: (rig) => rig.link.abort(),
  },
  async stateOf(rig) {
    await settled();
    const { link, port } = rig;
    assertEquals(rig.closes, port.closed ? 1 : 0);
    if (port.closed) {
      assertEquals(rig.drains, 0);
      return "DEAD";
    }
    if (rig.finished) {
      assertEquals(port.posted.filter((message) => message === END).length, 1);
      return "ENDED";
    }
    const { drains } = rig;
    port.arrive(WINDOW);
    if (rig.drains > drains) return "INDEBTED";
    const reader = rig.reader();
    while (reader?.read() !== undefined);
    port.arrive(WAKE);
    if (rig.drains > drains) return "FULL";
    assert(link.write([BYTE]));
    return "OPEN";
  },
  end: (rig) => rig.end(),
});

/** Writes more than the ring has room for. */
function fill(rig: Rig): void {
  const part = new Uint8Array(RING_SIZE / 8);
  let written = 0;
  while (rig.link.write([part])) assert(++written <= 8);
  const { bytesTaken } = rig.link;
  assertEquals(bytesTaken, written * part.length);
}

function finish(rig: Rig): void {
  rig.finished = true;
  void rig.link.close();
}

walkStates<Rig>("reading from a thread", {
  path: "transport/port_driver.ts",
  table: 1,
  make: () => new Rig(),
  reach: {
    PAUSED: () => {},
    LOOKING: (rig) => rig.look(),
    async ASLEEP(rig) {
      rig.link.resume();
      await settled();
    },
    async "AT BLOCK"(rig) {
      rig.writer.block();
      rig.link.resume();
      await settled();
    },
    async DEAD(rig) {
      await rig.look();
      rig.link.abort();
    },
  },
  happen: {
    async resume(rig) {
      rig.link.resume();
      await settled();
    },
    async "resume, bytes"(rig) {
      rig.bytes();
      rig.link.resume();
      await settled();
    },
    pause: (rig) => rig.link.pause(),
    async look(rig, from) {
      await rig.leaveTurn(from);
      await rig.turnOver();
    },
    async "last look"(rig, from) {
      await rig.leaveTurn(from);
      if (from === "LOOKING") await rig.looks();
      await rig.turnOver();
    },
    async "last look, bytes"(rig, from) {
      const { received } = rig;
      await rig.lastLook(from);
      if (from === "LOOKING") assertEquals(rig.received, received + 1);
    },
    async "last look, pause"(rig, from) {
      rig.pausing = from === "LOOKING";
      await rig.lastLook(from);
    },
    async "look, place"(rig, from) {
      await rig.leaveTurn(from);
      rig.writer.block();
      await rig.turnOver();
      if (from === "PAUSED") rig.port.arrive(BYTE.slice().buffer);
    },
    "wake, bytes": (rig) => rig.bytes(),
    "wake, pause"(rig) {
      rig.pausing = true;
      rig.bytes();
    },
    block(rig, from) {
      if (from !== "AT BLOCK") rig.writer.block();
      rig.port.arrive(BYTE.slice().buffer);
    },
    async "peer ends"(rig) {
      rig.port.arrive(END);
      rig.link.resume();
      await settled();
    },
    drop: (rig) => rig.link.abort(),
  },
  async stateOf(rig) {
    const { link, port } = rig;
    rig.pausing = false;
    await settled();
    if (port.closed) {
      const { received } = rig;
      rig.bytes();
      await rig.turnOver();
      assertEquals([rig.received, rig.turns.length], [received, 0]);
      return "DEAD";
    }
    const { received } = rig;
    const looking = rig.turns.length > 0;
    rig.writer.write([BYTE], 1);
    const sleeping = rig.writer.wakeReader();
    await rig.turnOver();
    if (rig.received > received) {
      assert(looking);
      return "LOOKING";
    }
    if (sleeping) port.arrive(WAKE);
    if (rig.received > received) return "ASLEEP";
    port.arrive(BYTE.slice().buffer);
    if (rig.received > received) return "AT BLOCK";
    link.resume();
    await settled();
    assert(rig.received > received);
    return "PAUSED";
  },
  end: (rig) => rig.end(),
});

test("a link to a thread that pauses as it takes the bytes of a last look is paused", async () => {
  const rig = new Rig();
  await rig.look();
  rig.pausing = true;
  await rig.lastLook("LOOKING");
  const { received } = rig;
  // The driver returns no credit for what arrives now, as the link takes nothing.
  const { length } = rig.port.posted;
  for (let i = 0; i < 4; i++) {
    rig.writer.block();
    rig.port.arrive(new ArrayBuffer(64 * 1024));
    await rig.turnOver();
  }
  assertEquals([rig.received, rig.port.posted.length], [received, length]);
  rig.end();
});
