/**
 * Scenarios that show the behavior a program of zeromq.js can observe. They run over zeromq.js itself and over the drop-in, and the results
 * must be the same (`reference_test.ts`). None waits for an event: zeromq.js sometimes misses one until the next.
 *
 * Over 400 lines because they are one table.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type * as zeromq from "../../src/zeromq/mod.ts";

/** The API. */
export type Api = typeof zeromq;
/** One scenario; its result is compared as JSON. */
export type Scenario<A = Api> = (zmq: A) => unknown;
type Class = { readonly name: string };
/** Sockets that nothing else is known of. */
type Loose = Record<string, unknown>;

const TYPES = [
  ...["Pair", "Publisher", "Subscriber", "Request", "Reply", "Dealer", "Router", "Pull", "Push"],
  ...["XPublisher", "XSubscriber", "Stream"],
] as const;
const VALUES: readonly unknown[] = [
  ...[true, false, -2, -1, 0, 1, 2, 50, 255, 256, 70_000, 1e10, 1.5],
  ...["", "a", "x".repeat(256), null, new TextEncoder().encode("ab"), undefined],
];
/** Not compared: what can only be set there can be read here, and the drop-in returns what zeromq.js cannot read. */
const WRITE_ONLY = new Set([
  ...["conflate", "noDrop", "probeRouter", "correlate", "relaxed", "mandatory", "handover", "manual", "welcomeMessage"],
  ...["notify", "tcpAcceptFilter", "vmciBufferSize", "vmciBufferMinSize", "vmciBufferMaxSize", "vmciConnectTimeout"],
]);
const KEYS = ["curvePublicKey", "curveSecretKey", "curveServerKey"];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  common: [
    ...["affinity", "rate", "recoveryInterval", "linger", "reconnectInterval", "backlog", "reconnectMaxInterval"],
    ...["maxMessageSize", "tcpKeepalive", "tcpKeepaliveCount", "tcpKeepaliveIdle", "tcpKeepaliveInterval", "immediate"],
    ...["ipv6", "plainServer", "plainUsername", "plainPassword", "curveServer", "zapDomain", "typeOfService"],
    ...["handshakeInterval", "socksProxy", "heartbeatInterval", "heartbeatTimeToLive", "heartbeatTimeout"],
    ...["connectTimeout", "tcpMaxRetransmitTimeout", "multicastMaxTransportDataUnit", "interface", "zapEnforceDomain"],
    ...["loopbackFastPath", "tcpAcceptFilter", "vmciBufferSize", "vmciConnectTimeout", ...KEYS],
  ],
  sending: ["sendBufferSize", "sendHighWaterMark", "sendTimeout", "multicastHops"],
  receiving: ["receiveBufferSize", "receiveHighWaterMark", "receiveTimeout"],
  special: ["routingId", "conflate", "noDrop", "invertMatching", "probeRouter", "correlate", "relaxed", "mandatory"],
  more: ["handover", "manual", "welcomeMessage", "notify"],
};

/** An error as programs see it, without what the operating system says. */
function shown(error: unknown): Loose {
  const { name, message, code, errno, address } = error as Loose;
  return { name, message, code, errno, address };
}

/** The result of a call, or its error. */
export function result(call: () => unknown): unknown {
  try {
    const value = call();
    if (value instanceof Promise) return value.then((settled) => ({ resolved: settled ?? null }), rejected);
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return { thrown: shown(error) };
  }
}

const rejected = (error: unknown) => ({ rejected: shown(error) });

/** The effect of each value to an option of each type that has it. */
function options(zmq: Api, names: readonly string[], types: readonly (typeof TYPES)[number][]): unknown {
  return types.flatMap((type) => names.map((name) => [type, name, optionOf(zmq, type, name)]));
}

function optionOf(zmq: Api, type: (typeof TYPES)[number], name: string): unknown {
  const make = () => new zmq[type]() as unknown as Loose & zeromq.Socket;
  const first = make();
  const known = name in first;
  const initial = WRITE_ONLY.has(name) || KEYS.includes(name) ? "not read" : result(() => first[name]);
  first.close();
  if (!known) return "unknown";
  return [
    initial,
    ...VALUES.map((value) => {
      const socket = make();
      const set = result(() => void (socket[name] = value));
      const got = set !== "undefined" || WRITE_ONLY.has(name) ? set : result(() => socket[name]);
      socket.close();
      return got;
    }),
  ];
}

let names = 0;
const fresh = () => `inproc://scenario-${++names}`;

/** The names of a class and those that it inherits, without the internal ones of zeromq.js. */
function members(prototype: object): string[] {
  const names = new Set<string | symbol>();
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) names.add(name);
  }
  for (const internal of ["emitter", "frontEnd", "backEnd", "join", "leave", "share"]) names.delete(internal);
  return [...names].map(String).sort();
}

/** All of them. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "names": (zmq) =>
    Object.entries(zmq).filter(([name]) => name !== "default" && name !== "__esModule").sort(([a], [b]) =>
      a < b ? -1 : 1
    ).map(
      ([name, value]) => {
        const own = (value as { readonly prototype?: object }).prototype;
        return [
          name,
          own === undefined || name === "curveKeyPair" ? typeof value : [(value as Class).name, members(own)],
        ];
      },
    ),
  "defaults of every type": (zmq) =>
    TYPES.map((type) => {
      const socket = new zmq[type]() as unknown as Loose & zeromq.Socket;
      const seen = members(zmq[type].prototype)
        .filter((name) => !WRITE_ONLY.has(name) && !KEYS.includes(name) && !name.startsWith("Symbol"))
        .map((name) => [
          name,
          typeof socket[name] === "function" || name === "events" ? "-" : result(() => socket[name]),
        ]);
      socket.close();
      return [type, seen];
    }),
  "without peers, without waiting": async (zmq) => {
    const results = [];
    for (const type of TYPES) {
      const socket = new zmq[type]({ linger: 0 }) as unknown as Record<string, (message?: string[]) => unknown> & Loose;
      for (const [timeout, method] of [["sendTimeout", "send"], ["receiveTimeout", "receive"]] as const) {
        if (!(timeout in socket)) continue;
        (socket as Loose)[timeout] = 0;
        results.push(await result(() => method === "send" ? socket.send!(["x", "y"]) : socket.receive!()));
      }
      socket.close!();
    }
    return results;
  },
  "options of every socket": (zmq) => options(zmq, NAMES.common!, ["Dealer"]),
  "options of sending and receiving": (zmq) =>
    options(zmq, [...NAMES.sending!, ...NAMES.receiving!], ["Pair", "Pull", "Push"]),
  "options of some types": (zmq) => options(zmq, [...NAMES.special!, ...NAMES.more!], TYPES.slice(1)),
  "options of contexts": (zmq) =>
    ["ioThreads", "maxSockets", "maxMessageSize", "ipv6", "blocky", "threadPriority", "maxSocketsLimit"].map((name) => {
      const values = name === "maxSocketsLimit" ? [] : VALUES;
      return [
        name,
        result(() => (zmq.context as unknown as Loose)[name]),
        ...values.map((value) => {
          const context = new zmq.Context() as unknown as Loose;
          const set = result(() => void (context[name] = value));
          return set !== "undefined" || name === "threadPriority" ? set : result(() => context[name]);
        }),
      ];
    }),
  "a context without blocky, with ipv6": (zmq) => {
    const context = new zmq.Context({ blocky: false, ipv6: true });
    const [plain, own] = [new zmq.Pair({ context }), new zmq.Pair({ context, linger: 7 })];
    const seen = [plain.linger, plain.ipv6, own.linger];
    for (const socket of [plain, own]) socket.close();
    return seen;
  },
  "options by their numbers": (zmq) => {
    const socket = new zmq.Dealer() as unknown as Record<string, (...args: unknown[]) => unknown>;
    const calls: [string, ...unknown[]][] = [
      ["getBoolOption", 39],
      ["setBoolOption", 39, true],
      ["getBoolOption", 39],
      ["getInt32Option", 39],
      ["getInt32Option", 19],
      ["setInt32Option", 19, 75],
      ["getInt32Option", 19],
      ["getInt64Option", 22],
      ["setInt64Option", 22, 0xffffffffffff],
      ["getInt64Option", 22],
      ["getUint64Option", 4],
      ["getStringOption", 5],
      ["setStringOption", 5, "åbç"],
      ["getStringOption", 5],
      ["getInt32Option", 999],
      ["getInt32Option", "x"],
      ["setInt32Option", 17],
      ["getStringOption", 17],
      ["getInt64Option", 17],
    ];
    const results = calls.map(([method, ...args]) => result(() => socket[method]!(...args)));
    void socket.close!();
    return results;
  },
  "the mechanism that options select": (zmq) => {
    const { publicKey, secretKey } = zmq.curveKeyPair();
    const selected = (...steps: [string, unknown][]) => {
      const socket = new zmq.Dealer() as zeromq.Dealer & Loose;
      for (const [name, value] of steps) (socket as Loose)[name] = value;
      const { securityMechanism, plainServer, curveServer, plainUsername } = socket;
      socket.close();
      return [securityMechanism, plainServer, curveServer, plainUsername];
    };
    return [
      selected(),
      selected(["plainServer", true]),
      selected(["plainServer", true], ["plainServer", false]),
      selected(["plainServer", true], ["plainUsername", "x"]),
      selected(["plainUsername", "x"], ["plainUsername", null]),
      selected(["curveServer", true]),
      selected(["curveServer", true], ["plainUsername", "x"]),
      selected(["curvePublicKey", publicKey]),
      selected(["curveSecretKey", secretKey]),
      // As bytes.
      selected(["curvePublicKey", Buffer.alloc(32, 7)]),
      selected(["curveServerKey", publicKey]),
      selected(["curveServer", true], ["curveServerKey", publicKey]),
      selected(["curveServerKey", publicKey], ["plainServer", true]),
    ];
  },
  "wrong arguments": async (zmq) => {
    const socket = new zmq.Dealer({ linger: 0 }) as unknown as Record<string, (...args: unknown[]) => unknown>;
    const Loosely = zmq as unknown as Record<string, new (...args: unknown[]) => unknown>;
    const results = [
      result(() => socket.bind!()),
      result(() => socket.bind!(1)),
      result(() => socket.bindSync!(1)),
      result(() => socket.unbind!(undefined)),
      result(() => socket.send!()),
      result(() => socket.send!("a", "b")),
      result(() => socket.receive!(1)),
      result(() => socket.close!(1)),
      result(() => socket.connect!("tcp://127.0.0.1:9", "x")),
      result(() => socket.disconnect!(null)),
      result(() => new Loosely.Socket!()),
      result(() => new Loosely.Socket!("x")),
      result(() => new Loosely.Socket!(3, 1)),
      result(() => new Loosely.Socket!(1, {}, 2)),
      result(() => new Loosely.Socket!(37)),
      result(() => new Loosely.Dealer!({ context: {} })),
      result(() => new Loosely.Dealer!({ nothing: 1 })),
      result(() => new Loosely.Dealer!({ rate: "x" })),
      result(() => new Loosely.Dealer!({ securityMechanism: "x" })),
      result(() => new Loosely.Context!(1)),
      result(() => new Loosely.Context!({}, 2)),
      result(() => new Loosely.Context!({ nothing: 1 })),
      result(() => new Loosely.Context!({ ioThreads: "x" })),
      result(() => new Loosely.Observer!()),
      result(() => new Loosely.Observer!({})),
      result(() => new Loosely.Proxy!()),
      result(() => new Loosely.Proxy!({}, {})),
      result(() => new Loosely.Subscriber!({}) && new zmq.Subscriber().subscribe(5 as never)),
    ];
    void socket.close!();
    return await Promise.all(results);
  },
  "a closed socket": async (zmq) => {
    const socket = new zmq.Dealer();
    socket.close();
    socket.close();
    const { closed, readable, writable } = socket;
    return [
      [closed, readable, writable, socket.context === undefined],
      ...await Promise.all([
        result(() => socket.linger),
        result(() => void (socket.linger = 3)),
        result(() => socket.type),
        result(() => socket.lastEndpoint),
        result(() => socket.securityMechanism),
        result(() => socket.events),
        result(() => socket.bind("tcp://127.0.0.1:*")),
        result(() => socket.bindSync("tcp://127.0.0.1:*")),
        result(() => socket.unbind("tcp://127.0.0.1:1")),
        result(() => socket.connect("tcp://127.0.0.1:9")),
        result(() => socket.disconnect("tcp://127.0.0.1:9")),
        result(() => socket.send("x")),
        result(() => socket.receive()),
      ]),
    ];
  },
  "closing while calls wait": async (zmq) => {
    const socket = new zmq.Dealer();
    const waiting = [result(() => socket.receive()), result(() => socket.send("x"))];
    socket.close();
    return await Promise.all(waiting);
  },
  "busy with bind and unbind": async (zmq) => {
    const socket = new zmq.Dealer({ linger: 0 });
    const endpoint = fresh();
    const blocked = () => [
      result(() => socket.send("x")),
      result(() => socket.receive()),
      result(() => socket.connect(fresh())),
      result(() => socket.disconnect(fresh())),
      result(() => socket.bind(fresh())),
      result(() => socket.unbind(fresh())),
    ];
    const binding = socket.bind(endpoint);
    const first = blocked();
    await binding;
    const unbinding = socket.unbind(endpoint);
    const second = blocked();
    socket.close();
    const before = socket.closed;
    await unbinding;
    return [await Promise.all([...first, ...second]), before, socket.closed];
  },
  "endpoints that cannot be used": async (zmq) => {
    const socket = new zmq.Dealer({ linger: 0 });
    const [one, other] = [fresh(), fresh()];
    await socket.bind(one);
    const results: unknown[] = [];
    for (
      const endpoint of ["foo", "foo://bar", one, "tcp://127.0.0.1", "ipc:///no-such-folder/x", "udp://127.0.0.1:1"]
    ) {
      results.push(await result(() => socket.bind(endpoint)));
    }
    for (const endpoint of ["foo", "foo://bar", other, "tcp://127.0.0.1:1"]) {
      results.push(await result(() => socket.unbind(endpoint)));
      results.push(result(() => socket.disconnect(endpoint)));
    }
    for (const endpoint of ["foo", "foo://bar", "tcp://127.0.0.1", "tcp://*:9"]) {
      results.push(result(() => socket.connect(endpoint)));
    }
    for (const endpoint of ["foo", one]) results.push(result(() => socket.bindSync(endpoint)));
    socket.close();
    return results;
  },
  "lastEndpoint": async (zmq) => {
    const socket = new zmq.Dealer({ linger: 0 });
    const seen: unknown[] = [socket.lastEndpoint];
    socket.connect("tcp://127.0.0.1:9");
    seen.push(socket.lastEndpoint);
    await socket.bind("tcp://127.0.0.1:*");
    seen.push(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/.test(socket.lastEndpoint!));
    socket.bindSync("tcp://127.0.0.1:*");
    seen.push(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/.test(socket.lastEndpoint!));
    socket.close();
    return seen;
  },
  "out of turn": async (zmq) => {
    const request = new zmq.Request({ receiveTimeout: 0, linger: 0 });
    const reply = new zmq.Reply({ sendTimeout: 0, linger: 0 });
    const now = [await result(() => request.receive()), await result(() => reply.send("x"))];
    request.receiveTimeout = reply.sendTimeout = 10;
    const later = [await result(() => request.receive()), await result(() => reply.send("x"))];
    request.receiveTimeout = reply.sendTimeout = -1;
    const waiting = [result(() => request.receive()), result(() => reply.send("x"))];
    request.close();
    reply.close();
    return [now, later, await Promise.all(waiting)];
  },
  "what can be sent": async (zmq) => {
    const [a, b] = [new zmq.Pair(), new zmq.Pair()];
    const endpoint = fresh();
    await a.bind(endpoint);
    b.connect(endpoint);
    const sent: unknown[] = [
      ...["text", 16.19, null, true, { toString: () => "object" }, new Uint8Array([1, 2])],
      ...[new Int16Array([1, 2]), new Uint8Array([3]).buffer, ["a", null, 7, new Uint8Array(200)], [], [undefined]],
    ];
    const results: unknown[] = [];
    for (const message of sent) {
      results.push(await result(() => a.send(message as never)));
      if (Array.isArray(message) && message.length === 0) continue;
      results.push((await b.receive()).map((frame) => [frame.constructor.name, frame.toString("hex")]));
    }
    a.close();
    b.close();
    return results;
  },
  "frames own their memory": async (zmq) => {
    const [a, b] = [new zmq.Pair(), new zmq.Pair()];
    await a.bind("tcp://127.0.0.1:*");
    b.connect(a.lastEndpoint!);
    const sizes: unknown[] = [];
    for (const size of [1, 20, 100, 1000, 100_000]) {
      const message = new Uint8Array(size).fill(1);
      await b.send([message, "end"]);
      // Small messages were copied, so that the program can reuse its memory.
      if (size <= 100) message.fill(2);
      const [frame] = await a.receive();
      sizes.push([frame!.length, frame!.buffer.byteLength, frame!.byteOffset, frame!.every((byte) => byte === 1)]);
    }
    a.close();
    b.close();
    return sizes;
  },
  "an observer": async (zmq) => {
    const socket = new zmq.Dealer({ linger: 0 });
    const { events } = socket;
    const waiting = result(() => events.receive());
    const second = result(() => events.receive());
    const same = socket.events === events;
    events.close();
    const results = [same, second, await waiting, events.closed, result(() => events.receive())];
    socket.close();
    const other = new zmq.Dealer({ linger: 0 });
    other.events.on("bind", () => {});
    results.push(result(() => other.events.receive()));
    other.close();
    return results;
  },
  "a proxy": async (zmq) => {
    const [front, back] = [new zmq.Router(), new zmq.Dealer()];
    const proxy = new zmq.Proxy(front, back);
    const results: unknown[] = [
      proxy.frontEnd === front && proxy.backEnd === back,
      result(() => proxy.pause()),
      result(() => proxy.run()),
    ];
    await front.bind(fresh());
    results.push(result(() => proxy.run()));
    await back.bind(fresh());
    const running = proxy.run();
    results.push(result(() => front.send(["x"])), result(() => back.receive()));
    proxy.terminate();
    await running;
    return [...results, front.closed, back.closed, result(() => proxy.terminate())];
  },
  "subscriptions": async (zmq) => {
    const [pub, sub] = [new zmq.XPublisher(), new zmq.Subscriber()];
    const endpoint = fresh();
    await pub.bind(endpoint);
    sub.connect(endpoint);
    sub.subscribe("a", "b");
    sub.unsubscribe("b");
    sub.subscribe();
    const seen: string[] = [];
    while (seen.length < 4) seen.push((await pub.receive())[0]!.toString("hex"));
    await pub.send(["a", "1"]);
    seen.push((await sub.receive()).join());
    pub.close();
    sub.close();
    return seen;
  },
  "a Router addresses its peers": async (zmq) => {
    const [router, dealer] = [new zmq.Router({ mandatory: true }), new zmq.Dealer({ routingId: "me" })];
    const endpoint = fresh();
    await router.bind(endpoint);
    dealer.connect(endpoint);
    await dealer.send("hello");
    const received = (await router.receive()).join();
    await router.send(["me", "back"]);
    const back = (await dealer.receive()).join();
    const unknown = await result(() => router.send(["nobody", "x"]));
    router.close();
    dealer.close();
    return [received, back, unknown];
  },
  "a second peer of a Pair": (zmq) => {
    const pair = new zmq.Pair({ linger: 0 });
    const results = [result(() => pair.connect("tcp://127.0.0.1:9")), result(() => pair.connect("tcp://127.0.0.1:10"))];
    pair.close();
    return results;
  },
};

/** Runs one scenario. */
export async function play<A>(scenario: Scenario<A>, zmq: A): Promise<unknown> {
  return JSON.parse(JSON.stringify(await scenario(zmq) ?? null));
}
