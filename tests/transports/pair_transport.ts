/**
 * A transport without a network: the test creates its links in pairs, so that the compliance suite can run on them.
 * Listening and connecting are just enough for the suite; what is under test is the link.
 *
 * @module
 */

import { type Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { ConnectOptions, Link, Listener, Transport } from "../../src/transport/transport.ts";

/** Makes both ends of a connection, given where each says that its peer is: the client's end first. */
export type LinkPairMaker = (server: string, client: string) => readonly [Link, Link];

/** A transport that listens and connects within this process. */
export class PairTransport implements Transport {
  readonly #pair: LinkPairMaker;
  readonly #listeners = new Map<string, (link: Link) => void>();
  #lastPort = 49_151;

  constructor(pair: LinkPairMaker) {
    this.#pair = pair;
  }

  async connect(endpoint: Endpoint, { signal }: ConnectOptions = {}): Promise<Link> {
    const name = endpoint.toString();
    signal?.throwIfAborted();
    await Promise.resolve();
    signal?.throwIfAborted();
    const onLink = this.#listeners.get(name);
    if (onLink === undefined) {
      const cause = new Error("The name is not bound");
      throw new ZmqError("ECONNREFUSED", `Cannot connect to ${name}: no listener has that name`, { cause });
    }
    const [client, server] = this.#pair(name, "tcp://127.0.0.1:1");
    onLink(server);
    return client;
  }

  listen(endpoint: Endpoint, onLink: (link: Link) => void): Promise<Listener> {
    const { host, port } = endpoint as TcpEndpoint;
    const name = new TcpEndpoint(host, port === 0 ? ++this.#lastPort : port).toString();
    if (this.#listeners.has(name)) {
      return Promise.reject(new ZmqError("EADDRINUSE", `Cannot listen on ${name}: the address is in use`));
    }
    this.#listeners.set(name, onLink);
    const close = () => {
      if (this.#listeners.get(name) === onLink) this.#listeners.delete(name);
      return Promise.resolve();
    };
    return Promise.resolve({ endpoint: name, close });
  }
}
