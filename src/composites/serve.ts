/**
 * Serves requests with a handler function, any number of them concurrently.
 *
 * | Event             | IDLE | BUSY     | FULL     | STOPPING | OVER |
 * | ----------------- | ---- | -------- | -------- | -------- | ---- |
 * | request           | BUSY | FULL     | -        | -        | -    |
 * | malformed request | -    | -        | -        | -        | -    |
 * | reply             |      | -        | BUSY     | -        |      |
 * | all reply         |      | IDLE     | IDLE     | OVER     |      |
 * | error             |      | -        | BUSY     | -        |      |
 * | unhandled error   |      | STOPPING | STOPPING | -        |      |
 * | receive fails     | OVER | STOPPING |          |          |      |
 * | stop              | OVER | STOPPING | STOPPING | -        | -    |
 * | close             | OVER | STOPPING | STOPPING | -        | -    |
 *
 * The states by the requests that run: none, some (one fewer than `concurrency`, so that one more makes it FULL), as many as `concurrency`; STOPPING
 * with some. `reply` is of one of them, while others run. `error`: the handler throws, and `onError` does not; `unhandled error`: both do. `-` changes
 * nothing: requests wait in the socket. An empty cell cannot happen, as no request runs, or nothing is received. `tests/composites/serve_states_test.ts`
 * walks the table.
 *
 * @module
 */

import { requireSignal, whenAborted } from "../base/abort.ts";
import { flag, onlyOptions, wholeNumber } from "../base/checks.ts";
import { isTraced, trace } from "../base/channels.ts";
import { ZmqError, type ZmqErrorCode } from "../base/errors.ts";
import { framesOf, type MessageLike } from "../base/message.ts";
import type { Bytes, Message } from "../base/received.ts";
import { whenClosed } from "../sockets/closing.ts";
import { hasLeft } from "../sockets/clients.ts";
import { countDrop } from "../sockets/drops.ts";
import type { Router } from "../sockets/router.ts";
import { RpcError } from "./rpc_error.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { typeName } from "../base/type_name.ts";

/** A request without its body. */
export interface RequestContext {
  /** The routing id of the client. */
  readonly routingId: Bytes;
  /** The message as it was received, for `userIdOf` and `metadataOf`. */
  readonly received: Message;
  /** Aborted when the server stops or its socket is closed. The reply is still sent if the socket is open. */
  readonly signal: AbortSignal;
}

/** A reply; `undefined` to send none. */
export type HandlerReply = MessageLike | undefined | void;

/** Handles a request and returns the reply. If it returns `undefined`, no reply is sent. */
export type RequestHandler = (body: Message, context: RequestContext) => HandlerReply | Promise<HandlerReply>;

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Maximum number of requests that are handled concurrently; others wait in the socket. Default 64. */
  readonly concurrency?: number | undefined;
  /**
   * If true, a request whose handler fails gets an error reply, with which `Requester.request` rejects at once: an
   * {@linkcode RpcError} that the handler throws is sent as it is, without a call of `onError`; for every other error
   * clients get the code `INTERNAL` and no details. Other clients receive an error reply as an ordinary message of three
   * frames, so set it if yours recognize that (`RpcError.fromMessage`). Default `false`.
   */
  readonly errorReplies?: boolean | undefined;
  /**
   * Called when the handler throws or returns a value that is not a message; returns the reply to send, or `undefined`
   * to send none (with `errorReplies`: an error reply). If it throws, the server ends with that error. Default: writes
   * the error to the console and sends no reply, so that the client times out.
   */
  readonly onError?: ((error: unknown, body: Message) => HandlerReply | Promise<HandlerReply>) | undefined;
  /** Stops receiving requests; those that are being handled are still answered. */
  readonly signal?: AbortSignal | undefined;
}

type OnError = NonNullable<ServeOptions["onError"]>;

/** The message that clients get for an internal error. */
const INTERNAL = new RpcError("INTERNAL", "The server failed to handle the request");

/** Errors of a send to a client that disconnected, or on a closed socket. */
const NO_RECEIVER: readonly ZmqErrorCode[] = ["EHOSTUNREACH", "ENOTSOCK"];

/**
 * Serves the requests that a Router receives from `Request`, `Requester` and `Dealer` sockets, until the Router is
 * closed or the signal is aborted. The envelope of a request, up to and including its first empty frame, is returned
 * with the reply. A client that does not read its replies does not block other clients: replies that exceed its queue
 * are dropped, even with `mandatory`.
 *
 * @returns Resolves when all handlers have finished; rejects with the error that `onError` threw.
 * @throws {RangeError} If `concurrency` is not an integer of at least 1; {@linkcode TypeError} if the socket is not a
 * Router, the handler is not a function, or an option does not exist.
 *
 * @example
 * ```ts
 * import { Request, Router, serve, toText } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * await using request = new Request();
 * request.connect(await router.bind("tcp://127.0.0.1:0"));
 * const serving = serve(router, ([body]) => toText(body).toUpperCase());
 * await request.send("hello");
 * console.log(toText((await request.receive())[0])); // HELLO
 * await router.close();
 * await serving;
 * ```
 */
export async function serve(router: Router, handler: RequestHandler, options: ServeOptions = {}): Promise<void> {
  if (arguments.length > 3) refuseSurplus("serve()", 3, arguments[3]);
  requireRouter(router);
  requireFunction("the handler", handler);
  onlyOptions("serve()", options, ["concurrency", "errorReplies", "onError", "signal"]);
  const { signal } = options;
  requireSignal("serve()", signal);
  const concurrency = wholeNumber(1)("concurrency", options.concurrency ?? 64);
  const errorReplies = flag("errorReplies", options.errorReplies ?? false);
  if (options.onError !== undefined) requireFunction("onError", options.onError);
  const onError = handlingErrors(options.onError ?? logError, errorReplies);
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
      if (!hasFrames(body)) {
        countDrop(router, "noDelimiter");
        continue;
      }
      const context: RequestContext = { routingId: received[0], received, signal: stop.signal };
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

/** @throws {TypeError} Another socket than a Router. Checked by its type, because it may belong to another copy of this library, or be a mock. */
function requireRouter(router: unknown): void {
  const { type = "ROUTER", receive } = Object(router) as { readonly type?: unknown; readonly receive?: unknown };
  if (type === "ROUTER" && typeof receive === "function") return;
  throw new TypeError(`serve() takes a Router and a handler, not a first argument of type ${typeName(router)}`);
}

function requireFunction(what: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`serve(): ${what} must be a function, such as ([body]) => body, not ${typeName(value)}`);
}

/** Receives the next request, regardless of the `receiveTimeout` of the socket. */
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

/** Splits a message into its envelope, up to and including the delimiter if there is one, and its body. */
function open(received: Message): { envelope: Bytes[]; body: Bytes[] } {
  const delimiter = received.findIndex((frame, i) => i > 0 && frame.length === 0);
  const end = delimiter < 0 ? 1 : delimiter + 1;
  return { envelope: received.slice(0, end), body: received.slice(end) };
}

function hasFrames(frames: Bytes[]): frames is Message {
  return frames.length > 0;
}

async function answer(
  router: Router,
  envelope: readonly Bytes[],
  body: Message,
  handler: RequestHandler,
  context: RequestContext,
  onError: OnError,
): Promise<void> {
  try {
    const { routingId } = context;
    const answered = isTraced("handler")
      ? trace("handler", { router, routingId }, async () => await handler(body, context))
      : handler(body, context);
    reply(router, envelope, await answered);
  } catch (error) {
    reply(router, envelope, await onError(error, body));
  }
}

/** Sends a reply, unless it is `undefined` or its client has disconnected. */
function reply(router: Router, envelope: readonly Bytes[], message: HandlerReply): void {
  if (message === undefined) return;
  // The client did not wait for the reply. That is not a mistake of this program, so the Router must not report it as one.
  if (hasLeft(router, envelope[0]!)) return countDrop(router, "noPeer");
  try {
    // A Router that is not `mandatory` drops and counts it itself.
    if (!router.trySend([...envelope, ...framesOf(message)])) countDrop(router, "highWaterMark");
  } catch (error) {
    if (!(error instanceof ZmqError) || !NO_RECEIVER.includes(error.code)) throw error;
    countDrop(router, "noPeer");
  }
}

/** The `onError` of a server that sends error replies: a message for every error. */
function handlingErrors(onError: OnError, errorReplies: boolean): OnError {
  if (!errorReplies) return onError;
  return async (error, body) => {
    if (error instanceof RpcError) return error.toMessage();
    return await onError(error, body) ?? INTERNAL.toMessage();
  };
}

function logError(error: unknown): void {
  console.error("serve: cannot answer a request:", error);
}
