/**
 * A server in one call: a function from requests to replies, any number of them at a time.
 *
 * @module
 */

import { whenAborted } from "../base/abort.ts";
import { onlyOptions, wholeNumber } from "../base/checks.ts";
import { ZmqError, type ZmqErrorCode } from "../base/errors.ts";
import { framesOf, type Message, type MessageLike } from "../base/message.ts";
import { whenClosed } from "../sockets/closing.ts";
import type { Router } from "../sockets/router.ts";

/** What is known of a request besides its body. */
export interface RequestContext {
  /** By what the Router knows who asks. */
  readonly routingId: Uint8Array;
  /** The message as it came, for `userIdOf` and `metadataOf`. */
  readonly received: Message;
  /** Aborted when the server is to stop or its socket is closed; the reply is still sent, if the socket is open. */
  readonly signal: AbortSignal;
}

/** A reply, or nothing where none is to be sent. */
export type HandlerReply = MessageLike | undefined | void;

/** Answers a request; one that returns nothing sends no reply. */
export type RequestHandler = (body: Message, context: RequestContext) => HandlerReply | Promise<HandlerReply>;

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Most requests that are handled at the same time; others wait in the socket. Default 64. */
  readonly concurrency?: number;
  /**
   * What to reply when the handler has thrown, or returned what is no message; nothing sends no reply. What it throws itself
   * ends the server. Default: writes the error to the console and sends no reply, so that who asked tries again or
   * gives up.
   */
  readonly onError?: (error: unknown, body: Message) => HandlerReply | Promise<HandlerReply>;
  /** Stops taking requests; those that are being handled are still answered. */
  readonly signal?: AbortSignal | undefined;
}

/** Nobody is there for the reply any more, or the socket is closed. */
const NOBODY: readonly ZmqErrorCode[] = ["EHOSTUNREACH", "ENOTSOCK"];

/**
 * Answers what a Router receives from `Request`, `Requester` and `Dealer` sockets until it is closed, or the signal is
 * aborted. The envelope, which is everything up to the first empty frame, goes back as it came. A client that does not read
 * its replies keeps nobody else waiting: those for which its queue has no room are dropped, also with `mandatory`.
 *
 * @returns Settles when all handlers have; rejects with what `onError` has thrown.
 * @throws {RangeError} If `concurrency` is not a whole number of at least 1, {@linkcode TypeError} if there is no such option.
 *
 * @example
 * ```ts
 * import { Request, Router, serve, toText } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * await using request = new Request();
 * request.connect(await router.bind("tcp://127.0.0.1:0"));
 * const serving = serve(router, ([body]) => toText(body!).toUpperCase());
 * await request.send("hello");
 * console.log(toText((await request.receive())[0]!)); // HELLO
 * await router.close();
 * await serving;
 * ```
 */
export async function serve(router: Router, handler: RequestHandler, options: ServeOptions = {}): Promise<void> {
  onlyOptions("serve()", options, ["concurrency", "onError", "signal"]);
  const { onError = logError, signal } = options;
  const concurrency = wholeNumber(1)("concurrency", options.concurrency ?? 64);
  if (signal?.aborted) return;
  const stop = new AbortController();
  const unlisten = signal && whenAborted(signal, (reason) => stop.abort(reason));
  const unwatch = whenClosed(router, () => stop.abort());
  const running = new Set<Promise<void>>();
  let onDone = () => {};
  let failed = false;
  let failure: unknown;
  const fail = (error: unknown) => {
    if (!failed) failure = error;
    failed = true;
    stop.abort();
  };
  try {
    for (;;) {
      while (running.size >= concurrency) await new Promise<void>((resolve) => onDone = resolve);
      const received = await next(router, stop.signal);
      const { envelope, body } = open(received);
      if (body.length === 0) continue;
      const context: RequestContext = { routingId: received[0]!, received, signal: stop.signal };
      const done: Promise<void> = answer(router, envelope, body, handler, context, onError)
        .catch(fail)
        .finally(() => {
          running.delete(done);
          onDone();
        });
      running.add(done);
    }
  } catch (error) {
    if (!router.closed && !stop.signal.aborted) fail(error);
  } finally {
    unlisten?.();
    unwatch();
    stop.abort();
    await Promise.all(running);
  }
  if (failed) throw failure;
}

/** The next request, whatever `receiveTimeout` the socket has. */
async function next(router: Router, signal: AbortSignal): Promise<Message> {
  for (;;) {
    try {
      return await router.receive({ signal });
    } catch (error) {
      if (!(error instanceof ZmqError) || error.code !== "EAGAIN") throw error;
      await router.whenReadable({ signal });
    }
  }
}

/** The frames that say where a reply goes, with the delimiter if there is one, and those behind. */
function open(received: Message): { envelope: Message; body: Message } {
  const delimiter = received.findIndex((frame, i) => i > 0 && frame.length === 0);
  const end = delimiter < 0 ? 1 : delimiter + 1;
  return { envelope: received.slice(0, end), body: received.slice(end) };
}

async function answer(
  router: Router,
  envelope: Message,
  body: Message,
  handler: RequestHandler,
  context: RequestContext,
  onError: NonNullable<ServeOptions["onError"]>,
): Promise<void> {
  try {
    reply(router, envelope, await handler(body, context));
  } catch (error) {
    reply(router, envelope, await onError(error, body));
  }
}

/** Sends a reply, if there is one and somebody to get it. */
function reply(router: Router, envelope: Message, message: HandlerReply): void {
  if (message === undefined) return;
  try {
    router.trySend([...envelope, ...framesOf(message)]);
  } catch (error) {
    if (!(error instanceof ZmqError) || !NOBODY.includes(error.code)) throw error;
  }
}

function logError(error: unknown): void {
  console.error("serve: a request could not be answered:", error);
}
