/**
 * Run by `exit_test.ts` as a process of its own: what of a program of zeromq.js keeps the process alive, over the drop-in or,
 * with a third argument `zeromq`, over zeromq.js itself.
 *
 * @module
 */

import process from "node:process";
import type * as dropIn from "../../src/zeromq/mod.ts";

const [task, endpoint, library] = process.argv.slice(2) as [string, string, string?];
const zmq: typeof dropIn = library === "zeromq"
  ? await import("zeromq") as unknown as typeof dropIn
  : await import("../../src/zeromq/mod.ts");

/** Prints a line after a while, if something else keeps the process alive so long, and ends it. */
function aliveLater(): void {
  const timer = setTimeout(() => {
    console.log("alive");
    process.exit();
  }, 300) as unknown as { unref?(): void };
  if (timer.unref !== undefined) timer.unref();
}

/** Not to be garbage-collected. */
const kept: dropIn.Socket[] = [];

/** Runs the garbage collector. */
function collect(): void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(sync: boolean): void } };
  if (gc !== undefined) gc();
  else Bun?.gc(true);
}

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
  /** Messages of sockets that are closed, forgotten or neither are sent before it ends. */
  async send() {
    const push = async (text: string) => {
      const socket = new zmq.Push();
      socket.connect(endpoint);
      await socket.send(text);
      return socket;
    };
    kept.push(await push("open"));
    (await push("closed")).close();
    await push("forgotten");
    collect();
    console.log("sent");
  },
  /** Without time to linger they are not. */
  async drop() {
    const context = new zmq.Context({ blocky: false });
    for (const options of [{ linger: 0 }, { context }]) {
      const socket = new zmq.Push(options);
      socket.connect(endpoint);
      await socket.send("dropped");
      kept.push(socket);
    }
    console.log("dropped");
  },
  /** Only until the time to linger is over. */
  async late() {
    const socket = new zmq.Push({ linger: 20 });
    socket.connect(endpoint);
    await socket.send("too late");
    kept.push(socket);
    console.log("late");
  },
  /** A socket that is forgotten is closed by the garbage collector. */
  async forget() {
    const bind = async () => {
      const pull = new zmq.Pull();
      await pull.bind(endpoint);
    };
    await bind();
    const again = new zmq.Pull();
    for (;;) {
      collect();
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
