/**
 * `ws://` and `wss://` endpoints as text, and the checks of their options.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Endpoint, EndpointError, Pull, Push, Stream, WebSocketEndpoint, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";

test("ws endpoints: the canonical text, and its parts", () => {
  const cases: Readonly<Record<string, string>> = {
    "ws://host:1": "ws://host:1",
    "ws://host:1/": "ws://host:1",
    "ws://host": "ws://host:80",
    "wss://host": "wss://host:443",
    "wss://host/a/../b?x=1&y": "wss://host:443/b?x=1&y",
    "ws://host:1?x": "ws://host:1/?x",
    "ws://[0:0::1]:1/a": "ws://[::1]:1/a",
    "ws://[::1]": "ws://[::1]:80",
    "ws://*:*/a%20b": "ws://*:0/a%20b",
    "ws://127.0.0.1:65535/ä": "ws://127.0.0.1:65535/%C3%A4",
  };
  for (const [text, canonical] of Object.entries(cases)) {
    const endpoint = Endpoint.parse(text);
    assert(endpoint instanceof WebSocketEndpoint);
    assertEquals(endpoint.toString(), canonical);
    assertEquals(Endpoint.parse(canonical).toString(), canonical);
  }
  const { scheme, host, port, path } = Endpoint.parse("wss://[::1]:5/a?b") as WebSocketEndpoint;
  assertEquals([scheme, host, port, path], ["wss", "::1", 5, "/a?b"]);
});

test("ws endpoints: malformed ones, with the part that is wrong, and never a password", () => {
  const cases: Readonly<Record<string, [part: string, words: string]>> = {
    "ws://": ["host", "ws://host:port/path"],
    "wss:///path": ["host", "wss://host:port/path"],
    "ws://host:70000": ["port", "65535"],
    "ws://1.2.3:1": ["host", "IPv4"],
    "ws://[::g]:1": ["host", "IPv6"],
    "ws://ann:secret@host:1": ["host", "headers"],
    "ws://host:1/a b": ["path", "spaces"],
    "ws://host:1/a\r\nX: y": ["path", "control characters"],
    "ws://host:1/#part": ["path", "fragment"],
    "ws://host:1#part": ["path", "fragment"],
  };
  for (const [text, [part, words]] of Object.entries(cases)) {
    const error = assertThrows(() => Endpoint.parse(text), EndpointError, words);
    assertEquals([error.part, error.message.includes("secret")], [part, false], text);
  }
  assertThrows(() => Endpoint.parse("ws://*:1", "connect"), EndpointError, "connect to");
  assertThrows(() => Endpoint.parse("ws://host:0", "connect"), EndpointError, "port");
});

test("ws endpoints: options are checked before anything else happens", async () => {
  await using push = new Push();
  const wrong: readonly (readonly [options: object, words: string])[] = [
    [{ headers: { "a b": "c" } }, "no header name"],
    [{ headers: { a: "b\r\nc: d" } }, "control characters"],
    [{ headers: { Host: "other" } }, "sets the header Host itself"],
    [{ headers: { "sec-websocket-protocol": "x" } }, "itself"],
    [{ headers: [] }, "must be an object"],
    [{ protocols: [] }, "must not be empty"],
    [{ protocols: ["mqtt"] }, "ZWS2.0"],
    [{ ca: "x" }, "no option ca"],
    [{ allowedOrigins: ["*"] }, "no option allowedOrigins"],
  ];
  for (const [options, words] of wrong) {
    assertThrows(() => push.connect("ws://127.0.0.1:1", options as never), TypeError, words);
  }
  for (const [options, words] of [[{ key: "not a key" }, "PEM"], [{ serverName: "" }, "host name"]] as const) {
    const error = assertThrows(() => push.connect("wss://127.0.0.1:1", options), TypeError, words);
    assert(!error.message.includes("not a key"));
  }
  assertEquals(push.endpoints.length, 0);
  await using pull = new Pull();
  for (const allowedOrigins of [["example.org"], ["https://example.org/path"], "*"]) {
    const error = await pull.bind("ws://127.0.0.1:0", { allowedOrigins: allowedOrigins as never }).then(
      () => undefined,
      (error) => error,
    );
    assert(error instanceof TypeError && error.message.includes("allowedOrigins"), String(error));
  }
});

test("ws endpoints: a Stream does not support them", async () => {
  await using stream = new Stream();
  const error = assertThrows(() => stream.connect("ws://127.0.0.1:1"), ZmqError);
  assertEquals(error.code, "EPROTONOSUPPORT");
});
