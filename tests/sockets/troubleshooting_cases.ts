/**
 * The symptoms of `docs/troubleshooting.md`, by their headings: each is provoked for real, while the debug log is on.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  Context,
  curveKeyPair,
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  toText,
} from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { RawListener } from "../support/raw_peer.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { ANY, deserted } from "./support.ts";

const FAST = { reconnectInterval: 5, linger: 0 };

/** The log so far, and a wait for a line of it. */
export interface Logged {
  readonly lines: string[];
  line(pattern: RegExp): Promise<void>;
}

/** Hints that come after 5 s: the clock of these sockets is the test's. */
class Patience {
  readonly clock = new VirtualClock();
  /** One attempt to connect: a second one would be late as soon as the clock is advanced. */
  readonly options = { reconnectInterval: 60_000, linger: 0, context: contextOn(this.clock) };

  /** Five seconds pass, and the sockets are closed. */
  async pass(...sockets: Socket[]): Promise<void> {
    await this.clock.advance(5000);
    const closed = Promise.all(sockets.map((socket) => socket.close({ linger: 0 })));
    await this.clock.advance(1);
    await closed;
  }
}

declare const Deno: {
  readonly Command: new (path: string, options: object) => { output(): Promise<{ readonly stderr: Uint8Array }> };
};

/** A publisher with one subscriber that subscribed to this topic. */
async function published(topic: string | undefined, act: (publisher: Publisher) => unknown, log: Logged) {
  await using publisher = new Publisher();
  await using subscriber = new Subscriber(FAST);
  if (topic !== undefined) subscriber.subscribe(topic);
  subscriber.connect(await publisher.bind(ANY));
  await (topic === undefined ? publisher.waitForPeers(1) : publisher.waitForSubscribers(1));
  await act(publisher);
  await log.line(/PUB#\d+ drops/);
}

/** Provokes each symptom. The one of a permission is for Deno only. */
export const SYMPTOMS: Readonly<Record<string, (log: Logged) => Promise<unknown>>> = {
  async "Wrong port, or the peer is not running"(log) {
    const patience = new Patience();
    await using push = new Push(patience.options).unref();
    push.connect(await deserted());
    await log.line(/next attempt/);
    await patience.pass(push);
    await log.line(/PUSH#\d+ hints/);
  },
  async "Unknown host"(log) {
    const patience = new Patience();
    await using push = new Push(patience.options).unref();
    push.connect("tcp://no-such-host.invalid:5555");
    await log.line(/next attempt/);
    await patience.pass(push);
    await log.line(/PUSH#\d+ hints/);
  },
  async "Wrong socket type"(log) {
    await using pull = new Pull();
    await using subscriber = new Subscriber(FAST);
    subscriber.connect(await pull.bind(ANY));
    await log.line(/PULL#\d+ handshake/);
    await log.line(/SUB#\d+ handshake/);
  },
  async "CURVE on one side only"(log) {
    const { secretKey } = await curveKeyPair();
    await using pull = new Pull({ curveServer: true, curveSecretKey: secretKey, authenticate: () => true });
    await using push = new Push(FAST);
    push.connect(await pull.bind(ANY));
    await log.line(/PULL#\d+ handshake/);
    await log.line(/PUSH#\d+ handshake/);
  },
  async "Wrong CURVE server key"(log) {
    const [server, other, client] = await Promise.all([curveKeyPair(), curveKeyPair(), curveKeyPair()]);
    await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate: () => true });
    const keys = { curvePublicKey: client.publicKey, curveSecretKey: client.secretKey };
    await using push = new Push({ ...FAST, ...keys, curveServerKey: other.publicKey });
    push.connect(await pull.bind(ANY));
    await log.line(/PULL#\d+ handshake/);
    await log.line(/PUSH#\d+ handshake/);
  },
  async "Wrong password"(log) {
    await using pull = new Pull({ plainServer: true, authenticate: () => false });
    await using push = new Push({ ...FAST, plainUsername: "ann", plainPassword: "wrong" });
    push.connect(await pull.bind(ANY));
    await log.line(/PULL#\d+ handshake/);
    await log.line(/PUSH#\d+ handshake/);
  },
  async "Missing permission on Deno"(log) {
    const path = fileURLToPath(new URL("troubleshooting_child.ts", import.meta.url));
    const args = ["run", "--no-check", "-A", "--deny-net", path];
    const env = { ...process.env, ZMQ_DEBUG: "connection" };
    const { stderr } = await new Deno.Command(process.execPath, { args, env, stdin: "null" }).output();
    log.lines.push(...toText(stderr).split("\n"));
  },
  async "A Subscriber without `subscribe()`"(log) {
    await published(undefined, (publisher) => publisher.send("weather.oslo"), log);
    const patience = new Patience();
    await using publisher = new Publisher(patience.options).unref();
    await using subscriber = new Subscriber(patience.options).unref();
    subscriber.connect(await publisher.bind("inproc://news"));
    await patience.pass(publisher, subscriber);
    await log.line(/SUB#\d+ hints/);
  },
  "The topic is not a prefix of the message": (log) =>
    published("oslo", (publisher) => publisher.send("weather.oslo"), log),
  async "Late joiner: the first messages are missing"(log) {
    await using publisher = new Publisher();
    await publisher.bind(ANY);
    await publisher.send("weather.oslo");
    await log.line(/PUB#\d+ drops/);
  },
  async "Both sides connect, and none binds"(log) {
    await using pull = new Pull(FAST);
    await using push = new Push(FAST);
    const endpoint = await deserted();
    pull.connect(endpoint);
    push.connect(endpoint);
    await log.line(/PULL#\d+ .*next attempt/);
    await log.line(/PUSH#\d+ .*next attempt/);
  },
  async "Both sides bind, and none connects"(log) {
    const patience = new Patience();
    await using push = new Push(patience.options).unref();
    await push.bind("inproc://jobs");
    const sent = push.send("hello").catch(() => {});
    await log.line(/queues/);
    await patience.pass(push);
    await log.line(/hints/);
    await sent;
  },
  async "The endpoint is in use"(log) {
    await using pull = new Pull();
    await using other = new Pull();
    await other.bind(await pull.bind(ANY)).catch(() => {});
    await log.line(/bind failed/);
  },
  async "inproc: another context"(log) {
    const patience = new Patience();
    await using pull = new Pull({ context: new Context() });
    await using push = new Push(patience.options).unref();
    await pull.bind("inproc://jobs");
    push.connect("inproc://jobs");
    await push.send("hello");
    await log.line(/queued until/);
    await patience.pass(push);
    await log.line(/hints/);
  },
  async "A Reply gets a message that is not a request"(log) {
    await using reply = new Reply();
    await using dealer = new Dealer(FAST);
    dealer.connect(await reply.bind(ANY));
    await dealer.send("hello");
    await log.line(/drops/);
  },
  async "A Request got a second reply"(log) {
    await using router = new Router();
    await using request = new Request(FAST);
    request.connect(await router.bind(ANY));
    await request.send("question");
    const [id] = await router.receive();
    for (let i = 0; i < 2; i++) await router.send([id, "", "answer"]);
    await request.receive();
    await log.line(/drops/);
  },
  async "A send never completes: the queue is full"(log) {
    const context = new Context();
    await using pull = new Pull({ context, receiveHighWaterMark: 1 });
    await using push = new Push({ context, linger: 0, sendHighWaterMark: 1 });
    await pull.bind("inproc://jobs");
    push.connect("inproc://jobs");
    while (push.trySend("job"));
    await log.line(/PUSH#\d+ queues: /);
  },
  async "A slow subscriber misses messages"(log) {
    const context = new Context();
    await using publisher = new Publisher({ context, sendHighWaterMark: 1 });
    await using subscriber = new Subscriber({ context, receiveHighWaterMark: 1 });
    await publisher.bind("inproc://news");
    subscriber.subscribe("");
    subscriber.connect("inproc://news");
    await publisher.waitForSubscribers(1);
    for (let i = 0; i < 4; i++) await publisher.send("news");
    await log.line(/drops/);
  },
  async "A Router drops messages"(log) {
    await using router = new Router();
    await router.send(["desk-1", "hello"]);
    await log.line(/drops/);
  },
  async "The message is too large"(log) {
    await using pull = new Pull({ maxMessageSize: 10 });
    await using push = new Push(FAST);
    push.connect(await pull.bind(ANY));
    await push.send("more than ten bytes");
    await log.line(/PULL#\d+ connection .*protocol/);
  },
  async "An idle connection is lost"(log) {
    await using listener = await RawListener.bind(ANY);
    await using push = new Push({ ...FAST, heartbeatInterval: 20, heartbeatTimeout: 20 });
    push.connect(listener.endpoint);
    await using _peer = await listener.join({ type: "PULL" });
    await log.line(/did not answer/);
  },
  async "Docker: the other container is not at localhost"(log) {
    await using pull = new Pull();
    const endpoint = await pull.bind("tcp://127.0.0.1:0");
    await using push = new Push(FAST);
    push.connect(endpoint.replace("127.0.0.1", "127.0.0.2"));
    await log.line(/next attempt/);
  },
  async "Messages are lost when the program ends"(log) {
    const push = new Push({ reconnectInterval: 5 });
    push.connect(await deserted());
    await push.send("hello");
    await push.close({ linger: 0 });
    await log.line(/close: closed/);
  },
  async "The process does not exit"(log) {
    const pull = new Pull();
    await pull.bind(ANY);
    await pull.close();
    await log.line(/close: closed/);
  },
};
