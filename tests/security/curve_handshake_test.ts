/**
 * CURVE handshakes between our own two sides: accepted clients, and the end of every invalid handshake.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import type { CurveCrypto } from "../../src/security/curve_crypto.ts";
import type { ZapRequest, ZapVerdict } from "../../src/security/zap.ts";
import { toText } from "../../src/base/message.ts";
import { AuthError } from "../../src/zmtp/auth_error.ts";
import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { COMMAND, encodeFrame } from "../../src/zmtp/frame.ts";
import { encodeMetadata } from "../../src/zmtp/metadata.ts";
import { ProtocolError, type ProtocolRule } from "../../src/zmtp/protocol_error.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import type { SessionRecorder } from "../support/session_recorder.ts";
import { checkBy, curveClient, curveServer, METADATA } from "./curve_rig.ts";
import { bytesOf, CLIENT } from "./keys.ts";
import { meet, type SessionPair, type Tamper } from "./pair.ts";
import { WELCOME } from "./scenes.ts";

const text = (value: string) => new TextEncoder().encode(value);

function ruleOf({ error, peer }: SessionRecorder): ProtocolRule {
  assertEquals(peer, undefined);
  assertInstanceOf(error, ProtocolError);
  return error.rule;
}

function assertReady({ client, server }: SessionPair): void {
  assertEquals([client.error, server.error], [undefined, undefined]);
  assertEquals([client.peer?.socketType, server.peer?.socketType], ["DEALER", "DEALER"]);
}

/** Changes the frame of one command. */
function tampering(name: string, change: (frame: Uint8Array) => Uint8Array): Tamper {
  return (bytes) => isCommand(bytes, name) ? change(bytes.slice()) : bytes;
}

function isCommand(frame: Uint8Array, name: string): boolean {
  const at = (frame[0]! & 2) === 0 ? 2 : 9;
  return frame.length > at && frame[at] === name.length &&
    toText(frame.subarray(at + 1, at + 1 + name.length)) === name;
}

/** A command frame with other data. */
function command(name: string, data: Uint8Array): Uint8Array {
  return encodeFrame(COMMAND, encodeCommandBody(name, data));
}

function dataOf(frame: Uint8Array, name: string): Uint8Array {
  return frame.subarray(((frame[0]! & 2) === 0 ? 2 : 9) + 1 + name.length);
}

test("a client with the server's key is accepted without an authenticator", () => {
  assertReady(meet(curveClient(), curveServer()));
});

test("the authenticator gets the client's key, the domain, the address and our routing id", () => {
  const asked: ZapRequest[] = [];
  const check = checkBy((request) => {
    asked.push(request);
    return { ...WELCOME, userId: "joe", metadata: new Map([["level", text("9")]]) };
  });
  const { client, server } = meet(curveClient(), curveServer({ check }));
  assertReady({ client, server, pump() {} });
  assertEquals(asked, [{
    domain: "global",
    address: "127.0.0.1",
    identity: text("me"),
    mechanism: "CURVE",
    credentials: [bytesOf(CLIENT).publicKey],
  }]);
  assertEquals(toText(server.peer!.metadata.get("user-id")!), "joe");
  assertEquals(toText(server.peer!.metadata.get("level")!), "9");
});

test("only the authenticator can set the user id of a peer", () => {
  const metadata = encodeMetadata([["Socket-Type", text("DEALER")], ["User-Id", text("root")], ["level", text("0")]]);
  const unasked = meet(curveClient({ metadata }), curveServer({ metadata }));
  assertEquals(unasked.server.peer!.metadata.has("user-id"), false);
  assertEquals(unasked.client.peer!.metadata.has("user-id"), false);
  const check = checkBy(() => ({ ...WELCOME, metadata: new Map([["level", text("9")]]) }));
  const { server } = meet(curveClient({ metadata }), curveServer({ check }));
  assertEquals(server.peer!.metadata.has("user-id"), false);
  assertEquals(toText(server.peer!.metadata.get("level")!), "9");
});

for (const status of [300, 400, 500] as const) {
  test(`a client that is answered ${status} never sees READY`, () => {
    const check = checkBy(() => ({ ...WELCOME, status, text: "no such key" }));
    const seen: string[] = [];
    const { client, server } = meet(curveClient(), curveServer({ check }), (bytes, from) => {
      if (from === "server") seen.push(["WELCOME", "READY", "ERROR"].find((name) => isCommand(bytes, name)) ?? "");
      return bytes;
    });
    assertEquals(seen.filter((name) => name !== ""), status === 300 ? ["WELCOME"] : ["WELCOME", "ERROR"]);
    assertInstanceOf(server.error, AuthError);
    assertEquals([server.error.status, server.error.message], [
      status,
      `The peer was rejected (${status}: no such key)`,
    ]);
    if (status === 300) assertEquals(client.error, undefined);
    else {
      assertInstanceOf(client.error, AuthError);
      assertEquals(client.error.status, status);
    }
  });
}

test("the answer may come later, and is written then", async () => {
  let answer!: (verdict: ZapVerdict) => void;
  const check = checkBy(() => new Promise((resolve) => answer = resolve));
  const pair = meet(curveClient(), curveServer({ check }));
  assertEquals([pair.client.peer, pair.server.peer], [undefined, undefined]);
  answer(WELCOME);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(pair.server.flushes, 1);
  pair.pump();
  assertReady(pair);
});

test("an answer that arrives after the end, or after the handshake timed out, is ignored", async () => {
  for (const end of ["end", "late"]) {
    let answer!: (verdict: ZapVerdict) => void;
    const check = checkBy(() => new Promise((resolve) => answer = resolve));
    const { server } = meet(curveClient(), curveServer({ check }));
    if (end === "end") server.session.end();
    else server.session.onTime(30_000);
    const events = server.events.length;
    answer(WELCOME);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals([server.peer, server.sent, server.events.length], [undefined, [], events]);
  }
});

test("an authenticator that throws, rejects or returns an invalid answer has failed: 500", async () => {
  const failures: (() => ZapVerdict | Promise<ZapVerdict>)[] = [
    () => {
      throw new Error("no database");
    },
    () => Promise.reject(new Error("no database")),
    () => ({ ...WELCOME, status: 201 as 200 }),
    () => undefined as unknown as ZapVerdict,
  ];
  for (const authenticate of failures) {
    const pair = meet(curveClient(), curveServer({ check: checkBy(authenticate) }));
    await new Promise((resolve) => setTimeout(resolve, 0));
    pair.pump();
    for (const { error } of [pair.client, pair.server]) {
      assertInstanceOf(error, AuthError);
      assertEquals(error.status, 500);
    }
  }
});

test("an answer that cannot be read ends the handshake, and the peer gets no reason", async () => {
  const broken = new ProtocolError("EPROTO", "ZAP_BAD_VERSION", "The ZAP peer sent another version");
  const pair = meet(curveClient(), curveServer({ check: checkBy(() => Promise.reject(broken)) }));
  await new Promise((resolve) => setTimeout(resolve, 0));
  pair.pump();
  assertEquals([pair.server.error, pair.client.error], [broken, undefined]);
});

test("a client with another server's key is not understood, and learns nothing", () => {
  const serverKey = crypto.publicKey(crypto.random(32));
  const { client, server } = meet(curveClient({ serverKey }), curveServer());
  assertEquals(ruleOf(server), "CRYPTOGRAPHIC");
  assertEquals([client.peer, client.error], [undefined, undefined]);
});

test("a server without the secret key of its public key is detected", () => {
  const { client, server } = meet(curveClient(), curveServer({ secretKey: crypto.random(32) }));
  assertEquals(ruleOf(server), "CRYPTOGRAPHIC");
  assertEquals(client.peer, undefined);
});

test("a client that vouches with a secret key which is not its own is refused", () => {
  const { server } = meet(curveClient({ secretKey: crypto.random(32) }), curveServer());
  assertEquals(ruleOf(server), "CRYPTOGRAPHIC");
});

test("a vouch for another server is refused, which libzmq would take", () => {
  // The client says HELLO to this server, and vouches for another one.
  const other = crypto.publicKey(crypto.random(32));
  const lying: CurveCrypto = {
    ...delegate(crypto),
    seal: (key, nonce, plain) => {
      const vouch = toText(nonce.subarray(0, 8)) === "VOUCH---";
      const changed = plain.slice();
      if (vouch) changed.set(other, 32);
      return crypto.seal(key, nonce, changed);
    },
  };
  const { server } = meet(curveClient({ crypto: lying }), curveServer());
  assertEquals(ruleOf(server), "KEY_EXCHANGE");
});

test("public keys with which every secret leads to the same are refused on both sides", () => {
  const zero = new Uint8Array(32);
  const forged: CurveCrypto = { ...delegate(crypto), publicKey: () => zero };
  assertEquals(ruleOf(meet(curveClient({ crypto: forged }), curveServer()).server), "KEY_EXCHANGE");
  assertEquals(ruleOf(meet(curveClient(), curveServer({ crypto: forged })).client), "KEY_EXCHANGE");
  assertEquals(ruleOf(meet(curveClient({ serverKey: zero }), curveServer()).client), "KEY_EXCHANGE");
});

test("an INITIATE of another connection is refused: its cookie is of that one", () => {
  let recorded: Uint8Array | undefined;
  meet(curveClient(), curveServer(), tampering("INITIATE", (frame) => recorded = frame));
  const { server } = meet(curveClient(), curveServer(), tampering("INITIATE", () => recorded!));
  assertEquals(ruleOf(server), "CRYPTOGRAPHIC");
});

test("a WELCOME or READY of another connection is refused", () => {
  for (const name of ["WELCOME", "READY"]) {
    let recorded: Uint8Array | undefined;
    meet(curveClient(), curveServer(), tampering(name, (frame) => recorded = frame));
    const { client } = meet(curveClient(), curveServer(), tampering(name, () => recorded!));
    assertEquals(ruleOf(client), "CRYPTOGRAPHIC");
  }
});

test("commands of the wrong size are malformed, each by its own rule", () => {
  const sizes: [name: string, end: "client" | "server", sizes: number[]][] = [
    ["HELLO", "server", [0, 193, 195]],
    ["WELCOME", "client", [0, 159, 161]],
    ["INITIATE", "server", [0, 247]],
    ["READY", "client", [0, 23]],
  ];
  for (const [name, end, list] of sizes) {
    for (const size of list) {
      const change = (frame: Uint8Array) => {
        const data = new Uint8Array(size);
        data.set(dataOf(frame, name).subarray(0, size));
        return command(name, data);
      };
      const pair = meet(curveClient(), curveServer(), tampering(name, change));
      assertEquals(ruleOf(pair[end]), `MALFORMED_COMMAND_${name}` as ProtocolRule, `${name} of ${size}`);
    }
  }
});

test("a HELLO of another version is malformed", () => {
  for (const at of [0, 1]) {
    const change = (frame: Uint8Array) => {
      dataOf(frame, "HELLO")[at]! ^= 4;
      return frame;
    };
    assertEquals(
      ruleOf(meet(curveClient(), curveServer(), tampering("HELLO", change)).server),
      "MALFORMED_COMMAND_HELLO",
    );
  }
});

test("the padding of HELLO is ignored, with any content", () => {
  for (const at of [2, 40, 73]) {
    const change = (frame: Uint8Array) => {
      dataOf(frame, "HELLO")[at]! ^= 4;
      return frame;
    };
    assertReady(meet(curveClient(), curveServer(), tampering("HELLO", change)));
  }
});

test("a command where another one has its place is unexpected", () => {
  const wrong: [name: string, instead: string, end: "client" | "server"][] = [
    ["HELLO", "INITIATE", "server"],
    ["HELLO", "READY", "server"],
    ["HELLO", "ERROR", "server"],
    ["INITIATE", "HELLO", "server"],
    ["INITIATE", "MESSAGE", "server"],
    ["WELCOME", "READY", "client"],
    ["READY", "WELCOME", "client"],
    ["READY", "MESSAGE", "client"],
  ];
  for (const [name, instead, end] of wrong) {
    const pair = meet(
      curveClient(),
      curveServer(),
      tampering(name, (frame) => command(instead, dataOf(frame, name))),
    );
    assertEquals(ruleOf(pair[end]), "UNEXPECTED_COMMAND", `${instead} for ${name}`);
  }
});

test("a second INITIATE while the authenticator thinks is unexpected, and a message too", () => {
  const check = checkBy(() => new Promise(() => {}));
  const twice = (bytes: Uint8Array) => isCommand(bytes, "INITIATE") ? new Uint8Array([...bytes, ...bytes]) : bytes;
  assertEquals(ruleOf(meet(curveClient(), curveServer({ check }), twice).server), "UNEXPECTED_COMMAND");
  const message = (bytes: Uint8Array) => isCommand(bytes, "INITIATE") ? new Uint8Array([...bytes, 0, 1, 65]) : bytes;
  assertEquals(ruleOf(meet(curveClient(), curveServer({ check }), message).server), "UNEXPECTED_COMMAND");
});

test("the reason of an ERROR outside ZAP is reported, and an unreadable one is malformed", () => {
  const words = meet(curveClient(), curveServer(), tampering("WELCOME", () => command("ERROR", text("\x04full"))));
  assertEquals(words.client.error?.message, "The peer refused the handshake: full");
  const broken = meet(curveClient(), curveServer(), tampering("READY", () => command("ERROR", text("\x09full"))));
  assertEquals(ruleOf(broken.client), "MALFORMED_COMMAND_ERROR");
});

test("two clients, and a client and a peer of another mechanism, fail the handshake", () => {
  const { client, server } = meet(curveClient(), curveClient());
  assertEquals([ruleOf(client), ruleOf(server)], ["UNEXPECTED_COMMAND", "UNEXPECTED_COMMAND"]);
});

test("metadata that cannot be parsed ends the handshake on the side that reads it", () => {
  const metadata = text("\x05nonsense");
  assertEquals(ruleOf(meet(curveClient({ metadata }), curveServer()).server), "INVALID_METADATA");
  assertEquals(ruleOf(meet(curveClient(), curveServer({ metadata })).client), "INVALID_METADATA");
});

test("a peer of an incompatible type gets the reason, and no READY", () => {
  const metadata = encodeMetadata([["Socket-Type", text("SUB")]]);
  const { client, server } = meet(curveClient({ metadata }), curveServer());
  assertEquals(ruleOf(server), "INVALID_METADATA");
  assertEquals(client.error?.message, "The peer refused the handshake: SUB cannot talk to DEALER");
  const other = meet(curveClient(), curveServer({ metadata }));
  assertEquals(ruleOf(other.client), "INVALID_METADATA");
  assertEquals(other.server.error?.message, "The peer reported an error: SUB cannot talk to DEALER");
});

test("no key, cookie or nonce is used twice, also when a peer reconnects with the same long-term keys", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 3; i++) {
    meet(curveClient(), curveServer(), (bytes) => {
      for (const name of ["HELLO", "WELCOME", "INITIATE", "READY"]) {
        // Past the version and the padding of HELLO, from the first thing that must be new on.
        if (!isCommand(bytes, name)) continue;
        const part = dataOf(bytes, name).slice(name === "HELLO" ? 74 : name === "READY" ? 8 : 0).subarray(0, 16);
        const key = `${name} ${part.join()}`;
        assert(!seen.has(key), name);
        seen.add(key);
      }
      return bytes;
    });
  }
  assertEquals(seen.size, 12);
});

test("the end of a session erases its keys: it encrypts nothing more", () => {
  const made: Uint8Array[] = [];
  const watched: CurveCrypto = {
    ...delegate(crypto),
    random: (length) => keep(crypto.random(length)),
    sharedKey: (publicKey, secretKey) => keep(crypto.sharedKey(publicKey, secretKey)!),
  };
  function keep(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 32) made.push(bytes);
    return bytes;
  }
  const client = curveClient({ crypto: watched });
  const server = curveServer({ crypto: watched });
  const pair = meet(client, server);
  assertReady(pair);
  assertEquals(made.length, 4 + 5);
  pair.client.session.end();
  pair.server.session.end();
  pair.server.session.end();
  assertEquals(made.map((bytes) => bytes.every((byte) => byte === 0)), made.map(() => true));
  for (const { cipher } of [client, server]) {
    assertThrows(() => cipher!.seal(0, text("late"), new Uint8Array(100), 0), Error, "for a closed connection");
  }
});

test("the metadata of a client arrives", () => {
  const { server } = meet(curveClient({ metadata: METADATA }), curveServer());
  assertEquals(toText(server.peer!.metadata.get("socket-type")!), "DEALER");
});

function delegate(crypto: CurveCrypto): CurveCrypto {
  return {
    random: (length) => crypto.random(length),
    publicKey: (secretKey) => crypto.publicKey(secretKey),
    sharedKey: (publicKey, secretKey) => crypto.sharedKey(publicKey, secretKey),
    seal: (key, nonce, plain) => crypto.seal(key, nonce, plain),
    open: (key, nonce, box) => crypto.open(key, nonce, box),
    line: (key, noncePrefix) => crypto.line(key, noncePrefix),
  };
}
