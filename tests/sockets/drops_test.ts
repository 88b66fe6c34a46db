/**
 * Every reason for a dropped message, provoked: `drops` names it, and `dropped` is the sum. The type checker ensures
 * that the table has each reason.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  Dealer,
  type DropReason,
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
import { comeIn, shakeHands } from "../options/support.ts";
import { turn } from "../support/connection_rig.ts";
import { FakeLink } from "../support/fake_link.ts";
import { test } from "../support/harness.ts";
import { PlayedTransport } from "../support/played_transport.ts";
import { longHeader, message, RawPeer } from "../support/raw_peer.ts";
import { drops } from "./counts.ts";
import { ANY, deserted, nextEvent, take } from "./support.ts";

interface Case {
  readonly how: string;
  /** Provokes it, so many times as it says, and returns the socket that has counted it. */
  readonly provoke: () => Promise<readonly [Socket, number]>;
}

/** Waits until a peer's messages so far have been looked at: what it sends last is received. */
async function received(socket: { receive(): Promise<Uint8Array[]> }, last: string): Promise<void> {
  while (toText((await socket.receive()).at(-1)!) !== last);
}

const TABLE: Readonly<Record<DropReason, readonly Case[]>> = {
  highWaterMark: [
    {
      how: "a Publisher's subscriber is slow",
      provoke: async () => {
        const pub = new Publisher({ sendHighWaterMark: 2 });
        const link = comeIn(pub);
        await turn();
        link.arrive(message("\x01"));
        link.takes = false;
        for (const text of ["in flight", "queued", "queued", "lost", "lost"]) pub.trySend(text);
        return [pub, 2];
      },
    },
    {
      how: "a Router's peer is slow",
      provoke: async () => {
        const router = new Router({ sendHighWaterMark: 1 });
        const link = comeIn(router, "id");
        await turn();
        link.takes = false;
        for (const text of ["in flight", "queued", "lost"]) router.trySend(["id", text]);
        return [router, 1];
      },
    },
  ],
  unroutable: [{
    how: "a Router knows no such id, or gets an id alone",
    provoke: async () => {
      const router = new Router();
      comeIn(router, "id");
      await router.send(["nobody", "1"]);
      await router.send(["id"] as never);
      return [router, 2];
    },
  }],
  unsendable: [{
    how: "its connection cannot write it, and not at the second attempt either",
    provoke: async () => {
      const transport = new PlayedTransport();
      const push = new Push({ reconnectInterval: 1 });
      transport.onConnect = () => {
        const link = new FakeLink();
        const { write } = link;
        link.write = (chunks) => {
          if (chunks.some((chunk) => toText(chunk).includes("too bad"))) throw new Error("no");
          return write.call(link, chunks);
        };
        transport.links.push(link);
        return link;
      };
      push.connect(transport.endpoint);
      for (let i = 0; i < 3; i++) {
        await nextEvent(push, "connect");
        await turn();
        shakeHands(transport.links.at(-1)!, push);
        if (i === 0) await push.send("too bad");
      }
      return [push, 1];
    },
  }],
  noPeer: [
    {
      how: "a Reply's asker is gone",
      provoke: async () => {
        const reply = new Reply();
        const link = comeIn(reply);
        link.arrive(message("", "?"));
        await reply.receive();
        const lost = nextEvent(reply, "disconnect");
        await link.lose();
        await lost;
        await reply.send("!");
        return [reply, 1];
      },
    },
  ],
  lost: [
    {
      how: "what is queued when linger is over",
      provoke: async () => {
        const push = new Push();
        push.connect(await deserted());
        await push.sendMany(["1", "2"]);
        assertEquals(await push.close({ linger: 0 }), 2);
        return [push, 2];
      },
    },
    {
      how: "what is in flight and queued for a peer that came in, and is gone",
      provoke: async () => {
        const push = new Push();
        const link = comeIn(push);
        link.takes = false;
        await push.sendMany(["in flight", "queued", "queued"]);
        const lost = nextEvent(push, "disconnect");
        await link.lose(undefined, 0);
        await lost;
        return [push, 3];
      },
    },
    {
      how: "what is queued for an endpoint that is given up",
      provoke: async () => {
        const push = new Push({ reconnectInterval: -1 });
        const transport = new PlayedTransport();
        transport.refuse();
        const given = nextEvent(push, "connect:end");
        push.connect(transport.endpoint);
        await push.sendMany(["1", "2"]);
        await given;
        return [push, 2];
      },
    },
  ],
  noDelimiter: [
    {
      how: "a Reply gets no delimiter, or nothing behind it",
      provoke: async () => {
        const reply = new Reply();
        const endpoint = await reply.bind(ANY);
        await using dealer = new Dealer();
        dealer.connect(endpoint);
        await dealer.sendMany([["no delimiter"], ["nothing", ""], ["", "last"]]);
        await received(reply, "last");
        return [reply, 2];
      },
    },
    {
      how: "a Request gets no delimiter",
      provoke: async () => {
        const request = new Request();
        const link = comeIn(request);
        await turn();
        await request.send("?");
        const lost = nextEvent(request, "disconnect");
        link.arrive(message("no delimiter"));
        await lost;
        return [request, 1];
      },
    },
  ],
  unexpectedReply: [
    {
      how: "a reply that nobody asked for, a second one, and one of another peer",
      provoke: async () => {
        const request = new Request();
        const link = comeIn(request);
        link.arrive(message("", "early"));
        await request.send("?");
        const other = comeIn(request);
        other.arrive(message("", "of another"));
        link.arrive(message("", "right"), message("", "second"));
        assertEquals(toText((await request.receive())[0]), "right");
        link.arrive(message("", "third"));
        return [request, 4];
      },
    },
    {
      how: "a reply with another number",
      provoke: async () => {
        const request = new Request({ correlate: true });
        const link = comeIn(request);
        await request.send("?");
        link.arrive(message("1234", "", "old"));
        return [request, 1];
      },
    },
    {
      how: "a reply that nobody took before the next request",
      provoke: async () => {
        const request = new Request({ relaxed: true });
        const link = comeIn(request);
        await request.send("?");
        link.arrive(message("", "!"));
        await request.send("?");
        return [request, 1];
      },
    },
  ],
  unexpectedMessage: [
    {
      how: "a Push gets a message",
      provoke: () => {
        const push = new Push();
        comeIn(push).arrive(message("what?"));
        return Promise.resolve([push, 1]);
      },
    },
    {
      how: "a Publisher gets a message that is not a subscription",
      provoke: () => {
        const pub = new Publisher();
        comeIn(pub).arrive(message("what?"));
        return Promise.resolve([pub, 1]);
      },
    },
  ],
  noSubscription: [
    {
      how: "a Subscriber gets what it does not want",
      provoke: async () => {
        const sub = new Subscriber();
        sub.subscribe("a");
        const link = comeIn(sub);
        link.arrive(message("b"), message("a1"), message("c"));
        assertEquals(await take(sub, 1), ["a1"]);
        assertEquals(sub.readable, false);
        return [sub, 2];
      },
    },
  ],
  refusedPeer: [
    {
      how: "a Router has another peer with this routing id",
      provoke: () => {
        const router = new Router();
        comeIn(router, "same").arrive(message("heard"));
        comeIn(router, "same").arrive(message("unheard"), message("unheard"));
        return Promise.resolve([router, 2]);
      },
    },
  ],
  tooLarge: [
    {
      how: "a peer sends more than maxMessageSize",
      provoke: async () => {
        const pull = new Pull({ maxMessageSize: 1000 });
        const endpoint = await pull.bind(ANY);
        await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
        await pull.waitForPeers(1);
        const lost = nextEvent(pull, "disconnect");
        peer.write(longHeader(0, 1001n));
        await lost;
        return [pull, 1];
      },
    },
  ],
  closed: [
    {
      how: "what nobody has received when the socket is closed",
      provoke: async () => {
        const pull = new Pull();
        comeIn(pull).arrive(message("1"), message("2"));
        await pull.close();
        assertEquals(pull.statistics().held, 0);
        return [pull, 2];
      },
    },
    {
      how: "what arrives while the last messages go out",
      provoke: async () => {
        const dealer = new Dealer();
        const link = comeIn(dealer);
        link.takes = false;
        await dealer.sendMany(["in flight", "queued"]);
        const closed = dealer.close({ linger: -1 });
        link.arrive(message("late"));
        link.drain();
        link.takes = true;
        await closed;
        return [dealer, 1];
      },
    },
  ],
  conflated: [
    {
      how: "a later message takes the place of one to send",
      provoke: async () => {
        const push = new Push({ conflate: true });
        push.connect(await deserted());
        await push.sendMany(["1", "2", "3"]);
        return [push, 2];
      },
    },
    {
      how: "a later message takes the place of one to receive",
      provoke: () => {
        const pull = new Pull({ conflate: true });
        comeIn(pull).arrive(message("1"), message("2"), message("3"));
        return Promise.resolve([pull, 2]);
      },
    },
  ],
};

for (const [reason, cases] of Object.entries(TABLE)) {
  for (const { how, provoke } of cases) {
    test(`${reason}: ${how}`, async () => {
      const [socket, count] = await provoke();
      const { drops: counted, dropped } = socket.statistics();
      await socket.close({ linger: 0 });
      const expected = drops({ [reason]: count });
      assertEquals({ drops: counted, dropped }, expected);
    });
  }
}
