/**
 * All that `core.ts`, `transport.ts` and `src/` may use beside the language itself (ES2023 and disposables): what Deno, Bun, Node
 * and browsers have in common, as far as it is used. `tsc -p types` compiles them with this and nothing else.
 *
 * @module
 */

// What waits and is given up.

interface AbortSignal {
  readonly aborted: boolean;
  // deno-lint-ignore no-explicit-any -- as in every runtime
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

// Text.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { readonly read: number; readonly written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}

// Time and turns: src/base/clock.ts alone.

declare function setTimeout(callback: () => void, ms: number): number;
declare function clearTimeout(timer: number): void;
declare function queueMicrotask(callback: () => void): void;
declare const performance: { now(): number };
// Not every realm has it: browsers do not. `let`, because all others are given in any case.
declare let setImmediate: ((callback: () => void) => unknown) | undefined;
interface MessagePort {
  onmessage: ((event: never) => void) | null;
  postMessage(message: unknown, transfer?: readonly object[]): void;
  close(): void;
}
declare class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

// Chance for keys: src/security/libsodium.ts alone.

declare const crypto: { getRandomValues<T extends ArrayBufferView<ArrayBuffer>>(array: T): T };

// For an error of a handler that the program does not take: src/composites/serve.ts alone.

declare const console: { error(...data: unknown[]): void };

// Streams: readableStreamOf, writableStreamOf, linkFromStream.

type ReadableStreamReadResult<T> = { readonly done: false; readonly value: T } | {
  readonly done: true;
  readonly value?: T | undefined;
};
interface ReadableStreamDefaultReader<T> {
  read(): Promise<ReadableStreamReadResult<T>>;
  cancel(reason?: unknown): Promise<void>;
}
interface ReadableStreamDefaultController<T> {
  enqueue(chunk: T): void;
  close(): void;
}
declare class ReadableStream<T> {
  constructor(
    source: {
      start?(controller: ReadableStreamDefaultController<T>): void;
      pull?(controller: ReadableStreamDefaultController<T>): void | PromiseLike<void>;
      cancel?(reason: unknown): void | PromiseLike<void>;
    },
    strategy?: { readonly highWaterMark: number },
  );
  getReader(): ReadableStreamDefaultReader<T>;
}
interface WritableStreamDefaultWriter<T> {
  readonly closed: Promise<unknown>;
  write(chunk: T): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
  releaseLock(): void;
}
interface WritableStreamDefaultController {
  readonly signal: AbortSignal;
  error(error: unknown): void;
}
declare class WritableStream<T> {
  constructor(
    sink: {
      start?(controller: WritableStreamDefaultController): void;
      write?(chunk: T, controller: WritableStreamDefaultController): void | PromiseLike<void>;
      close?(): void | PromiseLike<void>;
      abort?(reason: unknown): void | PromiseLike<void>;
    },
    strategy?: { readonly highWaterMark: number },
  );
  getWriter(): WritableStreamDefaultWriter<T>;
}
