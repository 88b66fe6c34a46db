/**
 * The states of the authentication of one peer: every cell of the table in the header of `src/security/admission.ts`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/base/clock.ts";
import { Admission } from "../../src/security/admission.ts";
import type { ZapVerdict } from "../../src/security/zap.ts";
import type { MechanismHost } from "../../src/zmtp/mechanism.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { cause, walkStates } from "../support/state_table.ts";
import { WELCOME } from "./scenes.ts";

const settled = () => new Promise<void>((resolve) => systemClock.turn(resolve));

/** A mechanism, whose authenticator the test plays. */
class Rig {
  readonly admission = new Admission();
  /** Everything that was decided, and sent to the peer. */
  readonly decided: string[] = [];
  over: AbortSignal | undefined;
  asking: { readonly answer: (verdict: ZapVerdict) => void; readonly fail: (error: Error) => void } | undefined;

  ask(answer: () => ZapVerdict | Promise<ZapVerdict>): void {
    const authenticate = (_: unknown, over: AbortSignal) => {
      this.over = over;
      return answer();
    };
    const check = { authenticate, domain: "", address: "", identity: new Uint8Array(0) };
    const host = {
      send: () => void this.decided.push("ERROR"),
      fail: (error: Error) => void this.decided.push(error.name),
      complete() {},
      flush() {},
    } as unknown as MechanismHost;
    this.admission.ask(check, "NULL", [], host, () => this.decided.push("accepted"));
  }

  /** Asks an authenticator that answers later. */
  askLater(): void {
    this.ask(() => new Promise((answer, fail) => this.asking = { answer, fail }));
  }

  /** The authenticator answers what it was asked; a promise settles once. */
  answer(): NonNullable<Rig["asking"]> {
    const asking = cause(this.asking);
    this.asking = undefined;
    return asking;
  }
}

walkStates<Rig>("admission", {
  path: "security/admission.ts",
  make: () => new Rig(),
  reach: {
    NEW: () => {},
    ASKING: (rig) => rig.askLater(),
    async DECIDED(rig) {
      rig.askLater();
      rig.answer().answer(WELCOME);
      await settled();
    },
    ENDED(rig) {
      rig.askLater();
      rig.admission.end();
    },
  },
  happen: {
    ask: (rig) => rig.askLater(),
    "ask, answered": (rig) => rig.ask(() => WELCOME),
    "ask, throws": (rig) =>
      rig.ask(() => {
        throw new Error("the test says so");
      }),
    accepts: (rig) => rig.answer().answer(WELCOME),
    rejects: (rig) => rig.answer().answer({ ...WELCOME, status: 400, text: "no" }),
    fails: (rig) => rig.answer().fail(new Error("the test says so")),
    malformed: (rig) => rig.answer().fail(new ProtocolError("EPROTO", "UNSPECIFIED", "the test says so")),
    end: (rig) => rig.admission.end(),
  },
  async stateOf(rig) {
    await settled();
    const { asking, decided, over } = rig;
    if (over === undefined) {
      // Ended before it asked: then the authenticator sees that at once.
      rig.askLater();
      assert(rig.over !== undefined);
      const { aborted } = rig.over as AbortSignal;
      rig.answer().answer(WELCOME);
      await settled();
      assertEquals(decided, aborted ? [] : ["accepted"]);
      return aborted ? "ENDED" : "NEW";
    }
    if (over.aborted) {
      // From now on nothing is decided.
      const before = [...decided];
      asking?.answer(WELCOME);
      await settled();
      assertEquals(decided, before);
      return "ENDED";
    }
    if (decided.length === 0) return "ASKING";
    // One decision; a rejection is reported to the peer before.
    assertEquals(decided.length, decided[0] === "ERROR" ? 2 : 1);
    return "DECIDED";
  },
});
