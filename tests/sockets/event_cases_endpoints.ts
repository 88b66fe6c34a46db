/**
 * Events of endpoints, provoked: bound, connected, no longer reconnected.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Pull, Push, ZmqError } from "../../mod.ts";
import { FakeLink } from "../support/fake_link.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { RawListener, RawPeer } from "../support/raw_peer.ts";
import { peerHandshake } from "../support/session_recorder.ts";
import { assertTells, type Case, type Table } from "./event_cases.ts";
import { ANY, deserted, nextEvent, rejectsWith } from "./support.ts";

/** The way to provoke each event of endpoints. */
export const ENDPOINT_EVENTS: Table<
  | "bind"
  | "bind:error"
  | "close"
  | "close:error"
  | "accept"
  | "accept:error"
  | "accept:refused"
  | "connect:delay"
  | "connect"
  | "connect:retry"
  | "connect:end"
> = {
  "bind": [
    {
      how: "tcp, with the real port",
      provoke: async () => {
        await using pull = new Pull();
        const told = nextEvent(pull, "bind");
        const endpoint = await pull.bind("tcp://127.0.0.1:*");
        assertMatch(endpoint, /:[1-9]\d*$/);
        return assertTells(await told, { endpoint });
      },
    },
    {
      how: "inproc",
      provoke: async () => {
        await using pull = new Pull();
        const told = nextEvent(pull, "bind");
        await pull.bind("inproc://bind");
        return assertTells(await told, { endpoint: "inproc://bind" });
      },
    },
  ],
  "bind:error": ["tcp", "inproc"].map((scheme): Case<"bind:error"> => ({
    how: `${scheme}, an endpoint in use`,
    provoke: async () => {
      await using one = new Pull();
      await using other = new Pull();
      const endpoint = await one.bind(scheme === "tcp" ? ANY : "inproc://taken");
      const told = nextEvent(other, "bind:error");
      const error = await rejectsWith("EADDRINUSE", () => other.bind(endpoint));
      const event = await told;
      assertStrictEquals(event.error, error);
      return assertTells(event, { endpoint, error: "EADDRINUSE" });
    },
  })) as [Case<"bind:error">],
  "close": [
    {
      how: "unbind",
      provoke: async () => {
        await using pull = new Pull();
        const endpoint = await pull.bind(ANY);
        const told = nextEvent(pull, "close");
        await pull.unbind(endpoint);
        return assertTells(await told, { endpoint });
      },
    },
    {
      how: "the socket is closed",
      provoke: async () => {
        const pull = new Pull();
        const endpoint = await pull.bind(ANY);
        const told = nextEvent(pull, "close");
        await pull.close();
        return assertTells(await told, { endpoint });
      },
    },
  ],
  "close:error": [
    {
      how: "unbind, which fails with the same error",
      provoke: async () => {
        const error = new ZmqError("EIO", "it would not close");
        const transport = new PlayedTransport();
        transport.onClose = () => Promise.reject(error);
        await using pull = new Pull();
        const endpoint = await pull.bind(transport.endpoint);
        const told = nextEvent(pull, "close:error");
        assertStrictEquals(await assertRejects(() => pull.unbind(endpoint)), error);
        const event = await told;
        assertStrictEquals(event.error, error);
        return assertTells(event, { endpoint, error: "EIO" });
      },
    },
    {
      how: "the socket is closed, which it is all the same",
      provoke: async () => {
        const transport = new PlayedTransport();
        transport.onClose = () => Promise.reject(new ZmqError("EIO", "it would not close"));
        const pull = new Pull();
        await pull.bind(transport.endpoint);
        const told = nextEvent(pull, "close:error");
        assertEquals(await pull.close(), 0);
        return assertTells(await told, { endpoint: transport.endpoint, error: "EIO" });
      },
    },
  ],
  "accept": [
    {
      how: "tcp, with where the peer is",
      provoke: async () => {
        await using pull = new Pull();
        const endpoint = await pull.bind(ANY);
        const told = nextEvent(pull, "accept");
        await using _peer = await RawPeer.connect(endpoint);
        const event = await told;
        assertMatch(event.remote, /^tcp:\/\/127\.[\d.]+:[1-9]\d*$/);
        return assertTells(event, { endpoint, remote: event.remote });
      },
    },
    {
      how: "inproc",
      provoke: async () => {
        await using pull = new Pull();
        await using push = new Push();
        const told = nextEvent(pull, "accept");
        const endpoint = await pull.bind("inproc://accept");
        push.connect(endpoint);
        return assertTells(await told, { endpoint, remote: endpoint });
      },
    },
    {
      how: "attach",
      provoke: async () => {
        await using pull = new Pull();
        const told = nextEvent(pull, "accept");
        const link = new FakeLink();
        pull.attach(link);
        return assertTells(await told, { endpoint: link.remote, remote: link.remote });
      },
    },
  ],
  "accept:error": [{
    how: "the transport says so, and goes on",
    provoke: async () => {
      const transport = new PlayedTransport();
      await using pull = new Pull();
      const endpoint = await pull.bind(transport.endpoint);
      const told = nextEvent(pull, "accept:error");
      const error = new ZmqError("EIO", "too many open files");
      transport.listens[0]!.options.onError!(error);
      const event = await told;
      assertStrictEquals(event.error, error);
      const link = new FakeLink();
      transport.accept(link);
      link.arrive(peerHandshake("PUSH"));
      assertEquals(pull.peerCount, 1);
      return assertTells(event, { endpoint, error: "EIO" });
    },
  }],
  "accept:refused": [{
    how: "more connections than maxConnections allows",
    provoke: async () => {
      const transport = new PlayedTransport();
      await using pull = new Pull({ maxConnections: 1 });
      const endpoint = await pull.bind(transport.endpoint);
      const told = nextEvent(pull, "accept:refused");
      transport.accept(new FakeLink());
      const link = new FakeLink();
      transport.accept(link);
      assertEquals(link.aborts.length, 1);
      return assertTells(await told, { endpoint, remote: link.remote, limit: "maxConnections", count: 1 });
    },
  }],
  "connect:delay": [
    {
      how: "at connect",
      provoke: async () => {
        await using push = new Push();
        const told = nextEvent(push, "connect:delay");
        const { endpoint } = new PlayedTransport();
        push.connect(endpoint);
        return assertTells(await told, { endpoint });
      },
    },
    {
      how: "at each attempt after that",
      provoke: async () => {
        await using push = new Push({ reconnectInterval: 1 });
        const endpoint = await deserted();
        const retried = nextEvent(push, "connect:retry");
        push.connect(endpoint);
        await retried;
        return assertTells(await nextEvent(push, "connect:delay"), { endpoint });
      },
    },
  ],
  "connect": [
    {
      how: "tcp, before the handshake",
      provoke: async () => {
        await using listener = await RawListener.bind();
        await using push = new Push();
        const told = nextEvent(push, "connect");
        push.connect(listener.endpoint);
        const event = await told;
        assertEquals(push.peerCount, 0);
        return assertTells(event, { endpoint: listener.endpoint, remote: listener.endpoint });
      },
    },
    {
      how: "a registered transport, with where its link says the peer is",
      provoke: async () => {
        const transport = new PlayedTransport();
        transport.succeed();
        await using push = new Push();
        const told = nextEvent(push, "connect");
        push.connect(transport.endpoint);
        const event = await told;
        return assertTells(event, { endpoint: transport.endpoint, remote: transport.links[0]!.remote });
      },
    },
  ],
  "connect:retry": [
    {
      how: "refused, with the error and the interval",
      provoke: async () => {
        const endpoint = await deserted();
        await using push = new Push({ reconnectInterval: 7 });
        const told = nextEvent(push, "connect:retry");
        push.connect(endpoint);
        const event = await told;
        assert(Number.isInteger(event.interval) && event.interval >= 7 && event.interval <= 14, `${event.interval}`);
        return assertTells(event, { endpoint, interval: event.interval, error: "ECONNREFUSED" });
      },
    },
    {
      how: "the peer ended the connection, which is not an error",
      provoke: async () => {
        await using listener = await RawListener.bind();
        await using push = new Push({ reconnectInterval: 7 });
        const told = nextEvent(push, "connect:retry");
        push.connect(listener.endpoint);
        await (await listener.join({ type: "PULL" })).end();
        const event = await told;
        return assertTells(event, { endpoint: listener.endpoint, interval: event.interval });
      },
    },
    {
      how: "the transport fails with an error that is none of ours",
      provoke: async () => {
        const transport = new PlayedTransport();
        const error = new Error("played");
        transport.onConnect = () => Promise.reject(error);
        await using push = new Push();
        const told = nextEvent(push, "connect:retry");
        push.connect(transport.endpoint);
        const event = await told;
        return assertTells(event, { endpoint: transport.endpoint, interval: event.interval, error });
      },
    },
  ],
  "connect:end": [
    {
      how: "reconnectInterval −1, refused, with what was queued",
      provoke: async () => {
        const endpoint = await deserted();
        await using push = new Push({ reconnectInterval: -1 });
        const told = nextEvent(push, "connect:end");
        push.connect(endpoint);
        for (const text of ["1", "2"]) await push.send(text);
        return assertTells(await told, { endpoint, dropped: 2, error: "ECONNREFUSED" });
      },
    },
    {
      how: "reconnectInterval −1, the peer ended the connection",
      provoke: async () => {
        await using listener = await RawListener.bind();
        await using push = new Push({ reconnectInterval: -1 });
        const told = nextEvent(push, "connect:end");
        push.connect(listener.endpoint);
        await (await listener.join({ type: "PULL" })).end();
        return assertTells(await told, { endpoint: listener.endpoint, dropped: 0, error: "ECONNRESET" });
      },
    },
  ],
};
