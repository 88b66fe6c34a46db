/**
 * The security mechanism of a socket as libzmq selects it: the last option that was set decides. And its rule for
 * servers: a ZAP handler is asked if there is one; without one a CURVE server accepts every peer and a PLAIN server
 * none.
 *
 * @module
 */

import type { AuthenticateFunction, Socket as NativeSocket } from "../../mod.ts";
import { curveKeyPair } from "./curve.ts";
import type { OptionValue } from "./option_table.ts";

/** The endpoint of the ZAP handler (RFC 27). */
export const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

const [PLAIN_SERVER, PLAIN_USERNAME, PLAIN_PASSWORD] = [44, 45, 46] as const;
const [CURVE_SERVER, CURVE_PUBLIC, CURVE_SECRET, CURVE_SERVER_KEY] = [47, 48, 49, 50] as const;

const accept: AuthenticateFunction = () => true;
const refuse: AuthenticateFunction = () => false;

/** The servers of a context, and whether it has a ZAP handler. */
export class Authentication {
  #handlers = 0;
  readonly #servers = new Map<NativeSocket, AuthenticateFunction>();

  /** A ZAP handler is bound, or no longer. */
  handler(change: 1 | -1): void {
    this.#handlers += change;
    for (const server of this.#servers.keys()) this.#apply(server);
  }

  /** Sets how a server authenticates its peers. */
  add(server: NativeSocket, without: AuthenticateFunction): void {
    this.#servers.set(server, without);
    this.#apply(server);
  }

  /** The socket is no longer a server. */
  delete(server: NativeSocket): void {
    this.#servers.delete(server);
  }

  #apply(server: NativeSocket): void {
    if (server.closed) this.#servers.delete(server);
    else live(server).authenticate = this.#handlers > 0 ? null : this.#servers.get(server)!;
  }
}

/** The options that are set here. */
interface SecurityOptions {
  authenticate: AuthenticateFunction | null;
  plainServer: boolean;
  plainUsername: string | null;
  plainPassword: string | null;
  curveServer: boolean;
  curvePublicKey: string | null;
  curveSecretKey: string | null;
  curveServerKey: string | null;
}

const NONE: SecurityOptions = {
  authenticate: null,
  plainServer: false,
  plainUsername: null,
  plainPassword: null,
  curveServer: false,
  curvePublicKey: null,
  curveSecretKey: null,
  curveServerKey: null,
};

const live = (core: NativeSocket) => core as unknown as SecurityOptions;

/** The options of PLAIN and CURVE of one socket. */
export class Security {
  /** The mechanism that is selected. */
  mechanism: "plain" | "curve" | null = null;
  #server = false;
  #changed = false;
  readonly #texts = new Map<number, string>();

  /** The value of an option that belongs here; `undefined` for others, and for those that are not set. */
  get(id: number): OptionValue | undefined {
    if (id === PLAIN_SERVER) return this.#server && this.mechanism === "plain";
    if (id === CURVE_SERVER) return this.#server && this.mechanism === "curve";
    return this.#texts.get(id);
  }

  /** Sets an option, and returns whether it belongs here. */
  set(id: number, value: OptionValue): boolean {
    if (id < PLAIN_SERVER || id > CURVE_SERVER_KEY) return false;
    this.#changed = true;
    const curve = id >= CURVE_SERVER;
    if (typeof value === "boolean") this.#server = value;
    else if (id !== CURVE_PUBLIC && id !== CURVE_SECRET && value !== null) this.#server = false;
    // Without a name or password there is no mechanism; the text that was set before is still returned.
    this.mechanism = value === false || value === null ? null : curve ? "curve" : "plain";
    if (typeof value === "string") this.#texts.set(id, value);
    return true;
  }

  /** Sets the options of the engine, before an endpoint is bound or connected. */
  apply(core: NativeSocket, authentication: Authentication): void {
    if (!this.#changed) return;
    this.#changed = false;
    authentication.delete(core);
    Object.assign(live(core), NONE);
    if (this.mechanism === "plain") this.#applyPlain(core, authentication);
    else if (this.mechanism === "curve") this.#applyCurve(core, authentication);
  }

  #applyPlain(core: NativeSocket, authentication: Authentication): void {
    const options = live(core);
    if (this.#server) {
      options.plainServer = true;
      return authentication.add(core, refuse);
    }
    options.plainUsername = this.#texts.get(PLAIN_USERNAME) ?? null;
    options.plainPassword = this.#texts.get(PLAIN_PASSWORD) ?? null;
  }

  #applyCurve(core: NativeSocket, authentication: Authentication): void {
    const options = live(core);
    const secret = this.#texts.get(CURVE_SECRET) ?? null;
    if (this.#server) {
      // Without its key it can still reject other mechanisms, as in libzmq.
      options.curveSecretKey = secret ?? curveKeyPair().secretKey;
      options.curveServer = true;
      return authentication.add(core, accept);
    }
    options.curveSecretKey = secret;
    if (secret !== null) options.curvePublicKey = this.#texts.get(CURVE_PUBLIC) ?? null;
    options.curveServerKey = this.#texts.get(CURVE_SERVER_KEY) ?? curveKeyPair().publicKey;
  }
}
