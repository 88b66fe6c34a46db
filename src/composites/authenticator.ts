/**
 * An authenticator that goes by lists: addresses, passwords, keys; for one socket, or as the ZAP handler of a context.
 *
 * @module
 */

import {
  type Admitted,
  type AuthenticateObject,
  type AuthenticationAnswer,
  type AuthenticationRequest,
  readRequest,
  verdictOf,
} from "../engine/authentication.ts";
import type { Context } from "../engine/context.ts";
import { canonicalIp, withoutZone } from "../base/ip_address.ts";
import { quotedPeerText } from "../base/peer_text.ts";
import { equalSecrets, passwordBlock } from "../security/equal.ts";
import { readCurveKey } from "../security/curve_keys.ts";
import { encodeZ85 } from "../security/z85.ts";
import type { ZapVerdict } from "../security/zap.ts";
import { encodeZapReply, parseZapRequest, ZAP_ENDPOINT } from "../security/zap_codec.ts";
import { Reply } from "../sockets/reply.ts";

/** What applies to one user or key. */
export interface AdmissionOptions {
  /** The `zapDomain` of the sockets that it may join; default: all. */
  readonly domain?: string;
  /** Who it is, for the messages that it sends: see `userIdOf`. Default: the user name, or the key. */
  readonly userId?: string;
  /** More metadata for the messages that it sends: see `metadataOf`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

interface User extends AdmissionOptions {
  readonly password: Uint8Array;
}

/** Compared with where there is no such user, so that it takes as long. It is no password's block. */
const NOBODY = new Uint8Array(256).fill(0xff);
const REFUSED: ZapVerdict = { status: 500, text: "cannot be decided", userId: "", metadata: new Map() };

/**
 * Lets peers in by address, by user name and password, and by CURVE key. An address that is denied is refused; where addresses
 * are allowed, all others are refused. Of those that are left a peer with NULL may join if its address is allowed, or if neither
 * users nor keys are known; one with PLAIN needs a user name and password that are known; one with CURVE a key that is known,
 * unless any key will do.
 *
 * Give it to a socket as its `authenticate`, or `listen` for all sockets of a context. Changes apply to peers that come later.
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
  readonly #keys = new Map<string, AdmissionOptions[]>();
  readonly #anyKey: AdmissionOptions[] = [];
  #handler: Reply | undefined;
  #serving: Promise<void> = Promise.resolve();

  /**
   * Allows these IP addresses, and no others than all that are allowed.
   *
   * @throws {RangeError} If one is no IP address.
   */
  allow(...addresses: string[]): this {
    for (const address of addresses.map(canonicalAddress)) this.#allowed.add(address);
    // Also where none was given: an empty list is not everybody.
    this.#restricted = true;
    return this;
  }

  /**
   * Denies these IP addresses.
   *
   * @throws {RangeError} If one is no IP address.
   */
  deny(...addresses: string[]): this {
    for (const address of addresses.map(canonicalAddress)) this.#denied.add(address);
    return this;
  }

  /**
   * Knows a user of PLAIN. One name may have several passwords, in several domains.
   *
   * @throws {TypeError} If one is not a string, {@linkcode RangeError} if the password is longer than 255 bytes.
   */
  addUser(username: string, password: string, options: AdmissionOptions = {}): this {
    // An environment variable that is not set must not become an empty password.
    if (typeof username !== "string" || typeof password !== "string") {
      throw new TypeError("A user has a name and a password, both of them strings");
    }
    append(this.#users, username, { ...options, password: passwordBlock(password) });
    return this;
  }

  /** No longer knows a user of PLAIN. */
  removeUser(username: string): this {
    this.#users.delete(username);
    return this;
  }

  /**
   * Knows a public key of CURVE.
   *
   * @param publicKey 40 characters of Z85, or 32 bytes.
   * @throws {RangeError} If it is not a key.
   */
  allowKey(publicKey: string | Uint8Array, options: AdmissionOptions = {}): this {
    append(this.#keys, keyText(publicKey), options);
    return this;
  }

  /** No longer knows a public key of CURVE. */
  removeKey(publicKey: string | Uint8Array): this {
    this.#keys.delete(keyText(publicKey));
    return this;
  }

  /** Lets in everybody who knows the public key of a CURVE server: encrypts, and authenticates nobody. */
  allowAnyKey(options: AdmissionOptions = {}): this {
    this.#anyKey.push(options);
    return this;
  }

  /** Decides about a peer. */
  readonly authenticate = (request: AuthenticationRequest): AuthenticationAnswer => {
    const { mechanism } = request;
    const address = withoutZone(request.address);
    const allowed = this.#allowed.has(address);
    if (this.#denied.has(address) || (this.#restricted && !allowed)) return false;
    if (mechanism === "PLAIN") return this.#plain(request);
    if (mechanism === "CURVE") return this.#curve(request);
    // Who knows users or keys means them to be asked for: NULL cannot, and may be a server's side that was forgotten.
    const nobodyKnown = this.#users.size === 0 && this.#keys.size === 0 && this.#anyKey.length === 0;
    return mechanism === "NULL" && (allowed || nobodyKnown);
  };

  /**
   * Becomes the ZAP handler of a context (RFC 27), which all its sockets ask that have no `authenticate` of their own.
   *
   * @throws {ZmqError} `EADDRINUSE` if the context has one.
   */
  async listen(context?: Context): Promise<void> {
    const handler = new Reply(context === undefined ? {} : { context });
    // It serves other sockets: when those are done, so is it.
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

  /** Is no longer a ZAP handler. As the `authenticate` of a socket it goes on. */
  async close(): Promise<void> {
    const serving = this.#serving;
    await this.#handler?.close();
    await serving;
  }

  /** Closes: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(handler: Reply): Promise<void> {
    for await (const frames of handler) {
      const id = frames[1] ?? new Uint8Array(0);
      let verdict = REFUSED;
      try {
        const request = readRequest(parseZapRequest(frames).request);
        verdict = verdictOf(request !== undefined && this.authenticate(request));
      } catch {
        // Whoever asks what cannot be read is let in nowhere, and so is a peer of whom something is said that cannot be told.
      }
      await handler.send(encodeZapReply(id, verdict)).catch(() => {});
    }
  }

  #plain({ username = "", password = "", domain }: AuthenticationRequest): AuthenticationAnswer {
    const given = passwordBlock(password);
    let found: User | undefined;
    for (const user of this.#users.get(username) ?? [{ password: NOBODY }]) {
      if (equalSecrets(given, user.password) && admits(user, domain)) found ??= user;
    }
    return found !== undefined && admitted(found, username);
  }

  #curve({ publicKey = "", domain }: AuthenticationRequest): AuthenticationAnswer {
    const found = [...this.#keys.get(publicKey) ?? [], ...this.#anyKey].find((options) => admits(options, domain));
    return found !== undefined && admitted(found, publicKey);
  }
}

/** An address as the transports write it. */
function canonicalAddress(address: string): string {
  if (typeof address !== "string") throw new TypeError(`An address is a string, not ${typeof address}`);
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

function admits(options: AdmissionOptions, domain: string): boolean {
  return options.domain === undefined || options.domain === domain;
}

function admitted({ userId, metadata = {} }: AdmissionOptions, name: string): Admitted {
  return { userId: userId ?? name, metadata };
}
