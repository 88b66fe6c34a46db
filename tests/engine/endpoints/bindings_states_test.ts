/**
 * The states of a bound endpoint: every cell of the table in the header of `bindings.ts`.
 *
 * @module
 */

import { assert } from "@std/assert";
import { ZmqError } from "../../../src/base/errors.ts";
import type { Carrier } from "../../../src/engine/carriers/carrier.ts";
import { type BindingHost, Bindings } from "../../../src/engine/endpoints/bindings.ts";
import type { SocketEvent } from "../../../src/engine/events.ts";
import { Endpoint } from "../../../src/schemes/endpoint.ts";
import type { Listener } from "../../../src/transport/transport.ts";
import { requireCause, walkStates } from "../../support/state_table.ts";

const ENDPOINT = "tcp://127.0.0.1:5555";

/** The endpoints of a socket, with one that is being bound. */
class Rig implements BindingHost {
  readonly title = "Pull";
  closed = false;
  holds = 0;
  closes = 0;
  readonly events: string[] = [];
  readonly bindings = new Bindings(this);
  listens!: (listener: Listener) => void;
  fails!: (error: Error) => void;
  listenerClosed!: () => void;

  constructor() {
    const listening = new Promise<Listener>((resolve, reject) => {
      this.listens = resolve;
      this.fails = reject;
    });
    const carrier = {
      hold: { take: () => void this.holds++, release: () => void this.holds-- },
      listen: () => listening,
      bound: () => {},
    } as unknown as Carrier;
    this.bindings.bind(ENDPOINT, Endpoint.parse(ENDPOINT, "bind"), carrier, undefined).catch(() => {});
  }

  requireOpen(): void {
    if (this.closed) throw new ZmqError("ENOTSOCK", "The socket is closed");
  }

  emit({ type }: SocketEvent): void {
    this.events.push(type);
  }

  listener(): Listener {
    const closing = new Promise<void>((resolve) => this.listenerClosed = resolve);
    return {
      endpoint: ENDPOINT,
      close: () => {
        this.closes++;
        return this.closed && this.events.length === 0 ? Promise.resolve() : closing;
      },
    };
  }
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

async function bound(rig: Rig): Promise<void> {
  rig.listens(rig.listener());
  await settled();
}

async function ending(rig: Rig): Promise<void> {
  await bound(rig);
  void rig.bindings.drop();
}

walkStates<Rig>("binding", {
  path: "engine/endpoints/bindings.ts",
  make: () => new Rig(),
  reach: {
    PENDING: () => {},
    BOUND: bound,
    ENDING: ending,
    async ENDED(rig) {
      await ending(rig);
      rig.listenerClosed();
      await settled();
    },
  },
  happen: {
    // A promise settles once.
    async listens(rig, from) {
      requireCause(from === "PENDING");
      await bound(rig);
    },
    async "listens, late"(rig, from) {
      requireCause(from === "PENDING");
      rig.closed = true;
      void rig.bindings.drop();
      await bound(rig);
      assert(rig.closes === 1);
    },
    async fails(rig, from) {
      requireCause(from === "PENDING");
      rig.fails(new Error("the test says so"));
      await settled();
    },
    async unbind(rig, from) {
      const unbound = rig.bindings.unbind(ENDPOINT, Endpoint.parse(ENDPOINT, "bind"));
      let code: unknown;
      unbound.catch((error: ZmqError) => code = error.code);
      await settled();
      assert((code === "ENOENT") === (from !== "BOUND"));
    },
    drop: (rig) => void rig.bindings.drop(),
    async closed(rig, from) {
      requireCause(rig.closes > 0 && from !== "ENDED");
      rig.listenerClosed();
      await settled();
    },
  },
  stateOf({ events, closes, holds }) {
    if (holds === 0) return "ENDED";
    if (closes > 0) return "ENDING";
    return events.includes("bind") ? "BOUND" : "PENDING";
  },
});
