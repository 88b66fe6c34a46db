/**
 * Schemes that a program registers: parsed, transported and configured like the built-in ones.
 *
 * @module
 */
// A process of its own: it registers schemes for the whole process.

import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { Endpoint, EndpointError, type EndpointUse, OtherEndpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { toText } from "../../src/base/message.ts";
import { registerScheme } from "../../src/schemes/registry.ts";
import type { Scheme } from "../../src/schemes/scheme.ts";
import { Context } from "../../src/engine/context.ts";
import { Pair } from "../../src/sockets/pair.ts";
import { Pull } from "../../src/sockets/pull.ts";
import { Router } from "../../src/sockets/router.ts";
import type { EndpointOptionGroup } from "../../transport.ts";
import { Push } from "../../src/sockets/push.ts";
import { Stream } from "../../src/sockets/stream.ts";
import {
  type ConnectOptions,
  type Link,
  type ListenOptions,
  registerTransport,
  type Transport,
} from "../../src/transport/transport.ts";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";

/** An endpoint of a scheme of ours, with a part of its own. */
class RoomEndpoint extends OtherEndpoint {
  readonly floor: number;

  constructor(scheme: string, floor: number) {
    super(scheme, String(floor));
    this.floor = floor;
  }
}

/** A scheme whose addresses are numbers; 0 cannot be connected. */
function numbered(scheme: string, more: Partial<Scheme> = {}): Scheme {
  return {
    scheme,
    carrier: "bytes",
    parse(address: string, use: EndpointUse | undefined, refuse) {
      if (!/^\d+$/.test(address)) throw refuse("name", "a floor is a number");
      if (use === "connect" && Number(address) === 0) throw refuse("name", "0 is not a floor to connect to");
      return new RoomEndpoint(scheme, Number(address));
    },
    ...more,
  };
}

test("a scheme parses its endpoints: canonical text, its own class, and errors about a part of it", async () => {
  registerScheme(numbered("floor-a"));
  const endpoint = Endpoint.parse("floor-a://007");
  assertInstanceOf(endpoint, RoomEndpoint);
  assertEquals([endpoint.floor, endpoint.toString()], [7, "floor-a://7"]);
  for (const [text, use, why] of [["x", undefined, "a floor is a number"], ["0", "connect", "not a floor"]] as const) {
    const error = assertThrows(() => Endpoint.parse(`floor-a://${text}`, use), EndpointError, why);
    assertEquals([error.part, error.endpoint], ["name", `floor-a://${text}`]);
  }
  await using push = new Push();
  // A scheme is not yet a transport.
  assertEquals(assertThrows(() => push.connect("floor-a://1"), ZmqError).code, "EPROTONOSUPPORT");
  assertThrows(() => push.connect("floor-a://0"), EndpointError, "Cannot connect");
});

test("its transport gets the endpoint that the parser returned, and only the options that the scheme accepts", async () => {
  const played = new PlayedTransport();
  const [scheme] = played.endpoint.split(":") as [string];
  registerScheme(numbered(scheme, { options: ["tcpKeepalive", "backlog"] }));
  await using push = new Push({ tcpKeepalive: 1, tcpKeepaliveIdle: 9, backlog: 3, socksProxy: "proxy:1" });
  const dialled = new Promise<void>((resolve) => {
    played.onConnect = () => (resolve(), new Promise(() => {}));
  });
  assertEquals(await push.bind(`${scheme}://00`), `${scheme}://0`);
  push.connect(`${scheme}://01`);
  await dialled;
  const asked = ({ endpoint, options }: { endpoint: string; options: object }) => [
    endpoint,
    ...Object.keys(options).filter((name) => !["signal", "onError"].includes(name)).sort(),
  ];
  assertEquals(played.listens.map(asked), [[`${scheme}://0`, "backlog", "tcpKeepalive"]]);
  assertEquals(played.connects.map(asked), [[`${scheme}://1`, "tcpKeepalive"]]);
});

test("a scheme with a transport of the program carries messages, and its endpoints are compared as text", async () => {
  const listening = new Map<string, (link: Link) => void>();
  const transport: Transport = {
    connect(endpoint) {
      assertInstanceOf(endpoint, RoomEndpoint);
      const [there, back] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
      const remote = endpoint.toString();
      listening.get(remote)!(linkOf({ readable: there.readable, writable: back.writable }, { remote }));
      return Promise.resolve(linkOf({ readable: back.readable, writable: there.writable }, { remote }));
    },
    listen(endpoint, onLink) {
      assertInstanceOf(endpoint, RoomEndpoint);
      const name = endpoint.toString();
      listening.set(name, onLink);
      return Promise.resolve({ endpoint: name, close: () => Promise.resolve(void listening.delete(name)) });
    },
  };
  registerScheme(numbered("floor-b"));
  registerTransport("floor-b", () => Promise.resolve(transport));
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind("floor-b://012");
  push.connect("floor-b://12");
  await push.send("up");
  assertEquals((await pull.receive()).map(toText), ["up"]);
  push.disconnect("floor-b://0012");
  await pull.unbind("floor-b://12");
  const error = await assertRejects(() => pull.unbind("floor-b://12"), ZmqError);
  assertEquals(error.code, "ENOENT");
});

test("a local scheme carries messages within a context, apart from inproc, and before its bind", async () => {
  registerScheme({ scheme: "floor-c", carrier: "local" });
  const context = new Context();
  await using one = new Pair({ context });
  await using two = new Pair({ context });
  await using inproc = new Pair({ context });
  await using elsewhere = new Pair({ context: new Context() });
  one.connect("floor-c://hall");
  assertEquals(await inproc.bind("inproc://hall"), "inproc://hall");
  await elsewhere.bind("floor-c://hall");
  assertEquals(one.statistics().peers.length, 0);
  assertEquals(await two.bind("floor-c://hall"), "floor-c://hall");
  const [peer] = one.statistics().peers;
  assertEquals([peer?.endpoint, peer?.peerType], ["floor-c://hall", "PAIR"]);
  await one.send("in here");
  assertEquals((await two.receive()).map(toText), ["in here"]);
  await using stream = new Stream({ context });
  assertEquals(assertThrows(() => stream.connect("floor-c://hall"), ZmqError).code, "EPROTONOSUPPORT");
});

// A scheme with options of its own, as its author writes it: types, definitions and transport.

interface LiftConnectOptions {
  /** The floor on which one gets in. Default 0. */
  readonly from?: number;
  /** A text or bytes; null for none. Default null. */
  readonly badge?: string | Uint8Array | null;
}

interface LiftBindOptions {
  /** Default `false`. */
  readonly goods?: boolean;
}

declare module "../../transport.ts" {
  interface SchemeOptions {
    readonly lift: { readonly connect: LiftConnectOptions; readonly bind: LiftBindOptions };
  }
}

const CONNECT: EndpointOptionGroup<LiftConnectOptions> = {
  from: {
    initial: 0,
    check(name, value) {
      if (Number.isInteger(value)) return value as number;
      throw new RangeError(`${name} must be a floor`);
    },
  },
  badge: { initial: null, check: (_name, value) => typeof value === "string" ? new TextEncoder().encode(value) : null },
};

const BIND: EndpointOptionGroup<LiftBindOptions> = {
  goods: { initial: false, check: (_name, value) => value === true },
};

class LiftTransport implements Transport<LiftConnectOptions, LiftBindOptions> {
  readonly asked: unknown[] = [];

  connect(endpoint: Endpoint, { endpointOptions }: ConnectOptions<LiftConnectOptions> = {}): Promise<Link> {
    const { from, badge } = endpointOptions!;
    this.asked.push(["connect", `${endpoint}`, from + 0, badge?.length]);
    return new Promise(() => {});
  }

  listen(endpoint: Endpoint, _onLink: unknown, { endpointOptions }: ListenOptions<LiftBindOptions> = {}) {
    const { goods } = endpointOptions!;
    this.asked.push(["bind", `${endpoint}`, goods]);
    return Promise.resolve({ endpoint: `${endpoint}`, close: () => Promise.resolve() });
  }
}

test("a scheme brings options of its own: bind and connect accept, check and complete them for its endpoints only", async () => {
  const transport = new LiftTransport();
  registerScheme({ scheme: "lift", carrier: "bytes", options: [], connectOptions: CONNECT, bindOptions: BIND });
  registerTransport("lift", () => Promise.resolve(transport));
  await using push = new Push({ linger: 0 });
  await using router = new Router({ linger: 0 });
  await push.bind("lift://a", { goods: true });
  await push.bind("lift://b");
  push.connect("lift://c", { from: 3, badge: undefined });
  push.connect("lift://d");
  router.connect("lift://e", { routingId: "cabin", badge: "red" });
  while (transport.asked.length < 5) await new Promise((resolve) => setTimeout(resolve));
  assertEquals(transport.asked, [
    ["bind", "lift://a", true],
    ["bind", "lift://b", false],
    ["connect", "lift://c", 3, undefined],
    ["connect", "lift://d", 0, undefined],
    ["connect", "lift://e", 0, 3],
  ]);
  assertThrows(() => push.connect("lift://f", { from: 1.5 }), RangeError, "from must be a floor");
  // @ts-expect-error A misspelled option.
  assertThrows(() => push.connect("lift://f", { form: 1 }), TypeError, "no option form for lift://");
  // @ts-expect-error An option of bind.
  assertThrows(() => push.connect("lift://f", { goods: true }), TypeError, "it has from, badge");
  // @ts-expect-error The same on a Router.
  assertThrows(() => router.connect("lift://f", { form: 1 }), TypeError, "no option form");
  // @ts-expect-error Of the wrong type.
  assertThrows(() => router.connect("lift://f", { from: "1" }), RangeError);
  // @ts-expect-error No options at all.
  assertThrows(() => push.connect("lift://f", 1), TypeError, "must be an object");
  // Nor does any other scheme have them.
  assertThrows(() => push.connect("inproc://x", { from: 1 }), TypeError, "for inproc:// endpoints; it has none");
  await assertRejects(() => push.bind("lift://g", { toString: 1 } as object), TypeError, "no option toString");
  assertEquals(transport.asked.length, 5);
});

test("a scheme rejects endpoints that this runtime does not support, at each use", async () => {
  const played = new PlayedTransport();
  const [scheme] = played.endpoint.split(":") as [string];
  registerTransport(scheme, () => Promise.resolve(played), { lifts: false });
  const uses: string[] = [];
  registerScheme(numbered(scheme, {
    requireReachable(endpoint, use, lacks) {
      uses.push(`${use} ${endpoint}`);
      if (lacks("lifts")) throw new ZmqError("ENOTSUP", `Cannot ${use}: there is no lift here`);
    },
  }));
  await using pull = new Pull();
  assertEquals((await assertRejects(() => pull.bind(`${scheme}://1`), ZmqError, "no lift")).code, "ENOTSUP");
  const error = assertThrows(() => pull.connect(`${scheme}://2`), ZmqError, "no lift");
  assertEquals([error.code, error.endpoint], ["ENOTSUP", `${scheme}://2`]);
  // Not for the end of what cannot have begun.
  assertEquals(assertThrows(() => pull.disconnect(`${scheme}://2`), ZmqError).code, "ENOENT");
  assertEquals(uses, [`bind ${scheme}://1`, `connect ${scheme}://2`]);
});

test("a registered transport without a scheme takes every address; a scheme registered later replaces that", () => {
  registerTransport("floor-d", () => Promise.reject(new Error("never loaded")));
  assertEquals(Endpoint.parse("floor-d://a b"), new OtherEndpoint("floor-d", "a b"));
  registerScheme(numbered("floor-d"));
  assertThrows(() => Endpoint.parse("floor-d://a b"), EndpointError);
  registerScheme({ scheme: "floor-d", carrier: "bytes" });
  assertEquals(Endpoint.parse("floor-d://a b"), new OtherEndpoint("floor-d", "a b"));
});

test("an invalid scheme is rejected, and so is an invalid result of its parser", () => {
  const wrong: [scheme: unknown, why: string][] = [
    [undefined, "A scheme name"],
    [{ carrier: "bytes" }, "A scheme name"],
    [{ scheme: "1up", carrier: "bytes" }, "A scheme name"],
    [{ scheme: "floor e", carrier: "bytes" }, "A scheme name"],
    [{ scheme: "floor-e" }, "carrier must be one of bytes, frames, local"],
    [{ scheme: "floor-e", carrier: "constructor" }, "carrier must be one of bytes, frames, local"],
    [{ scheme: "floor-e", carrier: "bytes", parse: "all" }, "parse must be a function"],
    [{ scheme: "floor-e", carrier: "local", bindOptions: BIND }, "floor-e:// is local"],
    [
      { scheme: "floor-e", carrier: "bytes", connectOptions: { up: {} } },
      "The option up of floor-e:// must have a check",
    ],
    [{ scheme: "floor-e", carrier: "bytes", bindOptions: { up: undefined } }, "The option up of floor-e:// must"],
  ];
  for (const [scheme, why] of wrong) assertThrows(() => registerScheme(scheme as Scheme), TypeError, why);
  const made = [
    new OtherEndpoint("tcp", "1"),
    new TcpEndpoint("a", 1),
    Object.assign(Object.create(null), { scheme: "floor-e" }),
  ];
  for (const endpoint of made) {
    registerScheme({ scheme: "floor-e", carrier: "bytes", parse: () => endpoint });
    assertThrows(() => Endpoint.parse("floor-e://1"), TypeError, "must return endpoints of that scheme");
  }
});
