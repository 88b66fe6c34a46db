/**
 * The text of `ZMQ_DEBUG`, and the options of `debugLog`: what they choose, and what is rejected.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { debugLog, Requester } from "../../mod.ts";
import { logs, readLogOptions } from "../../src/diagnostics/log_options.ts";
import { debugVariable } from "../../transports/shared/debug_variable.ts";
import { runtime, test } from "../support/harness.ts";
import { MAKERS, TYPES } from "../options/support.ts";

const ALL = [...readLogOptions({}).scopes];

test("debug log: the words of ZMQ_DEBUG, in upper and lower case", () => {
  const scopes = (text: string) => [...readLogOptions(text).scopes];
  for (
    const text of ["", "*", "1", "all", "ALL", "true", "TRUE", "True", "yes", "on", "SUB", "#2", "bytes=0", "BYTES=9"]
  ) {
    assertEquals(scopes(text), ALL, text);
  }
  for (const scope of ALL) {
    for (const word of [scope, scope.toUpperCase(), scope[0]!.toUpperCase() + scope.slice(1)]) {
      assertEquals(scopes(word), [scope]);
      assertEquals(scopes(`*,-${word}`), ALL.filter((each) => each !== scope));
    }
  }
  assertEquals(scopes("connection, handshake SUB#2 #3 bytes=4"), ["connection", "handshake"]);
  assertEquals(readLogOptions("bytes=4").frameBytes, 4);
});

test("debug log: every socket type can be chosen, in upper and lower case, with or without a number", () => {
  for (const type of TYPES) {
    const name = MAKERS[type]().constructor.name;
    for (const word of [type, type.toLowerCase(), name, name.toUpperCase()]) {
      for (const settings of [readLogOptions(word), readLogOptions({ sockets: [word] })]) {
        assertEquals(TYPES.filter((each) => logs(settings, each, 7)), [type]);
      }
      const one = readLogOptions(`${word}#7`);
      assertEquals([logs(one, type, 7), logs(one, type, 8)], [true, false]);
    }
  }
});

test("debug log: a word that is nothing is rejected with the one that was meant", () => {
  const meant: Readonly<Record<string, string>> = {
    conection: "connection",
    "-conection": "connection",
    CONNECTIONS: "connection",
    PUBS: "PUB",
    SUBS: "SUB",
    "ALLL": "all",
    message: "messages",
  };
  for (const [word, name] of Object.entries(meant)) {
    const error = assertThrows(
      () => debugLog(word),
      TypeError,
      `no scope "${word.replace("-", "")}"; it has connection`,
    );
    assert(error.message.endsWith(`; did you mean ${name}?`), error.message);
  }
  for (const word of ["x", "bytes=x", "bytes=", "SUB#", "SUB#x", "#", "nothing"]) {
    assertThrows(() => debugLog(word), TypeError);
  }
});

test("debug log: options that are wrong, and those that are undefined", async () => {
  const wrong: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [
      { scope: [] },
      TypeError,
      "debugLog has no option scope; it has scopes, sockets, write, frameBytes; did you mean scopes?",
    ],
    [{ scopes: ["all"] }, TypeError, `no scope "all"; it has connection, handshake`],
    [{ scopes: ["mesages"] }, TypeError, "did you mean messages?"],
    [{ scopes: "messages" }, TypeError, "scopes must be an array"],
    [{ sockets: ["nothing"] }, TypeError, `not "nothing"`],
    [{ sockets: ["PUBS"] }, TypeError, "did you mean PUB?"],
    [{ sockets: [null] }, TypeError, "A socket of the debug log"],
    [{ write: "stderr" }, TypeError, "write must be a function"],
    [{ frameBytes: -1 }, RangeError, "frameBytes"],
    [null, TypeError, "options must be an object"],
  ];
  for (const [options, type, text] of wrong) assertThrows(() => debugLog(options as never), type, text);
  const none = { scopes: undefined, sockets: undefined, write: undefined, frameBytes: undefined };
  debugLog(none)();
  assertEquals(readLogOptions(none).frameBytes, 64);
  await using requester = new Requester("inproc://nobody");
  await using socket = MAKERS.PUSH();
  for (const each of [requester, socket]) {
    const settings = readLogOptions({ sockets: [each] });
    assertEquals([logs(settings, each.type, each.id), logs(settings, each.type, each.id + 1)], [true, false]);
  }
});

if (runtime !== "deno") {
  test("ZMQ_DEBUG: 0, false, no and off turn it off", async () => {
    const { env } = (await import("node:process")).default;
    const before = env.ZMQ_DEBUG;
    try {
      for (const off of ["", " ", "0", "false", "FALSE", "no", "off", "Off"]) {
        env.ZMQ_DEBUG = off;
        assertEquals(debugVariable(), undefined, off);
      }
      env.ZMQ_DEBUG = "1";
      assertStringIncludes(debugVariable()!, "1");
    } finally {
      if (before === undefined) delete env.ZMQ_DEBUG;
      else env.ZMQ_DEBUG = before;
    }
  });
}
