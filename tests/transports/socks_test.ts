/**
 * The requests of `transports/socks/` to a proxy, and its reactions to answers, also split and hostile ones, with every cell of the
 * table in the header of `handshake.ts`. Without a socket.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import { SocksHandshake } from "../../transports/socks/handshake.ts";
import { test } from "../support/harness.ts";
import { walkStates } from "../support/state_table.ts";

const TARGET = { host: "192.0.2.7", port: 5555 };
const LOGIN = { username: "ann", password: "pw" };
/** An answer with a bound address of each kind. */
const ANSWERS: readonly (readonly number[])[] = [
  [5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
  [5, 0, 0, 3, 0, 0, 0],
  [5, 0, 0, 3, 255, ...new Array<number>(255).fill(7), 0, 0],
  [5, 0, 0, 4, ...new Array<number>(16).fill(9), 0, 0],
];

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const latin = (text: string): number[] => [...new TextEncoder().encode(text)];

/** Feeds answers, each in pieces of `size`, and collects what is sent; the last step is returned besides. */
function feed(handshake: SocksHandshake, answers: readonly (readonly number[])[], size: number) {
  const sent: number[][] = [[...handshake.greeting]];
  let rest: Uint8Array | undefined;
  for (const answer of answers) {
    for (let at = 0; at < answer.length; at += size) {
      const step = handshake.receive(bytes(...answer.slice(at, at + size)));
      if (step.send !== undefined) sent.push([...step.send]);
      if (step.rest !== undefined) rest = step.rest;
    }
  }
  return { sent, rest };
}

test("socks: without a user name, in pieces of every size", () => {
  const request = [5, 1, 0, 1, 192, 0, 2, 7, 0x15, 0xb3];
  for (const answer of ANSWERS) {
    for (let size = 1; size <= answer.length; size++) {
      const { sent, rest } = feed(new SocksHandshake(TARGET, {}), [[5, 0], answer], size);
      assertEquals([sent, rest!.length], [[[5, 1, 0], request], 0]);
    }
  }
});

test("socks: with a user name and a password, where the proxy wants them", () => {
  for (const size of [1, 2, 3, 300]) {
    const { sent, rest } = feed(new SocksHandshake(TARGET, LOGIN), [[5, 2], [1, 0], ANSWERS[2]!], size);
    assertEquals(sent.slice(0, 2), [[5, 2, 0, 2], [1, 3, ...latin("ann"), 2, ...latin("pw")]]);
    assertEquals(rest!.length, 0);
  }
  assertEquals(feed(new SocksHandshake(TARGET, LOGIN), [[5, 0], ANSWERS[0]!], 1).sent.length, 2);
  const { sent } = feed(new SocksHandshake(TARGET, { username: "é" }), [[5, 2]], 2);
  assertEquals(sent[1], [1, 2, 0xc3, 0xa9, 0]);
});

test("socks: bytes right after the answer are the target's", () => {
  const payload = [1, 2, 3, 4];
  for (const answer of ANSWERS) {
    for (let cut = 0; cut < answer.length; cut++) {
      const handshake = new SocksHandshake(TARGET, {});
      handshake.receive(bytes(5, 0));
      if (cut > 0) assertEquals(handshake.receive(bytes(...answer.slice(0, cut))), {});
      const { rest, send } = handshake.receive(bytes(...answer.slice(cut), ...payload));
      assertEquals([[...rest!], send], [payload, undefined]);
    }
  }
  const handshake = new SocksHandshake(TARGET, {});
  handshake.receive(bytes(5, 0));
  handshake.receive(bytes(...ANSWERS[2]!.slice(0, 100)));
  const long = new Uint8Array(100_000).fill(8);
  long.set(ANSWERS[2]!.slice(100));
  assertEquals(handshake.receive(long).rest!.length, 100_000 - (ANSWERS[2]!.length - 100));
});

test("socks: addresses and names of the target", () => {
  const address = (host: string): number[] => {
    const { sent } = feed(new SocksHandshake({ host, port: 80 }, {}), [[5, 0]], 2);
    return sent[1]!.slice(3, -2);
  };
  assertEquals(address("127.0.0.1"), [1, 127, 0, 0, 1]);
  assertEquals(address("::1"), [4, ...new Array<number>(15).fill(0), 1]);
  assertEquals(address("::"), [4, ...new Array<number>(16).fill(0)]);
  assertEquals(address("2001:db8::ff:1"), [4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 1]);
  assertEquals(address("1:2:3:4:5:6:7:ffff"), [4, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 255, 255]);
  assertEquals(address("1::"), [4, 0, 1, ...new Array<number>(14).fill(0)]);
  assertEquals(address("::ffff:10.1.2.3"), [4, ...new Array<number>(10).fill(0), 255, 255, 10, 1, 2, 3]);
  assertEquals(address("jobs.example"), [3, 12, ...latin("jobs.example")]);
  assertEquals(address("a".repeat(255)).length, 257);
});

test("socks: values that are too long or invalid for the protocol are rejected before anything is sent", () => {
  const cases = [
    [{ host: "a".repeat(256), port: 80 }, {}],
    [{ host: "fe80::1%eth0", port: 80 }, {}],
    [TARGET, { username: "" }],
    [TARGET, { username: "a".repeat(256) }],
    [TARGET, { username: "é".repeat(128) }],
    [TARGET, { username: "ann", password: "a".repeat(256) }],
  ] as const;
  for (const [target, login] of cases) {
    const error = assertThrows(() => new SocksHandshake(target, login), ZmqError);
    assertEquals(error.code, "EINVAL");
    assert(error.message.startsWith("Cannot connect"), error.message);
  }
});

/** After the answers, the last one is refused with that code, whole or byte by byte. */
function refuses(answers: readonly (readonly number[])[], code: ZmqErrorCode, words: string): void {
  for (const size of [1, 1000]) {
    const error = assertThrows(() => feed(new SocksHandshake(TARGET, LOGIN), answers, size), ZmqError, words);
    assertEquals(error.code, code);
  }
}

test("socks: refusals of the proxy have the code of their reason", () => {
  refuses([[5, 255]], "EACCES", "another method than user name and password");
  refuses([[5, 2], [1, 1]], "EACCES", "refused the user name or the password");
  const codes = ["EHOSTUNREACH", "EACCES", "EHOSTUNREACH", "EHOSTUNREACH", "ECONNREFUSED", "EHOSTUNREACH"] as const;
  for (const [i, code] of [...codes, "EPROTO", "EPROTO", "EPROTO"].entries()) {
    refuses([[5, 0], [5, i + 1, 0, 1, 0, 0, 0, 0, 0, 0]], code as ZmqErrorCode, "did not connect: ");
  }
  refuses([[5, 0], [5, 255]], "EPROTO", "it answered 255");
  const nobody = new SocksHandshake(TARGET, {});
  const error = assertThrows(() => nobody.receive(bytes(5, 255)), ZmqError, "the SOCKS proxy requires authentication");
  assertEquals(error.code, "EACCES");
});

test("socks: answers that are not SOCKS5 are EPROTO", () => {
  refuses([latin("HTTP/1.1 400 Bad Request")], "EPROTO", "it speaks version 72");
  refuses([[4, 0]], "EPROTO", "it speaks version 4");
  refuses([[5, 1]], "EPROTO", "which was not offered");
  refuses([[5, 2], [5, 0]], "EPROTO", "has version 5");
  refuses([[5, 0], [4, 0, 0, 1, 0]], "EPROTO", "has version 4");
  refuses([[5, 0], [5, 0, 0, 2, 0, 0]], "EPROTO", "an address of kind 2");
  const unoffered = new SocksHandshake(TARGET, {});
  assertThrows(() => unoffered.receive(bytes(5, 2)), ZmqError, "which was not offered");
});

test("socks: an answer before the request is EPROTO", () => {
  for (const early of [[5, 0, 5], [5, 0, ...ANSWERS[0]!], [5, 2, 1]]) {
    const error = assertThrows(() => new SocksHandshake(TARGET, LOGIN).receive(bytes(...early)), ZmqError);
    assertEquals([error.code, error.message.includes("before it was asked")], ["EPROTO", true]);
  }
});

test("socks: random answers end in an error or a connection, after 262 bytes at most", () => {
  for (let seed = 1, random = 1; seed <= 2000; seed++) {
    const handshake = new SocksHandshake(TARGET, LOGIN);
    // Right so far, so that all states are reached.
    const start = [[], [5, 0], [5, 2, 1, 0]][seed % 3]!;
    let open = false;
    try {
      for (let i = 0; i < start.length; i += 2) handshake.receive(bytes(start[i]!, start[i + 1]!));
      for (let i = 0; i < 262 && !open; i++) {
        random = random * 48271 % 0x7fffffff;
        const plausible = [5, 0, 0, [1, 3, 4][random % 3]!][i];
        const byte = plausible !== undefined && random % 7 > 0 ? plausible : random & 255;
        open = handshake.receive(bytes(byte)).rest !== undefined;
      }
    } catch (error) {
      if (!(error instanceof ZmqError)) throw error;
      continue;
    }
    assert(open, `seed ${seed} waits for more`);
  }
});

/** A handshake with a user name, and the state that its last request leads to. */
class Rig {
  readonly handshake = new SocksHandshake(TARGET, LOGIN);
  state = "METHOD";

  answer(...answer: number[]): void {
    try {
      const { send, rest } = this.handshake.receive(bytes(...answer));
      if (rest !== undefined) this.state = "DONE";
      else if (send !== undefined) this.state = send[0] === 5 ? "REPLY" : "STATUS";
    } catch (error) {
      assert(error instanceof ZmqError);
      this.state = "FAILED";
    }
  }
}

const HALF: Readonly<Record<string, readonly number[]>> = { METHOD: [5], STATUS: [1], REPLY: [5, 0, 0] };

walkStates<Rig>("socks handshake", {
  path: "../transports/socks/handshake.ts",
  make: () => new Rig(),
  reach: {
    METHOD: () => {},
    STATUS: (rig) => rig.answer(5, 2),
    REPLY: (rig) => rig.answer(5, 0),
    DONE(rig) {
      rig.answer(5, 0);
      rig.answer(...ANSWERS[0]!);
    },
    FAILED: (rig) => rig.answer(5, 255),
  },
  happen: {
    none: (rig) => rig.answer(5, 0),
    password: (rig) => rig.answer(5, 2),
    "login accepted": (rig) => rig.answer(1, 0),
    "login refused": (rig) => rig.answer(1, 1),
    connected: (rig) => rig.answer(...ANSWERS[0]!),
    refused: (rig) => rig.answer(5, 1, 0, 1, 0, 0, 0, 0, 0, 0),
    "half an answer": (rig, from) => rig.answer(...HALF[from]!),
  },
  stateOf: ({ state }) => state,
});
