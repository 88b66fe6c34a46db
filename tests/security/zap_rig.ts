/**
 * A PLAIN server and a ZAP handler made by hand, in a context of their own: the test reads each request and says each reply.
 *
 * @module
 */

import { Context, Pull, type PullOptions, Push, type PushOptions, Reply, Router } from "../../mod.ts";
import { ANY, type EventOf, nextEvent, take, texts } from "../sockets/support.ts";

/** Where handlers are. */
export const ZAP = "inproc://zeromq.zap.01";

/** A reply as a REP sends it; each part can be replaced. */
export function zapReply(
  { version = "1.0", id = "1", status = "200", text = "", userId = "", metadata = new Uint8Array(0) }: {
    version?: string;
    id?: string;
    status?: string;
    text?: string;
    userId?: string;
    metadata?: Uint8Array;
  } = {},
): (string | Uint8Array)[] {
  return [version, id, status, text, userId, metadata];
}

/** A server, its ZAP handler, and clients that connect. */
export class ZapRig implements AsyncDisposable {
  readonly context = new Context();
  readonly handler = new Reply({ context: this.context });
  readonly pull: Pull;
  endpoint = "";
  readonly #clients: Push[] = [];

  private constructor(options: PullOptions) {
    this.pull = new Pull({ plainServer: true, zapDomain: "test", ...options, context: this.context });
  }

  /** With a Reply as its handler. */
  static async make(options: PullOptions = {}): Promise<ZapRig> {
    const rig = new ZapRig(options);
    await rig.handler.bind(ZAP);
    rig.endpoint = await rig.pull.bind(ANY);
    return rig;
  }

  /** A client that has begun to connect, and has a message to send. */
  client(options: PushOptions = {}): Push {
    const push = new Push({
      plainUsername: "ann",
      plainPassword: "secret",
      reconnectInterval: 5,
      linger: 0,
      ...options,
    });
    this.#clients.push(push);
    push.connect(this.endpoint);
    push.trySend("let in");
    return push;
  }

  /** Receives the next request, answers it, and returns what was asked. */
  async answer(reply: readonly (string | Uint8Array)[]): Promise<string[]> {
    const request = texts(await this.handler.receive());
    await this.handler.send([...reply]);
    return request;
  }

  /** The next event of this type at the server. */
  event<T extends Parameters<typeof nextEvent>[1]>(type: T): Promise<EventOf<T>> {
    return nextEvent(this.pull, type) as Promise<EventOf<T>>;
  }

  /** Fails unless a client can still join. */
  async stillWorks(): Promise<void> {
    const good = this.client();
    await this.answer(zapReply());
    await good.waitForPeers(1);
    await take(this.pull, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.pull.close();
    await this.handler.close();
  }
}

/** A Router in the place of the Reply, which can answer as often and as late as it likes. */
export async function routerHandler(rig: ZapRig): Promise<Router> {
  await rig.handler.close();
  const router = new Router({ context: rig.context });
  await router.bind(ZAP);
  return router;
}
