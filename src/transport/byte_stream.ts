/**
 * Creates links from Web streams, so that any pair of byte streams can carry a socket's messages.
 *
 * @module
 */

import type { Link } from "./transport.ts";
import { LinkCore } from "./link.ts";
import { StreamDriver } from "./stream_driver.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { onlyOptions } from "../base/checks.ts";

/**
 * Creates a link from a pair of Web streams, to pass to a socket's `attach()`: a TLS connection, the standard input and
 * output of a child process, a WebTransport stream, a decompressor in between. The link owns the streams from then on.
 * Back-pressure works in both directions as far as the streams pass it on: Node's `Readable.toWeb` reads 16384 chunks
 * ahead, of any size, unless it gets `{ strategy: { highWaterMark: 1 } }`.
 *
 * @param stream `readable` yields the bytes from the peer, `writable` takes the bytes for the peer.
 * @param options `remote` is the peer's address in events and logs. Default `"stream"`.
 * @returns A link that has not been started.
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
 * console.log(toText(text)); // over any stream
 * ```
 */
export function linkOf(
  stream: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> },
  options: { readonly remote?: string | undefined } = {},
): Link {
  if (arguments.length > 2) refuseSurplus("linkOf()", 2, arguments[2]);
  onlyOptions("linkOf()", options, ["remote"]);
  // The writer first: if it is locked, the reader must stay unlocked.
  const writer = stream.writable.getWriter();
  try {
    return new LinkCore(new StreamDriver(stream.readable.getReader(), writer), options.remote ?? "stream");
  } catch (error) {
    writer.releaseLock();
    throw error;
  }
}
