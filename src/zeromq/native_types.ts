/**
 * The socket types by their numbers in zmq.h: the class of this library, and the options of zeromq.js.
 *
 * @module
 */

import * as native from "../../mod.ts";
import { converted, errnoError } from "./errors.ts";
import {
  ADDRESSING,
  ANSWERING,
  COMMON,
  CONFLATE,
  INVERT,
  NO_DROP,
  NO_LINGER,
  NOTIFYING,
  type OptionEntry,
  PROBE,
  RECEIVING,
  REQUESTING,
  ROUTING_ID,
  SENDING,
} from "./option_table.ts";

const DUPLEX = [...SENDING, ...RECEIVING];

/** The options of each type, by its number, beside those of every type. */
export const TYPE_OPTIONS: readonly (readonly OptionEntry[])[] = [
  DUPLEX,
  [...SENDING, CONFLATE, NO_DROP, INVERT],
  [...RECEIVING, CONFLATE, INVERT, NO_LINGER],
  [...DUPLEX, ROUTING_ID, PROBE, ...REQUESTING],
  [...DUPLEX, ROUTING_ID],
  [...DUPLEX, ROUTING_ID, PROBE, CONFLATE],
  [...DUPLEX, ROUTING_ID, PROBE, ...ADDRESSING],
  [...RECEIVING, CONFLATE],
  [...SENDING, CONFLATE],
  [...DUPLEX, NO_DROP, INVERT, ...ANSWERING],
  [...DUPLEX, NO_LINGER],
  [...DUPLEX, ...NOTIFYING],
];

const CLASSES = [
  native.Pair,
  native.Publisher,
  native.Subscriber,
  native.Request,
  native.Reply,
  native.Dealer,
  native.Router,
  native.Pull,
  native.Push,
  native.XPublisher,
  native.XSubscriber,
  native.Stream,
] as const;

const ENTRIES: ReadonlyMap<number, OptionEntry>[] = TYPE_OPTIONS.map((options) => {
  return new Map([...COMMON, ...options].map((entry) => [entry.id, entry]));
});

const LINGER = 17;
/** libzmq has no limits. */
const DEFAULTS = {
  maxLeftoverBytes: 0,
  maxMessageSize: -1,
  maxFrames: Number.MAX_SAFE_INTEGER,
  ...(native.capability.backlog === true ? { backlog: 100 } : {}),
};

/** A socket of this library with the defaults of libzmq, and the options of its type by their numbers. */
export interface NewNative {
  readonly core: native.Socket;
  readonly entries: ReadonlyMap<number, OptionEntry>;
}

/** @throws {ErrnoError} `EINVAL` if there is no such type, `EMFILE` if the context has no room for another socket. */
export function newNative(type: number, context: native.Context): NewNative {
  const Class = CLASSES[type];
  if (Class === undefined) throw errnoError("EINVAL");
  const core = created(Class, context);
  core.unref({ except: "waits" });
  const entries = ENTRIES[type]!;
  setAll(core, { ...DEFAULTS, linger: entries.get(LINGER)!.initial });
  return { core, entries };
}

function created(Class: (typeof CLASSES)[number], context: native.Context): native.Socket {
  try {
    return new (Class as new (options: object) => native.Socket)({ context });
  } catch (error) {
    throw converted(error);
  }
}

function setAll(core: native.Socket, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (name in core) (core as unknown as Record<string, unknown>)[name] = value;
  }
}
