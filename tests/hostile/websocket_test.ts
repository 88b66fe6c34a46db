/**
 * Hostile and unusual peers over WebSocket (RFC 6455), played by hand on a tcp socket: requests that do not upgrade, foreign origins,
 * frames that break the protocol, all close codes, fragments. Each costs its own connection, and no other peer anything.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket as TcpSocket } from "node:net";
import { Pull, Push, type ZmqError } from "../../mod.ts";
import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { nextEvent, take } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { ownMetadata } from "../support/socket_types.ts";

const ANY = "ws://127.0.0.1:0";
const NONE = new Uint8Array(0);
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const UPGRADE: Readonly<Record<string, string>> = {
  "Host": "127.0.0.1",
  "Upgrade": "websocket",
  "Connection": "keep-alive, Upgrade",
  "Sec-WebSocket-Key": KEY,
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Protocol": "ZWS2.0/NULL",
};

/** A request; `undefined` leaves a header out. */
function request(changes: Readonly<Record<string, string | undefined>> = {}, line = "GET / HTTP/1.1"): string {
  const headers = Object.entries({ ...UPGRADE, ...changes }).filter(([, value]) => value !== undefined);
  return [line, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}

/** A client that a test plays. */
class Raw {
  readonly #socket: TcpSocket;
  readonly #ended: Promise<unknown>;
  #received: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #over = false;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
    socket.on("error", () => {});
    this.#ended = once(socket, "close");
    socket.on("data", (chunk: Uint8Array) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    socket.on("close", () => {
      this.#over = true;
      this.#wake?.();
    });
  }

  static async open(endpoint: string): Promise<Raw> {
    const { port } = new URL(endpoint);
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    return new Raw(socket);
  }

  /** A client whose upgrade is complete, and the handshake of NULL as a PUSH. */
  static async handshaken(endpoint: string): Promise<Raw> {
    const raw = await Raw.open(endpoint);
    raw.send(request());
    const head = (await raw.until(/\r\n\r\n/)).toLowerCase();
    assert(head.startsWith("http/1.1 101 "), head);
    assert(head.includes("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), head);
    assert(head.includes("sec-websocket-protocol: zws2.0/null\r\n"), head);
    raw.send(frame(0x82, Uint8Array.of(2, ...encodeCommandBody("READY", ownMetadata("PUSH", NONE)))));
    const ready = await raw.frame();
    assertEquals([ready.first, ready.body[0], ready.body.subarray(2, 7).toString()], [0x82, 2, "READY"]);
    return raw;
  }

  send(...parts: (string | Uint8Array)[]): void {
    for (const part of parts) this.#socket.write(part);
  }

  /** Text up to a pattern, which is taken. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const text = this.#received.toString("latin1");
      const found = pattern.exec(text);
      if (found !== null) {
        const end = found.index + found[0].length;
        this.#received = this.#received.subarray(end);
        return text.slice(0, end);
      }
      await this.#more();
    }
  }

  /** The next frame of the server, which is short and has no mask. */
  async frame(): Promise<{ first: number; body: Buffer }> {
    for (;;) {
      const [first, length] = this.#received;
      if (length !== undefined && this.#received.length >= 2 + length) {
        assert(length < 126, `a long or masked frame: ${length}`);
        const body = this.#received.subarray(2, 2 + length);
        this.#received = this.#received.subarray(2 + length);
        return { first: first!, body };
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    if (this.#over) throw new Error(`The connection ended after ${toHex(this.#received)}`);
    await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** All that the server sends until it closes. */
  async rest(): Promise<string> {
    await this.#ended;
    return this.#received.toString("latin1");
  }

  async end(): Promise<void> {
    this.#socket.destroy();
    await this.#ended;
  }
}

/** A masked frame in its shortest form. */
function frame(first: number, body: Uint8Array, masked = true): Uint8Array {
  const long = body.length < 126
    ? []
    : body.length < 65_536
    ? [body.length >> 8, body.length & 255]
    : hex64(body.length);
  const second = body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127;
  const key = [0x12, 0xa4, 0xf0, 0x07];
  if (!masked) return Uint8Array.of(first, second, ...long, ...body);
  return Buffer.concat([
    Uint8Array.of(first, second | 0x80, ...long, ...key),
    body.map((byte, i) => byte ^ key[i & 3]!),
  ]);
}

function hex64(length: number): number[] {
  return [0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => length >>> shift & 255)];
}

/** A bound socket with an honest peer, and proof that this peer loses nothing. */
async function withHonest(body: (pull: Pull, endpoint: string) => Promise<void>, options = {}): Promise<void> {
  await using pull = new Pull({ maxMessageSize: 1000, ...options });
  await using honest = new Push();
  const endpoint = await pull.bind(ANY);
  honest.connect(endpoint);
  await honest.send("before");
  assertEquals(await take(pull, 1), ["before"]);
  await body(pull, endpoint);
  await honest.send("after");
  assertEquals([await take(pull, 1), pull.tryReceive(), pull.peerCount], [["after"], undefined, 1]);
}

/** Requests that are refused: the status, and words of the answer. */
const REFUSED: Readonly<Record<string, [request: string | Uint8Array, status: number, words: string]>> = {
  "a plain request": [
    request({ Upgrade: undefined, Connection: undefined }),
    426,
    "a ZeroMQ endpoint over WebSocket",
  ],
  "a POST": [request({}, "POST / HTTP/1.1"), 405, "begins with GET"],
  "a request with a body": [request({ "Content-Length": "5" }) + "hello", 400, "no body"],
  "a chunked request": [request({ "Transfer-Encoding": "chunked" }), 400, "no body"],
  "HTTP/1.0": [request({}, "GET / HTTP/1.0"), 505, "HTTP/1.1"],
  "another path": [request({}, "GET /other HTTP/1.1"), 404, "nothing is bound"],
  "a whole URL": [request({}, "GET http://127.0.0.1/ HTTP/1.1"), 404, "nothing is bound"],
  "another version": [request({ "Sec-WebSocket-Version": "8" }), 426, "version 13"],
  "no key": [request({ "Sec-WebSocket-Key": undefined }), 400, "Sec-WebSocket-Key"],
  "a short key": [request({ "Sec-WebSocket-Key": "c2hvcnQ=" }), 400, "Sec-WebSocket-Key"],
  "two keys": [request({ "Sec-WebSocket-Key": `${KEY}, ${KEY}` }), 400, "Sec-WebSocket-Key"],
  "no host": [request({ Host: undefined }), 400, "Host"],
  "no subprotocol": [request({ "Sec-WebSocket-Protocol": undefined }), 400, "ZWS2.0/NULL"],
  "other subprotocols": [request({ "Sec-WebSocket-Protocol": "mqtt, zws2.0, ZWS2.0/CURVE" }), 400, "ZWS2.0/NULL"],
  "a foreign origin": [request({ Origin: "https://evil.example" }), 403, "https://evil.example"],
  "the origin null": [request({ Origin: "null" }), 403, "null"],
  "an origin of a name that leads here": [
    request({ Origin: "http://evil.example", Host: "evil.example" }),
    403,
    "http://evil.example",
  ],
  "the origin of another port": [request({ Origin: "http://127.0.0.1:1", Host: "127.0.0.1:2" }), 403, "allowedOrigins"],
  "a head without an end": ["GET / HTTP/1.1\r\nX: " + "x".repeat(20_000), 431, "16384"],
  "a header without a colon": ["GET / HTTP/1.1\r\nHost\r\n\r\n", 400, "malformed"],
  "a folded header": ["GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, "malformed"],
  "no request": ["HELLO\r\n\r\n", 400, "not a request"],
  "a greeting of ZMTP": [hex("ff00000000000000017f0301"), 400, "not of HTTP"],
  "a hello of TLS": [hex("16030100"), 400, "not of HTTP"],
};

for (const [name, [bytes, status, words]] of Object.entries(REFUSED)) {
  test(`ws: ${name} is answered with ${status}, and costs only that connection`, async () => {
    await withHonest(async (pull, endpoint) => {
      const raw = await Raw.open(endpoint);
      const rejected = nextEvent(pull, "accept:error");
      raw.send(bytes);
      const answer = await raw.rest();
      assert(answer.startsWith(`HTTP/1.1 ${status} `), answer);
      assert(answer.includes(words) && answer.includes("Connection: close\r\n"), answer);
      const { message } = (await rejected).error as ZmqError;
      assert(message.includes(`${status} `) && message.includes(words), message);
    });
  });
}

test("ws: origins that are allowed, and clients without one", async () => {
  const cases: readonly (readonly [origins: string[], headers: Record<string, string>])[] = [
    [[], {}],
    [[], { Origin: "http://127.0.0.1:8080", Host: "127.0.0.1:8080" }],
    [[], { Origin: "http://[::1]:8080", Host: "[::1]:8080" }],
    [[], { Origin: "http://localhost:8080", Host: "localhost:8080" }],
    [["https://app.example"], { Origin: "https://APP.example" }],
    [["https://other.example", "https://app.example:8443"], { Origin: "https://app.example:8443" }],
    [["*"], { Origin: "https://evil.example" }],
    [["null"], { Origin: "null" }],
  ];
  for (const [allowedOrigins, headers] of cases) {
    await using pull = new Pull();
    const raw = await Raw.open(await pull.bind(ANY, { allowedOrigins }));
    raw.send(request(headers));
    assert((await raw.until(/\r\n\r\n/)).startsWith("HTTP/1.1 101 "), JSON.stringify(headers));
    await raw.end();
  }
});

test("ws: a client that does not complete its request in time is disconnected", async () => {
  await withHonest(async (pull, endpoint) => {
    for (const start of ["", "GET / HT"]) {
      const raw = await Raw.open(endpoint);
      const rejected = nextEvent(pull, "accept:error");
      if (start !== "") raw.send(start);
      assertEquals(((await rejected).error as ZmqError).code, "ETIMEDOUT");
      assertEquals(await raw.rest(), "");
    }
  }, { handshakeInterval: 300 });
});

test("ws: more clients than 256 that are silent push out the oldest, and no other peer", async () => {
  await withHonest(async (pull, endpoint) => {
    const first = await Raw.open(endpoint);
    const rejected = nextEvent(pull, "accept:error");
    const others: Raw[] = [];
    for (let i = 0; i < 256; i++) others.push(await Raw.open(endpoint));
    assertEquals(((await rejected).error as ZmqError).code, "EAGAIN");
    assertEquals(await first.rest(), "");
    for (const other of others) await other.end();
  });
}, { timeout: 30_000 });

const HELLO = new TextEncoder().encode("\0hello");
/** Frames that break RFC 6455: the code that the peer gets, and words of the event. */
const WRONG: Record<string, [frames: Uint8Array, code: number, words: string]> = {
  "text": [frame(0x81, HELLO), 1003, "text"],
  "text in fragments": [frame(0x01, HELLO), 1003, "text"],
  "a frame without a mask": [frame(0x82, HELLO, false), 1002, "without a mask"],
  "compressed data": [frame(0xc2, HELLO), 1002, "reserved bits"],
  "the second reserved bit": [frame(0xa2, HELLO), 1002, "reserved bits"],
  "the third reserved bit": [frame(0x92, HELLO), 1002, "reserved bits"],
  "an unknown opcode": [frame(0x83, HELLO), 1002, "opcode 3"],
  "an unknown control opcode": [frame(0x8b, HELLO), 1002, "opcode 11"],
  "a ping in fragments": [frame(0x09, HELLO), 1002, "in fragments"],
  "a long ping": [frame(0x89, new Uint8Array(126)), 1002, "more than 125"],
  "a long close frame": [frame(0x88, new Uint8Array(126)), 1002, "more than 125"],
  "a continuation of nothing": [frame(0x80, HELLO), 1002, "continuation of nothing"],
  "a message within another": [Buffer.concat([frame(0x02, HELLO), frame(0x82, HELLO)]), 1002, "within another"],
  "16 bits for a short length": [hex("82fe007d 00000000"), 1002, "shortest form"],
  "64 bits for a short length": [hex("82ff000000000000ffff 00000000"), 1002, "shortest form"],
  "a length with a sign": [hex("82ff8000000000000001 00000000"), 1002, "a sign"],
  "an exabyte": [hex("82ff1000000000000000 00000000"), 1009, "the limit is"],
  "fragments above the limit": [
    Buffer.concat(Array.from({ length: 80 }, (_, i) => frame(i === 0 ? 0x02 : 0, new Uint8Array(1000)))),
    1009,
    "the limit is",
  ],
  "half a close code": [frame(0x88, hex("03")), 1002, "half a code"],
  "a reason that is not UTF-8": [frame(0x88, hex("03e8 c328")), 1007, "not UTF-8"],
  // Not a violation of RFC 6455, but of RFC 45: the socket ends the connection.
  "an empty message": [frame(0x82, NONE), 1000, "empty message"],
};
for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]) {
  WRONG[`the close code ${code}`] = [frame(0x88, Uint8Array.of(code >> 8, code & 255)), 1002, `code ${code}`];
}

for (const [name, [frames, code, words]] of Object.entries(WRONG)) {
  test(`ws: a peer that sends ${name} is closed with ${code}, and no other peer is`, async () => {
    await withHonest(async (pull, endpoint) => {
      const raw = await Raw.handshaken(endpoint);
      const lost = nextEvent(pull, "disconnect");
      raw.send(frame(0x82, HELLO), frames, frame(0x82, HELLO));
      const { error } = await lost;
      assert((error as ZmqError).message.includes(words), (error as ZmqError).message);
      const { first, body } = await raw.frame();
      assertEquals([first, body.readUInt16BE(0)], [0x88, code]);
      assertEquals(await raw.rest(), "");
      assertEquals(await take(pull, 1), ["hello"]);
    });
  });
}

test("ws: every close code is answered, and reported in plain words unless it is an orderly end", async () => {
  await withHonest(async (pull, endpoint) => {
    const codes = [
      ...Array.from({ length: 15 }, (_, i) => 1000 + i).filter((code) => ![1004, 1005, 1006].includes(code)),
    ];
    for (const code of [undefined, ...codes, 3000, 3999, 4000, 4999]) {
      const raw = await Raw.handshaken(endpoint);
      const lost = nextEvent(pull, "disconnect");
      const reason = new TextEncoder().encode(code === undefined || code < 3000 ? "" : "\u00fc\u{1f600}");
      raw.send(frame(0x88, code === undefined ? NONE : Uint8Array.of(code >> 8, code & 255, ...reason)));
      const { error } = await lost;
      const orderly = code === undefined || code === 1000 || code === 1001;
      if (orderly) assertEquals(error, undefined);
      else assert((error as ZmqError).message.includes(`with the code ${code} (`), (error as ZmqError).message);
      assertEquals((await raw.frame()).first, 0x88);
      assertEquals(await raw.rest(), "");
    }
  });
}, { timeout: 20_000 });

test("ws: a peer that goes without a close frame is reported as such", async () => {
  await withHonest(async (pull, endpoint) => {
    const raw = await Raw.handshaken(endpoint);
    const lost = nextEvent(pull, "disconnect");
    await raw.end();
    const { message } = (await lost).error as ZmqError;
    assert(/1006|reset|closed/.test(message), message);
  });
});

test("ws: fragments, empty ones too, with control frames in between, in pieces of any size", async () => {
  await withHonest(async (pull, endpoint) => {
    const text = "\0" + "fragment".repeat(20);
    const bytes = new TextEncoder().encode(text);
    for (const size of [0, 1, 7, 64, bytes.length]) {
      const parts = size === 0
        ? [NONE, bytes, NONE, NONE]
        : Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      const stream = Buffer.concat(parts.flatMap((part, i) => {
        const first = (i === 0 ? 2 : 0) | (i === parts.length - 1 ? 0x80 : 0);
        return [frame(first, part), ...i % 3 === 0 && i < parts.length - 1 ? [frame(0x8a, hex("01"))] : []];
      }));
      for (const step of [1, 3, stream.length]) {
        const raw = await Raw.handshaken(endpoint);
        for (let at = 0; at < stream.length; at += step) raw.send(stream.subarray(at, at + step));
        assertEquals(await take(pull, 1), [text.slice(1)]);
        const lost = nextEvent(pull, "disconnect");
        await raw.end();
        await lost;
      }
    }
  });
}, { timeout: 30_000 });

test("ws: pings are answered with their bytes, also in the middle of a message; pongs are not", async () => {
  await withHonest(async (pull, endpoint) => {
    const raw = await Raw.handshaken(endpoint);
    for (const size of [0, 1, 125]) {
      const body = new Uint8Array(size).map((_, i) => i + 1);
      raw.send(frame(0x8a, body), frame(0x02, HELLO), frame(0x89, body));
      const pong = await raw.frame();
      assertEquals([pong.first, toHex(pong.body)], [0x8a, toHex(body)]);
      raw.send(frame(0x80, NONE));
      assertEquals(await take(pull, 1), ["hello"]);
    }
    const lost = nextEvent(pull, "disconnect");
    await raw.end();
    await lost;
  });
});

test("ws: a flood of pings from a peer that does not read costs no memory, and is answered at last", async () => {
  await withHonest(async (pull, endpoint) => {
    const raw = await Raw.handshaken(endpoint);
    const many = Buffer.concat(Array.from({ length: 2000 }, (_, i) => frame(0x89, Uint8Array.of(i & 255))));
    for (let i = 0; i < 20; i++) raw.send(many);
    raw.send(frame(0x89, hex("abcdef")));
    for (;;) if (toHex((await raw.frame()).body) === "abcdef") break;
    const lost = nextEvent(pull, "disconnect");
    await raw.end();
    await lost;
  });
}, { timeout: 30_000 });
