/**
 * Where turns of the event loop may pass without a look at the sockets, every kind of link can ask for one.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import type { ConnectOptions, Link, ListenOptions } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { Accepted, Peer } from "./peer.ts";
import { SocksProxyServer } from "./socks_proxy.ts";

/** Connects, and gives both links to `look`; `target` makes the endpoint to connect to of the one that was bound. */
async function withLinks(
  look: (links: readonly Link[]) => Promise<void>,
  options: ConnectOptions & ListenOptions = {},
  target = (bound: string) => bound,
): Promise<void> {
  const { connect, listen } = await loadTransport();
  const accepted = new Accepted();
  const listener = await listen(Endpoint.parse("tcp://127.0.0.1:0", "bind"), accepted.onLink, options);
  const client = new Peer(await connect(Endpoint.parse(target(listener.endpoint), "connect"), options)).start();
  const server = (await accepted.next()).start();
  await look([client.link, server.link]);
  await Promise.all([client.close(), server.close(), listener.close()]);
}

async function looks(links: readonly Link[]): Promise<void> {
  for (const link of links) {
    assertEquals(link.poll !== undefined, runtime === "deno");
    let inside = true;
    const called = new Promise<void>((resolve) => {
      if (link.poll === undefined) return resolve();
      link.poll(() => {
        assert(!inside);
        resolve();
      });
    });
    inside = false;
    await called;
  }
}

test("poll: links of every kind have the method where it is needed", async () => {
  await withLinks(looks);
  await withLinks(looks, { tcpKeepalive: 1, tcpKeepaliveIdle: 60 });
  await withLinks(looks, {}, (bound) => bound.replace("tcp://", "tcp://127.0.0.1:0;"));
});

test("poll: a link through a SOCKS proxy has the method as well", async () => {
  const proxy = await SocksProxyServer.start({});
  await withLinks(looks, { socks: { host: "127.0.0.1", port: proxy.port } });
  await proxy.close();
});
