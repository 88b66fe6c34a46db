/**
 * The channels of `node:diagnostics_channel` on which sockets publish themselves and their events, for observers outside of
 * the program's own code, such as an APM agent. Without a subscriber nothing is published.
 *
 * @module
 */

import { reportUncaught } from "./uncaught.ts";

/** A channel, as `node:diagnostics_channel` makes it. */
export interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** Opens a channel by its name. */
export type OpenChannel = (name: string) => Channel;

let created: Channel | undefined;
let events: Channel | undefined;

/** Publishes on the channels of the runtime from now on; `undefined` if it has none. */
export function publishOn(open: OpenChannel | undefined): void {
  created = open?.("monocoque-zmq.socket");
  events = open?.("monocoque-zmq.event");
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
