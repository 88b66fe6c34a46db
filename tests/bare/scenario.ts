/**
 * Everything that the core does without a runtime: sockets over `inproc://`, links over streams, timeouts, loops that
 * never wait. Uses only the core, the language, and the streams that are passed in. Throws if it fails.
 *
 * @module
 */

import {
  Dealer,
  linkOf,
  poll,
  Pull,
  Push,
  Reply,
  Request,
  Requester,
  Router,
  serve,
  toText,
  ZmqError,
} from "../../core.ts";

/** One end of a duplex byte stream. */
export interface Stream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** Runs it all. */
export async function scenario([left, right]: readonly [Stream, Stream]): Promise<void> {
  const equal = (what: string, got: unknown, wanted: unknown) => {
    if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`);
  };

  // Requests and replies within the process, more than one turn of them.
  const reply = new Reply();
  const request = new Request();
  request.connect(await reply.bind("inproc://reply"));
  for (let i = 0; i < 100; i++) {
    await request.send(`${i}`);
    const [question] = await reply.receive();
    await reply.send(["got", question]);
    equal("reply", (await request.receive()).map(toText).join(), `got,${i}`);
  }

  // A loop that never waits makes way for what is received, and for timers.
  const push = new Push({ sendHighWaterMark: 0 });
  const pull = new Pull({ receiveHighWaterMark: 0 });
  push.connect(await pull.bind("inproc://many"));
  let over = false;
  const idle = new Pull({ receiveTimeout: 1 });
  const timers = (async () => {
    let count = 0;
    while (!over) {
      await idle.receive().catch(() => count++);
    }
    return count;
  })();
  const MANY = 20_000;
  const receiving = (async () => {
    for (let i = 0; i < MANY; i++) await pull.receive();
  })();
  for (let i = 0; i < MANY; i++) await push.send("many");
  await receiving;
  over = true;
  if (await timers === 0) throw new Error("no timer fired while messages were sent");
  equal("poll", (await poll([idle], { timeout: 5 })).length, 0);
  await idle.close();

  // A handshake and messages of every size over streams.
  const dealer = new Dealer({ heartbeatInterval: 5, heartbeatTimeout: 5000 });
  const router = new Router({ heartbeatInterval: 5, heartbeatTimeout: 5000 });
  dealer.attach(linkOf(left));
  router.attach(linkOf(right));
  await router.waitForPeers(1);
  const serving = serve(router, ([body]) => [body, `${body.length}`]);
  for (const size of [0, 1, 1000, 1_000_000]) {
    await dealer.send(["", new Uint8Array(size)]);
    equal("a reply over streams", toText((await dealer.receive())[2]!), `${size}`);
  }

  // Retries, and the end of a server.
  await router.bind("inproc://server");
  const requester = new Requester("inproc://server", { timeout: 20_000 });
  equal("requester", toText((await requester.request("four"))[1]!), "4");
  await router.close();
  await serving;
  const error = await requester.request("anybody?", { timeout: 5, retries: 1 }).catch((reason: unknown) => reason);
  equal("a server that is gone", error instanceof ZmqError && error.code, "ETIMEDOUT");

  // Not `await using`: where there is no runtime, there may be no `Symbol.asyncDispose`.
  await Promise.all([reply, request, push, pull, dealer, requester].map((socket) => socket.close()));
}

/** Two ends of two streams of the runtime's. */
export function streams(Transform: typeof TransformStream): [Stream, Stream] {
  const [there, back] = [new Transform<Uint8Array, Uint8Array>(), new Transform<Uint8Array, Uint8Array>()];
  return [{ readable: back.readable, writable: there.writable }, { readable: there.readable, writable: back.writable }];
}
