/**
 * An active attacker between two CURVE sockets of ours that changes, repeats, reorders, truncates and withholds bytes:
 * the connection ends with an event, no altered message is delivered, and no two connections share a key or a nonce.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Pull, Push, ZmqError } from "../../mod.ts";
import { CLIENT, SERVER } from "../security/keys.ts";
import { ANY, nextEvent, numbers, take } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { Relay, type Tamper } from "../support/relay.ts";

/** A CURVE pull, a push that goes through the relay. */
class Talk implements AsyncDisposable {
  readonly pull = new Pull({ curveServer: true, curveSecretKey: SERVER.secretKey, authenticate: () => true });
  readonly push: Push;
  relay!: Relay;

  private constructor(reconnectInterval: number) {
    this.push = new Push({
      curveServerKey: SERVER.publicKey,
      curvePublicKey: CLIENT.publicKey,
      curveSecretKey: CLIENT.secretKey,
      reconnectInterval,
      linger: 0,
    });
  }

  static async make(tamper?: Tamper, reconnectInterval = 5): Promise<Talk> {
    const talk = new Talk(reconnectInterval);
    talk.relay = await Relay.to(await talk.pull.bind(ANY), tamper);
    return talk;
  }

  connect(): void {
    this.push.connect(this.relay.endpoint);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.push.close();
    await this.pull.close();
    await this.relay[Symbol.asyncDispose]();
  }
}

/** HELLO, INITIATE. */
const HANDSHAKE_FRAMES = 2;

const TRAFFIC: [what: string, tamper: (frames: Uint8Array[]) => Uint8Array[], arrives: string[], rule: string][] = [
  ["the second again in the third's place", ([a, b]) => [a!, b!, b!], ["0", "1"], "INVALID_SEQUENCE"],
  ["the second and the third swapped", ([a, b, c]) => [a!, c!, b!], ["0", "2"], "INVALID_SEQUENCE"],
  ["all of them again", ([a, b, c]) => [a!, b!, c!, a!], ["0", "1", "2"], "INVALID_SEQUENCE"],
  ["the tag changed", ([a, b, c]) => [a!, flipped(b!, 20), c!], ["0"], "CRYPTOGRAPHIC"],
  ["the text changed", ([a, b, c]) => [a!, flipped(b!, b!.length - 1), c!], ["0"], "CRYPTOGRAPHIC"],
  ["the counter changed", ([a, b, c]) => [a!, flipped(b!, 12), c!], ["0"], "CRYPTOGRAPHIC"],
  ["the name changed", ([a, b, c]) => [a!, flipped(b!, 3), c!], ["0"], "UNEXPECTED_COMMAND"],
  ["a byte of the end cut off", ([a, b, c]) => [a!, resized(b!, -1), c!], ["0"], "CRYPTOGRAPHIC"],
  ["a byte put to the end", ([a, b, c]) => [a!, resized(b!, 1), c!], ["0"], "CRYPTOGRAPHIC"],
  [
    "a message in the clear put between",
    ([a, b, c]) => [a!, Uint8Array.of(0, 1, 65), b!, c!],
    ["0"],
    "UNEXPECTED_COMMAND",
  ],
  [
    "a PING in the clear put between",
    ([a, b, c]) => [a!, Uint8Array.of(4, 7, 4, 80, 73, 78, 71, 0, 0), b!, c!],
    ["0"],
    "UNEXPECTED_COMMAND",
  ],
];

function flipped(frame: Uint8Array, at: number): Uint8Array {
  const out = frame.slice();
  out[at]! ^= 1;
  return out;
}

function resized(frame: Uint8Array, by: number): Uint8Array {
  const out = new Uint8Array(frame.length + by);
  out.set(frame.subarray(0, out.length));
  out[1]! += by;
  return out;
}

for (const [what, tamper, arrives, rule] of TRAFFIC) {
  test(`traffic with ${what}: an event, the end of the connection, and only intact messages in order`, async () => {
    const held: Uint8Array[] = [];
    await using talk = await Talk.make(({ from, index, bytes }) => {
      if (from === "server" || index < HANDSHAKE_FRAMES) return undefined;
      return held.push(bytes) === 3 ? tamper(held) : [];
    }, 60_000);
    const lost = nextEvent(talk.pull, "disconnect");
    const left = nextEvent(talk.push, "disconnect");
    talk.connect();
    for (const message of numbers(3)) await talk.push.send(message);
    const { error } = await lost;
    assert(error instanceof ZmqError && "rule" in error);
    assertEquals(error.rule, rule);
    await left;
    assertEquals(await take(talk.pull, arrives.length), arrives);
    assertEquals([talk.pull.tryReceive(), talk.pull.peerCount], [undefined, 0]);
  });
}

test("MORE and COMMAND of the outer frame change nothing: only the encrypted flags count", async () => {
  await using talk = await Talk.make(({ from, index, bytes }) => {
    if (from === "server" || index < HANDSHAKE_FRAMES) return undefined;
    bytes[0]! ^= [1, 4, 5][index % 3]!;
    return [bytes];
  });
  talk.connect();
  const sent = [["a", "b", "c"], ["d"], ["e", "f"]];
  for (const message of sent) await talk.push.send(message);
  assertEquals(await take(talk.pull, 3), sent.map((message) => message.join("|")));
});

test("a frame of an earlier connection is rejected on a later one", async () => {
  let old: Uint8Array | undefined;
  await using talk = await Talk.make(({ from, index, connection, bytes }) => {
    if (from === "server" || index < HANDSHAKE_FRAMES) return undefined;
    if (connection > 0) return [old!];
    old = bytes;
    return undefined;
  });
  talk.connect();
  await talk.push.send("first");
  assertEquals(await take(talk.pull, 1), ["first"]);
  const down = nextEvent(talk.push, "disconnect");
  talk.relay.cut();
  await down;
  const lost = nextEvent(talk.pull, "disconnect", ({ error }) => error instanceof ZmqError && error.code === "EPROTO");
  await talk.push.send("second");
  await lost;
  assertEquals(talk.pull.tryReceive(), undefined);
});

/** In the body of HELLO, padding that means nothing is followed by the client's key. */
const PADDING = { from: 8, to: 80 };

test("a changed bit in any frame ends the connection, and the changed frame is not delivered", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("client" as const, "server" as const),
      fc.nat(3),
      fc.nat(300),
      fc.nat(7),
      async (side, which, at, bit) => {
        // The server sends WELCOME and READY only.
        const index = side === "server" ? which % HANDSHAKE_FRAMES : which;
        await using talk = await Talk.make(({ from, index: now, connection, bytes }) => {
          if (from !== side || now !== index || connection > 0) return undefined;
          // Behind the header: what a wrong length does depends on what follows.
          const header = (bytes[0]! & 2) === 0 ? 2 : 9;
          const place = at % (bytes.length - header);
          const padding = side === "client" && index === 0 && place >= PADDING.from && place < PADDING.to;
          bytes[header + (padding ? PADDING.to : place)]! ^= 1 << bit;
          return [bytes];
        });
        const over = new Promise<void>((resolve) =>
          talk.push.events.listen(({ type }) =>
            (type === "disconnect" || type.startsWith("handshake:error")) && resolve()
          )
        );
        talk.connect();
        for (const message of numbers(2)) await talk.push.send(message);
        await over;
        await talk.push.send("after");
        const arrived = await take(talk.pull, 1);
        while (arrived.at(-1) !== "after") arrived.push(...await take(talk.pull, 1));
        const sent = [...numbers(2), "after"];
        // In order, none twice, and nothing else.
        assertEquals(arrived, sent.filter((message) => arrived.includes(message)));
      },
    ),
    { numRuns: 25 },
  );
}, { timeout: 30_000 });

test("no key, cookie or nonce of one connection is used in the next one", async () => {
  await using talk = await Talk.make();
  talk.connect();
  const connections = 4;
  for (let i = 0; i < connections; i++) {
    await talk.push.send("the same words");
    await take(talk.pull, 1);
    if (i === connections - 1) break;
    const down = nextEvent(talk.push, "disconnect");
    talk.relay.cut();
    await down;
  }
  const seen = new Set<string>();
  for (let i = 0; i < talk.relay.connections; i++) {
    for (const from of ["client", "server"] as const) {
      const { frames } = talk.relay.recorded(from, i);
      // C', the box of HELLO; nonce and box of WELCOME; cookie and box of INITIATE; the box of READY and of messages.
      const places = from === "client"
        ? [[0, 82, 114], [0, 122, 202], [1, 11, 107], [1, 115, 200], [2, 18, 50]] as const
        : [[0, 10, 26], [0, 26, 170], [1, 16, 60]] as const;
      for (const [frame, start, end] of places) {
        const part = toHex(frames[frame]!.subarray(start, end));
        assert(part.length >= 32 && !seen.has(part), `${from} ${frame}`);
        seen.add(part);
      }
      const counters = frames.map((frame) => toHex(frame)).filter((hex) => hex.includes("074d455353414745"));
      assertEquals(new Set(counters).size, counters.length);
    }
  }
  assertEquals(seen.size, 8 * connections);
});

test("messages queued while the connection is lost repeatedly arrive once, in order", async () => {
  await using talk = await Talk.make();
  talk.connect();
  const count = 600;
  const arrived: string[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 100 === 50) {
      // Everything that was sent so far has arrived: messages in transit when a connection breaks are lost with it.
      arrived.push(...await take(talk.pull, i - arrived.length));
      const down = nextEvent(talk.push, "disconnect");
      talk.relay.cut();
      await down;
    }
    await talk.push.send(`${i}`);
  }
  arrived.push(...await take(talk.pull, count - arrived.length));
  assertEquals(arrived, numbers(count));
  assert(talk.relay.connections >= 7);
});
