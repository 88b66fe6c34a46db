/**
 * Traffic after a CURVE handshake: encrypted, in order, within the limits; altered, reordered or replayed traffic ends
 * the connection, and none of it is delivered.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { type Message, toText } from "../../src/base/message.ts";
import { BatchEncoder, COPY_LIMIT, SLAB_SIZE, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { COMMAND, encodeFrame, MORE, sealFrame } from "../../src/zmtp/frame.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/zmtp/limits.ts";
import type { Mechanism, TrafficCipher } from "../../src/zmtp/mechanism.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { encodeSubscription } from "../../src/zmtp/subscription.ts";
import { encodePing } from "../../src/zmtp/ping.ts";
import type { CurveCrypto } from "../../src/security/curve_crypto.ts";
import { crypto, fixedCrypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { feedSplit, type RecorderOptions, type SessionRecorder } from "../support/session_recorder.ts";
import { curveClient, curveServer } from "./curve_rig.ts";
import { meet } from "./pair.ts";

const NONE = new Uint8Array(0);
const OVERHEAD = 33;
/** The length of a greeting after the major version. */
const GREETING_REST = 53;
const text = (value: string) => new TextEncoder().encode(value);

interface Talk {
  /** The encrypting side; its session is the sender. */
  readonly cipher: TrafficCipher;
  readonly sender: SessionRecorder;
  readonly receiver: SessionRecorder;
}

function talk(options: RecorderOptions = {}, fromServer = false): Talk {
  const ends: Mechanism[] = [curveClient(), curveServer()];
  const { client, server } = meet(ends[0]!, ends[1]!, undefined, options);
  client.events.length = server.events.length = 0;
  const cipher = ends[fromServer ? 1 : 0]!.cipher!;
  return { cipher, sender: fromServer ? server : client, receiver: fromServer ? client : server };
}

function encoded(sender: SessionRecorder, ...messages: Message[]): Uint8Array {
  const batch = new BatchEncoder(new SlabPool());
  for (const message of messages) sender.session.encode(message, batch);
  const bytes = concat([...batch.complete()]);
  assertEquals(batch.bytes, bytes.length);
  return bytes;
}

/** The encrypted frames of one-frame messages, one by one. */
function frames(sender: SessionRecorder, ...texts: string[]): Uint8Array[] {
  return texts.map((one) => encoded(sender, [text(one)]));
}

function ruleOf({ error }: SessionRecorder): string {
  assertInstanceOf(error, ProtocolError);
  return error.rule;
}

/** The received messages, as text. */
function arrived({ messages }: SessionRecorder): string[] {
  return messages.map((message) => message.map(toText).join("|"));
}

for (const fromServer of [false, true]) {
  test(`messages of any shape arrive unchanged, encrypted, from the ${fromServer ? "server" : "client"}`, () => {
    const { sender, receiver } = talk({}, fromServer);
    const sizes = [
      0,
      1,
      221,
      222,
      223,
      255,
      256,
      COPY_LIMIT,
      COPY_LIMIT + 1,
      SLAB_SIZE - OVERHEAD - 9,
      SLAB_SIZE,
      300_000,
    ];
    const messages = [
      ...sizes.map((size) => [new Uint8Array(size).fill(0x41)]),
      sizes.map((size) => new Uint8Array(size)),
    ];
    const bytes = encoded(sender, ...messages);
    assertEquals(toHex(bytes).includes("41414141"), false);
    receiver.session.feed(bytes);
    assertEquals(receiver.error, undefined);
    assertEquals(receiver.messages, messages);
  });
}

test("messages arrive with any split of the bytes", () => {
  const shapes = fc.array(fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(shapes, fc.array(fc.nat(4000), { maxLength: 8 }), (messages, cuts) => {
      const { sender, receiver } = talk();
      feedSplit(receiver.session, encoded(sender, ...messages as Message[]), cuts);
      assertEquals(
        receiver.messages.map((message) => message.map(toHex)),
        messages.map((message) => message.map(toHex)),
      );
    }),
    { numRuns: 40 },
  );
});

test("a frame is MESSAGE without flags, with a counter that goes up, and has 33 bytes more", () => {
  const { sender } = talk();
  const [first, second] = frames(sender, "a", "b");
  assertEquals(toHex(first!.subarray(0, 18)), "0022" + "074d455353414745" + "0000000000000003");
  assertEquals(toHex(second!.subarray(10, 18)), "0000000000000004");
  const { sender: server } = talk({}, true);
  assertEquals(toHex(frames(server, "a")[0]!.subarray(10, 18)), "0000000000000002");
});

test("a buffer that was transferred after the send does not break its message", () => {
  const { sender, receiver } = talk();
  const gone = text("gone");
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  receiver.session.feed(encoded(sender, [text("a"), gone, text("b")]));
  assertEquals(arrived(receiver), ["a||b"]);
});

test("PING and PONG are encrypted", () => {
  const heartbeat = { interval: 100, timeout: 0, timeToLive: 0 };
  const { client, server } = meet(curveClient(), curveServer(), undefined, { heartbeat });
  client.session.onTime(100);
  assertEquals([client.sent.length, client.sent[0]![0]], [1, 0]);
  server.session.feed(client.sent[0]!);
  assertEquals([server.sent.length, server.sent[0]![0], server.error], [1, 0, undefined]);
  client.session.feed(server.sent[0]!);
  assertEquals(client.error, undefined);
});

test("subscriptions are encrypted: as commands to a 3.1 peer, as messages to a 3.0 peer", () => {
  for (const minor of [1, 0]) {
    // The second byte of the last piece of a greeting is the minor version.
    const older = (bytes: Uint8Array, from: string) => {
      if (from === "server" && bytes.length === GREETING_REST) bytes[0] = minor;
      return bytes;
    };
    const { client, server } = meet(curveClient(), curveServer(), older);
    assertEquals(client.peer?.minor, minor);
    server.events.length = 0;
    for (const cancel of [false, true]) {
      const batch = new BatchEncoder(new SlabPool());
      client.session.encodeSubscription(cancel, text("topic"), batch);
      const bytes = concat([...batch.complete()]);
      assertEquals(bytes[0], 0);
      server.session.feed(bytes);
    }
    const expected = minor === 1
      ? [{ subscribe: "topic" }, { cancel: "topic" }]
      : [{ message: ["\x01topic"] }, { message: ["\0topic"] }];
    assertEquals(server.events, expected);
  }
});

test("an ERROR after the handshake is encrypted, and read", () => {
  const { sender, receiver } = talk();
  const words = sender.session.refusal(new ProtocolError("EPROTO", "UNSPECIFIED", "too many"))!;
  assertEquals(words[0], 0);
  receiver.session.feed(words);
  assertEquals(receiver.error?.message, "The peer reported an error: too many");
});

test("a replayed or reordered message ends the connection, and only messages in order arrive", () => {
  const orders: [order: number[], arrives: string[]][] = [
    [[0, 0], ["a"]],
    [[0, 1, 0], ["a", "b"]],
    [[1, 0], ["b"]],
    [[0, 2, 1], ["a", "c"]],
  ];
  for (const [order, arrives] of orders) {
    const { sender, receiver } = talk();
    const sent = frames(sender, "a", "b", "c");
    for (const i of order) receiver.session.feed(sent[i]!.slice());
    assertEquals([arrived(receiver), ruleOf(receiver)], [arrives, "INVALID_SEQUENCE"]);
  }
});

test("a message of another connection with the same long-term keys, or of our own, is not taken", () => {
  const { sender } = talk();
  const { receiver } = talk();
  receiver.session.feed(frames(sender, "a")[0]!);
  assertEquals([arrived(receiver), ruleOf(receiver)], [[], "CRYPTOGRAPHIC"]);
  const back = talk();
  frames(back.sender, "a");
  back.sender.session.feed(frames(back.sender, "b")[0]!);
  assertEquals(ruleOf(back.sender), "CRYPTOGRAPHIC");
});

test("a counter that the peer did not encrypt does not count", () => {
  const { sender, receiver } = talk();
  const forged = frames(sender, "a")[0]!;
  // The highest counter there is: were it believed, nothing could follow.
  forged.fill(0xff, 10, 18);
  receiver.session.feed(forged);
  assertEquals(ruleOf(receiver), "CRYPTOGRAPHIC");
});

test("every length of a MESSAGE but the right one ends the connection", () => {
  for (let length = 0; length < 40; length++) {
    const { sender, receiver } = talk();
    const body = frames(sender, "abc")[0]!.subarray(2);
    if (length === body.length) continue;
    const other = new Uint8Array(length);
    other.set(body.subarray(0, length));
    receiver.session.feed(encodeFrame(0, other));
    const named = length <= 32 ? "MALFORMED_COMMAND_MESSAGE" : "CRYPTOGRAPHIC";
    const rule = length < 8 ? "UNEXPECTED_COMMAND" : named;
    assertEquals([arrived(receiver), ruleOf(receiver)], [[], rule], `${length} bytes`);
  }
});

test("unencrypted traffic ends the connection: messages and commands", () => {
  const cases = [
    encodeFrame(0, text("in the clear, and as long as a sealed frame would be")),
    encodeFrame(MORE, text("in the clear")),
    encodePing(0, NONE),
    encodeSubscription(false, text("topic"), 1),
  ];
  for (const frame of cases) {
    const { receiver } = talk();
    receiver.session.feed(frame);
    assertEquals([arrived(receiver), receiver.events.length, ruleOf(receiver)], [[], 1, "UNEXPECTED_COMMAND"]);
  }
});

test("unencrypted flags do not count: neither those that a frame can have, nor for the limit of commands", () => {
  for (const outer of [MORE, COMMAND, MORE | COMMAND]) {
    const { sender, receiver } = talk({ limits: { maxTopicSize: 10 } });
    const sent = encoded(sender, [text("a"), text("b")], [new Uint8Array(100_000)], [text("c")]);
    // Where each of the four frames begins: their headers have 2, 2, 9 and 2 bytes.
    for (const at of [0, 36, 72, 72 + 9 + OVERHEAD + 100_000]) sent[at]! |= outer;
    receiver.session.feed(sent);
    assertEquals([receiver.error, receiver.messages.map((message) => message.map(({ length }) => length))], [
      undefined,
      [[1, 1], [100_000], [1]],
    ]);
  }
});

test("encrypted flags that no frame has are ignored", () => {
  for (const inner of [4, 0x80, 0xfc]) {
    // The same cryptography, except for the first byte of each box after the handshake.
    const forged: CurveCrypto = {
      ...fixedCrypto(),
      line: (key, noncePrefix) => {
        const line = crypto.line(key, noncePrefix);
        return {
          seal: (counter, _first, rest, into, at) => line.seal(counter, inner, rest, into, at),
          open: (bytes, counterAt, at) => line.open(bytes, counterAt, at),
          sealInSlices: (counter, _first, rest, into, at) => line.sealInSlices(counter, inner, rest, into, at),
          openInSlices: (bytes, counterAt, at) => line.openInSlices(bytes, counterAt, at),
          end: () => line.end(),
        };
      },
    };
    const { client, server } = meet(curveClient({ crypto: forged }), curveServer());
    server.session.feed(frames(client, "a")[0]!);
    assertEquals([arrived(server), server.error], [["a"], undefined]);
  }
});

function limited(limits: Partial<Limits>): Talk {
  return talk({ limits });
}

test("limits apply to the decrypted messages", () => {
  const cases: [Partial<Limits>, fits: number[], tooMuch: number[]][] = [
    [{ maxFrameSize: 100, maxTopicSize: 0 }, [100], [101]],
    [{ maxFrameSize: 70_000 }, [70_000], [70_001]],
    [{ maxMessageSize: 1000 }, [600, 400], [600, 401]],
    [{ maxFrames: 2 }, [1, 1], [1, 1, 1]],
  ];
  for (const [limits, fits, tooMuch] of cases) {
    const message = (sizes: number[]) => sizes.map((size) => new Uint8Array(size));
    const good = limited(limits);
    good.receiver.session.feed(encoded(good.sender, message(fits), message(fits)));
    assertEquals([good.receiver.error, good.receiver.messages.length], [undefined, 2]);
    const bad = limited(limits);
    bad.receiver.session.feed(encoded(bad.sender, message(tooMuch)));
    assertEquals([bad.receiver.error?.code, bad.receiver.messages.length], ["EMSGSIZE", 0]);
  }
});

test("a header that announces too much is refused before its bytes come", () => {
  const { receiver } = limited({ maxFrameSize: 1_000_000 });
  const header = new Uint8Array(9);
  header[0] = 2;
  new DataView(header.buffer).setUint32(5, 1_000_000 + OVERHEAD + 1);
  receiver.session.feed(header);
  assertEquals(receiver.error?.code, "EMSGSIZE");
});

test("an encrypted command may not be larger than a topic and its overhead", () => {
  const { maxTopicSize } = DEFAULT_LIMITS;
  for (const [size, code] of [[maxTopicSize, undefined], [maxTopicSize + 300, "EMSGSIZE"]] as const) {
    const { receiver, cipher } = talk();
    receiver.session.feed(sealFrame(encodeSubscription(false, new Uint8Array(size), 1), cipher));
    assertEquals(receiver.error?.code, code);
  }
});

test("a stopped session continues where it was, in the middle of encrypted messages", () => {
  const { sender, receiver } = talk();
  receiver.goOn = () => false;
  const bytes = concat(frames(sender, "a", "b", "c"));
  assertEquals(receiver.session.feed(bytes), false);
  assertEquals(arrived(receiver), ["a"]);
  assertEquals(receiver.session.resume(), false);
  receiver.goOn = () => true;
  assertEquals(receiver.session.resume(), true);
  assertEquals(arrived(receiver), ["a", "b", "c"]);
});

test("an unknown encrypted command is ignored, as in the clear", () => {
  const { sender, receiver, cipher } = talk();
  receiver.session.feed(sealFrame(encodeFrame(COMMAND, text("\x05HELLOx")), cipher));
  receiver.session.feed(frames(sender, "after")[0]!);
  assertEquals([arrived(receiver), receiver.error], [["after"], undefined]);
});
