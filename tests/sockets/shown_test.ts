/**
 * Texts that sockets show. No text has the password of an endpoint, as schemes of a program's own may have them: no error
 * message, JSON, hint, line of the log, and `console.log` of errors, sockets and contexts.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  Context,
  Dealer,
  debugLog,
  Endpoint,
  Publisher,
  Push,
  Requester,
  Router,
  type Socket,
  Subscriber,
  ZmqError,
} from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { endpointText, errorText, withoutPassword, withoutSecretsOf } from "../../src/base/peer_text.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { runtime, test } from "../support/harness.ts";
import { greeting, RawListener, ready } from "../support/raw_peer.ts";
import { ANY, deserted, nextEvent } from "./support.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const SECRET = "s3cr3t";

/** Addresses, and how they are shown. */
const ADDRESSES: Readonly<Record<string, string>> = {
  [`ann:${SECRET}@host:1`]: "ann:***@host:1",
  [`ann:p@${SECRET}@host/path`]: "ann:***@host/path",
  [`ann:p/${SECRET}@host`]: "ann:***@host",
  [`ann:${SECRET}:x@host`]: "ann:***@host",
  [`:${SECRET}@host`]: ":***@host",
  [`${SECRET}@host`]: "***@host",
  [`dG9r/${SECRET}==@host`]: "***@host",
  [`host/?token=${SECRET}`]: "host/?token=***",
  [`host:1/a?x=1&access_token=${SECRET}&y=2#z`]: "host:1/a?x=1&access_token=***&y=2#z",
  [`host/?pwd=${SECRET}&jwt=${SECRET}&sig=${SECRET}`]: "host/?pwd=***&jwt=***&sig=***",
  [`host/#access_token=${SECRET}`]: "host/#access_token=***",
  [`host/?Password=${SECRET}&apiKey=${SECRET}`]: "host/?Password=***&apiKey=***",
};

test("secrets: the password of an endpoint is masked in its text, whatever characters it has", () => {
  for (const scheme of ["wss", "WS", "https", "tcp", "my.own+scheme-2"]) {
    for (const [address, shown] of Object.entries(ADDRESSES)) {
      assertEquals(endpointText(`${scheme}://${address}`), `${scheme}://${shown}`);
      const text = (each: string) => `Cannot connect to ${scheme}://${each}: refused`;
      assertEquals(withoutPassword(text(address)), text(shown));
      assertEquals(errorText({ message: text(address) }, 500), text(shown));
    }
  }
  const long = "x".repeat(400) + SECRET;
  assertEquals(endpointText(`wss://ann:${long}@host`), "wss://ann:***@host");
  assert(!errorText({ message: `wss://ann:${long}@host` }, 410).includes("xx"));
  for (const other of ["tcp://host:1", "ipc:///tmp/a@b", "ipc://@name", "inproc://a:b@c", "wss://host/path?x=1"]) {
    assertEquals([endpointText(other), withoutPassword(`at ${other}: no`)], [other, `at ${other}: no`]);
  }
});

test("secrets: masking a text of any form takes no longer than its length", () => {
  // With backtracking each of these would take minutes.
  for (
    const part of [
      "key",
      "?key",
      "?key=",
      "?key=?",
      "?a=",
      "&a",
      "a.",
      "a://",
      "?",
      "=",
      "a://b:",
      " ",
      "ipc",
      ":",
      "/",
      "@",
    ]
  ) {
    for (const end of [" =", "@ =", "=x @"]) {
      const text = part.repeat(30_000) + end;
      assert(withoutPassword(text).length > 0, part);
      assert(withoutSecretsOf(text).length > 0, part);
    }
  }
  assertEquals(withoutPassword("a?b=1&token=x=y).  &key=;"), "a?b=1&token=***).  &key=;");
  assertEquals(withoutPassword("a?b=1?token=x?key=z&c=2"), "a?b=1?token=***&c=2");
});

/** Everything that is shown of a failure. */
function shown(error: unknown): string[] {
  return [
    String(error),
    `${JSON.stringify(error)}`,
    inspect(error),
    inspect({ error }, { depth: 9 }),
    `${(error as Error | undefined)?.stack}`,
  ];
}

/** Sockets that use an endpoint, until all that they show of it is gathered. */
async function everything(endpoint: string, transport: PlayedTransport): Promise<string[]> {
  const texts: string[] = [];
  const clock = new VirtualClock();
  const context = contextOn(clock);
  const stop = debugLog({ write: (line) => texts.push(line) });
  const push = new Push({ context, linger: 0, sendTimeout: 100, immediate: true }).unref();
  const requester = new Requester(endpoint, { context, timeout: 100 }).unref();
  try {
    transport.onConnect = () => {
      throw new ZmqError("ECONNREFUSED", `Cannot connect to ${endpoint}: the transport says so`, { endpoint });
    };
    for (const each of [push, requester] as unknown as Socket[]) {
      each.events.listen((event) => {
        texts.push(event.type === "hint" ? event.message : "");
        if ("error" in event) texts.push(...shown(event.error));
      });
    }
    push.connect(endpoint);
    const failed = [push.send("x"), requester.request("x")].map((each) => each.catch((error) => error));
    await clock.advance(6000);
    for (const each of failed) texts.push(...shown(await each));
    texts.push(...[push, requester, context, { deep: [push, requester] }].map((each) => inspect(each)));
    transport.onClose = () => Promise.reject(new ZmqError("EIO", `cannot close ${endpoint}`));
    await push.bind(endpoint);
    for (let i = 0; i < 2; i++) await push.unbind(endpoint).catch((error) => texts.push(...shown(error)));
    for (const call of [() => push.disconnect(endpoint), () => push.disconnect(endpoint)]) {
      try {
        call();
      } catch (error) {
        texts.push(...shown(error));
      }
    }
  } finally {
    const closed = Promise.all([push.close({ linger: 0 }), requester.close()]);
    await clock.advance(1);
    await closed;
    stop();
  }
  return texts;
}

test("secrets: no error, hint, line of the log or console.log shows the password of an endpoint", async () => {
  for (const [address, masked] of Object.entries(ADDRESSES)) {
    const transport = new PlayedTransport();
    const scheme = transport.endpoint.split("://")[0]!;
    const texts = (await everything(`${scheme}://${address}`, transport)).filter((text) => text !== "");
    assertEquals(texts.filter((text) => text.includes(SECRET)), []);
    assert(texts.filter((text) => text.includes(masked)).length > 20, `${masked} is shown`);
  }
});

test("secrets: an endpoint that is refused is shown without its password; error.endpoint has it as it was passed", () => {
  for (const endpoint of [`tcp://ann:${SECRET}@host`, `tcp://ann:${SECRET}@host:99999`]) {
    let error: unknown;
    try {
      Endpoint.parse(endpoint);
    } catch (thrown) {
      error = thrown;
    }
    assertMatch(String(error), /ann:\*\*\*@host/);
    assertEquals(shown(error).filter((text) => text.includes(SECRET)), []);
    assertEquals((error as { endpoint: string }).endpoint, endpoint);
  }
  const error = new ZmqError("EAGAIN", "later", { endpoint: `wss://ann:${SECRET}@host` });
  assertEquals(error.endpoint, `wss://ann:${SECRET}@host`);
  assertEquals(JSON.parse(JSON.stringify(error)).endpoint, "wss://ann:***@host");
  assert(inspect(new ZmqError("EAGAIN", "later", { endpoint: "tcp://a:1" })).includes("endpoint"));
});

/** Endpoints that have no valid scheme, and how they are shown. */
const MALFORMED: Readonly<Record<string, string>> = {
  [`ann:${SECRET}@host:5`]: "ann:***@host:5",
  [`ann:p@${SECRET}@host`]: "ann:***@host",
  [`ann:p/${SECRET}?x@host`]: "ann:***@host",
  [`wss:/ann:${SECRET}@host`]: "wss:***@host",
  [`wss:ann:${SECRET}@host`]: "wss:***@host",
  [`wss//ann:${SECRET}@host`]: "wss//ann:***@host",
  [`//ann:${SECRET}@host`]: "//ann:***@host",
  [`/ann:${SECRET}@host`]: "/ann:***@host",
  [`//${SECRET}@host`]: "***@host",
  [`://ann:${SECRET}@host`]: ":***@host",
  [`1wss://ann:${SECRET}@host`]: "1wss:***@host",
  [` wss://ann:${SECRET}@host`]: " wss:***@host",
  [`w s://ann:${SECRET} ${SECRET}"${SECRET}@host`]: "w s:***@host",
  [`tcp ://ann:${SECRET}@host`]: "tcp :***@host",
  [`ipcs:ann:${SECRET}@host`]: "ipcs:***@host",
  [`ipc.host:${SECRET}@host`]: "ipc.host:***@host",
  [`${SECRET}@host:5`]: "***@host:5",
  [`wss//host?token=${SECRET}`]: "wss//host?token=***",
  // A scheme, and characters that end an address in other text.
  [`tcp://ann:${SECRET} ${SECRET}@host`]: "tcp://ann:***@host",
  [`tcp://ann:"${SECRET}'<${SECRET}>@host`]: "tcp://ann:***@host",
  [`${"long".repeat(20)}://ann:${SECRET}@host:x y`]: `${"long".repeat(20)}://ann:***@host:x y`,
};

test("secrets: a malformed endpoint is shown without its password; error.endpoint has it as it was passed", async () => {
  const push = new Push();
  const calls = {
    bind: (endpoint: string) => push.bind(endpoint),
    connect: (endpoint: string) => push.connect(endpoint),
    disconnect: (endpoint: string) => push.disconnect(endpoint),
    unbind: (endpoint: string) => push.unbind(endpoint),
    parse: (endpoint: string) => Endpoint.parse(endpoint),
  };
  const failure = (call: () => unknown) =>
    Promise.resolve().then(call).then(() => undefined, (error: unknown) => error);
  for (const [endpoint, masked] of Object.entries(MALFORMED)) {
    const quoted = `"${masked.replaceAll('"', '\\"')}"`;
    for (const [name, call] of Object.entries(calls)) {
      if (masked.startsWith("long") && name !== "parse") continue;
      const error = await failure(() => call(endpoint));
      if (error === undefined) continue;
      assertEquals(shown(error).filter((text) => text.includes(SECRET)), [], `${name} ${endpoint}`);
      assert(String(error).includes(`Cannot ${name} ${quoted}: `), String(error));
      assertEquals((error as { endpoint: string }).endpoint, endpoint);
    }
    assertEquals(endpointText(endpoint), masked);
    assertEquals(withoutSecretsOf(masked), masked);
  }
  await push.close();
  for (const endpoint of Object.keys(MALFORMED)) {
    for (const [name, call] of Object.entries(calls)) {
      if (name === "parse") continue;
      const error = await failure(() => call(endpoint)) as ZmqError;
      assertEquals([error.code, error.endpoint], ["ENOTSOCK", endpoint]);
      const outer = new ZmqError("EIO", "outside", { cause: error });
      assertEquals(
        [...shown(error), ...shown(outer)].filter((text) => text.includes(SECRET)),
        [],
        `${name} ${endpoint}`,
      );
    }
  }
});

test("secrets: paths and names are shown as they are, also in a malformed endpoint", () => {
  const others = [
    "ipc:/tmp/a:b@c",
    "ipc//a:b@c",
    "ipc:a@b",
    "inproc:a:b@c",
    "INPROC//a:b@c",
    "/tmp/a@b",
    "./a@b",
    "../a@b",
    "@name",
  ];
  for (const endpoint of [...others, "host:5", "tcp//host:5", "", ":", "wss:/host"]) {
    assertEquals(endpointText(endpoint), endpoint);
  }
});

test("secrets: a context of its own shows no option", async () => {
  const context = new Context();
  await using _push = new Push({ context, plainUsername: "ann", plainPassword: SECRET });
  assert(!inspect(context, { depth: 9, showHidden: true }).includes(SECRET));
});

test("a Requester has the endpoints, peers and short form of its socket", async () => {
  await using router = new Router();
  const requester = new Requester(await router.bind(ANY));
  await requester.waitForPeers(1);
  assertEquals([requester.type, requester.closed, requester.endpoints.length, requester.peers.length], [
    "DEALER",
    false,
    1,
    1,
  ]);
  assertEquals([requester.endpoints[0]!.endpoint, requester.peers[0]!.peerType], [router.lastEndpoint, "ROUTER"]);
  const shown = new RegExp(
    `^Requester DEALER#${requester.id} \\{\n  connect tcp:\\S+ connected for .*\n  peer ROUTER tcp:.*\n\\}$`,
  );
  assertMatch(inspect(requester), shown);
  assertMatch(inspect({ deep: { er: { still: requester } } }), /\[Requester DEALER#\d+\]/);
  await requester.close();
  assertEquals([requester.closed, inspect(requester)], [true, `Requester DEALER#${requester.id} closed {}`]);
  inspect(Requester.prototype);
});

test("text from a peer is escaped once, in console.log, in the log and in the error of a timeout", async () => {
  await using listener = await RawListener.bind(ANY);
  await using push = new Push({ reconnectInterval: 5, linger: 0, immediate: true, sendTimeout: -1 });
  const lines: string[] = [];
  const stop = debugLog({ write: (line) => lines.push(line), sockets: [push] });
  const failed = nextEvent(push, "handshake:error:protocol");
  const retried = nextEvent(push, "connect:retry");
  push.connect(listener.endpoint);
  await using peer = await listener.accept();
  peer.write(greeting(), ready("A\x1b\\n"));
  const { error } = await failed;
  await retried;
  stop();
  assert(error.message.includes(String.raw`A\u{1b}\\n`), error.message);
  push.sendTimeout = 0;
  const late = await push.send("x").catch((error) => error as Error);
  for (const text of [inspect(push), lines.join("\n"), late!.message]) {
    assert(text.includes(error.message.slice(0, 60)) && text.includes(String.raw`A\u{1b}\\n`), text);
    assert(!text.includes(String.raw`\\u{`) && !text.includes(String.raw`\\\\`), text);
  }
});

test("a publisher and its subscriber show each other", async () => {
  await using publisher = new Publisher();
  await using subscriber = new Subscriber({ linger: 0 });
  subscriber.connect(await publisher.bind(ANY));
  subscriber.subscribe("");
  await publisher.waitForSubscribers(1);
  assertMatch(inspect(publisher), /peer SUB tcp:/);
  assertMatch(inspect(subscriber), /peer PUB tcp:/);
});

test("docs/guide/diagnostics.md shows the text that console.log of a socket prints", async () => {
  const page = readFileSync(new URL("../../docs/guide/diagnostics.md", import.meta.url), "utf8");
  const [, shown = ""] = /```text\n(PUSH#1 \{\n[^`]+)```/.exec(page) ?? [];
  await using push = new Push({ linger: 0 });
  push.connect(await deserted());
  await nextEvent(push, "connect:retry");
  const general = (text: string) =>
    text.trim().replace(/#\d+/, "#N").replace(/tcp:\/\/[\d.]+:\d+/g, "TCP").replace(/\d+\.\d s/g, "0.0 s");
  assertEquals(general(inspect(push)), general(shown));
});

if (runtime === "node") {
  test("debug log: when it is off again, V8 keeps no object of the socket as a slow dictionary", async () => {
    const { setFlagsFromString } = await import("node:v8");
    setFlagsFromString("--allow-natives-syntax");
    const isFast = new Function("object", "return %HasFastProperties(object)") as (object: unknown) => boolean;
    setFlagsFromString("--no-allow-natives-syntax");
    const context = new Context();
    await using publisher = new Publisher({ context });
    await using subscriber = new Subscriber({ context });
    await using router = new Router({ context });
    subscriber.subscribe("");
    subscriber.connect(await publisher.bind("inproc://fast"));
    await publisher.waitForSubscribers(1);
    const cores = [publisher, subscriber, router].map(coreOf);
    const parts = () =>
      cores.flatMap((core) => {
        const pipes = [...core.pipes];
        return [core.pattern, core.pattern.drops, ...pipes, ...pipes.map(({ counters }) => counters.drops)];
      }).filter((part) => part !== undefined);
    const before = parts().map(isFast);
    assertEquals(parts().length, 8);
    debugLog({ write: () => {} })();
    await publisher.send("x");
    assertEquals(parts().map(isFast), before);
    assert(before.every(Boolean));
  });
}

test("console.log of a Router: which peer it ignores because another one has its routing id", async () => {
  const context = new Context();
  for (const handover of [false, true]) {
    await using router = new Router({ context, handover });
    await router.bind("inproc://ids");
    const dealers = [1, 2].map(() => new Dealer({ context, routingId: "same" }));
    for (const dealer of dealers) dealer.connect("inproc://ids");
    await router.waitForPeers(2);
    assertEquals(router.peers.map(({ ignored }) => ignored), handover ? [true, false] : [false, true]);
    const lines = inspect(router).split("\n").filter((line) => line.includes("routing id same"));
    assertEquals(
      lines.map((line) => line.includes(", routing id same, ignored because another peer has this routing id")),
      handover ? [true, false] : [false, true],
    );
    for (const dealer of dealers) await dealer.close();
  }
});
