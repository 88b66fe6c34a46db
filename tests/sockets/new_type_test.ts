/**
 * A socket type and an option that the library does not have, defined here like those of `src/sockets/`: a BUS receives
 * the messages of all other BUS sockets. No other file knows of it.
 *
 * @module
 */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DuplexSocket, type Live, Pull, type ReceiveOptions, type SendOptions, type SocketOptions } from "../../mod.ts";
import { text } from "../../src/base/checks.ts";
import { RECEIVE } from "../../src/engine/options/receive.ts";
import { SEND } from "../../src/engine/options/send.ts";
import { SOCKET } from "../../src/engine/options/socket.ts";
import type { SocketDefinition } from "../../src/engine/socket_definition.ts";
import { type Message, toBytes, toText } from "../../src/base/message.ts";
import { option, type OptionGroup, type Values } from "../../src/base/option.ts";
import { FairQueue } from "../../src/routing/fair_queue.ts";
import type { Pattern } from "../../src/routing/pattern.ts";
import type { Pipe } from "../../src/routing/pipe.ts";
import { defineOptions } from "../../src/sockets/live_options.ts";
import { test } from "../support/harness.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { FROM_OLDER } from "../zmtp/vectors.ts";

/** Options of a bus. */
interface PrefixOptions {
  /** Text that goes before the first frame of each message. Default: none. */
  readonly prefix?: string;
}

const PREFIX: OptionGroup<PrefixOptions> = {
  prefix: option(text(20), "", "next message"),
};

interface BusOptions extends PrefixOptions, ReceiveOptions, SendOptions, SocketOptions {}

class BusPattern implements Pattern {
  readonly queuesAhead = false;
  readonly #pipes = new Set<Pipe>();
  readonly #in = new FairQueue();
  readonly #options: Values<PrefixOptions>;

  constructor(options: Values<PrefixOptions>) {
    this.#options = options;
  }

  attach(pipe: Pipe): undefined {
    this.#pipes.add(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  trySend([first, ...rest]: Message): boolean {
    const message = [toBytes(this.#options.prefix + toText(first!)), ...rest];
    for (const pipe of this.#pipes) pipe.sendOrDrop(message);
    return true;
  }

  canSend(): boolean {
    return true;
  }

  tryReceive(): Message | undefined {
    return this.#in.receive();
  }

  canReceive(): boolean {
    return this.#in.readable;
  }
}

const BUS: SocketDefinition<BusOptions, BusPattern> = {
  name: "BUS",
  partners: ["BUS"],
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...PREFIX },
  pattern: (settings) => new BusPattern(settings),
};

class Bus extends DuplexSocket {
  constructor(options: BusOptions = {}) {
    super(BUS, options);
  }
}

interface Bus extends Live<BusOptions> {}

defineOptions(Bus.prototype, BUS);

/** A type that would talk to a PULL and to a BUS, which would not talk to it. */
class Intruder extends DuplexSocket {
  constructor() {
    super({ ...BUS, name: "INTRUDER", partners: ["PULL", "BUS"] } as SocketDefinition, {});
  }
}

/** The socket that binds, and the one that connects. */
const REFUSED: (new () => Bus | Pull | Intruder)[][] = [
  [Pull, Bus],
  [Bus, Pull],
  [Pull, Intruder],
  [Bus, Intruder],
  [Intruder, Bus],
];

const ENDPOINTS = ["tcp://127.0.0.1:0", "inproc://new-type"];

for (const endpoint of ENDPOINTS) {
  const [scheme] = endpoint.split(":");

  test(`new type: it talks to its own kind over ${scheme}, with its own option and those of all types`, async () => {
    await using middle = new Bus({ linger: 0 });
    await using left = new Bus({ linger: 0, prefix: "left: ", sendHighWaterMark: 5 });
    await using right = new Bus({ linger: 0 });
    const handshakes: string[] = [];
    middle.events.listen((event) => event.type === "handshake" && handshakes.push(event.peerType));
    const bound = await middle.bind(endpoint);
    for (const bus of [left, right]) bus.connect(bound);
    await middle.waitForPeers(2);
    await Promise.all([left.waitForPeers(1), right.waitForPeers(1)]);
    assertEquals(handshakes, ["BUS", "BUS"]);

    await middle.send(["all", "2"]);
    for (const bus of [left, right]) assertEquals((await bus.receive()).map(toText), ["all", "2"]);
    await left.send("a");
    assertEquals((await middle.receive()).map(toText), ["left: a"]);
    left.prefix = "";
    await left.send("b");
    assertEquals((await middle.receive()).map(toText), ["b"]);
    assertEquals([left.prefix, left.sendHighWaterMark, String(left.type)], ["", 5, "BUS"]);
  });

  test(`new type: sockets of other types refuse it over ${scheme}, and so does it them`, async () => {
    for (const [One, Other] of REFUSED) {
      await using bound = new One!();
      await using connected = new Other!();
      const failed = new Promise<string>((resolve) => {
        for (const socket of [bound, connected]) {
          socket.events.listen((event) => event.type === "handshake:error:protocol" && resolve(event.rule));
        }
      });
      connected.connect(await bound.bind(endpoint));
      assertEquals(await failed, "INVALID_METADATA", `${One!.name} and ${Other!.name}`);
      assertEquals([bound.peerCount, connected.peerCount], [0, 0]);
    }
  });
}

test("new type: a peer of ZMTP 2.0 has no such type, and is refused", async () => {
  await using bus = new Bus({ linger: 0 });
  const failed = new Promise<Error>((resolve) => {
    bus.events.listen((event) => event.type === "handshake:error:protocol" && resolve(event.error));
  });
  const peer = await RawPeer.connect(await bus.bind("tcp://127.0.0.1:0"));
  await peer.write(FROM_OLDER.signature, Uint8Array.of(1, 0, 0, 0));
  assertStringIncludes((await failed).message, "which has no BUS sockets");
  await peer.end();
});

test("new option: it is checked as all are, and other types do not have it", () => {
  assertThrows(() => new Bus({ prefix: "x".repeat(21) }), RangeError, "prefix must be at most 20 bytes long");
  assertThrows(() => new Bus({ prefix: 1 as never }), TypeError, "prefix must be a string");
  const error = assertThrows(() => new Bus({ conflate: true } as never), TypeError) as Error;
  assertStringIncludes(error.message, "A BUS socket has no option conflate; it has linger, ");
  assertStringIncludes(error.message, "hiccupMessage, prefix");
  assertThrows(() => new Pull({ prefix: "" } as never), TypeError, "A PULL socket has no option prefix");
});
