/**
 * Sockets as Web streams, for `pipeTo` and `pipeThrough`. Back-pressure goes both ways: nothing is received before somebody
 * reads, and a write is done when its message is queued.
 *
 * @module
 */

import type { Message, MessageLike } from "./message.ts";
import type { DuplexSocket } from "./sockets/duplex.ts";
import type { ReceivingSocket } from "./sockets/receiving.ts";
import type { SendingSocket } from "./sockets/sending.ts";

/** Options of {@link readableStreamOf} and {@link writableStreamOf}. */
export interface StreamEndOptions {
  /** Whether the socket is closed when the stream is: cancelled, closed or aborted. Default `false`. */
  readonly closeSocket?: boolean;
}

/**
 * What a socket receives, as a stream of messages. It ends when the socket is closed. Cancelling it loses no message.
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
export function readableStreamOf(socket: ReceivingSocket, options: StreamEndOptions = {}): ReadableStream<Message> {
  const cancelled = new AbortController();
  return new ReadableStream<Message>({
    async pull(controller) {
      try {
        controller.enqueue(await socket.receive({ signal: cancelled.signal }));
      } catch (error) {
        if (cancelled.signal.aborted) return;
        if (socket.closed) controller.close();
        else controller.error(error);
      }
    },
    async cancel() {
      cancelled.abort();
      if (options.closeSocket) await socket.close();
    },
    // Nothing ahead of what is read: what waits, waits in the socket, where its high-water mark counts it.
  }, { highWaterMark: 0 });
}

/** What a socket sends, as a stream that takes messages. Each write is done when its message is queued. */
export function writableStreamOf(
  socket: SendingSocket | DuplexSocket,
  options: StreamEndOptions = {},
): WritableStream<MessageLike> {
  const aborted = new AbortController();
  const end = async () => {
    if (options.closeSocket) await socket.close();
  };
  return new WritableStream<MessageLike>({
    start(controller) {
      controller.signal.addEventListener("abort", () => aborted.abort(controller.signal.reason), { once: true });
    },
    write: (message) => socket.send(message, { signal: aborted.signal }),
    close: end,
    abort: end,
  }, { highWaterMark: 1 });
}
