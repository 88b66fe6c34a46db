/**
 * An authenticator with lists of addresses, passwords and keys, for one socket or as the ZAP handler of a context.
 *
 * @module
 */

import {
  type AuthenticateObject,
  type AuthenticationAnswer,
  type AuthenticationRequest,
  type AuthorizedPeer,
  readRequest,
  verdictOf,
} from "../engine/authentication.ts";
import type { Context } from "../engine/context.ts";
import { onlyOptions } from "../base/checks.ts";
import { NO_BYTES } from "../base/bytes.ts";
import { canonicalIp, withoutZone } from "../base/ip_address.ts";
import { quotedPeerText } from "../base/peer_text.ts";
import { equalSecrets, passwordBlock } from "../security/equal.ts";
import { readCurveKey } from "../security/curve_keys.ts";
import { encodeZ85 } from "../security/z85.ts";
import type { ZapVerdict } from "../security/zap.ts";
import { encodeZapReply, parseZapRequest, ZAP_ENDPOINT } from "../security/zap_codec.ts";
import { Reply } from "../sockets/reply.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of a user or key. */
export interface CredentialOptions {
  /** The `zapDomain` of the sockets to which the user or key applies. Default: all sockets. */
  readonly domain?: string | undefined;
  /** User id that is attached to the peer's messages: see `userIdOf`. Default: the user name, or the public key. */
  readonly userId?: string | undefined;
  /** Metadata that is attached to the peer's messages: see `metadataOf`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const CREDENTIAL = ["domain", "userId", "metadata"];

interface User extends CredentialOptions {
  readonly password: Uint8Array;
}

/**
 * Compared with the password if the user is unknown, so that the comparison takes the same time. It equals no password.
 */
const UNKNOWN_USER = new Uint8Array(256).fill(0xff);
const REJECTED: ZapVerdict = {
  status: 500,
  text: "internal error of the authenticator",
  userId: "",
  metadata: new Map(),
};

/**
 * Accepts or rejects peers by IP address, PLAIN user name and password, or CURVE public key.
 *
 * - A denied address is rejected. If addresses are allowed, all other addresses are rejected.
 * - NULL: the peer is accepted if its address is allowed, or if no users and no keys were added.
 * - PLAIN: the peer needs the user name and password of a user that was added.
 * - CURVE: the peer needs a public key that was allowed, unless any key is allowed.
 *
 * Pass it to a socket as the `authenticate` option, or call `listen` to use it for all sockets of a context. Changes
 * apply to later connections.
 *
 * @example
 * ```ts
 * import { Authenticator, curveKeyPair, Pull, Push } from "@monocoque/zmq";
 *
 * const server = await curveKeyPair();
 * const client = await curveKeyPair();
 * const authenticate = new Authenticator().allowKey(client.publicKey, { userId: "ann" });
 * await using pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey, authenticate });
 * await using push = new Push({ curveServerKey: server.publicKey, curveSecretKey: client.secretKey });
 * push.connect(await pull.bind("tcp://127.0.0.1:0"));
 * await push.send("only ann can say this");
 * await pull.receive();
 * ```
 */
export class Authenticator implements AuthenticateObject, AsyncDisposable {
  readonly #allowed = new Set<string>();
  readonly #denied = new Set<string>();
  #restricted = false;
  readonly #users = new Map<string, User[]>();
  readonly #keys = new Map<string, CredentialOptions[]>();
  readonly #anyKey: CredentialOptions[] = [];
  #handler: Reply | undefined;
  #serving: Promise<void> = Promise.resolve();

  /** Creates an authenticator that accepts every peer of the NULL mechanism, and no PLAIN or CURVE peer. */
  constructor() {
    if (arguments.length > 0) refuseSurplus("new Authenticator()", 0, arguments[0], "; call addUser() or allowKey()");
  }

  /**
   * Allows these IP addresses. All addresses that are not allowed are then rejected.
   *
   * @throws {RangeError} If one of them is not an IP address.
   */
  allow(...addresses: string[]): this {
    for (const address of addresses.map(canonicalAddress)) this.#allowed.add(address);
    // Also if no address was given: an empty list must not allow every address.
    this.#restricted = true;
    return this;
  }

  /**
   * Denies these IP addresses.
   *
   * @throws {RangeError} If one of them is not an IP address.
   */
  deny(...addresses: string[]): this {
    for (const address of addresses.map(canonicalAddress)) this.#denied.add(address);
    return this;
  }

  /**
   * Adds a PLAIN user. One name may have several passwords, for example in several domains.
   *
   * @throws {TypeError} If the name or the password is not a string; {@linkcode RangeError} if the password is longer
   * than 255 bytes.
   */
  addUser(username: string, password: string, options: CredentialOptions = {}): this {
    if (arguments.length > 3) refuseSurplus("addUser()", 3, arguments[3]);
    // An environment variable that is not set must not become an empty password.
    if (typeof username !== "string" || typeof password !== "string") {
      throw new TypeError("Cannot add a user: the name and the password must be strings");
    }
    onlyOptions("addUser()", options, CREDENTIAL);
    append(this.#users, username, { ...options, password: passwordBlock(password) });
    return this;
  }

  /**
   * Removes a PLAIN user.
   *
   * @throws {TypeError} If the name is not a string.
   */
  removeUser(username: string): this {
    if (arguments.length > 1) refuseSurplus("removeUser()", 1, arguments[1]);
    if (typeof username !== "string") throw new TypeError(`Cannot remove a user: the name must be a string`);
    this.#users.delete(username);
    return this;
  }

  /**
   * Allows a CURVE public key.
   *
   * @param publicKey 40 characters of Z85, or 32 bytes.
   * @throws {RangeError} If it is not a key.
   */
  allowKey(publicKey: string | Uint8Array, options: CredentialOptions = {}): this {
    if (arguments.length > 2) refuseSurplus("allowKey()", 2, arguments[2]);
    onlyOptions("allowKey()", options, CREDENTIAL);
    append(this.#keys, keyText(publicKey), options);
    return this;
  }

  /** Removes a CURVE public key. */
  removeKey(publicKey: string | Uint8Array): this {
    if (arguments.length > 1) refuseSurplus("removeKey()", 1, arguments[1]);
    this.#keys.delete(keyText(publicKey));
    return this;
  }

  /** Allows every CURVE client: connections are encrypted, and clients are not authenticated. */
  allowAnyKey(options: CredentialOptions = {}): this {
    if (arguments.length > 1) refuseSurplus("allowAnyKey()", 1, arguments[1]);
    onlyOptions("allowAnyKey()", options, CREDENTIAL);
    this.#anyKey.push(options);
    return this;
  }

  /** Accepts or rejects a peer. */
  readonly authenticate = (request: AuthenticationRequest): AuthenticationAnswer => {
    const { mechanism } = request;
    const address = withoutZone(request.address);
    const allowed = this.#allowed.has(address);
    if (this.#denied.has(address) || (this.#restricted && !allowed)) return false;
    if (mechanism === "PLAIN") return this.#plain(request);
    if (mechanism === "CURVE") return this.#curve(request);
    // If there are users or keys, a NULL peer, which has neither, must be rejected: the socket may lack `plainServer`
    // or `curveServer` by mistake.
    const acceptsAll = this.#users.size === 0 && this.#keys.size === 0 && this.#anyKey.length === 0;
    return mechanism === "NULL" && (allowed || acceptsAll);
  };

  /**
   * Becomes the ZAP handler of a context (RFC 27), for all its sockets without an `authenticate` option.
   *
   * @throws {ZmqError} `EADDRINUSE` if the context has a ZAP handler.
   */
  async listen(context?: Context): Promise<void> {
    if (arguments.length > 1) refuseSurplus("listen()", 1, arguments[1]);
    const handler = new Reply(context === undefined ? {} : { context });
    // The handler must not keep the process alive longer than the sockets that it serves.
    handler.unref();
    try {
      await handler.bind(ZAP_ENDPOINT);
    } catch (error) {
      await handler.close();
      throw error;
    }
    const closing = this.close();
    this.#handler = handler;
    this.#serving = this.#serve(handler);
    await closing;
  }

  /** Stops being a ZAP handler. Sockets with this authenticator as their `authenticate` continue to use it. */
  async close(): Promise<void> {
    if (arguments.length > 0) refuseSurplus("close()", 0, arguments[0]);
    const serving = this.#serving;
    await this.#handler?.close();
    await serving;
  }

  /** Calls `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(handler: Reply): Promise<void> {
    for await (const frames of handler) {
      const id = frames[1] ?? NO_BYTES;
      let verdict = REJECTED;
      try {
        const request = readRequest(parseZapRequest(frames).request);
        verdict = verdictOf(request !== undefined && this.authenticate(request));
      } catch {
        // A request that cannot be parsed, or a verdict that cannot be encoded, rejects the peer.
      }
      await handler.send(encodeZapReply(id, verdict)).catch(() => {});
    }
  }

  #plain({ username = "", password = "", domain }: AuthenticationRequest): AuthenticationAnswer {
    const given = passwordBlock(password);
    let found: User | undefined;
    for (const user of this.#users.get(username) ?? [{ password: UNKNOWN_USER }]) {
      if (equalSecrets(given, user.password) && appliesTo(user, domain)) found ??= user;
    }
    return found !== undefined && accepted(found, username);
  }

  #curve({ publicKey = "", domain }: AuthenticationRequest): AuthenticationAnswer {
    const found = [...this.#keys.get(publicKey) ?? [], ...this.#anyKey].find((options) => appliesTo(options, domain));
    return found !== undefined && accepted(found, publicKey);
  }
}

/** Returns an IP address in the form that the transports use. */
function canonicalAddress(address: string): string {
  if (typeof address !== "string") {
    throw new TypeError(`Cannot match peers by ${typeof address}: pass IP addresses as strings`);
  }
  const found = canonicalIp(address);
  if (found === undefined) {
    throw new RangeError(`Cannot match peers by ${quotedPeerText(address)}: it is not an IP address`);
  }
  return found;
}

function append<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

function keyText(key: string | Uint8Array): string {
  return encodeZ85(readCurveKey(key, "the public key"));
}

function appliesTo(options: CredentialOptions, domain: string): boolean {
  return options.domain === undefined || options.domain === domain;
}

function accepted({ userId, metadata = {} }: CredentialOptions, name: string): AuthorizedPeer {
  return { userId: userId ?? name, metadata };
}
