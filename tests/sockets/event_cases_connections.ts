/**
 * Events of connections and of the socket itself, provoked.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Dealer, Pair, type ProtocolRule, Publisher, Pull, Push, Router } from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { FakeLink } from "../support/fake_link.ts";
import {
  bytes,
  command,
  frame,
  greeting,
  message,
  property,
  RawListener,
  RawPeer,
  ready,
} from "../support/raw_peer.ts";
import { peerHandshake } from "../support/session_recorder.ts";
import { assertTells, type Case, type Table } from "./event_cases.ts";
import { ANY, nextEvent } from "./support.ts";

/** A handshake that fails because of what the peer says. */
function breaking(
  how: string,
  rule: ProtocolRule,
  words: RegExp,
  ...said: Uint8Array[]
): Case<"handshake:error:protocol"> {
  return {
    how: `${how}: ${rule}`,
    provoke: async () => {
      await using pull = new Pull();
      const failed = nextEvent(pull, "handshake:error:protocol");
      const accepted = nextEvent(pull, "accept");
      const endpoint = await pull.bind(ANY);
      await using peer = await RawPeer.connect(endpoint);
      const { remote } = await accepted;
      peer.write(...said);
      const event = await failed;
      await peer.gone;
      assertMatch(event.error.message, words);
      return assertTells(event, { endpoint, remote, rule, error: "EPROTO" });
    },
  };
}

/** The way to provoke each event of connections. */
export const CONNECTION_EVENTS: Table<
  | "handshake"
  | "handshake:error:protocol"
  | "handshake:error:auth"
  | "handshake:error:other"
  | "disconnect"
  | "disconnect:local"
  | "message:dropped"
  | "hint"
  | "missed"
  | "end"
> = {
  "handshake": [
    ...[[1, "3.1"], [0, "3.0"], [9, "3.1"]].map(([minor, version]): Case<"handshake"> => ({
      how: `a peer of ZMTP 3.${minor}, with its metadata`,
      provoke: async () => {
        await using router = new Router();
        const told = nextEvent(router, "handshake");
        const accepted = nextEvent(router, "accept");
        const endpoint = await router.bind(ANY);
        await using peer = await RawPeer.connect(endpoint);
        const properties = bytes(property("Socket-Type", "DEALER"), property("X-Own", "ä"));
        peer.write(greeting(minor as number), command("READY", properties));
        const { remote } = await accepted;
        const metadata = new Map([["socket-type", bytes("DEALER")], ["x-own", bytes("ä")]]);
        return assertTells(await told, { endpoint, remote, peerType: "DEALER", version, metadata });
      },
    })),
    {
      how: "inproc",
      provoke: async () => {
        await using pull = new Pull({ metadata: { "X-a": "1" } });
        await using push = new Push();
        const endpoint = await pull.bind("inproc://handshake");
        const told = nextEvent(push, "handshake");
        push.connect(endpoint);
        const metadata = new Map([["socket-type", bytes("PULL")], ["x-a", bytes("1")]]);
        const members = { endpoint, remote: endpoint, peerType: "PULL", version: "inproc", metadata };
        return assertTells(await told, members);
      },
    },
  ] as unknown as [Case<"handshake">],
  "handshake:error:protocol": [
    breaking("no ZMTP at all", "UNSPECIFIED", /does not speak ZMTP/, bytes("GET / HTTP/1.1\r\n\r\n".padEnd(80))),
    breaking("another mechanism", "MECHANISM_MISMATCH", /mechanism is "PLAIN"/, greeting(1, "PLAIN")),
    breaking("a wrong socket type", "INVALID_METADATA", /PULL socket/, greeting(), ready("PULL")),
    breaking("no socket type", "INVALID_METADATA", /did not send its socket type/, greeting(), command("READY")),
    breaking("another command", "UNEXPECTED_COMMAND", /sent HELLO/, greeting(), command("HELLO")),
    breaking("a message", "UNEXPECTED_COMMAND", /sent a message before/, greeting(), message("too early")),
    breaking("an ERROR command", "UNSPECIFIED", /refused the handshake: no/, greeting(), command("ERROR", "\x02no")),
    {
      how: "inproc, types that cannot talk: INVALID_METADATA",
      provoke: async () => {
        await using pub = new Publisher();
        await using pull = new Pull({ reconnectInterval: -1 });
        const endpoint = await pub.bind("inproc://wrong-type");
        const told = nextEvent(pub, "handshake:error:protocol");
        const here = nextEvent(pull, "handshake:error:protocol");
        pull.connect(endpoint);
        const members = { endpoint, remote: endpoint, rule: "INVALID_METADATA", error: "EPROTO" };
        assertTells(await told, members);
        return assertTells(await here, members);
      },
    },
  ],
  "handshake:error:auth": [300, 400, 500].map((status): Case<"handshake:error:auth"> => ({
    how: `the peer's authenticator says ${status}, which is dialled again slowly`,
    provoke: async () => {
      await using listener = await RawListener.bind();
      await using push = new Push({ reconnectInterval: 3 });
      const told = nextEvent(push, "handshake:error:auth");
      const retried = nextEvent(push, "connect:retry");
      push.connect(listener.endpoint);
      const { endpoint } = listener;
      (await listener.accept()).write(greeting(), command("ERROR", `\x03${status}`));
      const { interval } = await retried;
      assert(interval >= 15 && interval <= 30, `${interval}`);
      return assertTells(await told, { endpoint, remote: endpoint, status, error: "EACCES" });
    },
  })) as [Case<"handshake:error:auth">],
  "handshake:error:other": [
    {
      how: "the connection ends",
      provoke: async () => {
        await using listener = await RawListener.bind();
        await using push = new Push();
        const told = nextEvent(push, "handshake:error:other");
        push.connect(listener.endpoint);
        const peer = await listener.accept();
        await peer.end();
        const { endpoint } = listener;
        return assertTells(await told, { endpoint, remote: endpoint, error: "ECONNRESET" });
      },
    },
    {
      how: "the link breaks, with its error",
      provoke: async () => {
        await using pull = new Pull();
        const link = new FakeLink();
        pull.attach(link);
        const told = nextEvent(pull, "handshake:error:other");
        const error = new Error("the cable");
        await link.lose(error);
        return assertTells(await told, { endpoint: link.remote, remote: link.remote, error });
      },
    },
    {
      how: "it takes too long",
      provoke: async () => {
        await using pull = new Pull({ handshakeInterval: 10 });
        const link = new FakeLink();
        const told = nextEvent(pull, "handshake:error:other");
        pull.attach(link);
        return assertTells(await told, { endpoint: link.remote, remote: link.remote, error: "ETIMEDOUT" });
      },
    },
    {
      how: "a second peer of a Pair",
      provoke: async () => {
        await using pair = new Pair();
        const told = nextEvent(pair, "handshake:error:other");
        for (const link of [new FakeLink(), new FakeLink()]) {
          pair.attach(link);
          link.arrive(peerHandshake("PAIR"));
        }
        const event = await told;
        assertEquals(pair.peerCount, 1);
        return assertTells(event, { endpoint: event.remote, remote: event.remote, error: "EADDRINUSE" });
      },
    },
  ],
  "disconnect": [
    {
      how: "the peer ended the connection, which is not an error",
      provoke: async () => {
        await using pull = new Pull();
        const endpoint = await pull.bind(ANY);
        const accepted = nextEvent(pull, "accept");
        await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
        const told = nextEvent(pull, "disconnect");
        await peer.end();
        return assertTells(await told, { endpoint, remote: (await accepted).remote, reason: "peer" });
      },
    },
    {
      how: "the peer broke the protocol",
      provoke: async () => {
        await using dealer = new Dealer();
        const link = new FakeLink();
        dealer.attach(link);
        link.arrive(peerHandshake("ROUTER"));
        const told = nextEvent(dealer, "disconnect");
        link.arrive(frame(8, "reserved"));
        const at = { endpoint: link.remote, remote: link.remote };
        return assertTells(await told, { ...at, reason: "protocol", error: "EPROTO" });
      },
    },
    {
      how: "inproc",
      provoke: async () => {
        await using pull = new Pull();
        const push = new Push();
        const endpoint = await pull.bind("inproc://disconnect");
        push.connect(endpoint);
        await push.waitForPeers(1);
        const told = nextEvent(pull, "disconnect");
        await push.close();
        return assertTells(await told, { endpoint, remote: endpoint, reason: "peer" });
      },
    },
  ],
  "disconnect:local": [
    {
      how: "disconnect",
      provoke: async () => {
        await using listener = await RawListener.bind();
        await using push = new Push();
        push.connect(listener.endpoint);
        await using _peer = await listener.join({ type: "PULL" });
        const told = nextEvent(push, "disconnect:local");
        push.disconnect(listener.endpoint);
        const { endpoint } = listener;
        return assertTells(await told, { endpoint, remote: endpoint, reason: "disconnect" });
      },
    },
    {
      how: "unbind, also of a peer in its handshake",
      provoke: async () => {
        await using pull = new Pull();
        const endpoint = await pull.bind(ANY);
        const accepted = nextEvent(pull, "accept");
        await using _peer = await RawPeer.connect(endpoint);
        const { remote } = await accepted;
        const told = nextEvent(pull, "disconnect:local");
        await pull.unbind(endpoint);
        return assertTells(await told, { endpoint, remote, reason: "unbind" });
      },
    },
    {
      how: "inproc: the side that is closed; the other one reports disconnect",
      provoke: async () => {
        await using pull = new Pull();
        const push = new Push();
        const endpoint = await pull.bind("inproc://disconnect-local");
        push.connect(endpoint);
        await push.waitForPeers(1);
        const told = nextEvent(push, "disconnect:local");
        const there = nextEvent(pull, "disconnect");
        await push.close();
        assertTells(await there, { endpoint, remote: endpoint, reason: "peer" });
        return assertTells(await told, { endpoint, remote: endpoint, reason: "close" });
      },
    },
  ],
  "message:dropped": [
    {
      how: "three peers in a row that leave amid the same message",
      provoke: async () => {
        await using listener = await RawListener.bind();
        await using push = new Push({ reconnectInterval: 2, linger: 0 });
        const told = nextEvent(push, "message:dropped");
        push.connect(listener.endpoint);
        const large = new Uint8Array(16 * 1024 * 1024);
        await push.send([large, "end"]);
        for (let i = 0; i < 3; i++) {
          await using peer = await listener.join({ type: "PULL" });
          await peer.read(1000);
        }
        const members = { endpoint: listener.endpoint, frames: 2, bytes: large.length + 3, error: "EMSGSIZE" };
        return assertTells(await told, members);
      },
    },
  ],
  "hint": [
    {
      how: "a message to nobody, without an endpoint; tests/sockets/hints_test.ts has all kinds",
      provoke: async () => {
        await using router = new Router();
        const told = nextEvent(router, "hint");
        await router.send(["nobody", "x"]);
        const event = await told;
        assertMatch(event.message, /^ROUTER dropped a message: .*: send \[routingId/);
        return assertTells(event, { kind: "unroutable", endpoint: "", message: event.message });
      },
    },
  ],
  "missed": [{
    how: "an iterator that comes too late for five",
    provoke: async () => {
      await using pull = new Pull();
      const iterator = pull.events[Symbol.asyncIterator]();
      for (let i = 0; i < 1005; i++) pull.attach(new FakeLink());
      const { value } = await iterator.next();
      await iterator.return!();
      assert(value?.type === "missed");
      return assertTells(value, { count: 5 });
    },
  }],
  "end": [{
    how: "the socket is closed, and nothing comes after it",
    provoke: async () => {
      const pull = new Pull();
      const types: string[] = [];
      pull.events.listen(({ type }) => type !== "hint" && types.push(type));
      const told = nextEvent(pull, "end");
      await pull.bind(ANY);
      await pull.close();
      await turn();
      assertEquals(types, ["bind", "close", "end"]);
      return assertTells(await told, {});
    },
  }],
};
