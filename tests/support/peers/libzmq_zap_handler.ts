/**
 * A ZAP handler (RFC 27) for the sockets of a process on libzmq, on a socket of libzmq itself.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import * as zmq from "zeromq";
import type { Admission } from "./admission.ts";

const ENDPOINT = "inproc://zeromq.zap.01";

/** The handler of this process, once it has lists of clients. */
export class LibzmqZapHandler {
  #admission: Admission = {};
  #serving = false;

  /** Accepts the clients of these lists from now on. */
  // deno-lint-ignore require-await -- what it throws shall reject
  async admit(admission: Admission): Promise<void> {
    this.#admission = admission;
    if (this.#serving) return;
    this.#serving = true;
    const reply = new zmq.Reply();
    reply.bindSync(ENDPOINT);
    this.#serve(reply).catch((error) => console.error(error));
  }

  async #serve(reply: zmq.Reply): Promise<void> {
    for await (const [version, id, , , , mechanism, ...credentials] of reply) {
      const status = this.#admits(`${mechanism}`, credentials) ? 200 : this.#admission.otherwise ?? 400;
      await reply.send([version!, id!, `${status}`, "", "", ""]);
    }
  }

  #admits(mechanism: string, [first, second]: Buffer[]): boolean {
    const { users = {}, keys = [] } = this.#admission;
    if (mechanism === "PLAIN") return `${second}` === users[`${first}`];
    return mechanism !== "CURVE" || keys.some((key) => Buffer.compare(key, first!) === 0);
  }
}
