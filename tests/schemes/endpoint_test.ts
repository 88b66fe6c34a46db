/**
 * Endpoint texts: what is accepted, what is refused and why, and that formatting is the inverse of parsing.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  Endpoint,
  EndpointError,
  type EndpointUse,
  InprocEndpoint,
  IpcEndpoint,
  OtherEndpoint,
  TcpEndpoint,
} from "../../src/schemes/endpoint.ts";
import { test } from "../support/harness.ts";

const refusal = (text: string, use: EndpointUse = "connect") =>
  assertThrows(() => Endpoint.parse(text, use), EndpointError).message;

test("hosts may be names, IPv4 addresses, and IPv6 addresses in brackets", () => {
  const hosts: [text: string, host: string][] = [
    ["localhost", "localhost"],
    ["my-host.example.com", "my-host.example.com"],
    ["127.0.0.1", "127.0.0.1"],
    ["[::1]", "::1"],
    ["[2001:db8::ff00:42:8329]", "2001:db8::ff00:42:8329"],
    ["[::ffff:192.0.2.1]", "::ffff:192.0.2.1"],
    ["[fe80::1%eth0]", "fe80::1%eth0"],
  ];
  for (const [text, host] of hosts) {
    for (const use of ["bind", "connect"] as const) {
      assertEquals(Endpoint.parse(`tcp://${text}:5555`, use), new TcpEndpoint(host, 5555));
    }
  }
});

/** The port of a tcp endpoint. */
function port(text: string, use: "bind" | "connect"): number {
  const endpoint = Endpoint.parse(text, use);
  assert(endpoint instanceof TcpEndpoint);
  return endpoint.port;
}

test("wildcards are for binding only", () => {
  assertEquals(Endpoint.parse("tcp://*:*", "bind"), new TcpEndpoint("*", 0));
  assertEquals(Endpoint.parse("tcp://*:5555", "bind"), new TcpEndpoint("*", 5555));
  assertEquals(port("tcp://127.0.0.1:0", "bind"), 0);
  assertEquals(port("tcp://[::]:*", "bind"), 0);
  assertStringIncludes(refusal("tcp://*:5555"), "not a host that you can connect to");
  assertStringIncludes(refusal("tcp://127.0.0.1:0"), "name the port");
  assertStringIncludes(refusal("tcp://127.0.0.1:*"), "name the port");
});

test("ports go up to 65535", () => {
  assertEquals(port("tcp://h:65535", "connect"), 65_535);
  assertEquals(port("tcp://h:00080", "connect"), 80);
  assertStringIncludes(refusal("tcp://h:65536"), "at most 65535");
  assertStringIncludes(refusal("tcp://h:99999"), "at most 65535");
});

test("a malformed endpoint is rejected with the text and the reason", () => {
  for (const text of ["", "tcp", "127.0.0.1:5555", "://h:1", "localhost"]) {
    assertStringIncludes(refusal(text), "starts with a transport");
  }
  assertStringIncludes(refusal(" tcp://h:1"), "starts with a transport");
  const malformed = [
    "",
    "h",
    "h:",
    ":5555",
    "h:x",
    "h:-1",
    "h:1.5",
    "h:123456",
    "h:1/",
    "h:1 ",
    "h :1",
    "a/b:1",
    "::1:5555",
  ];
  for (const rest of malformed) {
    const message = refusal(`tcp://${rest}`);
    assertStringIncludes(message, "tcp://host:port");
    assertStringIncludes(message, JSON.stringify(`tcp://${rest}`));
  }
  for (const rest of ["[]:1", "[::1:1", "::1]:1", "[::1]", "[::1]1", "[::1]x:1"]) {
    assertStringIncludes(refusal(`tcp://${rest}`), "tcp://host:port");
  }
  for (
    const rest of [
      "[localhost]:1",
      "[127.0.0.1]:1",
      "[::g]:1",
      "[::1%]:1",
      "[a:b c]:1",
      "[1:2:3:4:5:6:7]:1",
      "[1::2::3]:1",
      "[:::]:1",
    ]
  ) {
    assertStringIncludes(refusal(`tcp://${rest}`), "is not an IPv6 address");
  }
});

test("the reason says whether it was to be bound or connected", () => {
  assertStringIncludes(refusal("nonsense", "bind"), "Cannot bind");
  assertStringIncludes(refusal("nonsense", "connect"), "Cannot connect");
});

test("a value other than a string is rejected by type", () => {
  for (const value of [undefined, null, 5555, {}, ["tcp://h:1"]]) {
    assertThrows(() => Endpoint.parse(value as never, "bind"), EndpointError, "is a string");
  }
});

test("formatting gives the canonical text", () => {
  const canonical: [text: string, formatted: string][] = [
    ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555"],
    ["tcp://localhost:00080", "tcp://localhost:80"],
    ["tcp://[::1]:5555", "tcp://[::1]:5555"],
    ["tcp://*:*", "tcp://*:0"],
    ["tcp://[0:0:0::0001]:1", "tcp://[::1]:1"],
    ["tcp://[FE80::1%eth0]:1", "tcp://[fe80::1%eth0]:1"],
  ];
  for (const [text, formatted] of canonical) assertEquals(Endpoint.parse(text, "bind").toString(), formatted);
});

test("property: a formatted endpoint is parsed back, and any text is parsed or rejected", () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const endpoint = Endpoint.parse(new TcpEndpoint(host, port).toString(), "connect");
      assertEquals(Endpoint.parse(endpoint.toString(), "connect"), endpoint);
    }),
    { numRuns: 50 },
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."a1.:[]*%/;") }).map((rest) => `tcp://${rest}`),
  );
  fc.assert(fc.property(text, fc.constantFrom("bind", "connect"), (text, use) => {
    try {
      const endpoint = Endpoint.parse(text, use);
      assertEquals(Endpoint.parse(endpoint.toString(), use), endpoint);
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
    }
  }));
});

test("ipc: a path, a generated one, or a name in the abstract namespace", () => {
  for (const path of ["/tmp/jobs.sock", "relative.sock", "@name", "/tmp/with space:and colon"]) {
    for (const use of ["bind", "connect"] as const) {
      const endpoint = Endpoint.parse(`ipc://${path}`, use);
      assertEquals(endpoint, new IpcEndpoint(path));
      assertEquals(endpoint.toString(), `ipc://${path}`);
    }
  }
  assertEquals(Endpoint.parse("ipc://*", "bind"), new IpcEndpoint("*"));
  assertStringIncludes(refusal("ipc://*"), "not a path that you can connect to");
  for (const text of ["ipc://", "ipc://@", "ipc:///tmp/a\0b"]) assertStringIncludes(refusal(text), "such as");
});

test("ipc: a path is at most 107 bytes long, however many characters", () => {
  assertEquals(Endpoint.parse(`ipc:///${"x".repeat(106)}`, "connect").toString().length, 6 + 107);
  assertStringIncludes(refusal(`ipc:///${"x".repeat(107)}`), "108 bytes long; 107 are allowed");
  assertStringIncludes(refusal(`ipc:///${"é".repeat(54)}`), "109 bytes long");
});

test("a host that looks like an IPv4 address must be one", () => {
  for (const host of ["256.0.0.1", "1.2.3", "1.2.3.4.5", "1..2.3", "...", "999"]) {
    assertStringIncludes(refusal(`tcp://${host}:1`), "is not an IPv4 address");
  }
});

test("a connection may have a source address", () => {
  const texts: [text: string, endpoint: TcpEndpoint][] = [
    ["tcp://10.0.0.1:0;host:5555", new TcpEndpoint("host", 5555, { host: "10.0.0.1", port: 0 })],
    ["tcp://[::1]:99;[::2]:5555", new TcpEndpoint("::2", 5555, { host: "::1", port: 99 })],
    ["tcp://*:99;h:1", new TcpEndpoint("h", 1, { host: "*", port: 99 })],
  ];
  for (const [text, endpoint] of texts) {
    assertEquals(Endpoint.parse(text, "connect"), endpoint);
    assertEquals(endpoint.toString(), text);
  }
  assertEquals(Endpoint.parse("tcp://*:*;h:1").toString(), "tcp://*:0;h:1");
  assertStringIncludes(refusal("tcp://10.0.0.1:0;h:1", "bind"), "only connections have a source");
  for (const text of ["tcp://;h:1", "tcp://a;h:1", "tcp://a:1;b:2;c:3", "tcp://1.2.3:1;h:1", "tcp://a:70000;h:1"]) {
    assertThrows(() => Endpoint.parse(text), EndpointError);
  }
});

test("inproc: any name; a custom scheme: any text after it", () => {
  assertEquals(Endpoint.parse("inproc://a b:1/#"), new InprocEndpoint("a b:1/#"));
  assertStringIncludes(refusal("inproc://"), "and a name");
  assertEquals(Endpoint.parse("ws+x://h:1/path"), new OtherEndpoint("ws+x", "h:1/path"));
  assertEquals(Endpoint.parse("ws+x://h:1/path").toString(), "ws+x://h:1/path");
});

test("an error names the wrong part, and has libzmq's code", () => {
  const wrong: [text: string, part: string][] = [
    ["nonsense", "scheme"],
    ["tcp://[x]:1", "host"],
    ["tcp://h:70000", "port"],
    ["tcp://h:0", "port"],
    ["tcp://a:70000;h:1", "source"],
    ["ipc://", "path"],
    ["inproc://", "name"],
  ];
  for (const [text, part] of wrong) {
    const error = assertThrows(() => Endpoint.parse(text, "connect"), EndpointError);
    assertEquals([error.part, error.code, error.name, error instanceof TypeError], [
      part,
      "EINVAL",
      "EndpointError",
      true,
    ], text);
  }
});
