/**
 * The part of the compliance suite about the end of links: by the peer, by `close`, by `abort`, before `start`.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import { CLOSE_GRACE } from "../../src/transport/transport.ts";
import { type Declare, LONG, MIB, TOO_MUCH } from "./declare.ts";
import { assertPattern, patternBytes, withPair, writeUntilStuck } from "./peer.ts";

/** Declares the tests of the ends of links. */
export function closingCompliance({ pair, plain, endpoint, knows }: Declare): void {
  pair("the peer's end: first all of its bytes, then onClose without an error", async ({ client, server }) => {
    const size = 300_000;
    client.write(patternBytes(size));
    await Promise.all([client.close(), server.gone()]);
    assertPattern(server.chunks, size);
    assertEquals(server.error, undefined);
    assertEquals(client.error, undefined);
    assertEquals(client.closes, 1);
    // And in the other direction: the link is closed on this side too.
    assertEquals(server.write(new Uint8Array(1)), false);
    await server.close();
  });

  pair("the peer's end waits for what is held back by pause", async ({ client, server }) => {
    const size = 500_000;
    server.react = () => server.pause();
    client.write(patternBytes(size));
    const closed = client.close();
    while (server.received < size) {
      const before = server.chunks.length;
      await server.until(() => server.chunks.length > before);
      server.resume();
    }
    await server.gone();
    await closed;
    assertPattern(server.chunks, size);
    assertEquals(server.error, undefined);
  });

  pair("the peer's end waits for resume, also when nothing is held back", async ({ client, server }) => {
    server.react = () => server.pause();
    client.write(patternBytes(10));
    await server.until(() => server.received === 10);
    await client.close();
    assertEquals(server.closes, 0);
    server.resume();
    await server.gone();
    assertEquals([server.received, server.error], [10, undefined]);
  });

  pair("the peer's end waits for resume, also when a read was waiting as the link was paused", async (pair) => {
    const { client, server } = pair;
    await client.send(patternBytes(10));
    await server.until(() => server.received === 10);
    server.pause();
    await client.close();
    assertEquals(server.closes, 0);
    server.resume();
    await server.gone();
    assertEquals([server.received, server.error], [10, undefined]);
  });

  pair("close at both ends at once, nothing pending", async ({ client, server }) => {
    await Promise.all([client.close(), server.close()]);
    assertEquals([client.error, server.error], [undefined, undefined]);
    assertEquals([client.closes, server.closes], [1, 1]);
  });

  pair("close at both ends at once, megabytes pending", async ({ client, server }) => {
    client.write(patternBytes(12 * MIB));
    server.write(patternBytes(12 * MIB));
    await Promise.all([client.close(), server.close()]);
    assertEquals([client.closes, server.closes], [1, 1]);
  });

  pair("close delivers everything written to a reader that is slow", async ({ client, server }) => {
    const size = 24 * MIB;
    server.pause();
    assertEquals(client.write(patternBytes(size)), false);
    const closed = client.close();
    let chunks = 0;
    server.react = () => {
      if (++chunks % 4 !== 0) return;
      server.pause();
      setTimeout(() => server.resume(), 0);
    };
    server.resume();
    await server.gone();
    await closed;
    assertPattern(server.chunks, size);
    assertEquals([client.error, server.error], [undefined, undefined]);
  }, LONG);

  pair("close goes on sending to a peer that has ended its side meanwhile", async ({ client, server }) => {
    const size = 16 * MIB;
    server.pause();
    client.write(patternBytes(size));
    const closed = client.close();
    // The server's own close drops what it receives, but must read it, or the client would wait forever.
    // Without a limit, because a busy machine takes longer than the default.
    await Promise.all([closed, server.close(Infinity)]);
    assertEquals(client.error, undefined);
  }, LONG);

  pair("close drops what comes in, without breaking what goes out", async ({ client, server }) => {
    const size = 8 * MIB;
    client.pause();
    const pushed = await writeUntilStuck(server, TOO_MUCH);
    assert(pushed > 0);
    client.write(patternBytes(size));
    // Without a limit, because a busy machine takes longer than the default to read it all.
    const closed = client.close(Infinity);
    await server.gone();
    await closed;
    assertPattern(server.chunks, size);
  }, LONG);

  pair(
    "close cuts off a peer that does not end, and what it was sent is still there",
    async ({ client, server }) => {
      const size = 100_000;
      server.pause();
      await client.send(patternBytes(size));
      await client.close();
      assertEquals(client.closes, 1);
      assertEquals(server.closes, 0);
      server.resume();
      await server.gone();
      assertPattern(server.chunks, size);
    },
  );

  pair(
    "close without a limit waits until the peer has read everything and ended its side",
    async ({ client, server }) => {
      const size = 100_000;
      server.pause();
      await client.send(patternBytes(size));
      const closed = client.close(Infinity);
      // Longer than the default.
      await new Promise((resolve) => setTimeout(resolve, 2 * CLOSE_GRACE));
      assertEquals(client.closes, 0);
      server.resume();
      await Promise.all([server.gone(), closed]);
      assertPattern(server.chunks, size);
      assertEquals([client.error, server.error], [undefined, undefined]);
    },
  );

  pair("close with no time at all, and a later call that shortens the time, never lengthens it", async (pair) => {
    const { client, server } = pair;
    const size = 100_000;
    for (const peer of [client, server]) peer.pause();
    await Promise.all([client.send(patternBytes(size)), server.send(patternBytes(10))]);
    const closed = client.close(Infinity);
    const shortened = client.close(0);
    client.close(Infinity);
    await Promise.all([closed, shortened]);
    assertEquals([client.closes, server.closes], [1, 0]);
    server.resume();
    await server.gone();
  });

  pair("close with no time at all: what was written is still there for a peer that sends nothing", async (pair) => {
    const { client, server } = pair;
    const size = 100_000;
    server.pause();
    await client.send(patternBytes(size));
    await client.close(0);
    assertEquals(server.closes, 0);
    server.resume();
    await server.gone();
    assertPattern(server.chunks, size);
  });

  pair("close is idempotent, from inside onData too", async ({ client, server }) => {
    let closing: Promise<void> | undefined;
    server.react = () => closing ??= server.close();
    await client.send(patternBytes(1000));
    await client.gone();
    await Promise.all([server.close(), server.close(), closing]);
    await server.close();
    server.abort(new Error("too late"));
    assertEquals([client.error, server.error], [undefined, undefined]);
    assertEquals(server.closes, 1);
  });

  pair("abort while writing: what onClose tells of the last write is true", async ({ client, server }) => {
    server.pause();
    const written = await writeUntilStuck(client, TOO_MUCH);
    client.abort();
    await client.gone();
    server.resume();
    await server.gone();
    if (knows === "nothing") return assertEquals([client.taken, client.link.bytesTaken], [undefined, undefined]);
    const taken = client.taken!;
    assert(taken >= 0 && (knows === "exact" ? taken < MIB : taken <= MIB), `${taken}`);
    if (knows === "exact") assertEquals(server.received, written - MIB + taken);
    else assert(server.received <= written - MIB + taken, `${server.received} of ${written - MIB} and ${taken}`);
    assertPattern(server.chunks, server.received);
  }, LONG);

  pair("bytesTaken grows while one large write is in flight, and tells at the end what onClose tells", async (pair) => {
    const { client, server } = pair;
    if (knows === "nothing") return;
    const size = 32 * MIB;
    assertEquals(client.bytesTaken, 0);
    await client.send(new Uint8Array(10), new Uint8Array(0), new Uint8Array(5));
    assertEquals(client.bytesTaken, 15);
    server.pause();
    assertEquals(client.write(patternBytes(size)), false);
    let seen = 0;
    let last = client.bytesTaken;
    server.react = () => {
      if (client.bytesTaken > last) seen++;
      last = client.bytesTaken;
      if (server.received > size / 2) client.abort();
    };
    server.resume();
    await client.gone();
    assert(seen > 0, "bytesTaken did not grow");
    if (knows === "exact") assertEquals(client.bytesTaken, 15 + client.taken!);
    else assert(client.bytesTaken <= 15 + client.taken!);
  }, LONG);

  pair("a link that close or abort was called on takes nothing, and onClose says so", async ({ client, server }) => {
    await client.send(new Uint8Array(10));
    const closed = client.close();
    assertEquals([client.write(new Uint8Array(10)), client.write()], [false, false]);
    server.abort();
    assertEquals(server.write(new Uint8Array(10)), false);
    await Promise.all([closed, client.gone(), server.gone()]);
    assertEquals([client.taken, server.taken], [0, 0]);
    if (knows !== "nothing") assertEquals([client.bytesTaken, server.bytesTaken], [10, 0]);
  });

  pair(
    "abort while writing: onClose with the reason, no onDrain, and the peer is told",
    async ({ client, server }) => {
      server.pause();
      await writeUntilStuck(client, TOO_MUCH);
      const reason = new Error("enough");
      client.abort(reason);
      client.abort(new Error("again"));
      assertEquals(client.closes, 0);
      await client.gone();
      assertStrictEquals(client.error, reason);
      assertEquals(client.write(new Uint8Array(10)), false);
      await client.close();
      server.resume();
      await server.gone();
    },
    LONG,
  );

  pair("abort without a reason, from inside onData", async ({ client, server }) => {
    server.react = () => server.abort();
    client.write(patternBytes(2 * MIB));
    await Promise.all([server.gone(), client.gone()]);
    assertEquals(server.chunks.length, 1);
    assertEquals(server.error, undefined);
  });

  pair("abort ends a close that waits for a peer that does not read", async ({ client, server }) => {
    server.pause();
    await writeUntilStuck(client, TOO_MUCH);
    const closed = client.close();
    const reason = new Error("no patience");
    client.abort(reason);
    await closed;
    assertStrictEquals(client.error, reason);
  }, LONG);

  pair("abort before close: close resolves, onClose stays single", async ({ client, server }) => {
    client.abort();
    await client.close();
    assertEquals(client.closes, 1);
    await server.gone();
  });

  pair("a peer that aborts while we write: onClose, and no hang", async ({ client, server }) => {
    server.pause();
    await writeUntilStuck(client, TOO_MUCH);
    server.abort();
    await client.gone();
    // A reset or an end is seen, depending on the runtime and on the side that reads first.
    if (client.error !== undefined) assertInstanceOf(client.error, ZmqError);
  }, LONG);

  pair("a paused link whose peer aborts is gone after resume at the latest", async ({ client, server }) => {
    client.write(patternBytes(1000));
    await server.until(() => server.received === 1000);
    server.pause();
    client.abort();
    await client.gone();
    server.resume();
    await server.gone();
  });

  plain("a link that ended before start tells so after start", async (transport) => {
    await withPair(transport, endpoint, async ({ client }) => {
      const reason = new Error("unwanted");
      client.abort(reason);
      await client.close();
      client.start();
      assertEquals(client.closes, 0);
      await client.gone();
      assertStrictEquals(client.error, reason);
    }, { start: false });
  });

  plain("close before start", async (transport) => {
    await withPair(transport, endpoint, async ({ client, server }) => {
      server.start();
      client.pause();
      server.write(patternBytes(100_000));
      await client.close();
      await server.gone();
    }, { start: false });
  });
}
