/**
 * Which events a socket reports, in which order, when something happens to its connections: ours beside libzmq 4.3.5 (npm
 * zeromq) and 4.3.4 (python3-zmq), over tcp and ipc. Where the lists differ the difference stands here, and in
 * docs/compatibility.md.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { deserted } from "../sockets/support.ts";
import { type Scenario, SCENARIOS, type Wire } from "./event_scenarios.ts";

const ANY = "tcp://127.0.0.1:0";

type Subject = End & AsyncDisposable;
type Open = (type: EndType, options: EndOptions) => Promise<Subject>;

const { missing } = pythonZmq();
const libzmq = new Peer("libzmq");
const python = missing === undefined ? new Peer("python") : undefined;

/** Derives the events of libzmq from ours. */
function libzmqsOf(ours: readonly string[], wire: Wire, scenario: Scenario): readonly string[] {
  return (scenario.libzmq ?? ours).flatMap((event) => {
    // An attempt over ipc is over at once, and then libzmq does not report that it began.
    if (event === "connect:delay") return wire === "ipc" ? [] : [event];
    // libzmq also reports that it has closed the file descriptor of an attempt that failed.
    if (event === "connect:retry" && scenario.refused === true) return ["close", event];
    // libzmq never reconnects to a peer that violated the protocol.
    if (event === "connect:retry" && scenario.ended === true) return [];
    return event === "disconnect:local" ? [] : [event];
  });
}

/** Plays a scenario, and returns the events of its subject. */
async function played(
  open: Open,
  wire: Wire,
  { type = "PULL", options = {}, play, closes }: Scenario,
): Promise<string[]> {
  await using kept = new Kept();
  const folder = kept.keep(await Folder.make()).path;
  const subject = kept.keep(await open(type, options));
  const nobody = wire === "ipc" ? `ipc://${folder}/nobody` : await deserted();
  const any = wire === "ipc" ? `ipc://${folder}/any` : ANY;
  await play(subject, { any, nobody, keep: (thing) => kept.keep(thing) });
  if (closes === true) return await subject.lastWords();
  // Events are emitted in order: one that does not precede this one has not happened.
  const binds = (await subject.history()).filter((event) => event === "bind").length;
  await subject.bind(ANY);
  await subject.seen("bind", binds + 1);
  const events = await subject.history();
  return events.slice(0, events.lastIndexOf("bind"));
}

/** Resources that are disposed at the end, the last one first. */
class Kept implements AsyncDisposable {
  readonly #things: AsyncDisposable[] = [];

  keep<T extends AsyncDisposable>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const thing of this.#things.reverse()) await thing[Symbol.asyncDispose]();
  }
}

class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(`${tmpdir()}/zmq-events-`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  for (const wire of ["tcp", "ipc"] as const) {
    const { ours } = scenario;
    const theirs = libzmqsOf(ours, wire, scenario);
    test(`ours, ${wire}: ${name}: ${ours.join(" ")}`, async () => {
      const events = await played((type, options) => Promise.resolve(new OurEnd(type, options)), wire, scenario);
      // It depends on the transport whether the listener or the connection is closed first.
      const last = events.filter((event) => event === "disconnect:local");
      assertEquals([...events.filter((event) => event !== "disconnect:local"), ...last], [...ours]);
    });
    // libzmq has STREAM for tcp alone.
    if (wire === "ipc" && scenario.type === "STREAM") continue;
    test(`libzmq, ${wire}: ${name}: ${theirs.join(" ")}`, async () => {
      assertEquals(await played((type, options) => libzmq.open(type, options), wire, scenario), [...theirs]);
    });
    if (python === undefined) continue;
    test(`python3-zmq, ${wire}: ${name}: ${theirs.join(" ")}`, async () => {
      assertEquals(await played((type, options) => python.open(type, options), wire, scenario), [...theirs]);
    });
  }
}

if (missing !== undefined) test("events of python3-zmq", () => {}, { skip: missing });
