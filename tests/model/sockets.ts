/**
 * The real side of a sequence: sockets, endpoints, and calls that wait.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  Context,
  Dealer,
  type Message,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
  type ZmqError,
} from "../../mod.ts";
import { END, type Family, REPLY } from "./ledger.ts";

/** The schemes of the endpoints. */
export type Scheme = "tcp" | "ipc" | "inproc";

/** A socket; those that cannot send or receive are not asked to. */
export type AnySocket = Dealer;

/** A call of `receive`. */
export interface Call {
  /** The texts that were received: one, but any number in a chunk of a STREAM. */
  ids: readonly string[] | undefined;
  error: unknown;
  readonly controller: AbortController;
  readonly settled: Promise<void>;
}

const OPTIONS = { linger: -1, reconnectInterval: 2, sendTimeout: 0 };
let made = 0;

/** The sockets of a sequence. */
export class Sockets {
  readonly family: Family;
  readonly endpoints: readonly string[];
  readonly all: AnySocket[] = [];
  /** Calls of `receive` by socket, in their order; those of closed sockets are removed. */
  readonly calls = new Map<AnySocket, Call[]>();
  readonly #context = new Context();
  /** The routing ids that STREAM sockets chose for their peers, by socket and endpoint: the last one of each. */
  readonly #routes = new Map<AnySocket, Map<string, string>>();
  /** Texts of STREAM connections that are not complete yet, by socket and routing id. */
  readonly #partial = new Map<AnySocket, Map<string, string>>();
  #routesMade = 0;

  constructor(family: Family, endpoints: readonly string[], count: number) {
    this.family = family;
    this.endpoints = endpoints;
    for (let i = 0; i < count; i++) this.all.push(this.open(i));
  }

  /** Opens sockets, and finds endpoints for them. */
  static async create(family: Family, scheme: Scheme, count: number, host: string): Promise<Sockets> {
    const endpoints: string[] = [];
    while (endpoints.length < count) {
      const unique = `zmq-model-${process.pid}-${made++}`;
      if (scheme === "inproc") endpoints.push(`inproc://${unique}`);
      else if (scheme === "ipc") endpoints.push(`ipc://${join(tmpdir(), unique)}`);
      else {
        await using pull = new Pull();
        endpoints.push(await pull.bind(host));
      }
    }
    return new Sockets(family, endpoints, count);
  }

  /** A socket for this place. */
  open(index: number): AnySocket {
    const options = { ...OPTIONS, context: this.#context };
    const sender = index % 2 === 0;
    const socket = open(this.family, sender, options);
    if (socket instanceof Subscriber) socket.subscribe("");
    if (socket instanceof XSubscriber) socket.sendBuffered("\x01");
    this.calls.set(socket, []);
    return socket;
  }

  /** Connects a socket; a STREAM with a routing id for the peer. */
  connect(socket: AnySocket, endpoint: string): void {
    if (!(socket instanceof Stream)) return socket.connect(endpoint);
    const routingId = `route ${this.#routesMade++}`;
    socket.connect(endpoint, { routingId });
    mapOf(this.#routes, socket).set(endpoint, routingId);
    // The id is taken now.
    let code: string | undefined;
    try {
      socket.connect(endpoint, { routingId });
    } catch (error) {
      code = codeOf(error);
    }
    if (code !== "EADDRINUSE") throw new Error(`A STREAM connected to two peers with one routing id: ${code}`);
  }

  /** Disconnects a socket. */
  disconnect(socket: AnySocket, endpoint: string): void {
    mapOf(this.#routes, socket).delete(endpoint);
    socket.disconnect(endpoint);
  }

  /** The frames of a text: a STREAM sends it to the endpoint that it has connected last. */
  frames(socket: AnySocket, text: string): string | [string, string] {
    if (!(socket instanceof Stream)) return text;
    return [[...mapOf(this.#routes, socket).values()].at(-1) ?? "nowhere", text + END];
  }

  /** The texts that a message completes. */
  #textsOf(socket: AnySocket, message: Message): string[] {
    if (!(socket instanceof Stream)) return [toText(message.at(-1)!)];
    const [id, chunk] = message.map(toText) as [string, string];
    const partial = mapOf(this.#partial, socket);
    // A connection begins or ends: what was not complete is lost.
    const texts = chunk === "" ? [""] : ((partial.get(id) ?? "") + chunk).split(END);
    partial.set(id, texts.pop()!);
    return texts;
  }

  /** Calls `receive`. */
  receive(socket: AnySocket, onReceived: (ids: readonly string[]) => void): Call {
    const controller = new AbortController();
    const settled = socket.receive({ signal: controller.signal }).then((message) => {
      call.ids = this.#textsOf(socket, message);
      if (this.family === "DEALER and ROUTER" || this.family === "REQ and REP") reply(socket, message, call.ids[0]!);
      onReceived(call.ids);
    }, (error) => void (call.error = error));
    const call: Call = { ids: undefined, error: undefined, controller, settled };
    this.calls.get(socket)!.push(call);
    return call;
  }

  /** Closes all sockets, and removes the files of ipc. */
  async end(): Promise<void> {
    await Promise.all(this.all.map((socket) => socket.close({ linger: 0 })));
    for (const endpoint of this.endpoints) {
      if (endpoint.startsWith("ipc://")) rmSync(endpoint.slice("ipc://".length), { force: true });
    }
  }
}

type Options = typeof OPTIONS & { readonly context: Context };

const MAKERS: {
  readonly [F in Family]: readonly [sender: (options: Options) => unknown, (options: Options) => unknown];
} = {
  "PUSH and PULL": [(options) => new Push(options), (options) => new Pull(withoutSend(options))],
  "DEALER and DEALER": [(options) => new Dealer(options), (options) => new Dealer(options)],
  "DEALER and ROUTER": [(options) => new Dealer(options), (options) => new Router(options)],
  "PAIR and PAIR": [(options) => new Pair(options), (options) => new Pair(options)],
  "REQ and REP": [(options) => new Request(options), (options) => new Reply(options)],
  "PUB and SUB": [(options) => new Publisher(options), (options) => new Subscriber(withoutSend(options))],
  "XPUB and XSUB": [(options) => new XPublisher(options), (options) => new XSubscriber(options)],
  "STREAM and STREAM": [(options) => new Stream(options), (options) => new Stream(options)],
};

function open(family: Family, sender: boolean, options: Options): AnySocket {
  return MAKERS[family][sender ? 0 : 1](options) as AnySocket;
}

/** A Router and a Reply answer each message, so that a Reply can receive the next one. */
function reply(socket: unknown, message: Message, text: string): void {
  if (socket instanceof Router) socket.trySend([message[0], REPLY + text]);
  if (socket instanceof Reply && !socket.closed) socket.trySend(REPLY + text);
}

function withoutSend<T extends { sendTimeout: number }>({ sendTimeout: _, ...options }: T): Omit<T, "sendTimeout"> {
  return options;
}

function mapOf<K, V>(maps: Map<K, Map<string, V>>, key: K): Map<string, V> {
  const map = maps.get(key) ?? new Map<string, V>();
  maps.set(key, map);
  return map;
}

/** The code of an error. */
export function codeOf(error: unknown): string | undefined {
  return (error as ZmqError | undefined)?.code;
}
