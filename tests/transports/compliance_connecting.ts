/**
 * The part of the compliance suite about the start of links: listening, connecting, canceling.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { type Declare, LONG } from "./declare.ts";
import { Accepted, Peer, withPair } from "./peer.ts";

/** Declares the tests of listeners and of connecting. */
export function connectingCompliance({ plain, endpoint, lasting }: Declare): void {
  plain("connecting where nobody listens is refused", async (transport) => {
    const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), () => {});
    await listener.close();
    const error = await assertRejects(() => transport.connect(Endpoint.parse(listener.endpoint, "connect")), ZmqError);
    assertEquals(error.code, "ECONNREFUSED");
    assert(error.message.startsWith(`Cannot connect to ${listener.endpoint}: `), error.message);
    assert(error.cause !== undefined);
  });

  plain("an address in use cannot be bound, and can after close", async (transport) => {
    // An ipc transport checks whether a live socket has the address.
    const first = await transport.listen(Endpoint.parse(lasting, "bind"), (link) => link.abort());
    const same = Endpoint.parse(first.endpoint, "bind");
    const error = await assertRejects(() => transport.listen(same, () => {}), ZmqError);
    assertEquals(error.code, "EADDRINUSE");
    await Promise.all([first.close(), first.close()]);
    const second = await transport.listen(same, () => {});
    assertEquals(second.endpoint, first.endpoint);
    await second.close();
    await first.close();
  });

  plain("connect with a signal that has fired", async (transport) => {
    const accepted = new Accepted();
    const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), accepted.onLink);
    const reason = new Error("changed my mind");
    const signal = AbortSignal.abort(reason);
    const connecting = transport.connect(Endpoint.parse(listener.endpoint, "connect"), { signal });
    assertStrictEquals(await connecting.then(() => undefined, (error) => error), reason);
    await listener.close();
    assertEquals(accepted.peers.length, 0);
  });

  plain("a connect that is given up leaves no link behind", async (transport) => {
    const accepted = new Accepted();
    const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), accepted.onLink);
    const target = Endpoint.parse(listener.endpoint, "connect");
    const reason = new Error("changed my mind");
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const connecting = transport.connect(target, { signal: controller.signal });
      controller.abort(reason);
      assertStrictEquals(await connecting.then(() => undefined, (error) => error), reason);
    }
    // Connections are accepted in order: when this one is, the earlier ones were, as far as they were made.
    const last = new Peer(await transport.connect(target)).start();
    await last.send(new Uint8Array([1]));
    for (;;) {
      const peer = (await accepted.next()).start();
      await peer.until(() => peer.received > 0 || peer.closes > 0);
      if (peer.received > 0) break;
    }
    last.abort();
    for (const peer of accepted.peers) await peer.gone();
    await Promise.all([last.close(), listener.close()]);
  });

  plain("a signal that fires after the connect does nothing", async (transport) => {
    const accepted = new Accepted();
    const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), accepted.onLink);
    const controller = new AbortController();
    const target = Endpoint.parse(listener.endpoint, "connect");
    const client = new Peer(await transport.connect(target, { signal: controller.signal })).start();
    const server = (await accepted.next()).start();
    controller.abort();
    await client.send(new Uint8Array([1]));
    await server.until(() => server.received === 1);
    await Promise.all([client.close(), server.close(), listener.close()]);
  });

  plain("links live on when their listener closes", async (transport) => {
    await withPair(transport, endpoint, async ({ listener, client, server }) => {
      await listener.close();
      await assertRejects(() => transport.connect(Endpoint.parse(listener.endpoint, "connect")), ZmqError);
      await client.send(new Uint8Array([1]));
      await server.until(() => server.received === 1);
      await server.send(new Uint8Array([2]));
      await client.until(() => client.received === 1);
    });
  });

  plain("200 links at once", async (transport) => {
    const accepted = new Accepted();
    const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), (link) => {
      accepted.onLink(link);
      const peer = accepted.peers.at(-1)!;
      peer.react = (chunk) => peer.write(chunk.slice());
      peer.start();
    }, { backlog: 511 });
    const target = Endpoint.parse(listener.endpoint, "connect");
    const clients = await Promise.all(Array.from({ length: 200 }, () => transport.connect(target)));
    const peers = clients.map((link) => new Peer(link).start());
    await Promise.all(peers.map((peer, i) => peer.send(new Uint8Array([i]))));
    await Promise.all(peers.map((peer) => peer.until(() => peer.received === 1)));
    peers.forEach((peer, i) => assertEquals([...peer.bytes()], [i]));
    await Promise.all(peers.map((peer) => peer.close()));
    await Promise.all(accepted.peers.map((peer) => peer.gone()));
    await listener.close();
    for (const peer of [...peers, ...accepted.peers]) assertEquals(peer.breaches, []);
  }, LONG);
}
