/**
 * The states before traffic: every cell of the tables in the headers of `greeting_exchange.ts`, `zws_opening.ts` and `handshake.ts`.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import { NullMechanism } from "../../src/security/null.ts";
import { encodeCommandBody, parseCommand } from "../../src/zmtp/command.ts";
import { COMMAND } from "../../src/zmtp/frame.ts";
import { GreetingExchange } from "../../src/zmtp/greeting_exchange.ts";
import { Handshake } from "../../src/zmtp/handshake.ts";
import type { Mechanism, MechanismHost } from "../../src/zmtp/mechanism.ts";
import { parseMetadata } from "../../src/zmtp/metadata.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import type { SessionHandler } from "../../src/zmtp/session_handler.ts";
import { newWire } from "../../src/zmtp/wires/new_wire.ts";
import { ZwsOpening } from "../../src/zmtp/zws_opening.ts";
import { DEFAULT_LIMITS } from "../../src/zmtp/limits.ts";
import { hex, toHex } from "../support/hex.ts";
import { ownMetadata, wireType } from "../support/socket_types.ts";
import { cause, walkStates } from "../support/state_table.ts";

const NONE = new Uint8Array(0);
const OURS = hex("7573");
const DEALER = wireType("DEALER");

/** The greetings of a DEALER with the routing id `us`. */
class Exchange {
  readonly sent: Uint8Array[] = [];
  readonly exchange = new GreetingExchange(
    { type: DEALER, identity: OURS },
    new NullMechanism(NONE),
    (bytes) => void this.sent.push(bytes.slice()),
  );
  fed: number[] = [];
  failed = false;

  constructor(fed: number[] = []) {
    this.exchange.start();
    this.feed(...fed);
  }

  feed(...bytes: number[]): void {
    this.fed.push(...bytes);
    try {
      const taken = this.exchange.read(Uint8Array.from(bytes));
      if (this.exchange.peer === undefined) assertEquals(taken, bytes.length);
    } catch (error) {
      assertInstanceOf(error, ProtocolError);
      this.failed = true;
    }
  }

  get outcome(): "failed" | "done" | "more" {
    return this.failed ? "failed" : this.exchange.peer === undefined ? "more" : "done";
  }

  /** The outcome if these bytes come next. */
  after(...bytes: number[]): string {
    return new Exchange([...this.fed, ...bytes]).outcome;
  }

  /** All that was sent behind the signature. */
  get sentHex(): string {
    return toHex(concat(this.sent)).slice(20);
  }
}

/** The state, by what was sent and what the next bytes lead to. */
function stateOfExchange(rig: Exchange): string {
  if (rig.outcome !== "more") {
    if (!rig.failed) assertEquals(rig.exchange.read(hex("00")), 0);
    return rig.failed ? "FAILED" : "DONE";
  }
  const sent = rig.sentHex;
  if (sent === "") {
    if (rig.fed.length === 0) return "FIRST_BYTE";
    // The last byte of a signature, or unknown flags.
    return rig.after(...Array<number>(9).fill(0x7f)) === "failed" ? "HEADER 1.0" : "SIGNATURE";
  }
  if (sent === toHex(OURS)) return "IDENTITY";
  if (sent === "03") return "VERSION";
  if (sent.length === 2 * 54) return "GREETING";
  const version = sent.endsWith(`0002${toHex(OURS)}`) ? "2.0" : "1.0";
  const [zero, one, router] = [rig.after(0), rig.after(1), rig.after(6)];
  if (one === "failed" && router === "more") return `TYPE ${version}`;
  if (version === "2.0") return router === "failed" ? "START 2.0" : zero === "done" ? "HEADER 2.0" : "IDENTITY";
  if (zero === "failed" && router === "more") return "START 1.0";
  // Flags that say that more frames follow.
  return rig.after(...Array<number>(9).fill(1)) === "failed" ? "HEADER 1.0" : "IDENTITY";
}

const SIGNATURE = [0xff, 0, 0, 0, 0, 0, 0, 0, 2];
const VERSION_1 = [...SIGNATURE, 0x7f, 0];
const VERSION_2 = [...SIGNATURE, 0x7f, 1];
const fed = (...bytes: number[]) => (rig: Exchange) => rig.feed(...bytes);

walkStates<Exchange>("greetings", {
  path: "zmtp/greeting_exchange.ts",
  make: () => new Exchange(),
  reach: {
    FIRST_BYTE: () => {},
    SIGNATURE: fed(...SIGNATURE),
    VERSION: fed(...SIGNATURE, 0x7f),
    GREETING: fed(...SIGNATURE, 0x7f, 3, ...Array<number>(52).fill(0)),
    "TYPE 2.0": fed(...VERSION_2),
    "START 2.0": fed(...VERSION_2, 5),
    "HEADER 2.0": fed(...VERSION_2, 5, 0),
    "TYPE 1.0": fed(...VERSION_1),
    "START 1.0": fed(...VERSION_1, 5),
    "HEADER 1.0": fed(...VERSION_1, 5, 2),
    IDENTITY: fed(...VERSION_2, 5, 0, 1),
    DONE: fed(...VERSION_2, 5, 0, 0),
    FAILED: fed(0),
  },
  happen: {
    "00": fed(0),
    "01": fed(1),
    "03": fed(3),
    "05": fed(5),
    ff: fed(0xff),
  },
  stateOf: stateOfExchange,
});

/** The opening of one connection over whole frames. */
class Zws {
  opening: ZwsOpening | undefined;
  sent = 0;
  failed = false;

  start(protocol: string): void {
    this.opening = new ZwsOpening(protocol, OURS, new NullMechanism(NONE), () => void this.sent++);
    this.#try(() => this.opening!.start());
  }

  read(message: Uint8Array): void {
    this.#try(() => assertEquals(cause(this.opening).read(message), message.length));
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      assertInstanceOf(error, ProtocolError);
      this.failed = true;
    }
  }
}

walkStates<Zws>("ZWS opening", {
  path: "zmtp/zws_opening.ts",
  make: () => new Zws(),
  reach: {
    NEW: () => {},
    WAITING: (rig) => rig.start("ZWS2.0"),
    DONE: (rig) => rig.start("ZWS2.0/NULL"),
    FAILED: (rig) => rig.start("ZWS2.0/CURVE"),
  },
  happen: {
    "start, mechanism": (rig) => rig.start("ZWS2.0/NULL"),
    "start, no mechanism": (rig) => rig.start("ZWS2.0"),
    "start, other": (rig) => rig.start("ZWS2.0/CURVE"),
    "routing id": (rig) => rig.read(hex("00 6964")),
    "other message": (rig) => rig.read(hex("02 6964")),
  },
  stateOf({ opening, sent, failed }) {
    if (failed) return "FAILED";
    if (opening === undefined) return "NEW";
    return opening.peer !== undefined ? "DONE" : sent === 1 ? "WAITING" : "";
  },
});

/** A mechanism that takes its own command only, and does otherwise what the test says. */
class PlayedMechanism implements Mechanism {
  readonly name = "PLAYED";
  readonly asServer = false;
  port: MechanismHost | undefined;
  ends = 0;

  start(port: MechanismHost): void {
    this.port = port;
  }

  receive(body: Uint8Array): void {
    if (parseCommand(body).name !== "GO") throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", "the test says so");
  }

  end(): void {
    this.ends++;
  }
}

const LIMITS = { limits: DEFAULT_LIMITS, type: DEALER, identity: NONE };

/** A handshake under a session that does what `Session` does: an error ends it. */
class Rig {
  readonly mechanism = new PlayedMechanism();
  readonly sent: Uint8Array[] = [];
  ended = false;
  complete = false;
  readonly handshake = new Handshake(
    DEALER,
    this.mechanism,
    {
      credit: { left: 0 },
      send: (bytes: Uint8Array) => void this.sent.push(bytes),
      flush() {},
    } as unknown as SessionHandler,
    { handshakeComplete: () => void (this.complete = true), fail: () => this.end() },
  );

  end(): void {
    this.ended = true;
    this.handshake.end();
  }

  try(act: () => void): void {
    try {
      act();
    } catch (error) {
      assertInstanceOf(error, ProtocolError);
      this.end();
    }
  }

  start(name = this.mechanism.name): void {
    this.try(() => this.handshake.start(name, newWire("3.1", LIMITS)));
  }

  receive(flags: number, body: Uint8Array): void {
    this.try(() => this.handshake.receive(flags, body));
  }

  /** A call of the mechanism. Outside RUNNING nothing goes out. */
  calls(act: (port: MechanismHost) => void, sends = 0): void {
    const port = cause(this.mechanism.port);
    const { length } = this.sent;
    const running = !this.ended && !this.complete;
    act(port);
    assertEquals(this.sent.length - length, running ? sends : 0);
  }
}

walkStates<Rig>("handshake", {
  path: "zmtp/handshake.ts",
  make: () => new Rig(),
  reach: {
    NEW: () => {},
    RUNNING: (rig) => rig.start(),
    COMPLETE(rig) {
      rig.start();
      rig.calls((port) => port.complete(parseMetadata(ownMetadata("ROUTER", NONE))));
    },
    ENDED(rig) {
      rig.start();
      rig.end();
    },
  },
  happen: {
    start: (rig) => rig.start(),
    "start, other name": (rig) => rig.start("NULL"),
    command: (rig) => rig.receive(COMMAND, encodeCommandBody("GO", NONE)),
    "wrong command": (rig) => rig.receive(COMMAND, encodeCommandBody("STOP", NONE)),
    message: (rig) => rig.receive(0, encodeCommandBody("HI", NONE)),
    complete: (rig) => rig.calls((port) => port.complete(parseMetadata(ownMetadata("ROUTER", NONE)), OURS), 1),
    // ERROR goes out.
    "complete, misfit": (rig) => rig.calls((port) => port.complete(parseMetadata(ownMetadata("PUB", NONE)), OURS), 1),
    "complete, malformed": (rig) => rig.calls((port) => port.complete(new Map(), OURS)),
    send: (rig) => rig.calls((port) => port.send(OURS), 1),
    fail: (rig) => rig.calls((port) => port.fail(new Error("the test says so"))),
    end: (rig) => rig.end(),
  },
  stateOf(rig) {
    const { ended, complete, handshake, mechanism, sent } = rig;
    if (ended) {
      assertEquals(mechanism.ends > 0, true);
      return "ENDED";
    }
    const { length } = sent;
    handshake.send(OURS);
    if (sent.length > length) return "RUNNING";
    return complete ? "COMPLETE" : "NEW";
  },
});
