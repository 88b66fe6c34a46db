/**
 * A server in one call: a function from requests to replies, any number of them at a time.
 *
 * @module
 */

import type { Message, MessageLike } from "./message.ts";
import type { Router } from "./sockets/router.ts";

/** What is known of a request besides its body. */
export interface RequestContext {
  /** By what the Router knows who asks. */
  readonly routingId: Uint8Array;
  /** The message as it came, for `userIdOf` and `metadataOf`. */
  readonly received: Message;
  /** Aborted when the server is to stop; the reply is still sent, if the socket is open. */
  readonly signal: AbortSignal;
}

/** Answers a request; `undefined` sends no reply. */
export type RequestHandler = (
  body: Message,
  context: RequestContext,
) => MessageLike | undefined | Promise<MessageLike | undefined>;

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Most requests that are handled at the same time; others wait in the socket. Default 64. */
  readonly concurrency?: number;
  /**
   * What to reply when the handler has thrown; `undefined` sends no reply. Default: no reply, so that who asked tries again or
   * gives up.
   */
  readonly onError?: (error: unknown, body: Message) => MessageLike | undefined;
  /** Stops taking requests; those that are being handled are still answered. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Answers what a Router receives from `Request`, `Requester` and `Dealer` sockets until it is closed, or the signal is
 * aborted. The envelope, which is everything up to the first empty frame, goes back as it came.
 *
 * @returns Settles when all handlers have.
 * @throws {RangeError} If `concurrency` is not a whole number of at least 1.
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
  const { concurrency = 64, onError, signal } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency must be a whole number of at least 1, not ${concurrency}`);
  }
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  if (signal?.aborted) return;
  signal?.addEventListener("abort", onAbort, { once: true });
  const running = new Set<Promise<void>>();
  try {
    for (;;) {
      while (running.size >= concurrency) await Promise.race(running);
      const received = await router.receive({ signal: stop.signal });
      const { envelope, body } = open(received);
      if (body.length === 0) continue;
      const context: RequestContext = { routingId: received[0]!, received, signal: stop.signal };
      const done: Promise<void> = answer(router, envelope, body, handler, context, onError)
        .finally(() => running.delete(done));
      running.add(done);
    }
  } catch (error) {
    if (!router.closed && !stop.signal.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stop.abort();
    await Promise.all(running);
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
  onError: ServeOptions["onError"],
): Promise<void> {
  let reply: MessageLike | undefined;
  try {
    reply = await handler(body, context);
  } catch (error) {
    reply = onError?.(error, body);
  }
  if (reply === undefined || router.closed) return;
  const frames = (Array.isArray(reply) ? reply : [reply]) as Uint8Array[];
  try {
    await router.send([...envelope, ...frames]);
  } catch {
    // Who asked is gone, or the socket is: there is nobody to answer.
  }
}
