/**
 * The values of options: defaults, bounds, and everything that is refused.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
// Registers the transports, which know what they can be asked for.
import "../../mod.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { transportCapability } from "../../transports/capability.ts";
import { bytes } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import {
  type AllSettings as Settings,
  change,
  type OptionName,
  optionsOf,
  settle,
  type SocketType,
  TYPES,
} from "../support/socket_types.ts";

const MAX_TIME = 2 ** 31 - 1;
const MAX = Number.MAX_SAFE_INTEGER;

/** The smallest and the largest value of each number, its default, and a type that has it. */
const NUMBERS: [name: OptionName, least: number, most: number, initial: number, type: SocketType][] = [
  ["linger", -1, MAX_TIME, 5000, "PUB"],
  ["reconnectInterval", -1, MAX_TIME, 100, "PULL"],
  ["reconnectMaxInterval", 0, MAX_TIME, 0, "PUSH"],
  ["connectTimeout", 0, MAX_TIME, 0, "SUB"],
  ["handshakeInterval", 0, MAX_TIME, 30_000, "XSUB"],
  ["heartbeatInterval", 0, MAX_TIME, 0, "PAIR"],
  ["heartbeatTimeout", -1, MAX_TIME, -1, "REQ"],
  ["heartbeatTimeToLive", 0, 6_553_599, 0, "REP"],
  ["backlog", 1, 65_535, 1024, "DEALER"],
  ["maxMessageSize", -1, MAX, 256 * 1024 * 1024, "ROUTER"],
  ["maxFrames", 1, MAX, 65_536, "XPUB"],
  ["maxTopics", 1, MAX, 1_000_000, "PUB"],
  ["maxTopicBytes", 1, MAX, 256 * 1024 * 1024, "XPUB"],
  ["maxHandshakes", 1, MAX, 4096, "REP"],
  ["maxHandshakesPerSecond", 0, MAX, 0, "REP"],
  ["maxConnections", 0, MAX, 0, "STREAM"],
  ["maxConnectionsPerAddress", 0, MAX, 0, "PUB"],
  ["maxLeftoverBytes", 0, MAX, 256 * 1024 * 1024, "PULL"],
  ["tcpKeepalive", -1, 1, -1, "STREAM"],
  ["tcpKeepaliveIdle", -1, 32_767, -1, "STREAM"],
  ["sendHighWaterMark", 0, MAX, 1000, "PUSH"],
  ["sendHighWaterMarkBytes", 0, MAX, 0, "PUSH"],
  ["sendTimeout", -1, MAX_TIME, -1, "PUSH"],
  ["receiveHighWaterMark", 0, MAX, 1000, "PULL"],
  ["receiveHighWaterMarkBytes", 0, MAX, 0, "PULL"],
  ["receiveTimeout", -1, MAX_TIME, -1, "PULL"],
];

/** Numbers that can only have their default: that, another number in range, one out of range. */
const FIXED: [name: OptionName, only: number, other: number, outside: number, type: SocketType][] = [
  ["tcpKeepaliveCount", -1, 5, -2, "PUSH"],
  ["tcpKeepaliveInterval", -1, 5, -2, "PUSH"],
  ["tcpMaxRetransmitTimeout", 0, 5, -1, "PUSH"],
  ["sendBufferSize", -1, 65_536, -2, "PUSH"],
  ["receiveBufferSize", -1, 65_536, -2, "PULL"],
];

/** Options that are on or off. */
const FLAGS: [name: OptionName, initial: boolean, type: SocketType][] = [
  ["immediate", false, "PUSH"],
  ["ipv6", false, "PULL"],
  ["conflate", false, "SUB"],
  ["probeRouter", false, "DEALER"],
  ["correlate", false, "REQ"],
  ["relaxed", false, "REQ"],
  ["mandatory", false, "ROUTER"],
  ["handover", false, "ROUTER"],
  ["noDrop", false, "PUB"],
  ["invertMatching", false, "SUB"],
  ["manual", false, "XPUB"],
  ["manualLastValue", false, "XPUB"],
  ["verboseUnsubscribe", false, "XSUB"],
  ["notify", true, "STREAM"],
  ["zeroCopyReceive", true, "PULL"],
  ["plainServer", false, "REP"],
  ["curveServer", false, "ROUTER"],
  ["zapEnforceDomain", false, "PUB"],
];

/** One-frame messages. */
const FRAMES: [name: OptionName, type: SocketType][] = [
  ["helloMessage", "PUSH"],
  ["disconnectMessage", "PULL"],
  ["hiccupMessage", "PAIR"],
  ["welcomeMessage", "XPUB"],
];

/** A value of any type under a name that may be wrong. */
const settled = (type: SocketType, name: string, value: unknown): unknown =>
  settle(type, { [name]: value })[name as OptionName];

test("the defaults are those of the documentation, also for undefined", () => {
  const expected: Record<string, unknown> = {
    reconnectStop: [],
    interface: null,
    socksProxy: null,
    socksUsername: null,
    socksPassword: null,
    plainUsername: null,
    plainPassword: null,
    curvePublicKey: null,
    curveSecretKey: null,
    curveServerKey: null,
    zapDomain: "",
    authenticate: null,
    metadata: {},
    routingId: null,
    verbosity: null,
    notify: null,
    threads: null,
    typeOfService: 0,
  };
  for (const [name, , , initial] of NUMBERS) expected[name] = initial;
  for (const [name, only] of FIXED) expected[name] = only;
  for (const [name, initial] of FLAGS) if (name !== "notify") expected[name] = initial;
  for (const [name] of FRAMES) expected[name] = null;
  for (const type of TYPES) {
    const settings: Record<string, unknown> = { ...settle(type, {}) };
    assertEquals(optionsOf(type).filter((name) => !(name in settings)), []);
    for (const [name, value] of Object.entries(settings)) {
      assertEquals(value, type === "STREAM" && name === "notify" ? true : expected[name], `${type}: ${name}`);
    }
  }
  const unset = { linger: undefined, sendTimeout: undefined, routingId: undefined, metadata: undefined };
  assertEquals<unknown>({ ...settle("REQ", unset) }, { ...settle("REQ", {}) });
});

test("every number is taken from its smallest to its largest value, and not beyond", () => {
  for (const [name, least, most, , type] of NUMBERS) {
    for (const value of [least, Math.max(0, least), most]) assertStrictEquals(settled(type, name, value), value, name);
    for (const value of [least - 1, most + 1, 0.5, NaN, Infinity, -Infinity]) {
      const error = assertThrows(() => settled(type, name, value), RangeError, name);
      assertStringIncludes(error.message, `from ${least} to ${most}, not ${value}`);
    }
  }
});

test("a value that is not a number is a TypeError that names the option", () => {
  for (const [name, , , , type] of [...NUMBERS, ...FIXED]) {
    for (const value of ["100", 100n, true, null, {}, [100], () => 1]) {
      assertThrows(() => settled(type, name, value), TypeError, `${name} must be a number, not ${typeof value}`);
    }
  }
});

test("options that no runtime supports keep their default, and other values are ENOTSUP or out of range", () => {
  for (const [name, only, other, outside, type] of FIXED) {
    assertStrictEquals(settled(type, name, only), only);
    const error = assertThrows(() => settled(type, name, other), ZmqError, name);
    assertEquals([error.code, error.message.endsWith(`it stays ${only}`)], ["ENOTSUP", true]);
    assertThrows(() => settled(type, name, outside), RangeError, name);
  }
  assertStrictEquals(settled("PUSH", "interface", null), null);
  assertEquals(assertThrows(() => settled("PUSH", "interface", "eth0"), ZmqError, "interface").code, "ENOTSUP");
  assertThrows(() => settled("PUSH", "interface", ""), RangeError, "interface");
  assertThrows(() => settled("PUSH", "interface", 0), TypeError, "interface must be a string or null, not number");
});

test("options that only some runtimes support are accepted there, and ENOTSUP elsewhere", () => {
  const service = (value: unknown) => settled("PUSH", "typeOfService", value);
  assertStrictEquals(service(0), 0);
  if (transportCapability()["typeOfService"]) assertEquals([service(1), service(255)], [1, 255]);
  else {
    for (const value of [1, 255]) {
      assertEquals(assertThrows(() => service(value), ZmqError, "typeOfService").code, "ENOTSUP");
    }
  }
  for (const value of [-1, 256, 0.5]) assertThrows(() => service(value), RangeError, "typeOfService");
  assertThrows(() => service("8"), TypeError, "typeOfService must be a number");
});

test("a flag is true or false, and no truthy or falsy value", () => {
  for (const [name, initial, type] of FLAGS) {
    assertStrictEquals(settled(type, name, !initial), !initial);
    for (const value of [0, 1, "true", null, {}]) {
      assertThrows(() => settled(type, name, value), TypeError, `${name} must be true or false, not ${typeof value}`);
    }
  }
});

test("an option with named values accepts those of the documentation, or null", () => {
  const words: [OptionName, SocketType, string[]][] = [
    ["notify", "ROUTER", ["connect", "disconnect", "both"]],
    ["verbosity", "XPUB", ["allSubs", "allSubsUnsubs"]],
  ];
  for (const [name, type, list] of words) {
    for (const word of [...list, null]) assertStrictEquals(settled(type, name, word), word);
    for (const value of ["", "Connect", "none", true, 1, [list[0]]]) {
      const error = assertThrows(() => settled(type, name, value), TypeError, `${name} must be one of`);
      const shown = typeof value === "string" ? JSON.stringify(value) : typeof value;
      assertStringIncludes(error.message, `${list.join(", ")}, or null, not ${shown}`);
    }
  }
});

test("reconnectStop is any of its words, each once", () => {
  const all = ["refused", "handshakeFailed", "afterDisconnect"];
  assertEquals(settled("PUSH", "reconnectStop", []), []);
  assertEquals(settled("PUSH", "reconnectStop", all), all);
  assertEquals(settled("PUSH", "reconnectStop", ["refused", "refused"]), ["refused"]);
  for (const value of ["refused", null, ["refused", "never"], [1], { 0: "refused", length: 1 }]) {
    const error = assertThrows(() => settled("PUSH", "reconnectStop", value), TypeError, "reconnectStop must be");
    assertStringIncludes(error.message, all.join(", "));
  }
});

test("a routing id is text or bytes, 1 to 255 of them, and does not start with zero; null means no id", () => {
  const id = (value: unknown) => settled("REP", "routingId", value);
  assertStrictEquals(id(null), null);
  assertEquals(id("ä"), new Uint8Array([0xc3, 0xa4]));
  assertEquals((id("x".repeat(255)) as Uint8Array).length, 255);
  for (const value of ["", "x".repeat(256), "ä".repeat(128), new Uint8Array(0), new Uint8Array(256).fill(1)]) {
    assertThrows(() => id(value), RangeError, "routingId must be 1 to 255 bytes");
  }
  for (const value of ["\0", "\0a", new Uint8Array(5)]) {
    assertThrows(() => id(value), RangeError, "must not start with a zero byte");
  }
  for (const value of [1, ["a"], { length: 3 }, Object.create(Uint8Array.prototype)]) {
    assertThrows(() => id(value), TypeError, "routingId must be a string or a Uint8Array");
  }
});

test("a message of one frame is text or bytes of any length, also none; null is not a message", () => {
  for (const [name, type] of FRAMES) {
    assertStrictEquals(settled(type, name, null), null);
    assertEquals(settled(type, name, "ä"), new Uint8Array([0xc3, 0xa4]));
    assertEquals(settled(type, name, ""), new Uint8Array(0));
    assertEquals(settled(type, name, new Uint8Array(1000)), new Uint8Array(1000));
    for (const value of [1, ["a"], Object.create(ArrayBuffer.prototype), {}]) {
      assertThrows(() => settled(type, name, value), TypeError, `${name} must be a string or a Uint8Array`);
    }
  }
});

test("bytes are copied: they may be changed afterwards", () => {
  for (const [name, type] of [...FRAMES, ["routingId", "DEALER"]] as [OptionName, SocketType][]) {
    const value = new Uint8Array([1, 2]);
    const settings = settle(type, { [name]: value });
    value.fill(9);
    assertEquals<unknown>(settings[name], new Uint8Array([1, 2]));
  }
});

test("the name and the password for a proxy are 1 to 255 bytes of text, or null", () => {
  for (const name of ["socksUsername", "socksPassword"]) {
    for (const value of [null, "a", "x".repeat(255)]) assertStrictEquals(settled("PUSH", name, value), value);
    for (const value of ["", "x".repeat(256), "ä".repeat(128)]) {
      assertThrows(() => settled("PUSH", name, value), RangeError, `${name} must be 1 to 255 bytes long`);
    }
    for (const value of [1, bytes("a"), {}]) {
      assertThrows(() => settled("PUSH", name, value), TypeError, `${name} must be a string or null`);
    }
  }
});

test("a proxy is a host and a port, with or without a source address, and nothing else", () => {
  for (const value of [null, "127.0.0.1:1080", "proxy.example:1", "[::1]:65535", "127.0.0.1:0;proxy:1080"]) {
    assertStrictEquals(settled("PUSH", "socksProxy", value), value);
  }
  const wrong = ["", "proxy", "proxy:", "proxy:0", "proxy:*", "*:1080", "proxy:65536", "::1:1080", "proxy:1080/path"];
  for (const value of [...wrong, "tcp://proxy:1080", 1080, {}]) {
    assertThrows(() => settled("PUSH", "socksProxy", value), TypeError, undefined, String(value));
  }
  assertThrows(() => settled("PUSH", "socksProxy", "127.0.0.1;proxy:1080"), TypeError);
});

test("an invalid proxy address is reported with the name of the option", () => {
  for (const value of [1080, "proxy"]) {
    assertThrows(() => settled("PUSH", "socksProxy", value), TypeError, "socksProxy");
  }
});

test("metadata is text under names that start with X-, each once", () => {
  const longest = `X-${"n".repeat(253)}`;
  for (const value of [{}, { "X-team": "blue", "X-a.b+c_d-9": "" }, { [longest]: "ä" }]) {
    assertEquals(settled("PUSH", "metadata", value), value);
  }
  for (const name of ["", "X", "X-", "x-team", "team", "X-te am", "X-tä", "X-a\n", `${longest}n`, "Socket-Type"]) {
    assertThrows(() => settled("PUSH", "metadata", { [name]: "" }), RangeError, `not ${JSON.stringify(name)}`);
  }
  assertThrows(() => settled("PUSH", "metadata", { "X-a": "1", "X-A": "2" }), RangeError, 'not "X-A"');
  for (const value of [1, null, bytes("a"), {}]) {
    const named = { "X-team": value };
    assertThrows(() => settled("PUSH", "metadata", named), TypeError, "metadata.X-team must be a string");
  }
  for (const value of [null, "X-team: blue", 1]) {
    assertThrows(() => settled("PUSH", "metadata", value), TypeError, "metadata must be an object");
  }
});

test("objects and arrays are copied, and cannot be changed in place afterwards", () => {
  const metadata = { "X-team": "blue" };
  const reconnectStop = ["refused"];
  const settings = settle("PUSH", { metadata, reconnectStop });
  metadata["X-team"] = "red";
  reconnectStop.push("handshakeFailed");
  assertEquals<unknown>([settings.metadata, settings.reconnectStop], [{ "X-team": "blue" }, ["refused"]]);
  assert(Object.isFrozen(settings.metadata) && Object.isFrozen(settings.reconnectStop));
});

test("the defaults of one socket cannot be changed through those of another", () => {
  const settings = settle("PUSH", {});
  assert(Object.isFrozen(settings.reconnectStop), "reconnectStop");
  assert(Object.isFrozen(settings.metadata), "metadata");
});

test("a change is checked as the first value was, and one that is refused changes nothing", () => {
  const settings = settle("ROUTER", { linger: 1, notify: "both" });
  const before: Settings = { ...settings };
  assertThrows(() => change(settings, "ROUTER", "linger", -2), RangeError, "linger");
  assertThrows(() => change(settings, "ROUTER", "linger", undefined), TypeError, "linger must be a number");
  assertThrows(() => change(settings, "ROUTER", "mandatory", undefined), TypeError, "mandatory must be");
  assertThrows(() => change(settings, "ROUTER", "notify", "never"), TypeError, "notify");
  assertThrows(() => change(settings, "ROUTER", "tcpKeepaliveCount", 8), ZmqError, "tcpKeepaliveCount");
  assertThrows(() => change(settings, "ROUTER", "routingId", "\0"), RangeError, "routingId");
  assertThrows(() => change(settings, "ROUTER", "correlate", true), TypeError, "no option correlate");
  assertThrows(() => change(settings, "ROUTER", "context", {}), TypeError, "no option context");
  assertEquals(settings, before);
  change(settings, "ROUTER", "linger", 0);
  change(settings, "ROUTER", "notify", null);
  change(settings, "ROUTER", "routingId", "id");
  assertEquals<unknown>({ ...settings }, { ...before, linger: 0, notify: null, routingId: bytes("id") });
});

test("metadata that no peer would accept in a handshake is rejected", () => {
  const fits = { "X-a": "x".repeat(32_768 - 3) };
  assertEquals(settled("PUSH", "metadata", fits), fits);
  for (const value of [{ "X-a": "x".repeat(32_766) }, { "X-a": "ä".repeat(8_192), "X-b": "x".repeat(16_384) }]) {
    assertThrows(() => settled("PUSH", "metadata", value), RangeError, "at most 32768 bytes");
  }
});

test("negative zero becomes zero", () => {
  assertStrictEquals(settled("PUSH", "linger", -0), 0);
});
