/**
 * The moves of a sequence: each makes one call of the public API, and compares its outcome with the model's.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type fc from "fast-check";
import { bindAgain } from "../support/bind_again.ts";
import { type Ledger, name, type Part } from "./ledger.ts";
import { type AnySocket, codeOf, type Sockets } from "./sockets.ts";

/** Most calls of `receive` that wait at a time, and most messages that a socket has accepted and no peer received. */
const MOST_CALLS = 3;
const MOST_MESSAGES = 200;
const REASON = new Error("aborted by the sequence");

/** A move of one socket. */
abstract class Move implements fc.AsyncCommand<Ledger, Sockets> {
  readonly who: number;

  constructor(who: number) {
    this.who = who;
  }

  check(_ledger: Readonly<Ledger>): boolean {
    return true;
  }

  async run(ledger: Ledger, sockets: Sockets): Promise<void> {
    await this.act(sockets.all[this.who]!, ledger.parts[this.who]!, ledger, sockets);
    for (const part of ledger.parts) checkState(part, sockets);
  }

  /** Makes the call. */
  abstract act(socket: AnySocket, part: Part, ledger: Ledger, sockets: Sockets): Promise<void>;

  toString(): string {
    return `${this.constructor.name}(${Object.values(this).join(", ")})`;
  }
}

/** A move with an endpoint. */
abstract class EndpointMove extends Move {
  readonly where: number;

  constructor(who: number, where: number) {
    super(who);
    this.where = where;
  }
}

export class Bind extends EndpointMove {
  async act(socket: AnySocket, part: Part, ledger: Ledger, { endpoints }: Sockets): Promise<void> {
    const endpoint = endpoints[this.where]!;
    if (part.closed) return assertEquals(await outcome(() => socket.bind(endpoint)), "ENOTSOCK");
    if (ledger.ownerOf(this.where) !== undefined) {
      return assertEquals(await outcome(() => socket.bind(endpoint)), "EADDRINUSE");
    }
    assertEquals(await bindAgain(socket, endpoint), endpoint);
    ledger.bound(part, this.where);
  }
}

export class Connect extends EndpointMove {
  async act(socket: AnySocket, part: Part, ledger: Ledger, sockets: Sockets): Promise<void> {
    const result = await outcome(() => sockets.connect(socket, sockets.endpoints[this.where]!));
    // A Pair has one peer, and may have accepted one.
    const single = ledger.family === "PAIR and PAIR" && !part.closed;
    if (single && part.links.length > 0) return assertEquals(result, "EADDRINUSE");
    if (single && part.bound.size > 0 && result === "EADDRINUSE") return;
    assertEquals(result, part.closed ? "ENOTSOCK" : "done");
    if (!part.closed) ledger.connected(part, this.where);
  }
}

export class Unbind extends EndpointMove {
  async act(socket: AnySocket, part: Part, ledger: Ledger, { endpoints }: Sockets): Promise<void> {
    const bound = part.bound.delete(this.where);
    const result = await outcome(() => socket.unbind(endpoints[this.where]!));
    assertEquals(result, part.closed ? "ENOTSOCK" : bound ? "done" : "ENOENT");
    // Its peers try to reconnect.
    if (bound) ledger.ended(part, false);
  }
}

export class Disconnect extends EndpointMove {
  async act(socket: AnySocket, part: Part, ledger: Ledger, sockets: Sockets): Promise<void> {
    const connected = part.links.includes(this.where);
    // Messages for an endpoint that is not bound wait for it.
    const sends = ledger.delivers(part);
    for (let at = part.links.indexOf(this.where); at >= 0; at = part.links.indexOf(this.where)) {
      part.links.splice(at, 1);
    }
    const result = await outcome(() => sockets.disconnect(socket, sockets.endpoints[this.where]!));
    assertEquals(result, part.closed ? "ENOTSOCK" : connected ? "done" : "ENOENT");
    if (connected && sends) ledger.leaves(part);
    if (connected) ledger.ended(part, !sends);
  }
}

export class Send extends Move {
  readonly count: number;
  readonly waits: boolean;

  constructor(who: number, count: number, waits: boolean) {
    super(who);
    this.count = count;
    this.waits = waits;
  }

  override check(ledger: Readonly<Ledger>): boolean {
    const part = ledger.parts[this.who]!;
    return part.sends && ledger.outstanding(part) < MOST_MESSAGES;
  }

  async act(socket: AnySocket, part: Part, ledger: Ledger, sockets: Sockets): Promise<void> {
    for (let i = 0; i < this.count; i++) {
      if (ledger.family === "REQ and REP") {
        if (await sendTooEarly(socket, part, ledger)) return;
        if (i > 0) return;
      }
      const sent = ledger.write(part);
      let accepted = false;
      const result = await outcome(async () => {
        const frames = sockets.frames(socket, sent.id);
        if (this.waits) await socket.send(frames);
        else if (!socket.trySend(frames)) return;
        accepted = true;
      });
      sent.state = accepted ? "accepted" : "refused";
      if (accepted && ledger.family === "REQ and REP") part.asked = sent;
      if (part.closed) assertEquals(result, "ENOTSOCK");
      // Its connection may not be complete, or no more.
      else if (ledger.raw && result === "EHOSTUNREACH") continue;
      else if (this.waits && !accepted) assertEquals(result, "EAGAIN");
      else assertEquals(result, "done");
      if (!ledger.reliable || part.closed) continue;
      // Each endpoint that is connected has a queue of 1000 messages, whether anyone has bound it or not.
      if (part.links.length > 0 && !ledger.raw) {
        assertEquals(accepted, true, `${name(part)} refused a message although it has room`);
      }
      if (part.links.length + part.bound.size === 0) {
        assertEquals(accepted, false, `${name(part)} accepted a message without a peer`);
      }
    }
  }
}

export class SendAndAbort extends Move {
  override check(ledger: Readonly<Ledger>): boolean {
    const part = ledger.parts[this.who]!;
    return part.sends && !part.closed && ledger.reliable && ledger.family !== "REQ and REP" && !ledger.raw;
  }

  async act(socket: AnySocket, part: Part, ledger: Ledger): Promise<void> {
    const sent = ledger.write(part);
    const controller = new AbortController();
    socket.sendTimeout = -1;
    const sending = socket.send(sent.id, { signal: controller.signal }).then(() => "accepted", (error) => {
      return error === REASON ? "refused" : codeOf(error) ?? `${error}`;
    });
    socket.sendTimeout = 0;
    controller.abort(REASON);
    const result = await sending;
    sent.state = result === "accepted" ? "accepted" : "refused";
    if (part.links.length > 0) assertEquals(result, "accepted");
    else assertEquals(["accepted", "refused"].includes(result), true, result);
  }
}

export class Receive extends Move {
  override check(ledger: Readonly<Ledger>): boolean {
    return ledger.parts[this.who]!.receives;
  }

  async act(socket: AnySocket, part: Part, ledger: Ledger, sockets: Sockets): Promise<void> {
    const waiting = sockets.calls.get(socket)!.filter(({ ids, error }) => ids === undefined && error === undefined);
    if (waiting.length >= (asks(ledger, part) ? 1 : MOST_CALLS)) return;
    const early = asks(ledger, part) && part.asked === undefined;
    const call = sockets.receive(socket, (ids) => ledger.received(part, ids));
    if (!part.closed && !early) return;
    await call.settled;
    assertEquals(codeOf(call.error), part.closed ? "ENOTSOCK" : "EFSM");
  }
}

/** Aborts all calls of `receive` that wait. */
export class Abort extends Move {
  async act(socket: AnySocket, part: Part, _ledger: Ledger, sockets: Sockets): Promise<void> {
    for (const call of sockets.calls.get(socket)!) {
      call.controller.abort(REASON);
      await call.settled;
      if (call.ids !== undefined || codeOf(call.error) === "EFSM") continue;
      if (!part.closed || codeOf(call.error) !== "ENOTSOCK") assertEquals(call.error, REASON);
    }
  }
}

export class SetOption extends Move {
  readonly option: "sendHighWaterMark" | "receiveHighWaterMark" | "linger" | "reconnectInterval";
  readonly value: number | string;

  constructor(who: number, option: SetOption["option"], value: number | string) {
    super(who);
    this.option = option;
    this.value = value;
  }

  override check(ledger: Readonly<Ledger>): boolean {
    const { sends, receives } = ledger.parts[this.who]!;
    return this.option === "sendHighWaterMark" ? sends : this.option === "receiveHighWaterMark" ? receives : true;
  }

  async act(socket: AnySocket): Promise<void> {
    const { option, value } = this;
    const before = socket[option];
    const result = await outcome(() => void (socket[option] = value as number));
    const wrong = typeof value !== "number" ? "TypeError" : value < -1 ? "RangeError" : undefined;
    assertEquals(result, wrong ?? "done");
    assertEquals(socket[option], wrong === undefined ? value : before);
    // The model knows queues of 1000 messages, and endless linger.
    socket[option] = before;
  }
}

/** Closes a socket, and opens another one in its place. */
export class Close extends Move {
  readonly gently: boolean;

  constructor(who: number, gently: boolean) {
    super(who);
    this.gently = gently;
  }

  async act(socket: AnySocket, part: Part, ledger: Ledger, sockets: Sockets): Promise<void> {
    const calls = sockets.calls.get(socket)!;
    const waits = this.gently && !part.closed && ledger.delivers(part) && ledger.reliable && !part.receives;
    const received = () => calls.flatMap(({ ids }) => ids ?? []);
    if (waits) {
      const due = ledger.due().filter(({ from, risky }) => from === part && !risky);
      const closing = socket.close({ linger: -1 });
      await receiveAll(ledger, sockets, () => due.every(({ to }) => to.length > 0));
      const lost = await closing;
      const risky = [...ledger.messages.values()].filter((sent) => sent.from === part && sent.risky).length;
      assertEquals(lost <= risky, true, `close gave up ${lost} messages`);
    } else {
      const most = ledger.outstanding(part);
      const lost = await socket.close({ linger: 0 });
      if (ledger.reliable) assertEquals(lost <= most, true, `close gave up ${lost} of ${most} messages`);
    }
    for (const { settled } of calls) await settled;
    ledger.check(part, received());
    for (const { ids, error } of calls) {
      if (ids === undefined && error !== REASON && codeOf(error) !== "EFSM") assertEquals(codeOf(error), "ENOTSOCK");
    }
    if (part.closed) {
      // Once closed it stays so; now another one takes its place.
      sockets.all[this.who] = sockets.open(this.who);
      return ledger.replace(this.who);
    }
    ledger.ended(part, true);
    part.closed = true;
    part.bound.clear();
    part.links.length = 0;
  }
}

/** Receives until everything has arrived that must. */
export class Settle extends Move {
  async act(_socket: AnySocket, _part: Part, ledger: Ledger, sockets: Sockets): Promise<void> {
    const due = ledger.due();
    await receiveAll(ledger, sockets, () => due.every(({ to, risky }) => to.length > 0 || risky));
    for (const part of ledger.parts) {
      ledger.check(part, sockets.calls.get(sockets.all[part.index]!)!.flatMap(({ ids }) => ids ?? []));
    }
  }
}

/** Receives at all sockets until it is done. */
async function receiveAll(ledger: Ledger, sockets: Sockets, done: () => boolean): Promise<void> {
  let wake!: () => void;
  const begin = (part: Part) => {
    const socket = sockets.all[part.index]!;
    if (!part.receives || part.closed || socket.closed || (asks(ledger, part) && part.asked === undefined)) return;
    sockets.receive(socket, (ids) => {
      ledger.received(part, ids);
      if (!done()) begin(part);
      wake();
    });
  };
  while (!done()) {
    const woken = new Promise<void>((resolve) => wake = resolve);
    for (const part of ledger.parts) {
      const calls = sockets.calls.get(sockets.all[part.index]!)!;
      if (calls.every(({ ids, error }) => ids !== undefined || error !== undefined)) begin(part);
    }
    await Promise.race([woken, ...[...sockets.calls.values()].flat().flatMap((call) => waiting(call))]);
  }
}

function waiting(
  call: { ids: readonly string[] | undefined; error: unknown; settled: Promise<void> },
): Promise<void>[] {
  return call.ids === undefined && call.error === undefined ? [call.settled] : [];
}

/** True for a REQ, which receives a reply before it sends again. */
function asks({ family }: Readonly<Ledger>, { sends }: Part): boolean {
  return family === "REQ and REP" && sends;
}

/** While a REQ waits for its reply it may not send; `true` if that was so. */
async function sendTooEarly(socket: AnySocket, part: Part, ledger: Ledger): Promise<boolean> {
  const { asked } = part;
  if (asked === undefined || part.closed) return false;
  const early = ledger.write(part);
  const result = await outcome(() => socket.send(early.id));
  // The reply may have been received meanwhile.
  if (part.asked === undefined && result === "done") part.asked = early;
  early.state = result === "done" ? "accepted" : "refused";
  if (part.asked === asked) assertEquals(result, "EFSM", `${name(part)} sent two requests`);
  return true;
}

/** The result of a call: `done`, or the code or the name of its error. */
async function outcome(call: () => unknown): Promise<string> {
  try {
    await call();
    return "done";
  } catch (error) {
    return codeOf(error) ?? (error as Error).name;
  }
}

/** Compares the endpoints and statistics of a socket with the model. */
function checkState(part: Part, { all, endpoints }: Sockets): void {
  const socket = all[part.index]!;
  assertEquals(socket.closed, part.closed);
  if (part.closed) return;
  const shown = (kind: "bind" | "connect") =>
    socket.endpoints.filter((one) => one.kind === kind && one.state !== "closing").map(({ endpoint }) => endpoint)
      .sort();
  assertEquals(shown("bind"), [...part.bound].map((at) => endpoints[at]!).sort(), `${name(part)} has bound`);
  assertEquals(shown("connect"), part.links.map((at) => endpoints[at]!).sort(), `${name(part)} has connected`);
  const { dropped, drops } = socket.statistics();
  assertEquals(Object.values(drops).reduce((sum, count) => sum + count, 0), dropped);
}
