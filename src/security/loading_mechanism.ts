/**
 * CURVE while its cryptography is loading. Its name and role are known at once, so that the greeting can be sent in the
 * meantime; the first command of the peer waits.
 *
 * | Event   | LOADING | WAITING | LOADED | OVER |
 * | ------- | ------- | ------- | ------ | ---- |
 * | command | WAITING | OVER    | -      | x    |
 * | loaded  | LOADED  | LOADED  |        | -    |
 * | failed  | OVER    | OVER    |        | -    |
 * | end     | OVER    | OVER    | OVER   | -    |
 *
 * WAITING: the peer's first command waits. LOADED passes everything to the mechanism. An error leads to OVER, because the session
 * ends the mechanism then, and passes no further commands to it (`x`). `-` changes nothing here; an empty cell cannot happen, as a
 * load ends once. `tests/security/mechanism_states_test.ts` walks the table.
 *
 * @module
 */

import type { Mechanism, MechanismHost, TrafficCipher } from "../zmtp/mechanism.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import type { CurveCrypto } from "./curve_crypto.ts";
import { loadCurveCrypto } from "./load_curve_crypto.ts";

/** Each command requires a key agreement: 0.2 to 0.4 ms of work, in units of 0.1 µs. */
const COMMAND_COST = 4096;

/** A mechanism that is still loading. */
export class LoadingMechanism implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly commandCost: number = COMMAND_COST;
  readonly #secret: Uint8Array | undefined;
  readonly #make: (crypto: CurveCrypto) => Mechanism;
  readonly #load: () => Promise<CurveCrypto>;
  #waiting: Uint8Array | undefined;
  #mechanism: Mechanism | undefined;
  #ended = false;

  /**
   * @param secret Overwritten with zeros if the mechanism is never created.
   * @param make Creates the mechanism.
   * @param load Loads the cryptography.
   */
  constructor(
    name: string,
    asServer: boolean,
    secret: Uint8Array | undefined,
    make: (crypto: CurveCrypto) => Mechanism,
    load: () => Promise<CurveCrypto> = loadCurveCrypto,
  ) {
    this.name = name;
    this.asServer = asServer;
    this.#secret = secret;
    this.#make = make;
    this.#load = load;
  }

  get proven(): boolean {
    return this.#mechanism?.proven === true;
  }

  get cipher(): TrafficCipher | undefined {
    return this.#mechanism?.cipher;
  }

  start(host: MechanismHost): void {
    this.#load().then((crypto) => this.#loaded(crypto, host)).catch((error) => host.fail(error)).then(() =>
      host.flush()
    );
  }

  receive(commandBody: Uint8Array, host: MechanismHost): void {
    if (this.#mechanism !== undefined) return this.#mechanism.receive(commandBody, host);
    if (this.#waiting !== undefined) {
      throw new ProtocolError(
        "EPROTO",
        "UNEXPECTED_COMMAND",
        "The peer sent a second command before the first was answered",
      );
    }
    this.#waiting = commandBody;
  }

  end(): void {
    this.#ended = true;
    this.#waiting = undefined;
    if (this.#mechanism === undefined) this.#secret?.fill(0);
    else this.#mechanism.end?.();
  }

  #loaded(crypto: CurveCrypto, host: MechanismHost): void {
    if (this.#ended) return;
    const mechanism = this.#mechanism = this.#make(crypto);
    mechanism.start?.(host);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) mechanism.receive(waiting, host);
  }
}
