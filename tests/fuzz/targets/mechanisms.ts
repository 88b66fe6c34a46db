/**
 * The handshakes of NULL and PLAIN, in both roles, against a naive model of their states.
 *
 * @module
 */

import { ZmqError } from "../../../src/base/errors.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import { PlainClient } from "../../../src/security/plain_client.ts";
import { PlainServer } from "../../../src/security/plain_server.ts";
import type { PeerCheck } from "../../../src/security/zap.ts";
import type { Mechanism, MechanismHost } from "../../../src/zmtp/mechanism.ts";
import { MAX_PROPERTIES, type Metadata } from "../../../src/zmtp/metadata.ts";
import { Choices } from "../choices.ts";
import { withinMemory } from "../memory.ts";
import { bytes, rejection, require, same, type Target } from "../target.ts";
import { modelMetadata } from "./commands.ts";

/** The metadata of this side, and that of most peers. */
export const METADATA: Uint8Array = bytes(11, "Socket-Type", 0, 0, 0, 6, "DEALER");

/** The end of a handshake. */
export interface Ending {
  /** The metadata of a peer that is accepted. */
  readonly peer: Metadata | undefined;
  readonly rejected: string | undefined;
  readonly sent: readonly Uint8Array[];
}

/** Plays a handshake: `commands` is called for each command of the peer, with what was sent so far. */
export function play(mechanism: Mechanism, commands: (sent: readonly Uint8Array[]) => Uint8Array | undefined): Ending {
  const sent: Uint8Array[] = [];
  let peer: Metadata | undefined;
  let rejected: string | undefined;
  // An authenticator's answer is handled where exceptions are caught.
  let endings = 0;
  const errors: Error[] = [];
  const port: MechanismHost = {
    send: (body) => void sent.push(body.slice()),
    complete(metadata, last) {
      endings++;
      peer = metadata;
      if (last !== undefined) sent.push(last);
    },
    fail(error) {
      endings++;
      errors.push(error);
    },
    flush() {},
  };
  try {
    mechanism.start?.(port);
    while (endings === 0) {
      const body = commands(sent);
      if (body === undefined) break;
      mechanism.receive(body.slice(), port);
    }
  } catch (error) {
    endings++;
    errors.push(error as Error);
  }
  mechanism.end?.();
  require(endings <= 1, "a handshake ends once", peer, `${errors}`);
  for (const error of errors) rejected = rejection(error, [ZmqError]);
  return { peer, rejected, sent };
}

function commandsOf(choices: Choices): Uint8Array[] {
  const commands: Uint8Array[] = [];
  while (choices.left > 0) commands.push(choices.short());
  return commands;
}

/** Returns the data of a command if its name is this one. */
function dataOf(body: Uint8Array, name: string): Uint8Array | undefined {
  return same(body.subarray(0, 1 + name.length), bytes(name.length, name)) ? body.subarray(1 + name.length) : undefined;
}

function isMetadata(data: Uint8Array): boolean {
  return modelMetadata(data, MAX_PROPERTIES) !== undefined;
}

function isHello(data: Uint8Array): boolean {
  const password = data.subarray(1 + (data[0] ?? 0));
  return data.length > 0 && password.length > 0 && password.length === 1 + password[0]!;
}

type Step = (body: Uint8Array) => boolean;

/** Plays commands, and compares the end with that of steps, each of which accepts one command. */
function compare(input: Uint8Array, commands: readonly Uint8Array[], make: () => Mechanism, steps: readonly Step[]) {
  let at = 0;
  const { peer, rejected, sent } = withinMemory(input, 4000, () => play(make(), () => commands[at++]));
  const wrong = commands.slice(0, steps.length).findIndex((body, i) => !steps[i]!(body));
  require((rejected !== undefined) === (wrong >= 0), "the model rejects the same", rejected, wrong);
  require((peer !== undefined) === (wrong < 0 && commands.length >= steps.length), "the model accepts the same", peer);
  if (peer === undefined) return { peer, sent };
  const expected = new Map(modelMetadata(commands[steps.length - 1]!.subarray(steps.length === 1 ? 6 : 0), Infinity));
  return { peer, sent, expected };
}

function checkBy(status: 200 | 300 | 400): PeerCheck {
  const verdict = { status, text: "", userId: "", metadata: new Map() };
  return { authenticate: () => verdict, domain: "", address: "", identity: new Uint8Array(0) };
}

const isInitiate: Step = (body) => isMetadata(dataOf(body, "INITIATE") ?? bytes(1));
const isReady: Step = (body) => isMetadata(dataOf(body, "READY") ?? bytes(1));

/** Commands as an input, after these choices. */
function inputOf(choices: readonly number[], ...commands: readonly (string | Uint8Array)[]): Uint8Array {
  return bytes(...choices, ...commands.flatMap((command) => [command.length, command]));
}

const READY = bytes(5, "READY", METADATA);
const HELLO = bytes(5, "HELLO", 3, "ada", 6, "secret");
const TOKENS = [
  READY,
  HELLO,
  bytes(7, "WELCOME"),
  bytes(8, "INITIATE"),
  bytes(5, "ERROR", 3, "400"),
  bytes("^RROR", 3, "400"),
  bytes(7, "User-Id", 0, 0, 0, 1, "a"),
];

/** The targets. */
export const MECHANISM_TARGETS: readonly Target[] = [
  {
    name: "null",
    seeds: [inputOf([0], READY), inputOf([1], READY), inputOf([0], bytes(5, "ERROR", 3, "400"))],
    tokens: TOKENS,
    run(input) {
      const choices = new Choices(input);
      const check = choices.pick([undefined, checkBy(200)]);
      const { sent } = compare(input, commandsOf(choices), () => new NullMechanism(METADATA, check), [isReady]);
      require(sent.length === 1 && same(sent[0]!, READY), "READY is sent once", sent);
    },
  },
  {
    name: "plain-server",
    seeds: [
      inputOf([0], HELLO, bytes(8, "INITIATE", METADATA)),
      inputOf([1], HELLO),
      inputOf([0], bytes(5, "HELLO", 0, 0), bytes(8, "INITIATE")),
    ],
    tokens: TOKENS,
    run(input) {
      const choices = new Choices(input);
      const status = choices.pick([200, 400, 300] as const);
      const make = () => new PlainServer({ metadata: METADATA, check: checkBy(status) });
      const greets: Step = (body) => status === 200 && isHello(dataOf(body, "HELLO") ?? bytes());
      const { peer, sent } = compare(input, commandsOf(choices), make, [greets, isInitiate]);
      require(peer?.has("user-id") !== true, "a peer cannot choose its user id", peer);
      if (peer !== undefined) require(same(sent[1]!, READY), "READY is the answer to INITIATE", sent);
    },
  },
  {
    name: "plain-client",
    seeds: [
      inputOf([3, 0x61, 0x64, 0x61, 1, 0x62], bytes(7, "WELCOME"), READY),
      inputOf([0, 0], bytes("^RROR", 3, "400")),
      inputOf([0, 0], bytes(7, "WELCOME"), bytes(5, "ERROR", 3, "400")),
    ],
    tokens: TOKENS,
    run(input) {
      const choices = new Choices(input);
      const [username, password] = [choices.short(), choices.short()];
      const make = () => new PlainClient({ metadata: METADATA, username, password });
      const welcomes: Step = (body) => same(body, bytes(7, "WELCOME"));
      const { sent } = compare(input, commandsOf(choices), make, [welcomes, isReady]);
      const hello = bytes(5, "HELLO", username.length, username, password.length, password);
      require(same(sent[0]!, hello), "HELLO has the user name and the password", sent);
    },
  },
];
