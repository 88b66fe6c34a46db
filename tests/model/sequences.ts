/**
 * Sequences of calls, drawn by fast-check, which also makes those shorter that fail.
 *
 * @module
 */

import fc from "fast-check";
import { type Family, Ledger } from "./ledger.ts";
import {
  Abort,
  Bind,
  Close,
  Connect,
  Disconnect,
  Receive,
  Send,
  SendAndAbort,
  SetOption,
  Settle,
  Unbind,
} from "./moves.ts";
import { type Scheme, Sockets } from "./sockets.ts";

const SOCKETS = 4;
const SCHEMES: readonly Scheme[] = ["tcp", "ipc", "inproc"];
/** A STREAM is for peers that speak another protocol: there are none in this process. */
const STREAM_SCHEMES: readonly Scheme[] = ["tcp", "ipc"];
const FAMILIES: readonly Family[] = [
  "PUSH and PULL",
  "DEALER and DEALER",
  "PUB and SUB",
  "DEALER and ROUTER",
  "REQ and REP",
  "PAIR and PAIR",
  "XPUB and XSUB",
];
/** A call that never ends fails its sequence, in ms. It proves nothing about speed. */
const HANGS_AFTER = 60_000;

const place = fc.integer({ min: 0, max: SOCKETS - 1 });
const settle = fc.constant(new Settle(0));
const moves = [
  fc.tuple(place, place).map(([who, where]) => new Bind(who, where)),
  fc.tuple(place, place).map(([who, where]) => new Bind(who, where)),
  fc.tuple(place, place).map(([who, where]) => new Connect(who, where)),
  fc.tuple(place, place).map(([who, where]) => new Connect(who, where)),
  fc.tuple(place, place).map(([who, where]) => new Unbind(who, where)),
  fc.tuple(place, place).map(([who, where]) => new Disconnect(who, where)),
  fc.tuple(place, fc.integer({ min: 1, max: 20 }), fc.boolean()).map(([who, n, waits]) => new Send(who, n, waits)),
  fc.tuple(place, fc.integer({ min: 1, max: 20 }), fc.boolean()).map(([who, n, waits]) => new Send(who, n, waits)),
  place.map((who) => new SendAndAbort(who)),
  place.map((who) => new Receive(who)),
  place.map((who) => new Receive(who)),
  place.map((who) => new Abort(who)),
  fc.tuple(
    place,
    fc.constantFrom("sendHighWaterMark" as const, "receiveHighWaterMark" as const, "linger" as const),
    fc.constantFrom(0, 1, 7, 5000, -2, "5"),
  ).map(([who, option, value]) => new SetOption(who, option, value)),
  fc.tuple(place, fc.boolean()).map(([who, gently]) => new Close(who, gently)),
  settle,
  settle,
];

/** Which sequences to play. */
export interface Course {
  readonly seed: number;
  readonly runs: number;
  /** The endpoint for tcp, with port 0. */
  readonly host: string;
  /** Without making one shorter that fails; calls that hang are ended sooner. */
  readonly quick?: boolean;
}

/** Plays sequences; rejects with the first one that fails, shortened, and with its seed. */
export async function playSequences(course: Course): Promise<void> {
  await playFamilies(course, SCHEMES, FAMILIES);
  // Apart, so that the others stay the same.
  await playFamilies({ ...course, runs: Math.ceil(course.runs / 4) }, STREAM_SCHEMES, ["STREAM and STREAM"]);
}

async function playFamilies(
  { seed, runs, host, quick = false }: Course,
  schemes: readonly Scheme[],
  families: readonly Family[],
): Promise<void> {
  const property = fc.asyncProperty(
    fc.constantFrom(...schemes),
    fc.constantFrom(...families),
    fc.commands(moves, { maxCommands: 40, size: "max" }),
    async (scheme, family, commands) => {
      const sockets = await Sockets.create(family, scheme, SOCKETS, host);
      try {
        const setup = () => ({ model: new Ledger(family, SOCKETS), real: sockets });
        await fc.asyncModelRun(setup, [...commands, new Settle(0)]);
      } finally {
        await sockets.end();
      }
    },
  );
  await fc.assert(property, {
    seed,
    numRuns: runs,
    timeout: quick ? HANGS_AFTER / 3 : HANGS_AFTER,
    endOnFailure: quick,
    includeErrorInReport: true,
  });
}
