/**
 * Links through a SOCKS5 proxy: the compliance suite through one, split and hostile answers, bytes right behind them.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Endpoint, type TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import type { ConnectOptions, SocksProxy, Transport } from "../../src/transport/transport.ts";
import { LinkCore } from "../../src/transport/link.ts";
import { loadTransport } from "../../transports/mod.ts";
import { type Handshake, type HandshakeStep, shakeHands } from "../../transports/shared/handshake.ts";
import { runtime, test } from "../support/harness.ts";
import { transportCompliance } from "./compliance.ts";
import { noLoopbackNet } from "./machine.ts";
import { Accepted, assertPattern, fillPattern, patternBytes, Peer } from "./peer.ts";
import { type ProxyOptions, SocksProxyServer } from "./socks_proxy.ts";

/** The proxy's half of the handshake, of a proxy that is its own target. */
class ProxyHandshake implements Handshake {
  readonly greeting = new Uint8Array(0);
  readonly peer = "the client";
  #greeted = false;

  receive(): HandshakeStep {
    if (this.#greeted) return { send: Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0), rest: new Uint8Array(0) };
    this.#greeted = true;
    return { send: Uint8Array.of(5, 0) };
  }
}

/** A transport whose connects all think that the listener is a proxy, and so it is. */
async function throughProxy(): Promise<Transport> {
  const { connect, listen } = await loadTransport();
  return {
    connect: (endpoint, options) => connect(endpoint, { ...options, socks: endpoint as TcpEndpoint }),
    listen: (endpoint, onLink, options) =>
      listen(endpoint, (link) => {
        assertInstanceOf(link, LinkCore);
        shakeHands(link, new ProxyHandshake(), link.remote, undefined).then(() => onLink(link), () => link.abort());
      }, options),
  };
}

transportCompliance(`tcp through SOCKS on ${runtime}`, throughProxy, "tcp://127.0.0.1:0");

/** Runs `body` with a proxy and the transport's connect through it. */
async function withProxy(
  how: ProxyOptions,
  body: (
    connect: (target: string, options?: ConnectOptions & { login?: Partial<SocksProxy> }) => Promise<Peer>,
    proxy: SocksProxyServer,
    accepted: Accepted,
    port: string,
  ) => Promise<void>,
): Promise<void> {
  const proxy = await SocksProxyServer.start(how);
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), accepted.onLink);
  const port = listener.endpoint.slice("tcp://127.0.0.1:".length);
  const clients: Peer[] = [];
  try {
    await body(
      async (target, { login, ...options } = {}) => {
        const socks = { host: "127.0.0.1", port: proxy.port, ...login };
        const peer = new Peer(await transport.connect(Endpoint.parse(target, "connect"), { ...options, socks }));
        clients.push(peer);
        return peer;
      },
      proxy,
      accepted,
      port,
    );
  } finally {
    for (const peer of [...clients, ...accepted.peers]) peer.abort();
    for (const peer of [...clients, ...accepted.peers]) await peer.close();
    await Promise.all([listener.close(), proxy.close()]);
  }
  for (const peer of [...clients, ...accepted.peers]) assertEquals(peer.breaches, []);
}

test("socks: a message through a proxy, both ways, to a name that the proxy looks up", async () => {
  for (const slow of [false, true]) {
    await withProxy({ slow }, async (connect, proxy, accepted, port) => {
      const client = await connect(`tcp://localhost:${port}`);
      assertEquals(client.link.remote, `tcp://localhost:${port}`);
      const server = (await accepted.next()).start();
      await client.start().send(patternBytes(300_000));
      await server.until(() => server.received === 300_000);
      assertPattern(server.chunks, 300_000);
      await server.send(patternBytes(300_000));
      await client.until(() => client.received === 300_000);
      assertPattern(client.chunks, 300_000);
      assertEquals([proxy.asked, proxy.offered], [[`name localhost:${port}`], [[0]]]);
      await client.close();
      await server.gone();
    });
  }
});

test("socks: a name that only the proxy can resolve is connected", async () => {
  await withProxy({}, async (connect, proxy, _, port) => {
    await assertRejects(() => connect("tcp://no-such-host.invalid:5555"), ZmqError);
    assertEquals(proxy.asked, ["name no-such-host.invalid:5555"]);
    await connect(`tcp://127.0.0.1:${port}`);
    assertEquals(proxy.asked.at(-1), `127.0.0.1:${port}`);
  });
}, { timeout: 30_000 });

test("socks: the target's first bytes, in one piece with the proxy's answer, are not lost", async () => {
  for (const slow of [false, true]) {
    const first = patternBytes(slow ? 40 : 3000);
    await withProxy({ slow, first }, async (connect, _, accepted, port) => {
      const client = await connect(`tcp://127.0.0.1:${port}`);
      const server = (await accepted.next()).start();
      await server.send(fillPattern(new Uint8Array(5000), first.length));
      const size = first.length + 5000;
      client.pause();
      client.react = () => {
        client.pause();
        setTimeout(() => client.resume());
      };
      client.start();
      client.resume();
      await client.until(() => client.received === size);
      assertPattern(client.chunks, size);
    });
  }
});

test("socks: the target's first bytes wait for resume, and are dropped by close", async () => {
  await withProxy({ first: patternBytes(100) }, async (connect, _, accepted, port) => {
    const client = await connect(`tcp://127.0.0.1:${port}`);
    client.start();
    client.pause();
    await new Promise((resolve) => setTimeout(resolve, 30));
    assertEquals(client.received, 0);
    client.resume();
    await client.until(() => client.received === 100);

    const dropped = await connect(`tcp://127.0.0.1:${port}`);
    for (let i = 0; i < 2; i++) (await accepted.next()).start();
    dropped.start();
    await dropped.close();
    assertEquals(dropped.received, 0);
  });
});

test("socks: a target that has ended before start: first its bytes, then its end", async () => {
  await withProxy({ first: patternBytes(100) }, async (connect, _, accepted, port) => {
    const client = await connect(`tcp://127.0.0.1:${port}`);
    const server = (await accepted.next()).start();
    await server.send(fillPattern(new Uint8Array(100), 100));
    const closed = server.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    client.start();
    await client.gone();
    await closed;
    assertPattern(client.chunks, 200);
    assertEquals(client.error, undefined);
  });
});

test("socks: a user name and a password", async () => {
  for (const slow of [false, true]) {
    await withProxy({ slow, login: ["ann", "secret"] }, async (connect, proxy, _, port) => {
      const target = `tcp://127.0.0.1:${port}`;
      await connect(target, { login: { username: "ann", password: "secret" } });
      assertEquals(proxy.offered, [[0, 2]]);
      for (const login of [{ username: "ann", password: "guess" }, { username: "bob" }, {}]) {
        const error = await assertRejects(() => connect(target, { login }), ZmqError, `Cannot connect to ${target}: `);
        assertEquals(error.code, "EACCES");
        assert(!error.message.includes("guess"), "no secret is told");
      }
    });
  }
});

/** Connecting through a proxy that behaves like that fails with this code, and the proxy is left in peace. */
async function fails(how: ProxyOptions, code: ZmqErrorCode, words: string): Promise<void> {
  await withProxy(how, async (connect, proxy) => {
    const target = "tcp://127.0.0.1:5555";
    const error = await assertRejects(() => connect(target), ZmqError, words);
    assertEquals(error.code, code);
    assert(error.message.startsWith(`Cannot connect to ${target}: `), error.message);
    while (proxy.clients > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
}

test("socks: rejections by the proxy are errors with the reason", async () => {
  await fails({ refusal: 5 }, "ECONNREFUSED", "the connection was refused");
  await fails({ refusal: 5, slow: true }, "ECONNREFUSED", "the connection was refused");
  await fails({ refusal: 2 }, "EACCES", "its rules do not allow");
  await fails({ refusal: 4 }, "EHOSTUNREACH", "the host cannot be reached");
});

test("socks: a server that is not a SOCKS proxy is EPROTO", async () => {
  const encoder = new TextEncoder();
  await fails({ says: encoder.encode("SSH-2.0-OpenSSH_9.6\r\n") }, "EPROTO", "it speaks version 83");
  await fails({ says: new Uint8Array(200_000).fill(5) }, "EPROTO", "which was not offered");
  await fails({ says: Uint8Array.of(5, 0, 5, 0, 0, 1) }, "EPROTO", "before it was asked");
  await fails({ says: Uint8Array.of(), hangUp: true }, "ECONNRESET", "the SOCKS proxy ended the connection");
  await fails({ says: Uint8Array.of(5), hangUp: true }, "ECONNRESET", "the SOCKS proxy ended the connection");
});

test("socks: without a listening proxy the connection is refused", async () => {
  const transport = await loadTransport();
  const proxy = await SocksProxyServer.start();
  await proxy.close();
  const socks = { host: "127.0.0.1", port: proxy.port };
  const error = await assertRejects(
    () => transport.connect(Endpoint.parse("tcp://192.0.2.1:5555"), { socks }),
    ZmqError,
    `Cannot connect to tcp://192.0.2.1:5555: the SOCKS proxy cannot be reached: Cannot connect to tcp://127.0.0.1:${proxy.port}: `,
  );
  assertEquals(error.code, "ECONNREFUSED");
});

test("socks: a silent proxy is canceled with the signal", async () => {
  await withProxy({ says: Uint8Array.of(5) }, async (connect, proxy) => {
    const controller = new AbortController();
    const reason = new Error("waited long enough");
    const connecting = connect("tcp://127.0.0.1:5555", { signal: controller.signal });
    while (proxy.clients === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 30));
    controller.abort(reason);
    assertEquals(await connecting.then(() => undefined, (error) => error), reason);
    while (proxy.clients > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

test("socks: the source address is that of the connection to the proxy", async () => {
  const transport = await loadTransport();
  const accepted = new Accepted();
  const listener = await transport.listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), accepted.onLink);
  const proxy = Endpoint.parse(listener.endpoint) as TcpEndpoint;
  const controller = new AbortController();
  const target = Endpoint.parse("tcp://127.0.0.5:0;192.0.2.1:5555", "connect");
  const connecting = transport.connect(target, { socks: proxy, signal: controller.signal }).catch(() => {});
  const peer = (await accepted.next()).start();
  assert(peer.link.remote.startsWith("tcp://127.0.0.5:"), peer.link.remote);
  controller.abort();
  await connecting;
  await peer.gone();
  await listener.close();
}, { skip: noLoopbackNet });
