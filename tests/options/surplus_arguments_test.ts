/**
 * Every public function, constructor and method is called with one argument more than it takes. The calls are generated from the
 * exports, so that a new one fails here until it rejects what it would ignore, or has a reason not to.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import * as main from "../../mod.ts";
import * as transport from "../../transport.ts";
import { test } from "../support/harness.ts";
import { MAKERS, TYPES } from "./support.ts";

const { Authenticator, Context, Dealer, Endpoint, linkOf, MessageBuilder, MessageReader, poll, Pull, Push } = main;
const { Proxy, Requester, Router, serve, XPublisher } = main;

type Call = (...given: unknown[]) => unknown;

/** Number of arguments of each method, of all classes that have it. */
const METHODS: Readonly<Record<string, number | Readonly<Record<string, number>>>> = {
  statistics: 0,
  bind: 2,
  unbind: 1,
  connect: 2,
  disconnect: 1,
  disconnectPeer: 1,
  attach: 1,
  waitForPeers: 2,
  waitForSubscribers: 2,
  close: { default: 1, Requester: 0, Authenticator: 0 },
  ref: 0,
  unref: { default: 1, Requester: 0 },
  send: 2,
  trySend: 1,
  sendMany: 2,
  sendBuffered: 1,
  sendTo: 2,
  flush: 0,
  whenWritable: 1,
  receive: 1,
  tryReceive: 0,
  receiveMany: 2,
  tryReceiveMany: 1,
  batches: 1,
  whenReadable: 1,
  subscriptions: 0,
  request: 2,
  run: 1,
  pause: 0,
  resume: 0,
  terminate: 0,
  addUser: 3,
  removeUser: 1,
  allowKey: 2,
  removeKey: 1,
  allowAnyKey: 1,
  listen: 1,
  on: 2,
  share: 0,
  bytes: { MessageBuilder: 1, MessageReader: 0 },
  text: { MessageBuilder: 1, MessageReader: 0 },
  json: { MessageBuilder: 1, MessageReader: 0 },
  uint8: { MessageBuilder: 1, MessageReader: 0 },
  int8: { MessageBuilder: 1, MessageReader: 0 },
  uint16: { MessageBuilder: 1, MessageReader: 0 },
  int16: { MessageBuilder: 1, MessageReader: 0 },
  uint32: { MessageBuilder: 1, MessageReader: 0 },
  int32: { MessageBuilder: 1, MessageReader: 0 },
  uint64: { MessageBuilder: 1, MessageReader: 0 },
  int64: { MessageBuilder: 1, MessageReader: 0 },
  float64: { MessageBuilder: 1, MessageReader: 0 },
  with: { MessageBuilder: 2, MessageReader: 1 },
  empty: 0,
  build: 0,
  rest: 0,
  end: 0,
};

/** Methods that ignore arguments, or take any number of them. */
const OTHER_METHODS: Readonly<Record<string, string>> = {
  subscribe: "takes any number of topics",
  unsubscribe: "takes any number of topics",
  allow: "takes any number of addresses",
  deny: "takes any number of addresses",
  emit: "not public",
  toString: "called by the language",
  toJSON: "called by JSON.stringify with the name of the property",
  toMessage: "of an error: see below",
};

/** Number of arguments of each function. */
const FUNCTIONS: Readonly<Record<string, number>> = {
  curveKeyPair: 0,
  debugLog: 1,
  linkOf: 2,
  poll: 2,
  readableStreamOf: 2,
  registerScheme: 1,
  registerTransport: 3,
  serve: 3,
  servePublisher: 1,
  subscriptionMessage: 2,
  writableStreamOf: 2,
};

const MAP = "converts one value, and may be passed to map(), which adds the index";
const OTHER_FUNCTIONS: Readonly<Record<string, string>> = {
  curvePublic: MAP,
  decodeZ85: MAP,
  encodeZ85: MAP,
  formatCertificate: MAP,
  metadataOf: MAP,
  parseCertificate: MAP,
  subscriptionOf: MAP,
  toText: MAP,
  userIdOf: MAP,
};

const ERROR = "an error that is being reported must not be replaced by another one";
const ABSTRACT = "abstract: its subclasses are called";
const OTHER_CLASSES: Readonly<Record<string, string>> = {
  AuthError: ERROR,
  EndpointError: ERROR,
  ProtocolError: ERROR,
  RpcError: ERROR,
  ZmqError: ERROR,
  DuplexSocket: ABSTRACT,
  ReceivingSocket: ABSTRACT,
  SendingSocket: ABSTRACT,
  Socket: ABSTRACT,
};

/** Makes an object of each class that is not a socket type, and the arguments of its constructor. */
function others(): Readonly<Record<string, readonly [object: object, given: readonly unknown[]]>> {
  const front = new Router();
  const back = new Dealer();
  return {
    Authenticator: [new Authenticator(), []],
    Context: [new Context(), [{}]],
    InprocEndpoint: [Endpoint.parse("inproc://a"), ["a"]],
    IpcEndpoint: [Endpoint.parse("ipc://a"), ["a"]],
    OtherEndpoint: [Endpoint.parse("other://a"), ["other", "a"]],
    TcpEndpoint: [Endpoint.parse("tcp://127.0.0.1:1"), ["127.0.0.1", 1, undefined]],
    WebSocketEndpoint: [Endpoint.parse("ws://127.0.0.1:1"), ["ws", "127.0.0.1", 1, "/"]],
    MessageBuilder: [new MessageBuilder(), []],
    MessageReader: [new MessageReader([new Uint8Array(1)]), [[]]],
    Proxy: [new Proxy(front, back), [front, back, {}]],
    Requester: [new Requester("inproc://nobody"), ["inproc://nobody", {}]],
    SocketEvents: [front.events, []],
  };
}

const isClass = (value: unknown): value is new (...given: unknown[]) => object =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

/** Names of all methods of an object except those of `Object`. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && name !== "constructor") names.add(name);
    }
  }
  return [...names];
}

/** Arguments that are easily added by mistake. */
const SURPLUS = { object: {}, number: 0, null: null, string: "text", boolean: false, Array: [], function: () => {} };

/** Checks that a call rejects each surplus argument, by its name and the type of the argument, and takes `undefined`. */
async function rejects(name: string, call: Call, given: readonly unknown[]): Promise<void> {
  const failure = async (...all: unknown[]) =>
    await Promise.resolve().then(() => call(...all)).then(() => undefined, (error: unknown) => error);
  for (const [type, other] of Object.entries(SURPLUS)) {
    const error = await failure(...given, other);
    assert(error instanceof TypeError, `${name} with an argument of type ${type}: ${error}`);
    assertMatch(error.message, /^(new )?[\w.]+\(\) takes [\w ]+, (and would ignore|not a second argument)/);
    assert(error.message.includes(`${name}() takes `), error.message);
    assertMatch(error.message, new RegExp(`of type ${type}(;|$)`));
  }
}

/** Every class by its name, with an object of it; closes what it made. */
async function everyClass(act: (name: string, object: object, given: readonly unknown[]) => Promise<void>) {
  const made = others();
  const sockets = TYPES.map((type) => MAKERS[type]({ linger: 0 }));
  try {
    for (const [name, [object, given]] of Object.entries(made)) await act(name, object, given);
    for (const socket of sockets) await act(socket.constructor.name, socket, [{ linger: 0 }]);
  } finally {
    const [, [front, back]] = made.Proxy as [object, [AsyncDisposable, AsyncDisposable]];
    const open = [...sockets, front, back, made.Requester![0] as AsyncDisposable];
    for (const each of open) await each[Symbol.asyncDispose]();
  }
}

test("every method rejects an argument that it would ignore", async () => {
  const known = new Set([...Object.keys(METHODS), ...Object.keys(OTHER_METHODS)]);
  let calls = 0;
  await everyClass(async (name, object, given) => {
    for (const method of methodsOf(object)) {
      // A callback of sockets: see `authenticate`.
      if (method === "authenticate") continue;
      assert(known.has(method), `${name}.${method} is in none of the tables of this file`);
      const entry = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
      const count = typeof entry === "object" ? entry[name] ?? entry.default : entry;
      if (count === undefined) continue;
      const call: Call = (...all) => Reflect.apply((object as Record<string, Call>)[method]!, object, all);
      await rejects(method, call, Array<undefined>(count).fill(undefined));
      calls++;
    }
    // Nothing was closed, sent or connected.
    if (object instanceof main.Socket || object instanceof Requester) assertEquals(object.closed, false, name);
    assert(given !== undefined);
  });
  assert(calls > 300, `${calls}`);
});

test("every constructor rejects an argument that it would ignore, and leaves no socket open", async () => {
  const names = Object.entries({ ...main, ...transport }).flatMap(([name, value]) => isClass(value) ? [name] : []);
  const seen = new Set(Object.keys(OTHER_CLASSES));
  await everyClass(async (name, object, given) => {
    if (name === "SocketEvents") return;
    seen.add(name);
    const before = main.context.sockets;
    await rejects(`new ${name}`, (...all) => Reflect.construct(object.constructor, all) as object, given);
    assertEquals(main.context.sockets, before);
  });
  assertEquals(names.filter((name) => !seen.has(name)), []);
});

test("every function rejects an argument that it would ignore", async () => {
  for (const [name, value] of Object.entries({ ...main, ...transport })) {
    if (typeof value !== "function" || isClass(value) || name in OTHER_FUNCTIONS) continue;
    const count = FUNCTIONS[name];
    assert(count !== undefined, `${name} is in none of the tables of this file`);
    await rejects(name, value as Call, Array<undefined>(count).fill(undefined));
  }
  await rejects("Context.from", Context.from as Call, [undefined]);
  await rejects("Endpoint.parse", Endpoint.parse as Call, ["tcp://127.0.0.1:1", "bind"]);
});

test("an undefined surplus argument is ignored, as a wrapper may pass one on", async () => {
  await using pull = new Pull();
  await using push = Reflect.construct(Push, [{ linger: 0 }, undefined]) as InstanceType<typeof Push>;
  const call = (socket: object, method: string, ...given: unknown[]) =>
    (socket as Record<string, Call>)[method]!(...given);
  push.connect(await call(pull, "bind", "inproc://undefined", undefined, undefined) as string);
  await call(push, "send", "x", undefined, undefined);
  assertEquals((await call(pull, "receive", undefined, undefined) as unknown[]).length, 1);
  assertEquals(call(pull, "tryReceive", undefined), undefined);
  call(push, "flush", undefined);
});

test("the advice that belongs to a call", async () => {
  await using push = new Push();
  await using pull = new Pull();
  await using requester = new Requester("inproc://nobody");
  const call = (object: object, method: string, ...given: unknown[]) =>
    (object as Record<string, Call>)[method]!(...given);
  await assertRejects(
    async () => await call(push, "send", "a", {}, "c"),
    TypeError,
    "the frames of a message in one array",
  );
  await assertRejects(async () => await call(requester, "close", 0), TypeError, "set linger when you create");
  assertThrows(() => call(pull, "tryReceive", { timeout: 5 }), TypeError, "it never waits: receive()");
  assertThrows(() => Reflect.construct(Authenticator, [{ users: {} }]), TypeError, "call addUser()");
});

test("serve: a socket that is not a Router, a handler and an onError that are not functions are rejected at the call", async () => {
  await using router = new Router();
  for (const type of TYPES) {
    await using socket = MAKERS[type]();
    if (type === "ROUTER") continue;
    const error = await assertRejects(() => serve(socket as never, () => {}), TypeError);
    assertEquals(
      error.message,
      `serve() takes a Router and a handler, not a first argument of type ${socket.constructor.name}`,
    );
  }
  for (const [type, other] of Object.entries({ undefined, ...SURPLUS })) {
    const first = await assertRejects(() => serve(other as never, () => {}), TypeError);
    assertMatch(first.message, new RegExp(`not a first argument of type ${type}$`));
    if (type === "function") continue;
    const second = await assertRejects(() => serve(router, other as never), TypeError);
    assertMatch(second.message, new RegExp(`^serve\\(\\): the handler must be a function.*, not ${type}$`));
    if (type === "undefined") continue;
    await assertRejects(
      () => serve(router, () => {}, { onError: other as never }),
      TypeError,
      "serve(): onError must be a function",
    );
  }
});

test("arguments that are not what a function takes are rejected where it is called", async () => {
  await using pull = new Pull();
  await using xpub = new XPublisher();
  for (const items of [undefined, null, pull, {}, "text", 5]) {
    await assertRejects(() => poll(items as never), TypeError, "poll() takes an array of sockets");
  }
  for (const item of [undefined, null, {}, "text", { socket: pull, fro: "readable" }, { for: "readable" }]) {
    await assertRejects(() => poll([item] as never), TypeError, "Cannot poll ");
  }
  assertThrows(() => main.registerTransport("x", undefined as never), TypeError, "registerTransport()");
  assertThrows(
    () => main.registerTransport(undefined as never, () => Promise.reject()),
    TypeError,
    "registerTransport()",
  );
  for (const use of ["conect", null, 0]) {
    assertThrows(() => Endpoint.parse("tcp://127.0.0.1:1", use as never), TypeError, "Endpoint.parse()");
  }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  assertThrows(() => linkOf({ readable, writable }, { remot: "x" } as never), TypeError, "did you mean remote?");
  assertEquals([readable.locked, writable.locked], [false, false]);
  assertThrows(() => xpub.sendTo(undefined as never, "x"), TypeError, "Cannot send to this peer");
});
