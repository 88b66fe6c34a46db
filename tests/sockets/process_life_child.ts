/**
 * Run by `process_life_test.ts` as a process of its own. `holds` creates one thing after another that must keep the
 * process alive, and prints each one that did; `ends` creates all of them together, on sockets that are unref'd, and
 * does nothing more; `unanswered` connects to a port without a listener.
 *
 * @module
 */

import { createServer, type Server, type Socket as NetSocket } from "node:net";
import process from "node:process";
import {
  Dealer,
  Pair,
  poll,
  Proxy,
  Publisher,
  Pull,
  Push,
  readableStreamOf,
  Reply,
  Request,
  Requester,
  Router,
  serve,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";

type Transport = "none" | "inproc" | "tcp" | "ipc";
/** Something that can be unref'd, and ends. */
interface Life {
  ref(): unknown;
  unref(): unknown;
  close(): Promise<unknown>;
}
/** Creates something with sockets, each passed to `own` before it is used; resolves when it exists. */
type Make = (own: <T extends Life>(socket: T) => T, transport: Transport) => unknown;

const [task, transport, order, folder] = process.argv.slice(2) as [string, Transport, string, string];
const say = (text: string) => console.log(text);

/** Resolves after `ms`, if something else keeps the process alive so long. */
function idle(ms: number): Promise<void> {
  return new Promise((resolve) => (setTimeout(resolve, ms) as unknown as { unref(): void }).unref());
}

let names = 0;
/** A free endpoint to bind. */
function fresh(transport: Transport): string {
  return transport === "tcp"
    ? "tcp://127.0.0.1:0"
    : transport === "ipc"
    ? `ipc://${folder}/${++names}`
    : `inproc://life-${++names}`;
}

/** Waits that never end: no message is sent, and no peer connects. With a transport the socket is bound. */
async function placed<T extends Life & { bind(endpoint: string): Promise<string> }>(
  socket: T,
  transport: Transport,
): Promise<T> {
  if (transport !== "none") await socket.bind(fresh(transport));
  return socket;
}

const quiet = (promise: Promise<unknown>): void => void promise.catch(() => {});

const WAITS: Readonly<Record<string, Make>> = {
  async receive(own, at) {
    for (const Type of [Pull, Subscriber, Dealer, Router, Reply, Pair, XPublisher, XSubscriber]) {
      quiet((await placed(own(new Type()), at)).receive());
    }
  },
  receiveMany: async (own, at) => quiet((await placed(own(new Pull()), at)).receiveMany()),
  "receive with a timeout": async (own, at) =>
    quiet((await placed(own(new Pull({ receiveTimeout: 1_000_000 })), at)).receive()),
  "receive with a signal": async (own, at) =>
    quiet((await placed(own(new Pull()), at)).receive({ signal: new AbortController().signal })),
  "for await": async (own, at) => quiet((await placed(own(new Pull()), at))[Symbol.asyncIterator]().next()),
  batches: async (own, at) => quiet((await placed(own(new Pull()), at)).batches()[Symbol.asyncIterator]().next()),
  whenReadable: async (own, at) => quiet((await placed(own(new Pull()), at)).whenReadable()),
  send: async (own, at) => quiet((await placed(own(new Push()), at)).send("x")),
  sendMany: async (own, at) => quiet((await placed(own(new Push()), at)).sendMany(["x"])),
  whenWritable: async (own, at) => quiet((await placed(own(new Push()), at)).whenWritable()),
  waitForPeers: async (own, at) => quiet((await placed(own(new Dealer()), at)).waitForPeers(1)),
  waitForSubscribers: async (own, at) => quiet((await placed(own(new Publisher()), at)).waitForSubscribers(1)),
  events: async (own, at) => {
    const { events } = await placed(own(new Pull()), at);
    quiet(events[Symbol.asyncIterator]().next());
  },
  poll: async (own, at) => quiet(poll([await placed(own(new Pull()), at), await placed(own(new Pull()), at)])),
  serve: async (own, at) => quiet(serve(await placed(own(new Router()), at), () => "reply")),
  "a stream": async (own, at) => quiet(readableStreamOf(await placed(own(new Pull()), at)).getReader().read()),
  "a proxy": async (own, at) => {
    quiet(new Proxy(await placed(own(new Router()), at), await placed(own(new Dealer()), at)).run());
  },
  "a paused proxy": async (own, at) => {
    const proxy = new Proxy(await placed(own(new Router()), at), await placed(own(new Dealer()), at));
    proxy.pause();
    quiet(proxy.run());
  },
  async "close with messages that nobody takes"(own, at) {
    const push = own(new Push({ linger: -1 }));
    push.connect(at === "none" ? "inproc://nobody" : fresh(at).replace(":0", ":9"));
    await push.send("x");
    quiet(push.close());
  },
  "a request": async (own, at) => {
    const reply = await placed(new Reply(), at);
    reply.unref();
    const requester = own(new Requester(reply.lastEndpoint ?? "inproc://nobody", { timeout: 1_000_000, linger: 0 }));
    quiet(requester.request("x"));
  },
};

/** A server that says nothing. */
async function silent(): Promise<number> {
  const sockets: NetSocket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.unref());
    socket.on("error", () => {}).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return (server.address() as { port: number }).port;
}

/** States of sockets with endpoints, without a pending wait. */
const STATES: Readonly<Record<string, Make>> = {
  bound: (own, at) => placed(own(new Pull()), at),
  async "bound, with a keepalive time"(own) {
    await placed(own(new Pull({ tcpKeepalive: 1, tcpKeepaliveIdle: 60 })), "tcp");
  },
  async "refused, and tried again"(own, at) {
    const push = own(new Push({ reconnectInterval: 60_000 }));
    let retried = () => {};
    const retry = new Promise<void>((resolve) => retried = resolve);
    push.events.listen(({ type }) => type === "connect:retry" && retried());
    push.connect(fresh(at).replace(":0", ":9"));
    await retry;
  },
  "connecting"(own, at) {
    own(new Push()).connect(fresh(at).replace(":0", ":9"));
  },
  async "connected, with heartbeats"(own, at) {
    const options = { heartbeatInterval: 60_000, heartbeatTimeout: 100_000 };
    const pull = await placed(own(new Pull(options)), at);
    const push = own(new Push(options));
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    await pull.receive();
    await push.waitForPeers(1);
  },
  async "a receiver that is full"(own, at) {
    const pull = await placed(own(new Pull({ receiveHighWaterMark: 1 })), at);
    const push = own(new Push());
    push.connect(pull.lastEndpoint!);
    for (let i = 0; i < 100; i++) await push.send("x");
    await pull.receive();
  },
  async "a subscription"(own, at) {
    const pub = await placed(own(new Publisher()), at);
    const sub = own(new Subscriber());
    sub.subscribe("");
    sub.connect(pub.lastEndpoint!);
    await pub.waitForSubscribers(1);
  },
  async "a peer that says nothing"(own) {
    own(new Request()).connect(`tcp://127.0.0.1:${await silent()}`);
  },
  async "a proxy that says nothing"(own) {
    own(new Push({ socksProxy: `127.0.0.1:${await silent()}` })).connect("tcp://127.0.0.1:9");
  },
  async "unbound, with messages left"(own, at) {
    const push = await placed(own(new Push()), at);
    const pull = own(new Pull({ receiveHighWaterMark: 1 }));
    pull.connect(push.lastEndpoint!);
    await push.waitForPeers(1);
    for (let i = 0; i < 100; i++) push.trySend("x");
    await push.unbind(push.lastEndpoint!);
  },
  async "closing, with messages left"(own, at) {
    const push = own(new Push({ linger: 60_000, reconnectInterval: 60_000 }));
    push.connect(fresh(at).replace(":0", ":9"));
    await push.send("x");
    quiet(push.close());
  },
};

const makes = transport === "none" || transport === "inproc" ? WAITS : { ...WAITS, ...STATES };

if (task === "holds") {
  for (const [name, make] of Object.entries(makes)) {
    const made: Life[] = [];
    await make((socket) => {
      made.push(socket);
      // Undone immediately: a socket that was unref'd can keep the process alive again.
      if (order === "unref and ref") {
        socket.unref();
        socket.ref();
      }
      return socket;
    }, transport);
    await idle(30);
    say(name);
    for (const socket of made) {
      if (socket instanceof Requester) await socket.close();
      else await (socket as unknown as { close(how: { linger: number }): unknown }).close({ linger: 0 });
    }
  }
  say("all");
} else if (task === "unanswered") {
  const push = new Push();
  if (order === "before") push.unref();
  push.connect(`tcp://127.0.0.1:${transport}`);
  await push.send("to nobody");
  if (order === "after") push.unref();
  say("made");
  // Longer than an attempt of an unref'd socket may take, also on a busy machine where the process is to end.
  void idle(order === "never" ? 9_000 : 60_000).then(() => {
    say("still alive");
    process.exit();
  });
} else {
  // So that making them does not end the process half-way.
  const meanwhile = setInterval(() => {}, 1000);
  const made: Life[] = [];
  for (const make of Object.values(makes)) {
    await make((socket) => {
      made.push(socket);
      if (order === "before") socket.unref();
      return socket;
    }, transport);
  }
  if (order === "after") { for (const socket of made) socket.unref(); }
  clearInterval(meanwhile);
  say("made");
  void idle(60_000).then(() => {
    say("still alive");
    process.exit(1);
  });
}
