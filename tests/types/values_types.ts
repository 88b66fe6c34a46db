/**
 * Code with values that must compile, and code that must not: messages, options, events, errors. Every
 * `@ts-expect-error` fails the type check if the line below it compiles.
 *
 * Checked by `deno check` and `tsc`, never run.
 *
 * @module
 */

import {
  type AuthStatus,
  type CloseOptions,
  Dealer,
  type FrameLike,
  type MessageLike,
  type Metadata,
  Pair,
  ProtocolError,
  type ProtocolRule,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type SocketEvent,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
  type ZmqErrorCode,
} from "../../mod.ts";

declare const signal: AbortSignal;
declare const bytes: Uint8Array;

// Messages.

export async function messages(push: Push, pull: Pull): Promise<void> {
  const frames: FrameLike[] = ["text", 5, null, bytes, bytes.buffer as ArrayBuffer, new DataView(new ArrayBuffer(1))];
  const likes: MessageLike[] = [frames, ...frames, ["a", 1, null, bytes] as const];
  for (const like of likes) await push.send(like);
  // A received message can be sent.
  await push.send(await pull.receive());
  // @ts-expect-error: a message must be given.
  await push.send();
  // @ts-expect-error: undefined is not a frame; null is an empty one.
  await push.send(undefined);
  // @ts-expect-error: nor in an array.
  await push.send(["a", undefined]);
  // @ts-expect-error: an object is not a frame.
  await push.send({ a: 1 });
  // @ts-expect-error: a boolean is not a frame.
  push.trySend(true);
  // @ts-expect-error: a bigint is not a frame.
  push.trySend(10n);
  // @ts-expect-error: frames do not nest.
  push.trySend(["a", ["b"]]);
  // @ts-expect-error: options come after the message.
  await push.send("a", signal);
  // @ts-expect-error: a signal is an AbortSignal.
  await push.send("a", { signal: new AbortController() });
  // @ts-expect-error: there is no such option; timeouts are options of the socket.
  await pull.receive({ timeout: 5 });
}

// Options.

export function options(): void {
  const common = { linger: 0, reconnectInterval: 1, reconnectMaxInterval: 2, handshakeInterval: 3 };
  const limits = { backlog: 4, maxMessageSize: 5, maxFrames: 6 };
  const send = { sendHighWaterMark: 7, sendTimeout: 8 };
  const receive = { receiveHighWaterMark: 9, receiveTimeout: 10 };
  const all = { ...common, ...limits, ...send, ...receive };
  new Push({ ...common, ...limits, ...send });
  new Pull({ ...common, ...limits, ...receive });
  new Publisher({ ...common, ...limits, ...send });
  new Subscriber({ ...common, ...limits, ...receive });
  for (const make of [Pair, Stream, XPublisher, XSubscriber]) new make(all);
  for (const make of [Dealer, Reply, Request]) new make({ ...all, routingId: "id" });
  new Router({ ...all, routingId: bytes, mandatory: true });
  const wait: CloseOptions = { linger: -1 };
  void wait;

  // @ts-expect-error: it does not receive.
  new Push({ receiveTimeout: 1 });
  // @ts-expect-error: it does not receive.
  new Publisher({ receiveHighWaterMark: 1 });
  // @ts-expect-error: it does not send.
  new Pull({ sendTimeout: 1 });
  // @ts-expect-error: it does not send.
  new Subscriber({ sendHighWaterMark: 1 });
  // @ts-expect-error: nobody asks for its routing id.
  new Push({ routingId: "id" });
  // @ts-expect-error: only a router has peers by name.
  new Dealer({ mandatory: true });
  // @ts-expect-error: there is no such option.
  new Push({ highWaterMark: 1 });
  // @ts-expect-error: the wrong type.
  new Push({ linger: "0" });
  // @ts-expect-error: the wrong type.
  new Push({ sendHighWaterMark: null });
  // @ts-expect-error: the wrong type.
  new Dealer({ routingId: 5 });
  // @ts-expect-error: the wrong type.
  new Router({ mandatory: 1 });
  // @ts-expect-error: endpoints are not options.
  new Pull("tcp://127.0.0.1:5555");
}

// Events and errors.

export function eventsAreToldApart(event: SocketEvent): string {
  switch (event.type) {
    case "connect:retry": {
      const interval: number = event.interval;
      return `${event.endpoint} in ${interval}`;
    }
    case "connect:delay":
      return event.endpoint;
    case "connect:end": {
      const error: Error = event.error;
      return `${event.dropped} ${error.message}`;
    }
    case "handshake": {
      const metadata: Metadata = event.metadata;
      return `${event.peerType} ${event.version} ${metadata.size}`;
    }
    case "handshake:error:protocol": {
      const code: ZmqErrorCode = event.error.code;
      const rule: ProtocolRule = event.rule;
      return `${code} ${rule}`;
    }
    case "handshake:error:auth": {
      const status: AuthStatus = event.status;
      const error: ZmqError = event.error;
      // @ts-expect-error: there is no such answer.
      if (status === 200) return error.message;
      return `${status}`;
    }
    case "missed": {
      const count: number = event.count;
      // @ts-expect-error: it is of no endpoint.
      return event.endpoint ?? `${count}`;
    }
    case "end":
      // @ts-expect-error: the end has no endpoint.
      return event.endpoint;
    default:
      // @ts-expect-error: not every event has an error.
      void event.error;
      return event.endpoint;
  }
}

export function errors(error: unknown): void {
  if (!(error instanceof ZmqError)) return;
  const code: ZmqErrorCode = error.code;
  // @ts-expect-error: there is no such code.
  if (code === "ENOSUCH") return;
  // @ts-expect-error: it can be read only.
  error.code = "EAGAIN";
  if (!(error instanceof ProtocolError)) return;
  const rule: ProtocolRule = error.rule;
  // @ts-expect-error: there is no such rule.
  if (rule === "NO_SUCH_RULE") return;
}
