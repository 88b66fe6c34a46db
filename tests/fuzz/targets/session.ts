/**
 * Whole sessions, from the first byte on, over bytes and over whole frames: greeting, handshake, traffic.
 *
 * @module
 */

import { ZmqError } from "../../../src/base/errors.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import { PlainClient } from "../../../src/security/plain_client.ts";
import { PlainServer } from "../../../src/security/plain_server.ts";
import { encodeFrame } from "../../../src/zmtp/frame.ts";
import { encodeGreeting } from "../../../src/zmtp/greeting.ts";
import { DEFAULT_LIMITS } from "../../../src/zmtp/limits.ts";
import type { Mechanism } from "../../../src/zmtp/mechanism.ts";
import type { PeerInfo } from "../../../src/zmtp/peer_info.ts";
import { Session } from "../../../src/zmtp/session.ts";
import type { SessionHandler } from "../../../src/zmtp/session_handler.ts";
import type { ZmtpSocketType } from "../../../src/zmtp/socket_type.ts";
import { WELCOME } from "../../security/scenes.ts";
import { chunkings } from "../chunking.ts";
import { Choices } from "../choices.ts";
import { withinMemory } from "../memory.ts";
import { bytes, require, same, type Target, toHex } from "../target.ts";

const LIMITS = {
  ...DEFAULT_LIMITS,
  maxFrameSize: 80,
  maxFrames: 4,
  maxMessageSize: 100,
  maxTopicSize: 40,
  maxHandshakeSize: 200,
};
const NONE = new Uint8Array(0);
const TYPES: readonly ZmtpSocketType[] = [
  { name: "DEALER", partners: ["REP", "DEALER", "ROUTER"], code: 5 },
  { name: "XPUB", partners: ["SUB", "XSUB"], code: 9, publishes: true },
];
const METADATA = [bytes(11, "Socket-Type", 0, 0, 0, 6, "DEALER"), bytes(11, "Socket-Type", 0, 0, 0, 3, "SUB")];
const check = { authenticate: () => WELCOME, domain: "", address: "", identity: NONE };

/** A mechanism, and the commands with which its peer completes the handshake. */
interface Side {
  readonly mechanism: (metadata: Uint8Array) => Mechanism;
  readonly name: string;
  readonly commands: (metadata: Uint8Array) => Uint8Array[];
}

const SIDES: readonly Side[] = [
  {
    mechanism: (metadata) => new NullMechanism(metadata),
    name: "NULL",
    commands: (metadata) => [bytes(5, "READY", metadata)],
  },
  {
    mechanism: (metadata) => new PlainServer({ metadata, check }),
    name: "PLAIN",
    commands: (metadata) => [bytes(5, "HELLO", 0, 0), bytes(8, "INITIATE", metadata)],
  },
  {
    mechanism: (metadata) => new PlainClient({ metadata, username: NONE, password: NONE }),
    name: "PLAIN",
    commands: (metadata) => [bytes(7, "WELCOME"), bytes(5, "READY", metadata)],
  },
];

/** A session, and its calls as text. */
class Recorded implements SessionHandler {
  readonly credit = { left: Infinity };
  readonly session: Session;
  events = "";
  sent = "";
  failed = false;
  #ready = false;
  /** The first invariant that did not hold: a session catches what its handler throws. */
  #broken: unknown;

  constructor(type: ZmtpSocketType, mechanism: Mechanism, protocol: string | undefined) {
    const options = { type, identity: NONE, limits: LIMITS, ...protocol !== undefined && { protocol } };
    this.session = new Session(options, mechanism, this);
    this.session.start(0);
  }

  /** Passes bytes to the session. */
  feed(part: Uint8Array): void {
    this.session.feed(part.slice());
    if (this.#broken !== undefined) throw this.#broken;
  }

  mayRead(): boolean {
    return true;
  }

  now(): number {
    return 0;
  }

  send(part: Uint8Array): void {
    this.sent += toHex(part);
  }

  flush(): void {}

  onReady(peer: PeerInfo | undefined): void {
    this.#require(!this.#ready, "a session becomes ready once");
    this.#ready = true;
    const type = peer?.metadata.get("socket-type");
    if (type !== undefined) {
      this.#require(same(type, bytes(peer!.socketType)), "the socket type is the one that was sent", type);
    }
    this.#add("ready", peer?.version ?? "", peer?.socketType ?? "", peer?.identity ?? NONE);
  }

  onMessage(message: readonly Uint8Array[]): boolean {
    const size = message.reduce((sum, frame) => sum + frame.length, 0);
    this.#require(
      message.length <= LIMITS.maxFrames && size <= LIMITS.maxMessageSize,
      "a message is within the limits",
      size,
    );
    this.#require(message.every((frame) => frame.length <= LIMITS.maxFrameSize), "a frame is within its limit");
    this.#add("message", ...message);
    return true;
  }

  onSubscription(cancel: boolean, topic: Uint8Array): boolean {
    this.#require(topic.length <= LIMITS.maxTopicSize + 256, "a topic is within its limit", topic);
    this.#add(cancel ? "cancel" : "subscribe", topic);
    return true;
  }

  onFailure(error: ZmqError): void {
    this.#require(error instanceof ZmqError, "a failure has a code", `${error}`);
    this.#add("failure", error.code, error.message);
    this.failed = true;
  }

  #require(...invariant: Parameters<typeof require>): void {
    try {
      require(...invariant);
    } catch (error) {
      this.#broken ??= error;
    }
  }

  #add(what: string, ...values: readonly (string | Uint8Array)[]): void {
    this.#require(!this.failed, "nothing follows a failure", what);
    this.#require(this.#ready || what === "failure", "traffic follows the handshake", what);
    this.events += `${what} ${values.map((value) => typeof value === "string" ? value : toHex(value)).join(" ")}\n`;
  }
}

function runBytes(input: Uint8Array): void {
  const choices = new Choices(input);
  const role = choices.below(2);
  const side = choices.pick(SIDES);
  const begun = choices.below(4);
  const metadata = METADATA[role]!;
  const start: Uint8Array[] = [];
  if (begun > 0) start.push(encodeGreeting(side.name, side.name === "PLAIN"));
  if (begun > 1) start.push(...side.commands(metadata).map((body) => encodeFrame(4, body)));
  const stream = bytes(...start, choices.rest());
  const play = (chunks: readonly Uint8Array[]) => {
    const recorded = new Recorded(TYPES[role]!, side.mechanism(metadata), undefined);
    for (const chunk of chunks) recorded.feed(chunk);
    return recorded;
  };
  const whole = withinMemory(input, 40_000 + 8 * stream.length, () => play([stream]));
  for (const chunks of chunkings(stream)) {
    const inChunks = play(chunks);
    require(inChunks.events === whole.events, "chunks do not change the result", inChunks.events, whole.events);
    require(inChunks.sent === whole.sent, "chunks do not change what is sent", inChunks.sent, whole.sent);
  }
}

function runFrames(input: Uint8Array): void {
  const choices = new Choices(input);
  const role = choices.below(2);
  const side = choices.pick(SIDES);
  const protocol = choices.pick([`ZWS2.0/${side.name}`, "ZWS2.0"]);
  const begun = choices.below(4) > 0 && protocol !== "ZWS2.0";
  const metadata = METADATA[role]!;
  const recorded = new Recorded(TYPES[role]!, side.mechanism(metadata), protocol);
  withinMemory(input, 40_000 + 8 * input.length, () => {
    if (begun) { for (const body of side.commands(metadata)) recorded.feed(bytes(2, body)); }
    while (choices.left > 0) recorded.feed(choices.short());
  });
}

const TRAFFIC = [
  bytes(0, 5, "hello"),
  bytes(1, 1, "a", 0, 0),
  bytes(4, 11, 9, "SUBSCRIBE", "a"),
  bytes(4, 8, 6, "CANCEL", "a"),
  bytes(4, 9, 4, "PING", 0, 1, "ab"),
  bytes(4, 7, 4, "PONG", "ab"),
  bytes(4, 10, 5, "ERROR", 3, "400"),
  bytes(0, 2, 1, "a"),
  bytes(1, 4, "more"),
  bytes(2, 0, 0, 0, 0, 0, 0, 0, 81),
];
const GREETING = bytes(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f);

/** The targets. */
export const SESSION_TARGETS: readonly Target[] = [
  {
    name: "session",
    most: 260,
    seeds: [
      bytes(0, 0, 2, ...TRAFFIC.slice(0, 2)),
      bytes(1, 0, 2, ...TRAFFIC.slice(2, 6)),
      bytes(0, 0, 0, encodeGreeting("NULL", false), encodeFrame(4, bytes(5, "READY", METADATA[0]!)), TRAFFIC[0]!),
      bytes(0, 0, 1, encodeFrame(4, bytes(5, "READY", METADATA[0]!)), TRAFFIC[1]!),
      bytes(0, 1, 1, encodeFrame(4, bytes(5, "HELLO", 0, 0)), encodeFrame(4, bytes(8, "INITIATE", METADATA[0]!))),
      bytes(1, 2, 1, encodeFrame(4, bytes(7, "WELCOME")), encodeFrame(4, bytes(5, "READY", METADATA[1]!))),
      bytes(0, 0, 0, GREETING, 1, 5, 0, 0, TRAFFIC[0]!),
      bytes(1, 0, 0, GREETING, 0, 2, 1, 0, 3, 0, 1, "a"),
      bytes(0, 0, 0, 1, 0, 6, 0, "hello"),
    ],
    tokens: [...TRAFFIC, bytes("\xef\xbb\xbf"), bytes(8, "Identity", 0, 0, 0, 1, 0)],
    run: runBytes,
  },
  {
    name: "session-zws",
    seeds: [
      bytes(0, 0, 0, 1, 6, 0, "hello", 1, 1, 3, 1, "ab", 1, 0),
      bytes(1, 0, 0, 1, 12, 2, 9, "SUBSCRIBE", "a", 8, 2, 6, "CANCEL"),
      bytes(0, 0, 1, 0, 3, 0, "id", 6, 0, "hello"),
      bytes(0, 1, 0, 0, 9, 2, 5, "HELLO", 0, 0),
    ],
    tokens: TRAFFIC,
    run: runFrames,
  },
];
