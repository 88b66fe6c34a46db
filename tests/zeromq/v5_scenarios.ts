/**
 * Scenarios that show the behavior a program of zeromq.js 5 can observe, as in `scenarios.ts`. They run over `zeromq/v5-compat` and over the
 * drop-in's entry for version 5.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type * as version5 from "../../src/zeromq/v5_compat.ts";
import { result, type Scenario } from "./scenarios.ts";

/** The API. */
export type Api5 = typeof version5;
type Socket = version5.Socket;

const TYPES: readonly version5.SocketType[] = [
  ...["pair", "req", "rep", "pub", "sub", "dealer", "xreq", "router", "xrep", "pull", "push", "xpub"] as const,
  ...["xsub", "stream"] as const,
];
const VALUES: readonly unknown[] = [0, 1, -1, 5000, true, "x", null, Buffer.from("k")];
/** zeromq.js cannot read them. */
const UNREADABLE = [48, 49, 50, 33, 56];

let names = 0;
const fresh = () => `inproc://version-5-${++names}`;
/** A socket where it is the result of a call. */
const shown = (call: () => unknown) =>
  result(() => {
    const value = call();
    return typeof value === "object" && value !== null ? "an object" : value;
  });
/** The argument that a callback gets. */
const told = (call: (callback: (error?: Error) => void) => void) =>
  new Promise((resolve) =>
    call((error) => resolve(error === undefined ? "done" : result(() => Promise.reject(error))))
  );
/** The first of two events. */
const either = (socket: Socket, ...types: string[]) =>
  new Promise((resolve) => {
    for (const type of types) {
      socket.once(type, (value: unknown) => {
        resolve([type, value instanceof Error ? result(() => Promise.reject(value)) : value]);
      });
    }
  });

/** All of them. */
export const SCENARIOS5: Readonly<Record<string, Scenario<Api5>>> = {
  "version 5: names": (zmq) => [
    Object.entries(zmq).filter(([name]) => name !== "default" && name !== "__esModule").sort(([a], [b]) =>
      a < b ? -1 : 1
    ).map(
      ([name, value]) => {
        return [name, typeof value, typeof value === "number" || typeof value === "string" ? value : ""];
      },
    ),
    zmq.options,
    zmq.Socket.name,
  ],
  "version 5: options of every type": (zmq) =>
    TYPES.map((type) => {
      const socket = zmq.socket(type);
      const seen = Object.entries(zmq.options).filter(([, id]) => !UNREADABLE.includes(id)).map(([name, id]) => {
        return [name, shown(() => socket[name]), shown(() => socket.getsockopt(id))];
      });
      socket.close();
      return [type, seen];
    }),
  "version 5: setting options": (zmq) =>
    (["dealer", "sub", "router", "xpub", "push"] as const).map((type) => {
      const socket = zmq.socket(type);
      // The drop-in takes an identity of every type, as libzmq.
      const settable = Object.entries(zmq.options).filter(([name]) => name !== "identity");
      const seen = settable.map(([name, id]) => [
        name,
        ...VALUES.map((value) => [
          shown(() => socket.setsockopt(name as never, value)),
          result(() => void (socket[name] = value)),
          UNREADABLE.includes(id) ? "not read" : shown(() => socket[name]),
        ]),
      ]);
      socket.close();
      return [type, seen];
    }),
  "version 5: options by their numbers": (zmq) =>
    (["router", "xpub", "sub"] as const).map((type) => {
      const socket = zmq.socket(type);
      const numbers = Object.entries(zmq).filter(([name]) => name.startsWith("ZMQ_")).map(([, value]) =>
        value as number
      );
      const ids = [...new Set([...numbers, 999])].filter((id) => id !== zmq.ZMQ_IDENTITY && !UNREADABLE.includes(id))
        .sort((a, b) => a - b);
      const seen = ids.map((id) => [
        id,
        // Its mechanism is the one of the options that were set before.
        shown(() => socket.getsockopt(id)),
        shown(() => socket.setsockopt(id, 1)),
      ]);
      socket.close();
      return [type, seen];
    }),
  "version 5: wrong arguments": async (zmq) => {
    const pair = zmq.socket("pair");
    const results = [
      result(() => zmq.socket("foo" as never)),
      result(() => new zmq.Socket("foo" as never)),
      result(() => new zmq.Context()),
      result(() => pair.read()),
      result(() => pair.subscribe("x")),
      result(() => pair.unsubscribe("x")),
      result(() => pair.connect("foo")),
      result(() => pair.connect(5 as never)),
      result(() => pair.disconnect("tcp://127.0.0.1:1")),
      result(() => pair.bindSync("foo")),
      result(() => pair.bind(5 as never)),
      result(() => zmq.Context.setMaxSockets("x" as never)),
      result(() => zmq.Context.setMaxThreads(-1)),
      zmq.Context.getMaxSockets(),
      zmq.Context.getMaxThreads(),
      await told((callback) => pair.bind("foo", callback)),
      await told((callback) => pair.unbind("tcp://127.0.0.1:1", callback)),
    ];
    const failed = either(pair, "error", "bind");
    pair.bind("foo");
    results.push(await failed);
    pair.close();
    return results;
  },
  "version 5: a closed socket": (zmq) => {
    const socket = zmq.socket("pair");
    const before = socket.closed;
    socket.close();
    return [
      before,
      socket.closed,
      shown(() => socket.close()),
      shown(() => socket.connect("tcp://127.0.0.1:9")),
      shown(() => socket.bind("tcp://127.0.0.1:*")),
      shown(() => socket.unbind("tcp://127.0.0.1:9")),
      shown(() => socket.bindSync("tcp://127.0.0.1:*")),
      shown(() => socket.send("x")),
      shown(() => socket.linger),
      shown(() => socket.setsockopt("linger", 0)),
      shown(() => socket.monitor()),
      shown(() => socket.pause()),
      shown(() => socket.resume()),
    ];
  },
  "version 5: bind and unbind": async (zmq) => {
    const [socket, other] = [zmq.socket("pair"), zmq.socket("pair")];
    const endpoint = fresh();
    const bound = either(socket, "bind", "error");
    const results = [await told((callback) => socket.bind(endpoint, callback)), await bound];
    const failed = either(other, "bind", "error");
    other.bind(endpoint);
    results.push(await failed, await told((callback) => other.bind(endpoint, callback)));
    const unbound = either(socket, "unbind", "error");
    results.push(await told((callback) => socket.unbind(endpoint, callback)), await unbound);
    results.push(await told((callback) => other.bind(endpoint, callback)));
    for (const one of [socket, other]) one.close();
    return results;
  },
  "version 5: what can be sent, in parts and with callbacks": async (zmq) => {
    const [a, b] = [zmq.socket("pair"), zmq.socket("pair")];
    const endpoint = fresh();
    a.bindSync(endpoint);
    b.connect(endpoint);
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      a.on("message", (...frames: Buffer[]) => {
        seen.push(frames.map((frame) => [frame.constructor.name, frame.toString("hex")]));
        if (String(frames[0]) === "end") resolve();
      });
    });
    for (const message of ["text", 16.5, null, Buffer.from("bytes"), ["a", "b", 3], new Uint8Array([1])]) {
      b.send(message as never);
    }
    b.send("one", zmq.ZMQ_SNDMORE).send(["two", "three"], zmq.ZMQ_SNDMORE);
    seen.push(await told((callback) => b.send("four", 0, callback)));
    b.send("end", null);
    await done;
    for (const socket of [a, b]) socket.close();
    return seen.sort((x, y) => JSON.stringify(x) < JSON.stringify(y) ? -1 : 1);
  },
  "version 5: pairs of a proxy": (zmq) =>
    TYPES.flatMap((front) =>
      TYPES.map((back) => {
        const [a, b] = [zmq.socket(front), zmq.socket(back)];
        const found = result(() => zmq.proxy(a, b));
        for (const socket of [a, b]) socket.close();
        return [front, back, found, a.listenerCount("message"), b.listenerCount("message")];
      })
    ),
};
