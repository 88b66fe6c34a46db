/**
 * The states of a name that threads share, where the context was created and in another thread: every cell of the tables in
 * the headers of `carriers/thread_hub.ts` and `carriers/thread_member.ts`.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../../src/base/errors.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { LocalNames } from "../../../src/engine/carriers/local_names.ts";
import { ThreadHub } from "../../../src/engine/carriers/thread_hub.ts";
import { ThreadMember } from "../../../src/engine/carriers/thread_member.ts";
import type { LocalSocket } from "../../../src/engine/connection/local_connection.ts";
import type { Listener } from "../../../src/transport/transport.ts";
import { playChannels, PlayedPort } from "../../support/played_port.ts";
import { cause, walkStates } from "../../support/state_table.ts";

const NAME = "inproc://name";
const settled = () => new Promise<void>((resolve) => systemClock.turn(resolve));

/** The center of a context with two other threads, which the test plays. */
class HubRig {
  readonly restore = playChannels([]);
  readonly names = new LocalNames();
  readonly hub = new ThreadHub(this.names);
  readonly [0] = new PlayedPort();
  readonly [1] = new PlayedPort();
  listener: Listener | undefined;

  constructor() {
    this.names.threads = this.hub;
    this.hub.join(this[0]);
    this.hub.join(this[1]);
  }

  /** A thread says something about the name. */
  says(thread: 0 | 1, type: "bind" | "bound" | "unbind"): void {
    this[thread].arrive({ type, endpoint: NAME, id: 1 });
  }

  bindHere(): void {
    this.listener = this.names.claim(NAME, {} as LocalSocket) as Listener;
  }

  /** A thread asks for the name: whether it gets it. */
  gets(thread: 0 | 1): boolean {
    this.says(thread, "bind");
    return (this[thread].posted.at(-1) as { readonly granted: boolean }).granted;
  }
}

walkStates<HubRig>("name of a shared context", {
  path: "engine/carriers/thread_hub.ts",
  make: () => new HubRig(),
  reach: {
    FREE: () => {},
    CLAIMED: (rig) => rig.says(0, "bind"),
    OPEN(rig) {
      rig.says(0, "bind");
      rig.says(0, "bound");
    },
    HERE: (rig) => rig.bindHere(),
  },
  happen: {
    bind: (rig, from) => void assertEquals(rig.gets(0), from === "FREE"),
    "bind here"(rig, from) {
      if (from === "FREE") rig.bindHere();
      else assertThrows(() => rig.bindHere(), ZmqError, "in use");
    },
    bound: (rig) => rig.says(0, "bound"),
    unbind: (rig) => rig.says(0, "unbind"),
    "unbind here": (rig) => cause(rig.listener).close(),
    "thread ends"(rig) {
      rig[0].end();
      assertEquals(rig.hub.size, 1);
    },
    "another says bound": (rig) => rig.says(1, "bound"),
    "another says unbind": (rig) => rig.says(1, "unbind"),
    "another ends": (rig) => rig[1].end(),
  },
  stateOf(rig) {
    const asking = new PlayedPort();
    rig.hub.join(asking);
    asking.arrive({ type: "bind", endpoint: NAME, id: 2 });
    if ((asking.posted.at(-1) as { readonly granted: boolean }).granted) return "FREE";
    if (rig.names.get(NAME) !== undefined) return "HERE";
    // A socket of this thread is connected as soon as the owner takes connections.
    let linked = false;
    const caller = { found() {}, linked: () => linked = true, gone() {} };
    const over = new AbortController();
    rig.names.call(NAME, caller, over.signal);
    if (linked) return "OPEN";
    rig.says(0, "bound");
    assert(linked);
    return "CLAIMED";
  },
  end: (rig) => rig.restore(),
});

/** A thread that has joined a context, whose center the test plays. */
class MemberRig {
  readonly port = new PlayedPort();
  readonly member = new ThreadMember(new LocalNames(), this.port);
  outcome: string | undefined;
  asked = false;

  async ask(): Promise<void> {
    this.asked = true;
    let owned = false;
    this.member.bind(NAME, () => owned = true).then(
      () => this.outcome = owned ? "granted" : "lies",
      (error: ZmqError) => this.outcome = error.code,
    );
    await settled();
  }

  async answer(granted: boolean): Promise<void> {
    this.port.arrive({ type: "answer", id: 1, granted });
    await settled();
  }
}

walkStates<MemberRig>("request to a shared context", {
  path: "engine/carriers/thread_member.ts",
  make: () => new MemberRig(),
  reach: {
    NEW: () => {},
    ASKED: (rig) => rig.ask(),
    async ANSWERED(rig) {
      await rig.ask();
      await rig.answer(true);
    },
    async LOST(rig) {
      await rig.ask();
      rig.port.end();
    },
  },
  happen: {
    ask: (rig) => rig.ask(),
    granted: (rig) => rig.answer(true),
    refused: (rig) => rig.answer(false),
    "thread ends": (rig) => rig.port.end(),
  },
  async stateOf(rig) {
    await settled();
    const { outcome, port } = rig;
    // Without the center every request is lost at once.
    let code: string | undefined;
    rig.member.bind("inproc://other", () => {}).catch((error: ZmqError) => code = error.code);
    await settled();
    if (code !== undefined) {
      assertEquals([code, port.closed], ["ECONNRESET", true]);
      return "LOST";
    }
    if (!rig.asked) return "NEW";
    if (outcome === undefined) return "ASKED";
    assert(outcome === "granted" || outcome === "EADDRINUSE");
    return "ANSWERED";
  },
});
