/**
 * Sockets as Web streams, for `pipeTo` and `pipeThrough`. Back-pressure goes both ways: nothing is received before somebody
 * reads, and a write is done when its message is queued.
 *
 * @module
 */

import { onlyOptions } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message, MessageLike } from "../base/message.ts";
import { whenClosed } from "../sockets/closing.ts";
import type { Readable } from "../sockets/receiving.ts";
import type { Writable } from "../sockets/sending.ts";
import type { CloseOptions, Socket } from "../sockets/socket.ts";

/** Options of {@link readableStreamOf} and {@link writableStreamOf}. */
export interface WebStreamOptions {
  /**
   * Whether the socket is closed when the stream ends: cancelled, closed, aborted or failed. One that is aborted gives up
   * what is queued. Default `false`.
   */
  readonly closeSocket?: boolean;
}

/**
 * What a socket receives, as a stream of messages. It ends when the socket is closed; `receiveTimeout` does not end it.
 * Cancelling it loses no message, unless a reader let go of its lock while it waited: what came then is in the stream.
 *
 * @throws {TypeError} If there is no such option.
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
 * console.log(toText(value![0]!));
 * await reader.cancel();
 * ```
 */
export function readableStreamOf(socket: Socket & Readable, options: WebStreamOptions = {}): ReadableStream<Message> {
  const end = ending(socket, options);
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
          // Not `receive`: what that has taken would be lost if the stream were cancelled at this moment.
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
    // Nothing ahead of what is read: what waits, waits in the socket, where its high-water mark counts it.
  }, { highWaterMark: 0 });
}

/**
 * What a socket sends, as a stream that takes messages. Each write is done when its message is queued; the bytes that were
 * written belong to the library from then on. It fails with `ENOTSOCK` when the socket is closed, and with `EAGAIN` where
 * `sendTimeout` is over.
 *
 * @throws {TypeError} If there is no such option.
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
 * for (let left = 2; left > 0; left--) console.log(toText((await pull.receive())[0]!));
 * ```
 */
export function writableStreamOf(
  socket: Socket & Writable,
  options: WebStreamOptions = {},
): WritableStream<MessageLike> {
  const end = ending(socket, options);
  let unwatch = () => {};
  return new WritableStream<MessageLike>({
    start(controller) {
      unwatch = whenClosed(socket, () => controller.error(new ZmqError("ENOTSOCK", "The socket is closed")));
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

/** Closes the socket with its stream, where that was asked for. */
function ending(socket: Socket, options: WebStreamOptions): (how?: CloseOptions) => Promise<void> {
  onlyOptions("A Web stream", options, ["closeSocket"]);
  return async (how) => {
    if (options.closeSocket) await socket.close(how);
  };
}
