/**
 * Sockets as Web streams, for `pipeTo` and `pipeThrough`, with back-pressure: a message is received when the stream is
 * read, and a write completes when its message is queued.
 *
 * @module
 */

import { onlyOptions } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import type { MessageLike } from "../base/message.ts";
import type { Message } from "../base/received.ts";
import { whenClosed } from "../sockets/closing.ts";
import type { Readable } from "../sockets/receiving.ts";
import type { Writable } from "../sockets/sending.ts";
import type { CloseOptions, Socket } from "../sockets/socket.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { typeName } from "../base/type_name.ts";

/** Options of {@link readableStreamOf} and {@link writableStreamOf}. */
export interface WebStreamOptions {
  /**
   * If true, the socket is closed when the stream ends: cancelled, closed, aborted or failed. When a stream is aborted,
   * queued messages are dropped. Default `false`.
   */
  readonly closeSocket?: boolean | undefined;
}

/**
 * Creates a stream of the messages that a socket receives. It ends when the socket is closed, not after
 * `receiveTimeout`. Cancelling the stream loses no message, except when a reader released its lock during a pending
 * read: a message received since then is in the queue of the stream.
 *
 * @throws {TypeError} If an option does not exist, or the socket does not receive.
 *
 * @example
 * ```ts
 * import { Pull, Push, readableStreamOf, toText, writableStreamOf } from "@monocoque/zmq";
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * push.connect(await pull.bind("tcp://127.0.0.1:0"));
 * const writer = writableStreamOf(push).getWriter();
 * await writer.write("through a stream");
 * const reader = readableStreamOf(pull).getReader();
 * const { value } = await reader.read();
 * console.log(toText(value![0]));
 * await reader.cancel();
 * ```
 */
export function readableStreamOf(socket: Socket & Readable, options: WebStreamOptions = {}): ReadableStream<Message> {
  if (arguments.length > 2) refuseSurplus("readableStreamOf()", 2, arguments[2]);
  const end = ending(socket, options);
  requireMethod("readableStreamOf()", socket, "receive");
  const cancelled = new AbortController();
  let unwatch = () => {};
  return new ReadableStream<Message>({
    start(controller) {
      unwatch = whenClosed(socket, () => controller.close());
    },
    async pull(controller) {
      try {
        while (!cancelled.signal.aborted) {
          const message = socket.tryReceive();
          if (message !== undefined) return controller.enqueue(message);
          // Not `receive()`: a message that it took would be lost if the stream were cancelled at that moment.
          await socket.whenReadable({ signal: cancelled.signal });
        }
      } catch (error) {
        if (cancelled.signal.aborted || socket.closed) return;
        unwatch();
        void end();
        throw error;
      }
    },
    cancel() {
      unwatch();
      cancelled.abort();
      return end();
    },
    // The stream reads nothing ahead: messages wait in the socket, where its high-water mark counts them.
  }, { highWaterMark: 0 });
}

/**
 * Creates a stream that sends messages to a socket. A write completes when its message is queued; do not change its
 * bytes afterwards. The stream fails with `ENOTSOCK` when the socket is closed, and with `EAGAIN` after `sendTimeout`.
 *
 * @throws {TypeError} If an option does not exist, or the socket does not send.
 *
 * @example
 * ```ts
 * import { Pull, Push, toText, writableStreamOf } from "@monocoque/zmq";
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * push.connect(await pull.bind("tcp://127.0.0.1:0"));
 * const writer = writableStreamOf(push).getWriter();
 * for (const text of ["one", "two"]) await writer.write(text); // waits while the socket has no room
 * await writer.close();
 * for (let left = 2; left > 0; left--) console.log(toText((await pull.receive())[0]));
 * ```
 */
export function writableStreamOf(
  socket: Socket & Writable,
  options: WebStreamOptions = {},
): WritableStream<MessageLike> {
  if (arguments.length > 2) refuseSurplus("writableStreamOf()", 2, arguments[2]);
  const end = ending(socket, options);
  requireMethod("writableStreamOf()", socket, "send");
  let unwatch = () => {};
  return new WritableStream<MessageLike>({
    start(controller) {
      unwatch = whenClosed(
        socket,
        () => controller.error(new ZmqError("ENOTSOCK", "Cannot write: the socket is closed")),
      );
    },
    async write(message, { signal }) {
      try {
        await socket.send(message, { signal });
      } catch (error) {
        unwatch();
        if (!signal.aborted) void end();
        throw error;
      }
    },
    close() {
      unwatch();
      return end();
    },
    abort() {
      unwatch();
      return end({ linger: 0 });
    },
  }, { highWaterMark: 1 });
}

/** @throws {TypeError} Something else than a socket that sends or receives, as the stream needs it. */
function requireMethod(call: string, socket: unknown, method: "send" | "receive"): void {
  if (typeof (Object(socket) as Record<string, unknown>)[method] === "function") return;
  throw new TypeError(`${call} takes a socket that ${method}s, not ${typeName(socket)}`);
}

/** Returns a function that closes the socket with its stream, if `closeSocket` is set. */
function ending(socket: Socket, options: WebStreamOptions): (how?: CloseOptions) => Promise<void> {
  onlyOptions("A Web stream", options, ["closeSocket"]);
  return async (how) => {
    if (options.closeSocket) await socket.close(how);
  };
}
