/**
 * Links out of Web streams: whatever gives a readable and a writable stream of bytes can carry a socket's messages.
 *
 * @module
 */

import type { Link } from "./transport.ts";
import { LinkCore } from "./link.ts";
import { StreamDriver } from "./stream_driver.ts";

/**
 * A link over a pair of Web streams, to be given to a socket's `attach`: a TLS connection, a child process's standard input and
 * output, a WebTransport stream, a decompressor in between. The streams belong to the link from now on. Back-pressure goes both
 * ways as far as the streams hand it on: Node's `Readable.toWeb` reads 16384 chunks ahead, of any size, unless it is given
 * `{ strategy: { highWaterMark: 1 } }`.
 *
 * @param stream `readable` gives what the peer sends, `writable` takes what it is sent.
 * @param options `remote` says where the peer is, for events and logs; default `"stream"`.
 * @throws {TypeError} If one of the streams is locked.
 *
 * @example
 * ```ts
 * import { linkOf, Pair, toText } from "@monocoque/zmq";
 *
 * const there = new TransformStream<Uint8Array, Uint8Array>();
 * const back = new TransformStream<Uint8Array, Uint8Array>();
 * await using left = new Pair();
 * await using right = new Pair();
 * left.attach(linkOf({ readable: back.readable, writable: there.writable }));
 * right.attach(linkOf({ readable: there.readable, writable: back.writable }));
 * await left.send("over any stream");
 * const [text] = await right.receive();
 * console.log(toText(text!)); // over any stream
 * ```
 */
export function linkOf(
  stream: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> },
  options: { readonly remote?: string } = {},
): Link {
  // The writer first: if that is taken already, the reader stays free.
  const writer = stream.writable.getWriter();
  try {
    return new LinkCore(new StreamDriver(stream.readable.getReader(), writer), options.remote ?? "stream");
  } catch (error) {
    writer.releaseLock();
    throw error;
  }
}
