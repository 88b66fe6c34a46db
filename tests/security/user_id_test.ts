/**
 * User ids of messages: `userIdOf` and `metadataOf` for messages received by each socket type, from several peers.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  type AuthenticationRequest,
  Dealer,
  type Message,
  metadataOf,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  type SocketOptions,
  Subscriber,
  userIdOf,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY } from "../sockets/support.ts";

interface Meeting {
  readonly name: string;
  readonly server: (options: SocketOptions) => Socket & { receive(): Promise<Message> };
  readonly client: (options: SocketOptions) => Socket;
  /** Has a client say something that the server receives. */
  readonly say: (client: Socket, server: Socket) => Promise<unknown>;
}

const send = (client: Socket) => (client as Dealer).send("hello");
/** Messages published before the subscription has arrived are dropped. */
const publish = async (client: Socket) => {
  await (client as XPublisher).receive();
  await (client as XPublisher).send("hello");
};

const MEETINGS: readonly Meeting[] = [
  { name: "Router", server: (o) => new Router(o), client: (o) => new Dealer(o), say: send },
  { name: "Router with Requests", server: (o) => new Router(o), client: (o) => new Request(o), say: send },
  { name: "Reply", server: (o) => new Reply(o), client: (o) => new Request(o), say: send },
  {
    name: "Reply with Dealers",
    server: (o) => new Reply(o),
    client: (o) => new Dealer(o),
    say: (client) => (client as Dealer).send(["", "hello"]),
  },
  { name: "Pull", server: (o) => new Pull(o), client: (o) => new Push(o), say: send },
  { name: "Dealer", server: (o) => new Dealer(o), client: (o) => new Dealer(o), say: send },
  {
    name: "Subscriber",
    server: (o) => {
      const subscriber = new Subscriber(o);
      subscriber.subscribe("");
      return subscriber;
    },
    client: (o) => new XPublisher(o),
    say: publish,
  },
  {
    name: "XSubscriber",
    server: (o) => {
      const subscriber = new XSubscriber(o);
      subscriber.trySend("\x01");
      return subscriber;
    },
    client: (o) => new XPublisher(o),
    say: publish,
  },
  {
    name: "XPublisher",
    server: (o) => new XPublisher({ ...o, verbosity: "allSubs" }),
    client: (o) => new Subscriber(o),
    // deno-lint-ignore require-await -- as the others
    say: async (client) => (client as Subscriber).subscribe("hello"),
  },
];

const authenticate = ({ username }: AuthenticationRequest) => ({
  userId: `staff/${username}`,
  metadata: { "X-Of": username! },
});

for (const { name, server, client, say } of MEETINGS) {
  test(`${name}: each message knows which user it came from`, async () => {
    await using socket = server({ plainServer: true, authenticate });
    const endpoint = await socket.bind(ANY);
    for (const user of ["ann", "bob"]) {
      await using peer = client({ plainUsername: user, plainPassword: "secret", linger: 0 });
      peer.connect(endpoint);
      await say(peer, socket);
      let message = await socket.receive();
      // The end of the previous client's subscription, which no client sent.
      if (message[0][0] === 0 && socket instanceof XPublisher) message = await socket.receive();
      assertEquals(userIdOf(message), `staff/${user}`);
      assertEquals(new TextDecoder().decode(metadataOf(message)!.get("x-of")), user);
      if (socket instanceof Reply) await socket.send("answer");
    }
  });
}

test("Pair: its one peer", async () => {
  await using pair = new Pair({ plainServer: true, authenticate });
  await using peer = new Pair({ plainUsername: "ann", plainPassword: "secret" });
  peer.connect(await pair.bind(ANY));
  await peer.send("hello");
  assertEquals(userIdOf(await pair.receive()), "staff/ann");
});

test("Request: a server that connects is known by its replies", async () => {
  await using request = new Request({ plainServer: true, authenticate });
  await using reply = new Reply({ plainUsername: "bob", plainPassword: "secret" });
  reply.connect(await request.bind(ANY));
  await request.send("question");
  await reply.send(await reply.receive());
  assertEquals(userIdOf(await request.receive()), "staff/bob");
});

test("a socket without an authenticator has no user ids, a client of a server included", async () => {
  await using router = new Router({ plainServer: true, authenticate });
  await using dealer = new Dealer({ plainUsername: "ann", plainPassword: "secret" });
  dealer.connect(await router.bind(ANY));
  await dealer.send("hello");
  const [id] = await router.receive();
  await router.send([id, "back"]);
  const message = await dealer.receive();
  assertEquals([userIdOf(message), metadataOf(message)], [undefined, undefined]);
  await using publisher = new Publisher();
  await using subscriber = new Subscriber();
  subscriber.subscribe("");
  subscriber.connect(await publisher.bind(ANY));
  assertEquals(userIdOf([]), undefined);
});

test("the metadata of a message is not a frame, is not printed, and is not sent with it", async () => {
  await using pull = new Pull({ plainServer: true, authenticate });
  await using push = new Push({ plainUsername: "ann", plainPassword: "secret" });
  push.connect(await pull.bind(ANY));
  await push.send("hello");
  const message = await pull.receive();
  assertEquals([message.length, Object.keys(message), JSON.stringify([...message].length)], [1, ["0"], "1"]);
  await using out = new Push();
  await using plainPull = new Pull();
  out.connect(await plainPull.bind(ANY));
  await out.send(message);
  assertEquals(userIdOf(await plainPull.receive()), undefined);
});
