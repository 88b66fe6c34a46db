/**
 * The peer's side of the protocol: reads requests from standard input until that ends, which it also does when the test's
 * process is killed, so that no peer outlives its test.
 *
 * @module
 */

import process from "node:process";
import type { Admission } from "./admission.ts";
import type { End, EndOptions, EndType } from "./end.ts";
import { Numbered } from "./numbered.ts";
import { type Answer, type Ask, decodeLine, encodeLine, LineReader } from "./protocol.ts";

/** A call that is about several sockets. */
export type JointCall<E extends End> = (sockets: readonly E[]) => unknown;

/**
 * Serves sockets made by `open` to the process that started this one; the calls in `joint` name their sockets by number, and
 * `admit` gives the ZAP handler of the process its lists.
 */
export function serve<E extends End>(
  open: (type: EndType, options: EndOptions) => E,
  admit: (admission: Admission) => Promise<void>,
  joint: Readonly<Record<string, JointCall<E>>> = {},
): void {
  const sockets = new Map<number, E>();

  const call = async ({ socket: key, call, args }: Ask): Promise<unknown> => {
    if (joint[call] !== undefined) return await joint[call]((args as number[]).map((key) => sockets.get(key)!));
    if (call === "admit") return await admit(args[0] as Admission);
    if (call === "open") {
      const [type, options] = args as [EndType, EndOptions];
      sockets.set(key, open(type, options));
      return undefined;
    }
    const socket = sockets.get(key);
    if (socket === undefined) throw new Error(`There is no socket ${key}`);
    if (call === "close") sockets.delete(key);
    const batch = batches[call];
    if (batch !== undefined) return await batch(socket, args);
    const method = socket[call as keyof End] as (...args: readonly unknown[]) => Promise<unknown>;
    return await method.apply(socket, args as unknown[]);
  };

  const answer = async (ask: Ask): Promise<Answer> => {
    try {
      return { id: ask.id, result: await call(ask) };
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      return { id: ask.id, error: { message, ...code !== undefined && { code } } };
    }
  };

  const lines = new LineReader();
  process.stdin.setEncoding("utf8").on("data", (chunk: string) => {
    for (const line of lines.read(chunk)) {
      answer(decodeLine(line) as Ask).then((answer) => process.stdout.write(encodeLine(answer)));
    }
  });
  // Not exit(), which in libzmq waits until all messages have been sent.
  const end = () => process.kill(process.pid, "SIGKILL");
  process.stdin.on("end", end);
  process.stdout.on("error", end);
}

/** Many sends or receives for one request. */
const batches: Readonly<Record<string, (socket: End, args: readonly unknown[]) => Promise<unknown>>> = {
  sendAll: async (socket, [messages]) => {
    for (const message of messages as Uint8Array[][]) await socket.send(message);
  },
  receiveAll: async (socket, [count]) => {
    const messages: Uint8Array[][] = [];
    while (messages.length < (count as number)) messages.push(await socket.receive());
    return messages;
  },
  fill: (socket, [size, limit, frames]) => new Numbered(size as number, frames as number).fill(socket, limit as number),
  drain: (socket, [size, first, count]) => new Numbered(size as number).drain(socket, first as number, count as number),
};
