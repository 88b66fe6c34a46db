/**
 * The simulated network: listeners, names, connections and their failures. It is a transport for `tcp://`, `ipc://` and
 * whole frames, so that the engine sees endpoints, addresses and options as in a real program. Each process has an address of its own; the source
 * address of an endpoint says which process connects.
 *
 * @module
 */

import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import type { Endpoint } from "../../src/schemes/endpoint.ts";
import type { TcpEndpoint } from "../../src/schemes/tcp.ts";
import type { FrameLink } from "../../src/transport/frame_link.ts";
import type { ConnectOptions, FrameTerms, Link, ListenOptions, Transport } from "../../src/transport/transport.ts";
import { LinkCore } from "../../src/transport/link.ts";
import { End, type NetworkTerms } from "./end.ts";
import { Random } from "./random.ts";
import type { Process, World } from "./world.ts";

interface Listening {
  readonly process: Process;
  readonly accept: (link: Link) => void;
  /** The protocols of links of whole frames. */
  readonly frames: (() => FrameTerms) | undefined;
}

/** An attempt that waits behind a partition. */
interface Knocking {
  readonly go: () => void;
}

/** Timeout of a connect by the operating system, in ms. */
const CONNECT_TIMEOUT = 20_000;

/** The network of a world. */
export class Network implements Transport {
  readonly world: World;
  terms: NetworkTerms;
  /** Most bytes that a socket may hand over in one write. */
  largestWrite: () => number = () => Infinity;
  readonly random: Random;
  /** Ends that are open; the network forgets an end when both sides have closed. */
  readonly ends = new Set<End>();
  /** Pairs of ends that broke, for the account of lost messages. */
  readonly past: End[] = [];
  /** Addresses by name. */
  readonly names = new Map<string, string>();
  readonly #listeners = new Map<string, Listening>();
  readonly #processes = new Map<string, Process>();
  /** Addresses that cannot be reached: their machine lost power. */
  readonly #dark = new Set<string>();
  /** Pairs of addresses between which nothing passes. */
  readonly #partitions = new Set<string>();
  readonly #knocking = new Set<Knocking>();
  /** The ends that were accepted, by the addresses of their peers. */
  readonly #accepted = new Map<string, End>();
  #ports = 40_000;

  constructor(world: World, terms: NetworkTerms) {
    this.world = world;
    this.terms = terms;
    this.random = Random.of(world.seed, "network");
  }

  /** The number of listeners. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Gives a process its address. */
  settle(address: string, process: Process): void {
    this.#processes.set(address, process);
    this.#dark.delete(address);
    this.#moveOn();
  }

  /** The time for one way. */
  delay(): number {
    const { latency, jitter } = this.terms;
    return latency + (jitter > 0 ? this.random.next() * jitter : 0);
  }

  /** True if nothing passes between two addresses. */
  parted(a: string, b: string): boolean {
    return this.#dark.has(a) || this.#dark.has(b) || this.#partitions.has(pair(a, b));
  }

  /** Nothing passes between two addresses until `heal`. */
  part(a: string, b: string): void {
    this.#partitions.add(pair(a, b));
  }

  /** Nothing passes at all until `heal`. */
  partAll(): void {
    for (const a of this.#processes.keys()) for (const b of this.#processes.keys()) this.part(a, b);
  }

  /** Everything passes again; connections that are open on one side only are reset, as by keepalive. */
  heal(): void {
    this.#partitions.clear();
    this.#dark.clear();
    const knocking = [...this.#knocking];
    this.#knocking.clear();
    for (const { go } of knocking) this.world.after(this.delay(), go);
    for (const end of [...this.ends]) {
      if (end.peer.vanished) end.reset("ECONNRESET");
    }
    this.#moveOn();
  }

  /** A socket refused the peer at this address, which may have begun to send. */
  refused(remote: string): void {
    const end = this.#accepted.get(remote);
    if (end !== undefined) end.peer.refused = true;
  }

  /** Delivers bytes that could not pass before. */
  #moveOn(): void {
    for (const end of [...this.ends]) {
      end.arrive();
      end.peer.arrive();
    }
  }

  /** Breaks the connections between two addresses. */
  cut(a: string, b: string): void {
    for (const end of [...this.ends]) {
      if (pair(end.address, end.peer.address) === pair(a, b)) end.reset("ECONNRESET");
    }
  }

  /** A process has died; if it lost power, its peers see no end. */
  died(address: string, power: boolean): void {
    const process = this.#processes.get(address)!;
    for (const [key, listening] of [...this.#listeners]) if (listening.process === process) this.#listeners.delete(key);
    if (power) this.#dark.add(address);
    for (const end of [...this.ends]) if (end.process === process) end.die(power);
  }

  async connect(endpoint: Endpoint, { signal, frames }: ConnectOptions = {}): Promise<Link> {
    const { from, host, port } = placeOf(endpoint);
    const process = this.#processes.get(from)!;
    const link = await new Promise<Link>((resolve, reject) => {
      let over = false;
      const end = (act: () => void) => {
        if (over) return;
        over = true;
        signal?.removeEventListener("abort", aborted);
        this.#knocking.delete(knocking);
        limit.run = undefined;
        act();
      };
      const fail = (code: ZmqErrorCode) => {
        this.world.trace.add(from, `connect ${host}:${port} ${code}`);
        this.world.after(
          0,
          () => end(() => reject(new ZmqError(code, `Cannot connect to ${host}:${port}: ${code}`))),
          process,
        );
      };
      const aborted = () => end(() => reject(signal!.reason));
      const knock = () => {
        if (over || process.state === "killed") return;
        const to = this.names.get(host) ?? host;
        if (!this.#processes.has(to)) return fail("EHOSTUNREACH");
        if (this.parted(from, to)) return void this.#knocking.add(knocking);
        const listening = this.#listeners.get(`${to}:${port}`);
        if (listening === undefined) return fail("ECONNREFUSED");
        const protocol = frames && chosen(frames(), listening.frames!());
        const [mine, theirs] = this.#pair(process, from, listening.process, to, port, protocol !== undefined);
        const { scheme } = endpoint;
        const remote = scheme === "tcp" ? `tcp://${from}:${theirs.port}` : `${scheme}:///${to}/${theirs.port}`;
        this.#accepted.set(remote, theirs);
        this.world.after(0, () => {
          // Its listener may have been closed before it accepted this one.
          if (theirs.broken) return;
          if (this.#listeners.get(`${to}:${port}`) !== listening) return theirs.refuse();
          listening.accept(newLink(theirs, remote, listening.process, protocol));
        }, listening.process);
        this.world.after(this.delay(), () => {
          if (over) return mine.refuse();
          if (mine.broken) return fail("ECONNRESET");
          end(() => resolve(newLink(mine, endpoint.toString(), process, protocol)));
        }, process);
      };
      const knocking = { go: knock };
      const limit = this.world.after(CONNECT_TIMEOUT, () => fail("ETIMEDOUT"));
      if (signal?.aborted) return aborted();
      signal?.addEventListener("abort", aborted);
      this.world.after(this.delay(), knock);
    });
    return link;
  }

  listen(
    endpoint: Endpoint,
    onLink: (link: Link) => void,
    { frames }: ListenOptions = {},
  ): ReturnType<Transport["listen"]> {
    const { host, port } = placeOf(endpoint);
    const process = this.#processes.get(host);
    const key = `${host}:${port === 0 ? this.#ports++ : port}`;
    if (process === undefined) return Promise.reject(new ZmqError("EADDRNOTAVAIL", `Cannot bind ${key}`));
    if (this.#listeners.has(key)) return Promise.reject(new ZmqError("EADDRINUSE", `Cannot bind ${key}`));
    const listening = { process, accept: onLink, frames };
    this.#listeners.set(key, listening);
    this.world.trace.add(host, `listens ${key}`);
    const close = () => {
      if (this.#listeners.get(key) === listening) this.#listeners.delete(key);
      return Promise.resolve();
    };
    return Promise.resolve({ endpoint: endpoint.scheme === "tcp" ? `tcp://${key}` : endpoint.toString(), close });
  }

  #pair(client: Process, from: string, server: Process, to: string, port: number, whole: boolean): [End, End] {
    const ends: [End, End] = [
      new End(this, client, from, this.#ports, whole),
      new End(this, server, to, this.#ports++, whole),
    ];
    ends[0].peer = ends[1];
    ends[1].peer = ends[0];
    for (const end of ends) this.ends.add(end);
    this.world.trace.add(from, `connects to ${to}:${port}`);
    return ends;
  }
}

/** A link of whole frames. */
class SimulatedFrames extends LinkCore implements FrameLink {
  readonly protocol: string;

  constructor(end: End, remote: string, process: Process, protocol: string) {
    super(end, remote, process);
    this.protocol = protocol;
  }
}

function newLink(end: End, remote: string, process: Process, protocol: string | undefined): Link {
  return protocol === undefined
    ? new LinkCore(end, remote, process)
    : new SimulatedFrames(end, remote, process, protocol);
}

function chosen(client: FrameTerms, server: FrameTerms): string {
  return client.protocols.find((protocol) => server.protocols.includes(protocol)) ?? "";
}

/** Paths are `/address` to bind, `/own address/name` to connect. */
function placeOf(endpoint: Endpoint): { from: string; host: string; port: number } {
  if (endpoint.scheme === "tcp") {
    const { source, host, port } = endpoint as TcpEndpoint;
    return { from: source?.host ?? host, host, port };
  }
  const { path, address } = endpoint as { readonly path?: string; readonly address?: string };
  const [from, host] = (path ?? address)!.slice(1).split("/");
  return { from: from!, host: host ?? from!, port: 1 };
}

function pair(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
