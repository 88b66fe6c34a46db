/**
 * Peers that send continuously to a socket without a receive high-water mark. The queue of a program that receives as
 * fast as it can stays bounded, though one event loop turn may read more than a receive loop takes in it; a program
 * that does not receive queues everything, as with libzmq.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Pull, Router } from "../../mod.ts";
import { BEHIND_IN_ALL } from "../../src/engine/pipe/catching_up.ts";
import { test } from "../support/harness.ts";
import { bytes, greeting, message, ready } from "../support/raw_peer.ts";
import { ANY, until } from "./support.ts";

const FLOOD = 1_000_000;
/**
 * More than is read in the turn in which the program is first behind, on any machine: some 8 ms of reading, and as much
 * again.
 */
const FIRST_TURN = 320_000;

/** A Node process that connects as this socket type and sends the same message repeatedly. */
class Flooder implements AsyncDisposable {
  readonly #child;
  readonly #exited: Promise<unknown>;

  constructor(endpoint: string, type: string, body: Uint8Array, count: number) {
    const { hostname, port } = new URL(endpoint.replace("tcp:", "http:"));
    const one = message(body);
    const each = Math.floor(65_536 / one.length);
    const script = `const chunk = Buffer.alloc(${each} * ${one.length}, Buffer.from("${hex(one)}", "hex"));
      const socket = require("node:net").connect(${port}, "${hostname}").resume();
      socket.on("error", () => process.exit()).on("close", () => process.exit());
      socket.write(Buffer.from("${hex(bytes(greeting(), ready(type)))}", "hex"));
      let left = ${count};
      const go = () => {
        if (left <= 0) return;
        socket.write(left < ${each} ? chunk.subarray(0, left * ${one.length}) : chunk, go);
        left -= ${each};
      };
      go();`;
    this.#child = spawn("node", ["-e", script], { stdio: ["ignore", "ignore", "inherit"] });
    this.#exited = once(this.#child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const NO_MARK = { receiveHighWaterMark: 0 };
const BODY = new Uint8Array(10);

/** Ways to receive, each of which reports the number of received messages. */
const LOOPS: Readonly<Record<string, (socket: Pull | Router, count: (some: number) => boolean) => Promise<void>>> = {
  async "for await"(socket, count) {
    for await (const _ of socket) if (count(1)) return;
  },
  async "receive()"(socket, count) {
    while (!count(1)) await socket.receive();
  },
  async "receiveMany()"(socket, count) {
    while (!count((await socket.receiveMany()).length));
  },
};

for (const [name, loop] of Object.entries(LOOPS)) {
  for (const [make, type, peers] of [[Pull, "PUSH", 2], [Router, "DEALER", 5]] as const) {
    test(
      `${make.name} without a receive high-water mark, ${name}: queued messages of ${peers} flooding peers are bounded`,
      async () => {
        await using socket = new make(NO_MARK);
        const endpoint = await socket.bind(ANY);
        const flooders = Array.from({ length: peers }, () => new Flooder(endpoint, type, BODY, Infinity));
        try {
          let [received, most] = [0, 0];
          await loop(socket, (some) => {
            // Not for each message: it would take longer than receiving it.
            if (Math.floor(received / 1000) !== Math.floor((received += some) / 1000)) {
              most = Math.max(most, socket.statistics().held);
            }
            return received >= FLOOD;
          });
          assert(most <= BEHIND_IN_ALL + FIRST_TURN, `${most} messages were held`);
        } finally {
          for (const flooder of flooders) await flooder[Symbol.asyncDispose]();
        }
      },
      { timeout: 60_000 },
    );
  }
}

test(
  "without a receive high-water mark a program that received as fast as it could, and then stops, queues every message",
  async () => {
    const COUNT = 3 * BEHIND_IN_ALL;
    await using pull = new Pull(NO_MARK);
    await using _flooder = new Flooder(await pull.bind(ANY), "PUSH", BODY, COUNT);
    const TAKEN = 10_000;
    for (let i = 0; i < TAKEN; i++) await pull.receive();
    await until(() => pull.statistics().held === COUNT - TAKEN);
    for (let i = TAKEN; i < COUNT; i++) await pull.receive();
    assertEquals(pull.statistics().held, 0);
  },
  { timeout: 60_000 },
);
