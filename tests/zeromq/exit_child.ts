/**
 * Run by `exit_test.ts` as a process of its own: what of a program of zeromq.js keeps the process alive.
 *
 * @module
 */

import process from "node:process";
import * as zmq from "../../src/zeromq/mod.ts";

const [task, endpoint] = process.argv.slice(2) as [string, string];

/** Prints a line after a while, if something else keeps the process alive so long, and ends it. */
function aliveLater(): void {
  const timer = setTimeout(() => {
    console.log("alive");
    process.exit();
  }, 300) as unknown as { unref?(): void };
  if (timer.unref !== undefined) timer.unref();
}

/** Not to be garbage-collected. */
const kept: zmq.Socket[] = [];

const TASKS: Readonly<Record<string, () => Promise<void> | void>> = {
  /** Bound, connected and idle: the process ends. */
  async idle() {
    const sockets = [new zmq.Pull(), new zmq.Publisher(), new zmq.Router()];
    for (const socket of sockets) await socket.bind("tcp://127.0.0.1:*");
    new zmq.Dealer().connect(endpoint);
    console.log("idle");
  },
  /** A pending receive keeps it alive. */
  async receive() {
    const pull = new zmq.Pull();
    await pull.bind("tcp://127.0.0.1:*");
    void pull.receive();
    aliveLater();
  },
  /** So does an observer that is read. */
  events() {
    kept.push(new zmq.Pull());
    kept[0]!.events.on("bind", () => {});
    aliveLater();
  },
  /** Messages of a socket that is not closed, and of one that is, are sent before it ends. */
  async send() {
    const [open, closed] = [new zmq.Push(), new zmq.Push()];
    for (const [socket, text] of [[open, "open"], [closed, "closed"]] as const) {
      socket.connect(endpoint);
      await socket.send(text);
    }
    closed.close();
    console.log("sent");
  },
  /** A socket that is forgotten is closed by the garbage collector. */
  async forget() {
    const bind = async () => {
      const pull = new zmq.Pull();
      await pull.bind(endpoint);
    };
    await bind();
    const collect = globalThis as { gc?: () => void; Bun?: { gc(sync: boolean): void } };
    const again = new zmq.Pull();
    for (;;) {
      if (collect.gc !== undefined) collect.gc();
      else collect.Bun?.gc(true);
      await new Promise((resolve) => setTimeout(resolve, 10));
      try {
        await again.bind(endpoint);
        break;
      } catch {
        // Not collected yet.
      }
    }
    console.log("bound again");
    process.exit();
  },
};

await TASKS[task]!();
