/**
 * Every option of every socket type: given to the constructor and set live, it reads back unchanged; unknown options
 * are rejected by name. The tables must be complete: the type checker ensures it for options, a test for types.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { SocketType } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { MAKERS, optionsAsAny, TYPES } from "./support.ts";
import { type AllSettings as Settings, type OptionName, optionsOf, settle } from "../support/socket_types.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function startThread(): { terminate(): void } {
  return { terminate() {} };
}

/**
 * Valid values: every option with values that are not its default, or only the default where no other value is valid.
 */
const VALUES: { readonly [N in OptionName]: readonly Settings[N][] } = {
  linger: [-1, 0, 1, 2 ** 31 - 1],
  reconnectInterval: [-1, 0, 1, 250],
  reconnectMaxInterval: [1, 60_000],
  reconnectStop: [["refused"], ["afterDisconnect", "handshakeFailed"], [
    "refused",
    "handshakeFailed",
    "afterDisconnect",
  ]],
  connectTimeout: [1, 5000],
  immediate: [true],
  handshakeInterval: [0, 1, 60_000],
  heartbeatInterval: [1, 60_000],
  heartbeatTimeout: [0, 1, 60_000],
  heartbeatTimeToLive: [1, 100, 6_553_599],
  maxMessageSize: [-1, 0, 1, Number.MAX_SAFE_INTEGER],
  maxFrames: [1, 2, 1_000_000],
  backlog: [1, 65_535],
  ipv6: [true],
  tcpKeepalive: [0, 1],
  tcpKeepaliveIdle: [0, 60, 32_767],
  tcpKeepaliveCount: [-1],
  tcpKeepaliveInterval: [-1],
  tcpMaxRetransmitTimeout: [0],
  typeOfService: [0],
  interface: [null],
  socksProxy: ["proxy.example:1080", "[::1]:1080"],
  socksUsername: ["me", "ü".repeat(127)],
  socksPassword: ["secret"],
  metadata: [{ "X-team": "blue" }, { "X-a": "", "X-b": "ü" }],
  plainServer: [true],
  plainUsername: ["ann", "ü".repeat(127)],
  plainPassword: ["secret", ""],
  curveServer: [true],
  curvePublicKey: [new Uint8Array(32).fill(1)],
  curveSecretKey: [new Uint8Array(32).fill(2)],
  curveServerKey: [new Uint8Array(32).fill(3)],
  zapDomain: ["global"],
  zapEnforceDomain: [true],
  authenticate: [() => true, { authenticate: () => false }],
  maxHandshakes: [1, 100_000],
  maxHandshakesPerSecond: [1, 100_000],
  maxConnections: [1, 100_000],
  maxConnectionsPerAddress: [1, 100_000],
  helloMessage: [bytes("hello"), bytes("")],
  disconnectMessage: [bytes("gone"), bytes("")],
  hiccupMessage: [bytes("hiccup"), bytes("")],
  sendHighWaterMark: [0, 1, 1_000_000],
  sendHighWaterMarkBytes: [1, 2 ** 40],
  sendTimeout: [0, 1, 2 ** 31 - 1],
  sendBufferSize: [-1],
  receiveHighWaterMark: [0, 1, 1_000_000],
  receiveHighWaterMarkBytes: [1, 2 ** 40],
  maxLeftoverBytes: [0, 1, 2 ** 40],
  receiveTimeout: [0, 1, 2 ** 31 - 1],
  receiveBufferSize: [-1],
  zeroCopyReceive: [false],
  routingId: [bytes("me"), new Uint8Array(255).fill(1)],
  conflate: [true],
  threads: [Object.freeze({ count: 2, start: startThread }), Object.freeze({ count: 64, start: startThread })],
  probeRouter: [true],
  correlate: [true],
  relaxed: [true],
  mandatory: [true],
  handover: [true],
  notify: ["connect", "disconnect", "both"],
  noDrop: [true],
  maxTopics: [1, 500_000, Number.MAX_SAFE_INTEGER],
  maxTopicBytes: [1, 2 ** 40],
  invertMatching: [true],
  verbosity: ["allSubs", "allSubsUnsubs"],
  manual: [true],
  manualLastValue: [true],
  welcomeMessage: [bytes("welcome"), bytes("")],
  verboseUnsubscribe: [true],
};

/** Values that no socket accepts, with the error. */
const NUMBER = [["1", TypeError], [null, TypeError], [1.5, RangeError], [NaN, RangeError], [-2, RangeError]] as const;
const FLAG = [[1, TypeError], [0, TypeError], ["true", TypeError], [null, TypeError]] as const;
const FRAME = [[1, TypeError], [true, TypeError], [["frame"], TypeError], [{ byteLength: 1 }, TypeError]] as const;
const WORD = [["always", TypeError], [true, TypeError], ["", TypeError], [1, TypeError]] as const;
const TIME = [...NUMBER, [2 ** 31, RangeError]] as const;
const TEXT = [[1, TypeError], ["", RangeError], ["a".repeat(256), RangeError]] as const;
const KEY = [[1, TypeError], ["short", RangeError], [new Uint8Array(31), RangeError], [
  "~".repeat(40),
  RangeError,
]] as const;
const ALIEN = [[undefined, TypeError], [{}, TypeError], [() => {}, TypeError]] as const;

type Wrong = readonly (readonly [value: unknown, error: typeof TypeError | typeof RangeError])[];

const WRONG: { readonly [N in OptionName]: Wrong } = {
  linger: TIME,
  reconnectInterval: TIME,
  reconnectMaxInterval: [...TIME, [-1, RangeError]],
  reconnectStop: [["refused", TypeError], [["never"], TypeError], [[1], TypeError], [null, TypeError]],
  connectTimeout: [...TIME, [-1, RangeError]],
  immediate: FLAG,
  handshakeInterval: [...TIME, [-1, RangeError]],
  heartbeatInterval: [...TIME, [-1, RangeError]],
  heartbeatTimeout: TIME,
  heartbeatTimeToLive: [...NUMBER, [-1, RangeError], [6_553_600, RangeError]],
  maxMessageSize: [...NUMBER, [2 ** 53, RangeError]],
  maxFrames: [...NUMBER, [0, RangeError], [-1, RangeError]],
  backlog: [...NUMBER, [0, RangeError], [65_536, RangeError]],
  ipv6: FLAG,
  tcpKeepalive: [...NUMBER, [2, RangeError], [true, TypeError]],
  tcpKeepaliveIdle: [...NUMBER, [32_768, RangeError]],
  tcpKeepaliveCount: NUMBER,
  tcpKeepaliveInterval: NUMBER,
  tcpMaxRetransmitTimeout: [...NUMBER, [-1, RangeError]],
  typeOfService: [...NUMBER, [256, RangeError]],
  interface: TEXT,
  socksProxy: [[1, TypeError], [true, TypeError]],
  socksUsername: TEXT,
  socksPassword: TEXT,
  plainServer: FLAG,
  plainUsername: TEXT,
  plainPassword: [[1, TypeError], ["a".repeat(256), RangeError]],
  curveServer: FLAG,
  curvePublicKey: KEY,
  curveSecretKey: KEY,
  curveServerKey: KEY,
  zapDomain: [[1, TypeError], [null, TypeError], ["a".repeat(256), RangeError]],
  zapEnforceDomain: FLAG,
  authenticate: [[1, TypeError], ["yes", TypeError], [{ authenticate: true }, TypeError]],
  maxHandshakes: [...NUMBER, [0, RangeError]],
  maxHandshakesPerSecond: [...NUMBER, [-1, RangeError]],
  maxConnections: [...NUMBER, [-1, RangeError]],
  maxConnectionsPerAddress: [...NUMBER, [-1, RangeError]],
  metadata: [["X-a:1", TypeError], [null, TypeError], [{ a: "1" }, RangeError], [{ "X-a": 1 }, TypeError]],
  helloMessage: FRAME,
  disconnectMessage: FRAME,
  hiccupMessage: FRAME,
  sendHighWaterMark: [...NUMBER, [-1, RangeError]],
  sendHighWaterMarkBytes: [...NUMBER, [-1, RangeError]],
  sendTimeout: TIME,
  sendBufferSize: NUMBER,
  receiveHighWaterMark: [...NUMBER, [-1, RangeError]],
  receiveHighWaterMarkBytes: [...NUMBER, [-1, RangeError]],
  maxLeftoverBytes: [...NUMBER, [-1, RangeError]],
  receiveTimeout: TIME,
  receiveBufferSize: NUMBER,
  zeroCopyReceive: FLAG,
  routingId: [...FRAME, ["", RangeError], ["a".repeat(256), RangeError], ["\0a", RangeError]],
  conflate: FLAG,
  threads: [
    [2, TypeError],
    [{}, TypeError],
    [{ count: 2 }, TypeError],
    [{ count: "2", start: startThread }, TypeError],
    [
      { count: 0, start: startThread },
      RangeError,
    ],
    [{ count: 65, start: startThread }, RangeError],
  ],
  probeRouter: FLAG,
  correlate: FLAG,
  relaxed: FLAG,
  mandatory: FLAG,
  handover: FLAG,
  notify: WORD,
  noDrop: FLAG,
  maxTopics: [...NUMBER, [0, RangeError], [-1, RangeError]],
  maxTopicBytes: [...NUMBER, [0, RangeError], [-1, RangeError]],
  invertMatching: FLAG,
  verbosity: WORD,
  manual: FLAG,
  manualLastValue: FLAG,
  welcomeMessage: FRAME,
  verboseUnsubscribe: FLAG,
};

/** A STREAM's `notify` is another option than a ROUTER's. */
function valuesOf(type: SocketType, name: OptionName): readonly unknown[] {
  return type === "STREAM" && name === "notify" ? [false] : VALUES[name];
}

function wrongOf(type: SocketType, name: OptionName): Wrong {
  return type === "STREAM" && name === "notify" ? FLAG : WRONG[name];
}

const INITIAL = Object.fromEntries(TYPES.map((type) => [type, settle(type, {})])) as Record<SocketType, Settings>;

for (const type of TYPES) {
  test(`${type}: every option has its default, and then the value given to the constructor`, async () => {
    for (const name of optionsOf(type)) {
      const untouched = MAKERS[type]({ [name]: undefined });
      assertEquals(optionsAsAny(untouched)[name], INITIAL[type][name] as unknown, name);
      await untouched.close();
      for (const value of valuesOf(type, name)) {
        const socket = MAKERS[type]({ [name]: value });
        assertEquals(optionsAsAny(socket)[name], value, name);
        for (const other of optionsOf(type)) {
          if (other !== name) assertEquals(optionsAsAny(socket)[other], INITIAL[type][other] as unknown, other);
        }
        await socket.close();
      }
    }
  });

  test(`${type}: every option set live reads back as it was set, and back to its default`, async () => {
    const socket = MAKERS[type]();
    const options = optionsAsAny(socket);
    for (const name of optionsOf(type)) {
      for (const value of [...valuesOf(type, name), INITIAL[type][name]]) {
        options[name] = value;
        assertEquals(options[name], value as unknown, name);
      }
    }
    await socket.close();
  });

  test(`${type}: every option rejects invalid values by name, and keeps its value`, async () => {
    const socket = MAKERS[type]();
    const options = optionsAsAny(socket);
    for (const name of optionsOf(type)) {
      const [value] = valuesOf(type, name);
      options[name] = value;
      for (const [wrong, error] of [...wrongOf(type, name), ...ALIEN]) {
        // Where null means something, undefined does not.
        if (wrong === null && INITIAL[type][name] === null) continue;
        if (name === "authenticate" && typeof wrong === "function") continue;
        if (name === "metadata" && typeof wrong === "object" && Object.keys(wrong ?? { a: 1 }).length === 0) continue;
        assertThrows(() => options[name] = wrong, error, name, `${name} = ${String(wrong)}`);
        if (wrong !== undefined) assertThrows(() => MAKERS[type]({ [name]: wrong }), error, name);
        assertEquals(options[name], value, name);
      }
    }
    await socket.close();
  });

  test(`${type}: an option of another type, and an unknown option, is rejected by name`, async () => {
    const own: readonly string[] = optionsOf(type);
    const others = Object.keys(VALUES).filter((name) => !own.includes(name));
    assert(others.length > 0);
    for (const name of [...others, "sendHWM", "routing_id", "toString", "__proto__2", "constructor"]) {
      for (const value of [0, undefined]) {
        const error = assertThrows(() => MAKERS[type]({ [name]: value }), TypeError, `no option ${name};`) as Error;
        assert(error.message.startsWith(`A ${type} socket`), error.message);
        assert(error.message.includes("linger"), error.message);
      }
    }
    // Nor is it a property.
    const socket = MAKERS[type]();
    for (const name of others) assert(!(name in socket), name);
    await socket.close();
  });
}

test("a socksProxy that is not host:port is refused by name", async () => {
  const socket = MAKERS.PUSH();
  for (const wrong of ["proxy", "proxy:99999", ":1080", "proxy:0", "*:1080", "127.0.0.1:0;proxy", ""]) {
    assertThrows(() => optionsAsAny(socket)["socksProxy"] = wrong, TypeError, "socksProxy", wrong);
  }
  assertEquals(optionsAsAny(socket)["socksProxy"], null);
  await socket.close();
});

test("options must be an object", () => {
  for (const type of TYPES) {
    for (const wrong of [null, 1, "linger", true]) {
      assertThrows(() => MAKERS[type](wrong as unknown as object), TypeError, "Options must be an object");
    }
  }
});

test("bytes are copied when they are given and when they are read", async () => {
  for (const type of TYPES) {
    for (const name of ["routingId", "helloMessage", "disconnectMessage", "hiccupMessage", "welcomeMessage"] as const) {
      if (!optionsOf(type).includes(name)) continue;
      const given = bytes("given");
      const socket = MAKERS[type]({ [name]: given });
      const options = optionsAsAny(socket);
      given[0] = 0;
      assertEquals(options[name], bytes("given"), name);
      (options[name] as Uint8Array)[0] = 0;
      assertEquals(options[name], bytes("given"), name);
      const live = bytes("live");
      options[name] = live;
      live[0] = 0;
      assertEquals(options[name], bytes("live"), name);
      options[name] = "text";
      assertEquals(options[name], bytes("text"), name);
      await socket.close();
    }
  }
});

test("lists are copied without duplicates, and cannot be changed through the value that is read", async () => {
  const socket = MAKERS.PUSH();
  const options = optionsAsAny(socket);
  const list = ["refused", "refused", "handshakeFailed"];
  options["reconnectStop"] = list;
  list.length = 0;
  assertEquals(options["reconnectStop"], ["refused", "handshakeFailed"]);
  assertThrows(() => (options["reconnectStop"] as string[]).push("never"), TypeError);
  const other = MAKERS.PULL();
  const untouched = optionsAsAny(other);
  assertThrows(() => (untouched["reconnectStop"] as string[]).push("never"), TypeError);
  assertThrows(() => (untouched["metadata"] as Record<string, string>)["X-a"] = "1", TypeError);
  await Promise.all([socket.close(), other.close()]);
});

test("a negative zero is a zero", async () => {
  const socket = MAKERS.PUSH({ linger: -0 });
  const options = optionsAsAny(socket);
  options["sendTimeout"] = -0;
  for (const name of ["linger", "sendTimeout"]) assertStrictEquals(options[name], 0, name);
  await socket.close();
});

test("the options of one socket are not those of another", async () => {
  const one = MAKERS.PUSH();
  const other = MAKERS.PUSH();
  optionsAsAny(one)["linger"] = 1;
  assertEquals(optionsAsAny(other)["linger"], INITIAL.PUSH.linger);
  await Promise.all([one.close(), other.close()]);
});
