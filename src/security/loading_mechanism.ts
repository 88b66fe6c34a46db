/**
 * A mechanism that has to be loaded first: what its name is, and which side, is known at once, so that the greeting can be
 * sent meanwhile; commands that come before it is there wait.
 *
 * @module
 */

import type { Mechanism, MechanismPort, TrafficCipher } from "../zmtp/mechanism.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";

/** No peer has more to say before it is answered. */
const MAX_WAITING = 4;

/** A mechanism that is on its way. */
export class LoadingMechanism implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly #load: () => Promise<Mechanism>;
  readonly #waiting: Uint8Array[] = [];
  #mechanism: Mechanism | undefined;
  #ended = false;

  constructor(name: string, asServer: boolean, load: () => Promise<Mechanism>) {
    this.name = name;
    this.asServer = asServer;
    this.#load = load;
  }

  get cipher(): TrafficCipher | undefined {
    return this.#mechanism?.cipher;
  }

  start(port: MechanismPort): void {
    this.#load().then((mechanism) => this.#loaded(mechanism, port)).catch((error) => port.fail(error)).finally(() =>
      port.flush()
    );
  }

  receive(commandBody: Uint8Array, port: MechanismPort): void {
    if (this.#mechanism !== undefined) return this.#mechanism.receive(commandBody, port);
    if (this.#waiting.length === MAX_WAITING) {
      throw new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", "The peer sent more commands than a handshake has");
    }
    this.#waiting.push(commandBody);
  }

  end(): void {
    this.#ended = true;
    this.#waiting.length = 0;
    this.#mechanism?.end?.();
  }

  #loaded(mechanism: Mechanism, port: MechanismPort): void {
    if (this.#ended) return mechanism.end?.();
    this.#mechanism = mechanism;
    mechanism.start(port);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      mechanism.receive(next, port);
    }
  }
}
