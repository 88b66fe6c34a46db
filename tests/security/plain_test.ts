/**
 * PLAIN between our own two sides, and with a peer that does not keep to it.
 *
 * @module
 */

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toText } from "../../src/base/message.ts";
import { PlainClient } from "../../src/security/plain_client.ts";
import { encodePlainHello, parsePlainHello } from "../../src/security/plain_hello.ts";
import { PlainServer } from "../../src/security/plain_server.ts";
import type { Authenticate } from "../../src/security/zap.ts";
import { AuthError } from "../../src/zmtp/auth_error.ts";
import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { COMMAND, encodeFrame } from "../../src/zmtp/frame.ts";
import { encodeGreeting } from "../../src/zmtp/greeting.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { test } from "../support/harness.ts";
import { recorded, type SessionRecorder } from "../support/session_recorder.ts";
import { checkBy, METADATA } from "./curve_rig.ts";
import { meet } from "./pair.ts";
import { WELCOME } from "./scenes.ts";

const text = (value: string) => new TextEncoder().encode(value);
const frame = (name: string, data: Uint8Array) => encodeFrame(COMMAND, encodeCommandBody(name, data));

function client(username = "admin", password = "secret"): PlainClient {
  return new PlainClient({ metadata: METADATA, username: text(username), password: text(password) });
}

function server(authenticate: Authenticate): PlainServer {
  return new PlainServer({ metadata: METADATA, check: checkBy(authenticate) });
}

const onlyAdmin: Authenticate = ({ credentials }) => {
  const known = credentials.map(toText).join("/") === "admin/secret";
  return { ...WELCOME, status: known ? 200 : 400, userId: "admin" };
};

function ruleOf({ error, peer }: SessionRecorder): string {
  assertEquals(peer, undefined);
  assertInstanceOf(error, ProtocolError);
  return error.rule;
}

test("a client with the right password is accepted, under the name of the authenticator", () => {
  const pair = meet(client(), server(onlyAdmin));
  assertEquals([pair.client.peer?.socketType, pair.server.peer?.socketType], ["DEALER", "DEALER"]);
  assertEquals(toText(pair.server.peer!.metadata.get("user-id")!), "admin");
  pair.server.session.feed(encodeFrame(0, text("in the clear")));
  assertEquals(pair.server.messages.map((message) => message.map(toText)), [["in the clear"]]);
});

test("a client with a wrong one gets ERROR instead of WELCOME, and both sides report the reason", () => {
  const pair = meet(client("admin", "guess"), server(onlyAdmin));
  for (const { error, peer } of [pair.client, pair.server]) {
    assertEquals(peer, undefined);
    assertInstanceOf(error, AuthError);
    assertEquals([error.code, error.status], ["EACCES", 400]);
  }
});

test("the request says PLAIN, user name and password", () => {
  const asked: unknown[] = [];
  meet(
    client("ü", ""),
    server((request) => {
      asked.push([request.mechanism, request.domain, request.address, ...request.credentials.map(toText)]);
      return WELCOME;
    }),
  );
  assertEquals(asked, [["PLAIN", "global", "127.0.0.1", "ü", ""]]);
});

test("a client is authenticated once, and may not continue before the answer", () => {
  let asked = 0;
  const waiting = server(() => {
    asked++;
    return new Promise(() => {});
  });
  const hello = frame("HELLO", encodePlainHello(text("a"), text("b")));
  for (const next of [hello, frame("INITIATE", METADATA), encodeFrame(0, text("message"))]) {
    const mechanism = asked === 0 ? waiting : server(() => new Promise(() => {}));
    const recorder = recorded({ mechanism }, encodeGreeting("PLAIN", false), hello, next);
    assertEquals(ruleOf(recorder), "UNEXPECTED_COMMAND");
  }
  assertEquals(asked, 1);
});

test("the answer may come later", async () => {
  const pair = meet(client(), server((request) => Promise.resolve(onlyAdmin(request, new AbortController().signal))));
  assertEquals(pair.server.peer, undefined);
  await new Promise((resolve) => setTimeout(resolve, 0));
  pair.pump();
  assertEquals([pair.client.peer?.socketType, pair.server.peer?.socketType], ["DEALER", "DEALER"]);
});

test("ERROR is understood as the RFC has it and as libzmq sends it", () => {
  for (const body of [encodeCommandBody("ERROR", text("\x03400")), text("^RROR\x03400")]) {
    const recorder = recorded({ mechanism: client() }, encodeGreeting("PLAIN", true), encodeFrame(COMMAND, body));
    assertInstanceOf(recorder.error, AuthError);
  }
  for (const body of [encodeCommandBody("ERROR", text("\x04400")), text("^RROR\x04400"), text("^RROR")]) {
    const recorder = recorded({ mechanism: client() }, encodeGreeting("PLAIN", true), encodeFrame(COMMAND, body));
    assertEquals(ruleOf(recorder), "MALFORMED_COMMAND_ERROR");
  }
});

test("a client refuses WELCOME with data, READY without WELCOME, and everything twice", () => {
  const welcome = frame("WELCOME", new Uint8Array(0));
  const cases: [sent: Uint8Array[], rule: string][] = [
    [[frame("WELCOME", text("x"))], "MALFORMED_COMMAND_WELCOME"],
    [[frame("READY", METADATA)], "UNEXPECTED_COMMAND"],
    [[welcome, welcome], "UNEXPECTED_COMMAND"],
    [[frame("HELLO", text("\x01a\x01b"))], "UNEXPECTED_COMMAND"],
    [[welcome, frame("READY", text("\x05nonsense"))], "INVALID_METADATA"],
    [[welcome, frame("READY", new Uint8Array(0))], "INVALID_METADATA"],
  ];
  for (const [sent, rule] of cases) {
    assertEquals(ruleOf(recorded({ mechanism: client() }, encodeGreeting("PLAIN", true), ...sent)), rule);
  }
});

test("HELLO whose lengths do not fit exactly is malformed", () => {
  for (const data of ["", "\x00", "\x01", "\x01a", "\x02a\x00", "\x01a\x01", "\x01a\x01bc", "\x00\x00x"]) {
    assertThrows(() => parsePlainHello(text(data)), ProtocolError, "malformed HELLO");
    const mechanism = server(() => WELCOME);
    const recorder = recorded({ mechanism }, encodeGreeting("PLAIN", false), frame("HELLO", text(data)));
    assertEquals(ruleOf(recorder), "MALFORMED_COMMAND_HELLO");
  }
});

test("any user name and password up to 255 bytes goes through HELLO", () => {
  const credential = fc.uint8Array({ maxLength: 255 });
  fc.assert(fc.property(credential, credential, (username, password) => {
    assertEquals(parsePlainHello(encodePlainHello(username, password)).map((bytes) => bytes.join()), [
      username.join(),
      password.join(),
    ]);
  }));
  for (const [username, password] of [["u".repeat(256), ""], ["", "p".repeat(256)]] as const) {
    assertThrows(() => client(username, password), RangeError, "more than 255 bytes");
  }
});

test("a server takes random bytes for a handshake without throwing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    recorded({ mechanism: server(() => WELCOME) }, encodeGreeting("PLAIN", false), bytes);
  }));
});
