/**
 * The end of the process: as with zeromq.js it waits until the messages of all sockets are sent, within their `linger`,
 * also where a socket was not closed. And sockets that the program has forgotten are closed.
 *
 * @module
 */

import process from "node:process";
import { isMainThread } from "node:worker_threads";
import type { Socket as NativeSocket } from "../../mod.ts";
import { systemClock } from "../base/clock.ts";

/** A socket, as the end of the process sees it. */
export interface Ending {
  readonly native: NativeSocket;
  /** Waiting for its messages is not usual. */
  readonly blocky: boolean;
  /** Closes it. */
  end(): Promise<unknown>;
}

const open = new Set<Ending>();
/** Sockets that end, and the promise of each. */
const ending = new Map<Ending, Promise<unknown>>();
/** Time after which the process says why it does not end, in ms. */
const REPORTED_AFTER = 500;
let watching = false;

const forgotten = new FinalizationRegistry<Ending>((socket) => void endOf(socket));

function endOf(socket: Ending): Promise<unknown> {
  open.delete(socket);
  const done = () => {
    ending.delete(socket);
  };
  const ended = socket.end().then(done, done);
  ending.set(socket, ended);
  // The end of the process is delayed by `atExit`, which also says why. A worker may end without that event.
  if (isMainThread) socket.native.unref();
  return ended;
}

/** Resolves when all sockets that were closed have ended. */
export async function allEnded(): Promise<void> {
  await Promise.all(ending.values());
}

/** A socket was created. `handle` is what the program has of it. */
export function opened(handle: object, socket: Ending): void {
  open.add(socket);
  forgotten.register(handle, socket, socket);
  if (watching) return;
  watching = true;
  process.on("beforeExit", atExit);
}

/** The program closes a socket. */
export function closing(socket: Ending): void {
  forgotten.unregister(socket);
  void endOf(socket);
}

function atExit(): void {
  // A socket that has nothing to send does not keep the process alive, and stays open for other handlers of this event.
  const sockets = [...open].filter(({ native }) => native.statistics().queued > 0);
  if (sockets.length === 0 && ending.size === 0) return;
  const waiting = [...sockets, ...ending.keys()];
  const timer = systemClock.timer(REPORTED_AFTER, () => {
    const cure = waiting.some(({ blocky }) => blocky) ? " Set 'context.blocky = false' to change this behaviour." : "";
    console.error(`(node:${process.pid}) WARNING: Waiting for queued ZeroMQ messages to be delivered.${cure}`);
  });
  timer.unref();
  for (const socket of sockets) void endOf(socket);
  for (const { native } of ending.keys()) native.unref({ except: "waits" });
  void allEnded().then(() => timer.cancel());
}
