/**
 * The channels of `node:diagnostics_channel` on which sockets publish themselves and their events, for observers outside of
 * the program's own code, such as an APM agent; and the channels by which requests are traced, named as `tracingChannel` names
 * them. Without a subscriber nothing is published.
 *
 * @module
 */

import { reportUncaught } from "./uncaught.ts";

/** A channel, as `node:diagnostics_channel` makes it. */
export interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
  /** Publishes, and calls `run` with the stores of `AsyncLocalStorage` that are bound to the channel. */
  runStores?(message: object, run: () => unknown): unknown;
}

/** Opens a channel by its name. */
export type OpenChannel = (name: string) => Channel;

const PHASES = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;

/** The channels of one kind of call, as `tracingChannel` has them. */
type Tracing = Readonly<Record<typeof PHASES[number], Channel>>;

/** A traced call: a request of a client, or its handler in a server. */
export type TracedCall = "request" | "handler";

let tracing: Readonly<Record<TracedCall, Tracing>> | undefined;
let created: Channel | undefined;
let events: Channel | undefined;

/** Publishes on the channels of the runtime from now on; `undefined` if it has none. */
export function publishOn(open: OpenChannel | undefined): void {
  created = open?.("monocoque-zmq.socket");
  events = open?.("monocoque-zmq.event");
  tracing = open && { request: tracingOf("request", open), handler: tracingOf("handler", open) };
}

function tracingOf(call: TracedCall, open: OpenChannel): Tracing {
  const channels = PHASES.map((phase) => [phase, open(`tracing:monocoque-zmq.${call}:${phase}`)]);
  return Object.fromEntries(channels) as Tracing;
}

/** Checks if calls of this kind have a subscriber. */
export function isTraced(call: TracedCall): boolean {
  const channels = tracing?.[call];
  return channels !== undefined && PHASES.some((phase) => channels[phase].hasSubscribers);
}

/**
 * Runs a call and publishes its phases, as `tracePromise` of `tracingChannel` does. Async, so that the stack of an error still
 * has the frames of the caller.
 *
 * @param about Published in each phase: the same object for one call. An `error` is added if it fails.
 */
export async function trace<T>(call: TracedCall, about: object, run: () => Promise<T>): Promise<T> {
  const { start, end, asyncStart, asyncEnd, error: failed } = tracing![call];
  let result: Promise<T> | undefined;
  const begin = () => result = run();
  try {
    if (start.runStores === undefined) start.publish(about);
    else start.runStores(about, begin);
  } catch (error) {
    reportUncaught(error);
  }
  result ??= begin();
  publish(end, about);
  try {
    return await result;
  } catch (error) {
    publish(failed, Object.assign(about, { error }));
    throw error;
  } finally {
    publish(asyncStart, about);
    publish(asyncEnd, about);
  }
}

/** Publishes a socket that was created: `{ socket }`. */
export function publishSocket(socket: object): void {
  if (created?.hasSubscribers === true) publish(created, { socket });
}

/** Publishes an event of a socket: `{ socket, event }`. */
export function publishEvent(socket: object | undefined, event: object): void {
  if (events?.hasSubscribers === true && socket !== undefined) publish(events, { socket, event });
}

/** A subscriber that throws must not break the connection that it observes: its error is reported as uncaught. */
function publish(channel: Channel, message: object): void {
  try {
    channel.publish(message);
  } catch (error) {
    reportUncaught(error);
  }
}
