/**
 * Node streams as Web streams, within the letter of both. The runtimes' own converters are not good enough to prove a link by:
 * Node's reads ahead thousands of chunks and holds back the end of a half-open socket, Deno's throws at the end of a stream.
 *
 * @module
 */

import type { Duplex, Readable, Writable } from "node:stream";

/** A pair of streams, as `linkOf` takes them. */
export interface ByteStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** The data of a Node stream. It reads ahead only what is already in transit. */
export function webReadable(source: Readable, cancel: () => void): ReadableStream<Uint8Array> {
  let over = false;
  source.pause();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (error?: Error) => {
        if (over) return;
        over = true;
        if (error === undefined) controller.close();
        else controller.error(error);
      };
      source.on("data", (chunk: Uint8Array) => {
        if (over) return;
        controller.enqueue(chunk);
        if (controller.desiredSize! <= 0) source.pause();
      });
      source.on("end", () => end());
      source.on("error", end);
      source.on("close", () => end(new Error("The stream was destroyed")));
    },
    pull: () => void source.resume(),
    cancel() {
      over = true;
      cancel();
    },
  }, { highWaterMark: 0 });
}

/** Writes to a Node stream. A write is done when the stream has passed it on. */
export function webWritable(sink: Writable): WritableStream<Uint8Array> {
  const settle = (call: (callback: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => call((error) => error ? reject(error) : resolve()));
  return new WritableStream<Uint8Array>({
    start(controller) {
      sink.on("error", (error) => controller.error(error));
      sink.on("close", () => controller.error(new Error("The stream was destroyed")));
    },
    write: (chunk) => settle((callback) => sink.write(chunk, callback)),
    close: () => settle((callback) => sink.end(callback)),
    abort: () => void sink.destroy(),
  });
}

/** Both sides of a Node stream, such as a socket. */
export function webStreams(duplex: Duplex): ByteStreams {
  // A side that has sent its end, and whose peer has ended too, is done; otherwise further data is dropped.
  const cancel = () => {
    if (duplex.writableEnded) duplex.destroy();
    else duplex.resume();
  };
  return { readable: webReadable(duplex, cancel), writable: webWritable(duplex) };
}

/** The bytes that an operating system would hold of a connection, in one direction. */
const BUFFER = 256 * 1024;

/** Both ends of a connection in memory that holds some bytes for a reader that does not read, as an operating system does. */
export function streamPair(buffer: number = BUFFER): readonly [ByteStreams, ByteStreams] {
  const size = (chunk?: Uint8Array) => chunk!.length;
  const pipe = () => new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, { highWaterMark: buffer, size });
  const [up, down] = [pipe(), pipe()];
  return [{ readable: down.readable, writable: up.writable }, { readable: up.readable, writable: down.writable }];
}
