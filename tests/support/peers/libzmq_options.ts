/**
 * Options of libzmq's sockets by our names: zeromq.js's own properties, and libzmq's numbers for what it has no property for,
 * the drafts among them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Socket } from "zeromq";
import type { OptionValue } from "./end.ts";

/** The methods of zeromq.js for options that it does not know. */
interface Access {
  setBoolOption(option: number, value: boolean): void;
  setInt32Option(option: number, value: number): void;
  getInt32Option(option: number): number;
  setStringOption(option: number, value: string | Buffer | null): void;
}

const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;
const SNDHWM = 23;

const TEXTS: Readonly<Record<string, number>> = { helloMessage: 110, disconnectMessage: 111, hiccupMessage: 114 };
const FLAGS: Readonly<Record<string, number>> = {
  manualLastValue: 98,
  onlyFirstSubscribe: 108,
  zapEnforceDomain: 93,
  verboseUnsubscribe: 115,
};
const NUMBERS: Readonly<Record<string, number>> = { topicsCount: 116 };

/** The type of a ROUTER. */
const ROUTER = 6;
const ROUTER_NOTIFY = 97;
const NOTICES: Readonly<Record<string, number>> = { connect: 1, disconnect: 2, both: 3 };

/** The options of one socket. */
export class LibzmqOptions {
  readonly #socket: Socket;
  readonly #access: Access;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#access = socket as unknown as Access;
  }

  /** Sets an option. */
  set(option: string, value: OptionValue): void {
    const plain = value instanceof Uint8Array ? Buffer.from(value) : value;
    if (option in TEXTS) this.#access.setStringOption(TEXTS[option]!, plain as string | Buffer | null);
    else if (option in FLAGS) this.#access.setBoolOption(FLAGS[option]!, plain as boolean);
    else if (option === "notify" && this.#socket.type === ROUTER) {
      this.#access.setInt32Option(ROUTER_NOTIFY, value === null ? 0 : NOTICES[value as string]!);
    } else if (option === "sendHighWaterMark" && !(option in this.#socket)) {
      // A SUB has it, too: more subscriptions than that are dropped when it connects.
      this.#access.setInt32Option(SNDHWM, value as number);
    } else (this.#socket as unknown as Record<string, unknown>)[option] = plain;
  }

  /** Reads an option. */
  get(option: string): unknown {
    if (option in NUMBERS) return this.#access.getInt32Option(NUMBERS[option]!);
    return (this.#socket as unknown as Record<string, unknown>)[option];
  }

  /** Subscribes a SUB, or a peer of an XPUB with `manual`. */
  subscribe(topic: Buffer): void {
    this.#access.setStringOption(SUBSCRIBE, topic);
  }

  /** Removes a subscription. */
  unsubscribe(topic: Buffer): void {
    this.#access.setStringOption(UNSUBSCRIBE, topic);
  }
}
