/**
 * Scenarios of a socket's connections with scripted peers, to compare the events of this library with those of libzmq.
 * Each returns when the socket has nothing more to report.
 *
 * @module
 */

import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { bytes, command, frame, greeting, longHeader, RawListener, RawPeer, ready } from "../support/raw_peer.ts";

/** Which transport a scenario is played over. */
export type Wire = "tcp" | "ipc";

/** Where a scenario is played. */
export interface Place {
  /** An endpoint to bind. */
  readonly any: string;
  /** An endpoint without a listener. */
  readonly nobody: string;
  /** Registers a resource to dispose at the end. */
  keep<T extends AsyncDisposable>(thing: T): T;
}

/** One thing that happens to a socket. */
export interface Scenario {
  /** Default: PULL, whose peers are scripted PUSHs. */
  readonly type?: EndType;
  readonly options?: EndOptions;
  /** Plays it. */
  play(subject: End, place: Place): Promise<void>;
  /** The socket is to be closed at the end of the play, with everything open. */
  readonly closes?: true;
  /** The events of a socket of this library. */
  readonly ours: readonly string[];
  /** An attempt to connect is refused. */
  readonly refused?: true;
  /** libzmq does not connect again. */
  readonly ended?: true;
  /** The events of libzmq over tcp, where none of these reasons explains them. */
  readonly libzmq?: readonly string[];
}

/** Once: a second attempt would add events. */
const ONCE: EndOptions = { reconnectInterval: 60_000 };

const PEER = { type: "PUSH" };

async function bound(subject: End, { any, keep }: Place): Promise<RawPeer> {
  const peer = keep(await RawPeer.connect(await subject.bind(any)));
  await subject.seen("accept", 1);
  return peer;
}

async function dialed(subject: End, { any, keep }: Place): Promise<[RawPeer, string]> {
  const listener = keep(await RawListener.bind(any));
  await subject.connect(listener.endpoint);
  const peer = await listener.accept();
  await subject.seen("connect", 1);
  return [peer, listener.endpoint];
}

async function shaken(peer: RawPeer, subject: End): Promise<RawPeer> {
  await peer.handshake(PEER);
  await subject.seen("handshake", 1);
  await subject.look();
  return peer;
}

const met = async (subject: End, place: Place) => await shaken(await bound(subject, place), subject);

const found = async (subject: End, place: Place): Promise<[RawPeer, string]> => {
  const [peer, endpoint] = await dialed(subject, place);
  return [await shaken(peer, subject), endpoint];
};

/** The socket itself has ended the connection. */
async function ended(peer: RawPeer, subject: End): Promise<void> {
  const gone = peer.gone.then(() => true);
  // A socket of libzmq does its part of ending only while it is used, and not all of it at once.
  if (subject.ours !== true) { while (!await Promise.race([gone, subject.look().then(() => false)])); }
  await gone;
  if (subject.ours === true) await subject.seen("disconnect:local", 1);
}

/** The part that both sides of a scenario share. */
interface Both {
  readonly options?: EndOptions;
  /** The events between the beginning of the connection and its end. */
  readonly between: readonly string[];
  readonly libzmq?: readonly string[];
  readonly ended?: true;
  /** The actions of the peer. */
  act(peer: RawPeer): Promise<unknown>;
}

/** The same on the side that has bound, and on the side that has connected. */
function onBothSides(name: string, { options, between, libzmq, ended, act }: Both): [string, Scenario][] {
  const handshaken = between[0] === "handshake";
  const theirs = (begin: string[], end: string[]) => libzmq && { libzmq: [...begin, ...libzmq, ...end] };
  return [
    [`bound: ${name}`, {
      ...options && { options },
      play: async (subject, place) => {
        await act(await (handshaken ? met : bound)(subject, place));
        await subject.seen("disconnect", 1);
      },
      ours: ["bind", "accept", ...between, "disconnect"],
      ...theirs(["bind", "accept"], ["disconnect"]),
    }],
    [`connected: ${name}`, {
      options: { ...ONCE, ...options },
      play: async (subject, place) => {
        await act((await (handshaken ? found : dialed)(subject, place))[0]);
        await subject.seen("disconnect", 1);
        if (ended !== true || subject.ours === true) await subject.seen("connect:retry", 1);
      },
      ours: ["connect:delay", "connect", ...between, "disconnect", "connect:retry"],
      ...theirs(["connect:delay", "connect"], ended ? ["disconnect"] : ["disconnect", "connect:retry"]),
      ...ended && { ended },
    }],
  ];
}

const says = (...said: Uint8Array[]) => (peer: RawPeer): Promise<void> => {
  peer.write(...said);
  return peer.end();
};

/** The same, up to the READY of the socket: libzmq's own handshake must not be cut off by the end after it. */
const answers = (said: Uint8Array) => async (peer: RawPeer): Promise<void> => {
  peer.write(greeting());
  await peer.read(64);
  await peer.frame();
  await says(said)(peer);
};

const PROTOCOL = ["handshake:error:protocol"];
const OTHER = ["handshake:error:other"];

const BOTH_SIDES: Readonly<Record<string, Both>> = {
  "the peer ends the connection": { between: ["handshake"], act: (peer) => peer.end() },
  "the peer drops the connection": { between: ["handshake"], act: (peer) => peer[Symbol.asyncDispose]() },
  "the peer is silent for longer than heartbeats allow": {
    options: { heartbeatInterval: 30, heartbeatTimeout: 30 },
    between: ["handshake"],
    act: (peer) => peer.gone,
  },
  "the peer sends a message that is too large": {
    options: { maxMessageSize: 1000 },
    between: ["handshake"],
    act: says(longHeader(2, 5000n), new Uint8Array(5000)),
    ended: true,
  },
  "the peer goes before its greeting": { between: OTHER, act: (peer) => peer.end() },
  "the peer goes after its greeting": { between: OTHER, act: says(greeting()) },
  "the peer says nothing for handshakeInterval": {
    options: { handshakeInterval: 50 },
    between: OTHER,
    act: (peer) => peer.gone,
  },
  "the peer wants another mechanism": { between: PROTOCOL, act: says(greeting(1, "PLAIN")), ended: true },
  "the peer sends a message in its handshake": {
    between: PROTOCOL,
    act: says(greeting(), frame(0, "early")),
    ended: true,
  },
  // libzmq has no event for these two.
  "the peer is of a type that cannot talk to this one": {
    between: PROTOCOL,
    libzmq: [],
    act: says(greeting(), ready("PUB")),
    ended: true,
  },
  "the peer's READY cannot be taken apart": {
    between: PROTOCOL,
    libzmq: [],
    act: says(greeting(), command("READY", bytes(255, "bad"))),
    ended: true,
  },
  // libzmq does not look for it.
  "the peer's READY has no socket type": {
    between: PROTOCOL,
    libzmq: ["handshake"],
    act: answers(command("READY")),
  },
};

/** Every scenario by its name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries(Object.entries(BOTH_SIDES).flatMap(([name, both]) => onBothSides(name, both))),
  "bound: unbind, nobody was there": {
    play: async (subject, { any }) => {
      await subject.unbind(await subject.bind(any));
      await subject.seen("close", 1);
    },
    ours: ["bind", "close"],
  },
  "bound: unbind, with a peer": {
    play: async (subject, place) => {
      const endpoint = await subject.bind(place.any);
      const peer = place.keep(await RawPeer.connect(endpoint));
      await shaken(peer, subject);
      await subject.unbind(endpoint);
      await ended(peer, subject);
      await subject.seen("close", 1);
    },
    ours: ["bind", "accept", "handshake", "close", "disconnect:local"],
  },
  "bound: unbind, with a peer in its handshake": {
    play: async (subject, { any, keep }) => {
      const endpoint = await subject.bind(any);
      const peer = keep(await RawPeer.connect(endpoint));
      await subject.seen("accept", 1);
      await subject.unbind(endpoint);
      await ended(peer, subject);
      await subject.seen("close", 1);
    },
    ours: ["bind", "accept", "close", "disconnect:local"],
  },
  "bound: close, nobody was there": {
    play: async (subject, { any }) => void await subject.bind(any),
    closes: true,
    ours: ["bind", "close"],
  },
  "bound: close, with a peer": {
    play: async (subject, place) => void await met(subject, place),
    closes: true,
    ours: ["bind", "accept", "handshake", "close", "disconnect:local"],
  },
  "bound: close, with a peer in its handshake": {
    play: async (subject, place) => void await bound(subject, place),
    closes: true,
    ours: ["bind", "accept", "close", "disconnect:local"],
  },
  "connected: disconnect, with a peer": {
    options: ONCE,
    play: async (subject, place) => {
      const [peer, endpoint] = await found(subject, place);
      await subject.disconnect(endpoint);
      await ended(peer, subject);
    },
    ours: ["connect:delay", "connect", "handshake", "disconnect:local"],
  },
  "connected: disconnect, with a peer in its handshake": {
    options: ONCE,
    play: async (subject, place) => {
      const [peer, endpoint] = await dialed(subject, place);
      await subject.disconnect(endpoint);
      await ended(peer, subject);
    },
    ours: ["connect:delay", "connect", "disconnect:local"],
  },
  "connected: close, with a peer": {
    options: ONCE,
    play: async (subject, place) => void await found(subject, place),
    closes: true,
    ours: ["connect:delay", "connect", "handshake", "disconnect:local"],
  },
  "connected: close, with a peer in its handshake": {
    options: ONCE,
    play: async (subject, place) => void await dialed(subject, place),
    closes: true,
    ours: ["connect:delay", "connect", "disconnect:local"],
  },
  "connected: nobody is there": {
    options: ONCE,
    play: async (subject, { nobody }) => {
      await subject.connect(nobody);
      await subject.seen("connect:retry", 1);
    },
    refused: true,
    ours: ["connect:delay", "connect:retry"],
  },
  "connected: disconnect, nobody is there": {
    options: ONCE,
    play: async (subject, { nobody }) => {
      await subject.connect(nobody);
      await subject.seen("connect:retry", 1);
      await subject.disconnect(nobody);
      await subject.look();
    },
    refused: true,
    ours: ["connect:delay", "connect:retry"],
  },
  "connected: close, nobody is there": {
    options: ONCE,
    play: async (subject, { nobody }) => {
      await subject.connect(nobody);
      await subject.seen("connect:retry", 1);
    },
    closes: true,
    refused: true,
    ours: ["connect:delay", "connect:retry"],
  },
  // libzmq completes its handshake, and then leaves it alone.
  "bound: a PAIR's second peer": {
    type: "PAIR",
    play: async (subject, { any, keep }) => {
      const endpoint = await subject.bind(any);
      const first = keep(await RawPeer.connect(endpoint));
      await first.handshake({ type: "PAIR" });
      await subject.seen("handshake", 1);
      await subject.look();
      const second = keep(await RawPeer.connect(endpoint));
      await second.handshake({ type: "PAIR" });
      await subject.look();
      await second.end();
      await subject.seen("disconnect", 1);
    },
    ours: ["bind", "accept", "handshake", "accept", "handshake:error:other", "disconnect"],
    libzmq: ["bind", "accept", "handshake", "accept", "handshake", "disconnect"],
  },
  // libzmq takes it for a handshake that failed, though a STREAM has none.
  "bound: a STREAM's peer ends the connection": {
    type: "STREAM",
    play: async (subject, place) => {
      await (await bound(subject, place)).end();
      await subject.seen("disconnect", 1);
    },
    ours: ["bind", "accept", "disconnect"],
    libzmq: ["bind", "accept", "handshake:error:other", "disconnect"],
  },
  "bound: a STREAM ends the connection": {
    type: "STREAM",
    play: async (subject, place) => {
      const peer = await bound(subject, place);
      const [id] = await subject.receive();
      await subject.send([id!, ""]);
      await ended(peer, subject);
    },
    ours: ["bind", "accept", "disconnect:local"],
  },
};
