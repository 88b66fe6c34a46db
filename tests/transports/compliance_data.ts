/**
 * The part of the compliance suite about bytes: integrity, ownership of memory, back-pressure both ways.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Declare, LONG, MIB, TOO_MUCH } from "./declare.ts";
import { assertPattern, fillPattern, patternBytes, type Peer, withPair, writeUntilStuck } from "./peer.ts";

/** Declares the tests of delivery and back-pressure. */
export function dataCompliance({ pair, plain, endpoint, whole }: Declare): void {
  pair("bytes go both ways, and each end tells where the other is", async ({ listener, client, server }) => {
    await client.send(new Uint8Array([1, 2, 3]));
    await server.until(() => server.received === 3);
    assertEquals([...server.bytes()], [1, 2, 3]);
    await server.send(new Uint8Array([4]), new Uint8Array([5, 6]));
    await client.until(() => client.received === 3);
    assertEquals([...client.bytes()], [4, 5, 6]);
    assertEquals(client.link.remote, listener.endpoint);
    assert(/^((?:tcp|wss?):\/\/.+:[1-9]\d*|ipc:\/\/\/.+)$/.test(server.link.remote), server.link.remote);
  });

  pair("a byte a write arrives in order", async ({ client, server }) => {
    const count = 3000;
    for (let i = 0; i < count; i++) {
      await client.send(fillPattern(new Uint8Array(1), i));
      if (i % 10 === 0) await server.until(() => server.received === i + 1);
    }
    await server.until(() => server.received === count);
    assertPattern(server.chunks, count);
  });

  pair("one large write, and one of many chunks, arrive whole", async ({ client, server }) => {
    const size = 3 * MIB + 17;
    const bytes = patternBytes(2 * size);
    await client.send(bytes.subarray(0, size));
    const chunks: Uint8Array[] = [];
    for (let at = size; at < 2 * size;) {
      const end = Math.min(2 * size, at + 1 + (at % 60_000));
      chunks.push(bytes.subarray(at, end));
      at = end;
    }
    await client.send(...chunks);
    await server.until(() => server.received === 2 * size);
    assertPattern(server.chunks, 2 * size);
  });

  pair("empty chunks change nothing", async ({ client, server }) => {
    const empty = new Uint8Array(0);
    assertEquals(client.write(), true);
    assertEquals(client.write(empty), true);
    await client.send(empty, new Uint8Array([7]), empty, empty, new Uint8Array([8]), empty);
    await client.send(new Uint8Array([9]));
    await server.until(() => server.received === 3);
    assertEquals([...server.bytes()], [7, 8, 9]);
  });

  pair("empty chunks behind one that has to wait change nothing", async ({ client, server }) => {
    const size = 24 * MIB;
    const empty = new Uint8Array(0);
    server.pause();
    const sent = client.send(empty, patternBytes(size), empty, new Uint8Array(0));
    server.resume();
    await sent;
    await server.until(() => server.received === size);
    assertPattern(server.chunks, size);
    assertEquals(client.closes, 0);
  }, LONG);

  pair("50 MB each way at once, buffers reused as soon as allowed, received chunks never change", async (pair) => {
    const total = 50 * MIB;
    const pump = async (from: Peer, seed: number): Promise<number> => {
      const buffer = new Uint8Array(400_000);
      let falses = 0;
      for (let sent = 0, random = seed; sent < total;) {
        random = Math.imul(random, 48271) % 0x7fffffff;
        const small = random % 3 === 0;
        const size = Math.min(total - sent, 1 + Math.abs(random >> 3) % (small ? 300 : buffer.length));
        const bytes = fillPattern(buffer.subarray(0, size), sent);
        const cut = Math.abs(random >> 5) % (size + 1);
        const drains = from.drains;
        const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
        if (!from.write(...whole ? parts.filter(({ length }) => length > 0) : parts)) {
          falses++;
          await from.until(() => from.drains > drains);
        }
        buffer.fill(0xee);
        sent += size;
      }
      return falses;
    };
    const { client, server } = pair;
    const [falses] = await Promise.all([
      pump(client, 7),
      pump(server, 11),
      server.until(() => server.received === total),
      client.until(() => client.received === total),
    ]);
    assertEquals(client.drains, falses);
    assertPattern(server.chunks, total);
    assertPattern(client.chunks, total);
  }, { timeout: 60_000 });

  plain("data that arrived before start is not lost", async (transport) => {
    await withPair(transport, endpoint, async ({ client, server }) => {
      const size = 100_000;
      await client.start().send(patternBytes(size));
      server.start();
      await server.until(() => server.received === size);
      assertPattern(server.chunks, size);
    }, { start: false });
  });

  pair("pause from inside onData stops it at once; resume goes on", async ({ client, server }) => {
    const size = 4 * MIB;
    let pauses = 0;
    server.react = () => {
      server.pause();
      pauses++;
    };
    const sent = client.send(patternBytes(size));
    while (server.received < size) {
      const before = server.chunks.length;
      await server.until(() => server.chunks.length > before);
      server.resume();
    }
    await sent;
    assertEquals(pauses, server.chunks.length);
    assertPattern(server.chunks, size);
  });

  pair("pause and resume in quick succession lose and repeat nothing", async ({ client, server }) => {
    const size = 4 * MIB;
    let turn = 0;
    server.react = () => {
      turn++;
      if (turn % 2 === 0) server.pause();
      if (turn % 3 === 0) server.pause();
      if (turn % 4 === 0) server.resume();
      queueMicrotask(() => {
        server.pause();
        server.resume();
        server.pause();
        server.resume();
        server.resume();
      });
    };
    for (let sent = 0; sent < size; sent += 4096) await client.send(fillPattern(new Uint8Array(4096), sent));
    await server.until(() => server.received === size);
    assertPattern(server.chunks, size);
  });

  pair(
    "a paused reader holds the writer back, in bounded memory; resume lets it go on",
    async ({ client, server }) => {
      server.pause();
      const written = await writeUntilStuck(client, TOO_MUCH);
      const { drains } = client;
      assertEquals(server.received, 0);
      server.resume();
      await client.until(() => client.drains > drains);
      await server.until(() => server.received === written);
      assertPattern(server.chunks, written);
    },
    LONG,
  );

  pair("back-pressure works both ways at once", async ({ client, server }) => {
    client.pause();
    server.pause();
    const [up, down] = await Promise.all([writeUntilStuck(client, TOO_MUCH), writeUntilStuck(server, TOO_MUCH)]);
    client.resume();
    await client.until(() => client.received === down);
    server.resume();
    await server.until(() => server.received === up);
    assertPattern(client.chunks, down);
    assertPattern(server.chunks, up);
  }, LONG);

  plain("pause and resume before start", async (transport) => {
    await withPair(transport, endpoint, async ({ client, server }) => {
      await client.start().send(patternBytes(1000));
      server.pause();
      server.resume();
      server.pause();
      server.start();
      await client.send(fillPattern(new Uint8Array(1000), 1000));
      server.resume();
      await server.until(() => server.received === 2000);
      assertPattern(server.chunks, 2000);
    }, { start: false });
  });
}
