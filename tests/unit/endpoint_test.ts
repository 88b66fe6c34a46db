/**
 * Endpoint texts: what is accepted, what is refused and why, and that formatting is the inverse of parsing.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type EndpointUse, formatEndpoint, parseEndpoint } from "../../src/endpoint.ts";
import { test } from "../support/harness.ts";

const refusal = (text: string, use: EndpointUse = "connect") =>
  assertThrows(() => parseEndpoint(text, use), TypeError).message;

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
      assertEquals(parseEndpoint(`tcp://${text}:5555`, use), { scheme: "tcp", host, port: 5555 });
    }
  }
});

/** The port of a tcp endpoint. */
function port(text: string, use: "bind" | "connect"): number {
  const endpoint = parseEndpoint(text, use);
  assert(endpoint.scheme === "tcp");
  return endpoint.port;
}

test("wildcards are for binding only", () => {
  assertEquals(parseEndpoint("tcp://*:*", "bind"), { scheme: "tcp", host: "*", port: 0 });
  assertEquals(parseEndpoint("tcp://*:5555", "bind"), { scheme: "tcp", host: "*", port: 5555 });
  assertEquals(port("tcp://127.0.0.1:0", "bind"), 0);
  assertEquals(port("tcp://[::]:*", "bind"), 0);
  assertStringIncludes(refusal("tcp://*:5555"), "no host to connect to");
  assertStringIncludes(refusal("tcp://127.0.0.1:0"), "name the port");
  assertStringIncludes(refusal("tcp://127.0.0.1:*"), "name the port");
});

test("ports go up to 65535", () => {
  assertEquals(port("tcp://h:65535", "connect"), 65_535);
  assertEquals(port("tcp://h:00080", "connect"), 80);
  assertStringIncludes(refusal("tcp://h:65536"), "at most 65535");
  assertStringIncludes(refusal("tcp://h:99999"), "at most 65535");
});

test("what is not an endpoint is refused with the text and the reason", () => {
  for (const text of ["", "tcp", "127.0.0.1:5555", "://h:1", "localhost"]) {
    assertStringIncludes(refusal(text), "starts with a transport");
  }
  for (const text of ["udp://h:1", "TCP://h:1", "http://h:1", " tcp://h:1"]) {
    assertStringIncludes(refusal(text), "is not known");
  }
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
  for (const rest of ["[localhost]:1", "[127.0.0.1]:1", "[::g]:1", "[::1%]:1", "[a:b c]:1"]) {
    assertStringIncludes(refusal(`tcp://${rest}`), "is not an IPv6 address");
  }
});

test("the reason says whether it was to be bound or connected", () => {
  assertStringIncludes(refusal("nonsense", "bind"), "Cannot bind");
  assertStringIncludes(refusal("nonsense", "connect"), "Cannot connect");
});

test("what is no string is refused by type", () => {
  for (const value of [undefined, null, 5555, {}, ["tcp://h:1"]]) {
    assertThrows(() => parseEndpoint(value as never, "bind"), TypeError, "must be a string");
  }
});

test("formatting gives the canonical text", () => {
  const canonical: [text: string, formatted: string][] = [
    ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555"],
    ["tcp://localhost:00080", "tcp://localhost:80"],
    ["tcp://[::1]:5555", "tcp://[::1]:5555"],
    ["tcp://*:*", "tcp://*:0"],
  ];
  for (const [text, formatted] of canonical) assertEquals(formatEndpoint(parseEndpoint(text, "bind")), formatted);
});

test("property: what is formatted is parsed back, and no text does anything but parse or be refused", () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const endpoint = { scheme: "tcp", host, port } as const;
      assertEquals(parseEndpoint(formatEndpoint(endpoint), "connect"), endpoint);
    }),
    { numRuns: 50 },
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."a1.:[]*%/") }).map((rest) => `tcp://${rest}`),
  );
  fc.assert(fc.property(text, fc.constantFrom("bind", "connect"), (text, use) => {
    try {
      const endpoint = parseEndpoint(text, use);
      assertEquals(parseEndpoint(formatEndpoint(endpoint), use), endpoint);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }));
});

test("ipc: a path, a made-up one, or a name in the abstract namespace", () => {
  for (const path of ["/tmp/jobs.sock", "relative.sock", "@name", "/tmp/with space:and colon"]) {
    for (const use of ["bind", "connect"] as const) {
      const endpoint = parseEndpoint(`ipc://${path}`, use);
      assertEquals(endpoint, { scheme: "ipc", path });
      assertEquals(formatEndpoint(endpoint), `ipc://${path}`);
    }
  }
  assertEquals(parseEndpoint("ipc://*", "bind"), { scheme: "ipc", path: "*" });
  assertStringIncludes(refusal("ipc://*"), "no path to connect to");
  for (const text of ["ipc://", "ipc://@", "ipc:///tmp/a\0b"]) assertStringIncludes(refusal(text), "such as");
});

test("ipc: a path is at most 107 bytes long, however many characters", () => {
  assertEquals(formatEndpoint(parseEndpoint(`ipc:///${"x".repeat(106)}`, "connect")).length, 6 + 107);
  assertStringIncludes(refusal(`ipc:///${"x".repeat(107)}`), "108 bytes long; 107 are allowed");
  assertStringIncludes(refusal(`ipc:///${"é".repeat(54)}`), "109 bytes long");
});
