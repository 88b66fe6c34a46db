/**
 * Frames whose buffer a program transfers (`postMessage(frame, [frame.buffer])`): rejected or harmless, wherever memory
 * is shared. Node 20 copies where others reject; `transfer()` is rejected by Deno only.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Context,
  linkOf,
  Proxy,
  Publisher,
  Pull,
  Push,
  Request,
  Router,
  Stream,
  Subscriber,
  toText,
  ZmqError,
} from "../../mod.ts";
import { lacksBytes } from "../../src/base/untransferable.ts";
import { SLAB_SIZE, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { bindAgain } from "../support/bind_again.ts";
import { test } from "../support/harness.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { peerHandshake } from "../support/session_recorder.ts";
import { nextEvent, turn, until } from "./support.ts";

const shared = new Context();
/** A context in two threads: to the library this one is both. */
const THREADS = [shared, Context.from(shared.share())] as const;

/** Every way to transfer, as far as this runtime has it. */
const WAYS: Readonly<Record<string, (buffer: ArrayBuffer) => unknown>> = {
  structuredClone: (buffer) => structuredClone(buffer, { transfer: [buffer] }),
  postMessage: (buffer) => {
    const { port1, port2 } = new MessageChannel();
    try {
      port1.postMessage(buffer, [buffer]);
    } finally {
      port1.close();
      port2.close();
    }
  },
};

/** Tries to transfer the memory of a frame. */
function steal(frame: Uint8Array, way: (buffer: ArrayBuffer) => unknown): void {
  try {
    way(frame.buffer as ArrayBuffer);
  } catch {
    // Refused.
  }
}

/** Transfers memory that is not marked as untransferable. */
const lose = (bytes: Uint8Array) => void structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });

for (const [name, way] of Object.entries(WAYS)) {
  for (const endpoint of ["tcp://127.0.0.1:0", "ipc://*", "inproc://transfer", "inproc://between-threads"]) {
    test(`${name} of a received frame leaves the messages beside it whole, over ${endpoint}`, async () => {
      const threads = endpoint === "inproc://between-threads";
      await using pull = new Pull({ receiveTimeout: 20_000, ...threads && { context: THREADS[0] } });
      await using push = new Push(threads ? { context: THREADS[1] } : {});
      push.connect(await pull.bind(endpoint));
      for (let i = 0; i < 200; i++) assert(await push.send([`head ${i}`, `body ${i}`]) === undefined);
      for (let i = 0; i < 200; i++) {
        const message = await pull.receive();
        assertEquals(message.map(toText), [`head ${i}`, `body ${i}`]);
        steal(message[i % 2]!, way);
      }
      await push.send("and on");
      assertEquals(toText((await pull.receive())[0]), "and on");
    });
  }

  test(`${name} of a received frame does not break the read that waits`, async () => {
    await using pull = new Pull({ receiveTimeout: 20_000 });
    await using push = new Push();
    push.connect(await pull.bind("tcp://127.0.0.1:0"));
    for (let i = 0; i < 20; i++) {
      await push.send(`${i}`);
      const [frame] = await pull.receive();
      assertEquals(toText(frame), `${i}`);
      // The next read waits already, into the rest of the same memory on Deno.
      await turn(3);
      steal(frame, way);
    }
  });

  test(`${name} by one subscriber leaves the others theirs`, async () => {
    await using publisher = new Publisher();
    const endpoint = await publisher.bind("tcp://127.0.0.1:0");
    const subscribers = [new Subscriber(), new Subscriber(), new Subscriber()];
    for (const subscriber of subscribers) {
      subscriber.subscribe("");
      subscriber.connect(endpoint);
    }
    await publisher.waitForSubscribers(3);
    for (let i = 0; i < 50; i++) await publisher.send(`${i}`);
    for (let i = 0; i < 50; i++) {
      for (const subscriber of subscribers) {
        const [frame] = await subscriber.receive();
        assertEquals(toText(frame), `${i}`);
        steal(frame, way);
      }
    }
    for (const subscriber of subscribers) await subscriber.close();
  });

  test(`${name} by one subscriber leaves the others theirs, over inproc`, async () => {
    await using publisher = new Publisher();
    await publisher.bind("inproc://shared");
    const subscribers = [new Subscriber(), new Subscriber(), new Subscriber()];
    for (const subscriber of subscribers) {
      subscriber.subscribe("");
      subscriber.connect("inproc://shared");
    }
    const sizes = [1, 100, 20_000];
    for (const size of sizes) await publisher.send(["head", new Uint8Array(size).fill(7)]);
    for (const subscriber of subscribers) {
      for (const size of sizes) {
        const [head, frame] = await subscriber.receive();
        assertEquals([toText(head), frame!.length, frame!.at(-1)], ["head", size, 7]);
        steal(head, way);
        steal(frame!, way);
      }
    }
    for (const subscriber of subscribers) await subscriber.close();
  });

  test(`${name} of an empty frame leaves those of later messages, over inproc`, async () => {
    await using pull = new Pull({ receiveTimeout: 20_000 });
    await using push = new Push();
    await pull.bind("inproc://empty");
    push.connect("inproc://empty");
    for (let i = 0; i < 4; i++) {
      await push.send([`${i}`, null, ""]);
      const message = await pull.receive();
      assertEquals(message.map(toText), [`${i}`, "", ""]);
      for (const frame of message) steal(frame, way);
    }
    assertEquals(push.statistics().dropped, 0);
  });

  test(`${name} of the delimiter of a request leaves those of later requests, over inproc`, async () => {
    await using router = new Router({ receiveTimeout: 20_000 });
    await using request = new Request({ receiveTimeout: 20_000 });
    await router.bind("inproc://delimiter");
    request.connect("inproc://delimiter");
    for (let i = 0; i < 4; i++) {
      await request.send(`${i}`);
      const [id, delimiter, body] = await router.receive();
      assertEquals([delimiter.length, toText(body!)], [0, `${i}`]);
      const back = id.slice();
      steal(delimiter, way);
      await router.send([back, "", "reply"]);
      assertEquals((await request.receive()).map(toText), ["reply"]);
    }
  });

  test(`${name} behind a proxy leaves the frames of its capture socket intact`, async () => {
    const [push, front, back, pull, capture, captured] = [
      new Push(),
      new Pull(),
      new Push(),
      new Pull({ receiveTimeout: 20_000 }),
      new Push(),
      new Pull({ receiveTimeout: 20_000 }),
    ];
    for (
      const [binds, connects, at] of [[front, push, "front"], [pull, back, "back"], [
        captured,
        capture,
        "capture",
      ]] as const
    ) {
      await binds.bind(`inproc://${at}`);
      connects.connect(`inproc://${at}`);
    }
    const proxy = new Proxy(front, back, { capture });
    const running = proxy.run();
    for (let i = 0; i < 4; i++) {
      await push.send(new Uint8Array(10).fill(i));
      const [frame] = await pull.receive();
      assertEquals(frame.length, 10);
      steal(frame, way);
      assertEquals((await captured.receive())[0], new Uint8Array(10).fill(i));
    }
    proxy.terminate();
    await running;
    for (const socket of [push, front, back, pull, capture, captured]) await socket.close();
  });

  test(`${name} of a frame received by a Stream leaves the rest intact`, async () => {
    await using stream = new Stream({ receiveTimeout: 20_000, notify: false });
    await using peer = await RawPeer.connect(await stream.bind("tcp://127.0.0.1:0"));
    for (let i = 0; i < 20; i++) {
      await peer.write(Uint8Array.of(i, i));
      for (let left = 2; left > 0;) {
        const [, part] = await stream.receive();
        assert(part.every((byte) => byte === i));
        left -= part.length;
        steal(part, way);
      }
    }
  });
}

test("a frame whose buffer was transferred is rejected when it is sent", async () => {
  await using push = new Push();
  await using pull = new Pull();
  push.connect(await pull.bind("inproc://gone"));
  const gone = new Uint8Array(10);
  const view = new DataView(new ArrayBuffer(10));
  lose(gone);
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  for (const message of [gone, ["first", gone], view, [view]]) {
    await assertRejects(() => push.send(message as never), TypeError);
    assertThrows(() => push.trySend(message as never), TypeError);
  }
  await push.send([new Uint8Array(0), ""]);
  assertEquals((await pull.receive()).map(toText), ["", ""]);
});

for (const scheme of ["tcp", "inproc"]) {
  for (const size of [10, 100_000]) {
    test(`a queued message of ${size} bytes whose buffer was transferred is dropped and counted, and no other, over ${scheme}`, async () => {
      await using receiver = new Pull({ receiveTimeout: 20_000 });
      await using sender = new Push({ reconnectInterval: 10 });
      const events: unknown[] = [];
      sender.events.listen((event) => {
        if (event.type !== "message:dropped") return;
        events.push([event.endpoint, event.frames, event.bytes, event.error.code]);
      });
      let endpoint = "inproc://later";
      if (scheme === "tcp") {
        endpoint = await receiver.bind("tcp://127.0.0.1:0");
        await receiver.unbind(endpoint);
      }
      sender.connect(endpoint);
      const frames = Array.from({ length: 6 }, (_, i) => new Uint8Array(size).fill(i + 1));
      for (const frame of frames) await sender.send(["head", frame, "tail"]);
      lose(frames[1]!);
      lose(frames[4]!);
      await bindAgain(receiver, endpoint);
      const seen: (number | undefined)[] = [];
      for (let i = 0; i < 4; i++) seen.push((await receiver.receive())[1]![0]);
      assertEquals(seen, [1, 3, 4, 6]);
      const { messagesSent, dropped } = sender.statistics();
      assertEquals([messagesSent, dropped], [4, 2]);
      // Each has its event, with what is left of it: "head" and "tail".
      assertEquals(events, [[endpoint, 3, 8, "EINVAL"], [endpoint, 3, 8, "EINVAL"]]);
    });
  }
}

test("a Web stream that waits while the buffer to write is transferred ends its link, and nothing else", async () => {
  await using push = new Push();
  let release = () => {};
  const waits = new Promise<void>((resolve) => release = resolve);
  let begun = false;
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      if (chunk.length < 60_000) return;
      begun = true;
      return waits;
    },
  });
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(peerHandshake("PULL")),
  });
  const ended = nextEvent(push, "disconnect");
  push.attach(linkOf({ readable, writable }));
  const large = new Uint8Array(1_000_000);
  await push.send(large);
  await until(() => begun);
  lose(large);
  release();
  const { error } = await ended;
  assertEquals(error instanceof ZmqError && error.code, "EINVAL");
});

test("a slab that a link transferred is not lent again", () => {
  const pool = new SlabPool();
  for (const take of [() => pool.take(), () => pool.takeSmall()]) {
    const slab = new Uint8Array(take().length);
    lose(slab);
    pool.give(slab);
    assert(take().length > 0);
  }
  assertEquals(pool.take().length, SLAB_SIZE);
});

test("a detached buffer is distinguished from an empty one", () => {
  const gone = new Uint8Array(3);
  lose(gone);
  assertEquals(
    [[new Uint8Array(0)], [new Uint8Array(3), new Uint8Array(0)], [new Uint8Array(3), gone]].map(lacksBytes),
    [
      false,
      false,
      true,
    ],
  );
});
