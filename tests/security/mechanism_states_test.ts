/**
 * The states of the security mechanisms: every cell of the tables in their headers. A mechanism that throws, or that fails its
 * handshake, is ended, as the session does it.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import type { CurveCrypto } from "../../src/security/curve_crypto.ts";
import { LoadingMechanism } from "../../src/security/loading_mechanism.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { PlainClient } from "../../src/security/plain_client.ts";
import { encodePlainHello } from "../../src/security/plain_hello.ts";
import { PlainServer } from "../../src/security/plain_server.ts";
import type { PeerCheck, ZapVerdict } from "../../src/security/zap.ts";
import { encodeCommandBody, encodeErrorReason, parseCommand } from "../../src/zmtp/command.ts";
import type { Mechanism, MechanismHost } from "../../src/zmtp/mechanism.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { requireCause, walkStates } from "../support/state_table.ts";
import { checkBy, curveClient, curveServer, METADATA } from "./curve_rig.ts";
import { WELCOME } from "./scenes.ts";

const NONE = new Uint8Array(0);
const NAME = new TextEncoder().encode("ann");
const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

/** The port of a mechanism, with a log. */
class Port implements MechanismHost {
  /** The bodies of the commands. */
  readonly sent: Uint8Array[] = [];
  completed = 0;
  onFail: () => void = () => {};

  send(commandBody: Uint8Array): void {
    this.sent.push(commandBody.slice());
  }

  complete(_peer: unknown, last?: Uint8Array): void {
    this.completed++;
    if (last !== undefined) this.send(last);
  }

  fail(): void {
    this.onFail();
  }

  flush(): void {}

  has(name: string): boolean {
    return this.sent.some((body) => parseCommand(body).name === name);
  }
}

/** A mechanism, and the authenticator that it asks. */
class Rig {
  readonly port = new Port();
  readonly mechanism: Mechanism;
  over = false;
  asked = 0;
  #answer: ((verdict: ZapVerdict) => void) | undefined;
  #before = "";

  constructor(make: (check: PeerCheck) => Mechanism) {
    const asks = () => {
      this.asked++;
      return new Promise<ZapVerdict>((resolve) => this.#answer = resolve);
    };
    this.mechanism = make(checkBy(asks));
    this.port.onFail = () => this.end();
    this.mechanism.start?.(this.port);
  }

  end(): void {
    this.over = true;
    this.mechanism.end?.();
    this.#before = this.#log;
  }

  receive(body: Uint8Array): void {
    try {
      this.mechanism.receive(body.slice(), this.port);
    } catch (error) {
      assertInstanceOf(error, ProtocolError);
      this.end();
    }
  }

  command(name: string, data: Uint8Array = NONE): void {
    this.receive(encodeCommandBody(name, data));
  }

  async answer(status: ZapVerdict["status"]): Promise<void> {
    requireCause(this.#answer !== undefined);
    this.#answer!({ ...WELCOME, status });
    this.#answer = undefined;
    await settled();
  }

  /** Nothing comes from a mechanism that is over. */
  state(open: () => string): string {
    if (!this.over) return this.port.completed > 0 ? "COMPLETE" : open();
    assertEquals(this.#log, this.#before);
    return "OVER";
  }

  get #log(): string {
    return `${this.port.sent.length} ${this.port.completed}`;
  }
}

/** The events of every mechanism: those of a peer that breaks the rules, and of the connection. */
const ANY = {
  ERROR: (rig: Rig) => rig.command("ERROR", encodeErrorReason("400")),
  "other command": (rig: Rig) => rig.command("PING"),
  end: (rig: Rig) => rig.end(),
};

/** The events of the authenticator. */
const ANSWERS = { accepted: (rig: Rig) => rig.answer(200), rejected: (rig: Rig) => rig.answer(400) };

walkStates<Rig>("NULL", {
  path: "security/null.ts",
  make: () => new Rig((check) => new NullMechanism(METADATA, check)),
  reach: {
    ASKING: () => {},
    CLAIMED: (rig) => rig.command("READY", METADATA),
    READY: (rig) => rig.answer(200),
    async COMPLETE(rig) {
      await rig.answer(200);
      rig.command("READY", METADATA);
    },
    OVER: (rig) => rig.end(),
  },
  happen: {
    READY: (rig) => rig.command("READY", METADATA),
    "READY, malformed": (rig) => rig.command("READY", Uint8Array.of(9)),
    ...ANSWERS,
    ...ANY,
  },
  async stateOf(rig) {
    const known = rig.state(() => rig.port.has("READY") ? "READY" : "");
    if (known !== "") return known;
    await rig.answer(200);
    return rig.port.completed > 0 || rig.over ? "CLAIMED" : "ASKING";
  },
});

walkStates<Rig>("PLAIN client", {
  path: "security/plain_client.ts",
  make: () => new Rig(() => new PlainClient({ metadata: METADATA, username: NAME, password: NAME })),
  reach: {
    WELCOME: () => {},
    READY: (rig) => rig.command("WELCOME"),
    COMPLETE(rig) {
      rig.command("WELCOME");
      rig.command("READY", METADATA);
    },
    OVER: (rig) => rig.end(),
  },
  happen: {
    WELCOME: (rig) => rig.command("WELCOME"),
    "WELCOME, malformed": (rig) => rig.command("WELCOME", NAME),
    READY: (rig) => rig.command("READY", METADATA),
    "READY, malformed": (rig) => rig.command("READY", Uint8Array.of(9)),
    ...ANY,
  },
  stateOf: (rig) => rig.state(() => rig.port.has("INITIATE") ? "READY" : "WELCOME"),
});

const HELLO = encodePlainHello(NAME, NAME);

walkStates<Rig>("PLAIN server", {
  path: "security/plain_server.ts",
  make: () => new Rig((check) => new PlainServer({ metadata: METADATA, check })),
  reach: {
    HELLO: () => {},
    ASKING: (rig) => rig.command("HELLO", HELLO),
    async INITIATE(rig) {
      rig.command("HELLO", HELLO);
      await rig.answer(200);
    },
    async COMPLETE(rig) {
      rig.command("HELLO", HELLO);
      await rig.answer(200);
      rig.command("INITIATE", METADATA);
    },
    OVER(rig) {
      rig.command("HELLO", HELLO);
      rig.end();
    },
  },
  happen: {
    HELLO: (rig) => rig.command("HELLO", HELLO),
    "HELLO, malformed": (rig) => rig.command("HELLO", Uint8Array.of(9)),
    INITIATE: (rig) => rig.command("INITIATE", METADATA),
    "INITIATE, malformed": (rig) => rig.command("INITIATE", Uint8Array.of(9)),
    ...ANSWERS,
    ...ANY,
  },
  stateOf: (rig) => rig.state(() => rig.port.has("WELCOME") ? "INITIATE" : rig.asked > 0 ? "ASKING" : "HELLO"),
});

/** The same command with its last byte changed. */
function forged(body: Uint8Array): Uint8Array {
  const copy = body.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
}

/** A side of CURVE, whose peer is a real one. */
class CurveRig extends Rig {
  readonly theirs = new Port();
  readonly peer: Mechanism;

  constructor(side: "client" | "server") {
    super((check) => side === "client" ? curveClient() : curveServer({ check }));
    this.peer = side === "client" ? curveServer() : curveClient();
    this.peer.start?.(this.theirs);
  }

  /** The command of this name as the peer sends it, or one that is as long. */
  from(name: string): Uint8Array {
    const find = () => this.theirs.sent.find((body) => parseCommand(body).name === name);
    for (const body of this.port.sent.splice(0)) {
      this.#taken.add(parseCommand(body).name);
      this.peer.receive(body, this.theirs);
    }
    return find() ?? encodeCommandBody(name, new Uint8Array(300));
  }

  readonly #taken = new Set<string>();

  /** A command of this name was sent. */
  sent(name: string): boolean {
    return this.#taken.has(name) || this.port.has(name);
  }
}

walkStates<CurveRig>("CURVE server", {
  path: "security/curve_server.ts",
  make: () => new CurveRig("server"),
  reach: {
    HELLO: () => {},
    INITIATE: (rig) => rig.receive(rig.from("HELLO")),
    ASKING(rig) {
      rig.receive(rig.from("HELLO"));
      rig.receive(rig.from("INITIATE"));
    },
    async COMPLETE(rig) {
      rig.receive(rig.from("HELLO"));
      rig.receive(rig.from("INITIATE"));
      await rig.answer(200);
    },
    OVER(rig) {
      rig.receive(rig.from("HELLO"));
      rig.receive(rig.from("INITIATE"));
      rig.end();
    },
  },
  happen: {
    HELLO: (rig) => rig.receive(rig.from("HELLO")),
    "HELLO, forged": (rig) => rig.receive(forged(rig.from("HELLO"))),
    INITIATE: (rig) => rig.receive(rig.from("INITIATE")),
    "INITIATE, forged": (rig) => rig.receive(forged(rig.from("INITIATE"))),
    ...ANSWERS,
    ...ANY,
  },
  stateOf: (rig) => rig.state(() => rig.asked > 0 ? "ASKING" : rig.sent("WELCOME") ? "INITIATE" : "HELLO"),
});

walkStates<CurveRig>("CURVE client", {
  path: "security/curve_client.ts",
  make: () => new CurveRig("client"),
  reach: {
    WELCOME: () => {},
    READY: (rig) => rig.receive(rig.from("WELCOME")),
    COMPLETE(rig) {
      rig.receive(rig.from("WELCOME"));
      rig.receive(rig.from("READY"));
    },
    OVER: (rig) => rig.end(),
  },
  happen: {
    WELCOME: (rig) => rig.receive(rig.from("WELCOME")),
    "WELCOME, forged": (rig) => rig.receive(forged(rig.from("WELCOME"))),
    READY: (rig) => rig.receive(rig.from("READY")),
    "READY, forged": (rig) => rig.receive(forged(rig.from("READY"))),
    ...ANY,
  },
  stateOf: (rig) => rig.state(() => rig.sent("INITIATE") ? "READY" : "WELCOME"),
});

/** A mechanism whose cryptography is still loading: PLAIN stands for what comes then. */
class LoadingRig extends Rig {
  readonly load: { done?: (crypto: CurveCrypto) => void; failed?: (error: Error) => void };

  constructor() {
    const load: LoadingRig["load"] = {};
    const loading = () =>
      new Promise<CurveCrypto>((resolve, reject) => {
        load.done = resolve;
        load.failed = reject;
      });
    super(() => new LoadingMechanism("CURVE", true, undefined, () => new Probe(), loading));
    this.load = load;
  }

  async loads(error?: Error): Promise<void> {
    const { done, failed } = this.load;
    requireCause(done !== undefined);
    if (error === undefined) done!(crypto);
    else failed!(error);
    this.load.done = undefined;
    await settled();
  }
}

/** Says which commands it was given. */
class Probe implements Mechanism {
  readonly name = "CURVE";
  readonly asServer = true;

  start(port: MechanismHost): void {
    port.send(encodeCommandBody("START", NONE));
  }

  receive(_commandBody: Uint8Array, port: MechanismHost): void {
    port.send(encodeCommandBody("TAKEN", NONE));
  }
}

walkStates<LoadingRig>("loading mechanism", {
  path: "security/loading_mechanism.ts",
  make: () => new LoadingRig(),
  reach: {
    LOADING: () => {},
    WAITING: (rig) => rig.command("HELLO"),
    LOADED: (rig) => rig.loads(),
    OVER: (rig) => rig.end(),
  },
  happen: {
    command: (rig) => rig.command("HELLO"),
    loaded: (rig) => rig.loads(),
    failed: (rig) => rig.loads(new Error("the test says so")),
    end: (rig) => rig.end(),
  },
  async stateOf(rig) {
    const known = rig.state(() => rig.port.has("START") ? "LOADED" : "");
    if (known !== "") return known;
    await rig.loads();
    return rig.port.has("TAKEN") ? "WAITING" : "LOADING";
  },
});
