/**
 * The server side of CURVE (RFC 26; libzmq curve_server.cpp): answers HELLO with WELCOME, and INITIATE with READY once
 * the authenticator has accepted the client's public key. Keys are named as in the RFC: C and S are the long-term keys,
 * C' and S' those of this connection; small letters are the secret keys.
 *
 * | Event            | HELLO    | INITIATE | ASKING   | COMPLETE | OVER |
 * | ---------------- | -------- | -------- | -------- | -------- | ---- |
 * | HELLO            | INITIATE | OVER     | OVER     | OVER     | x    |
 * | HELLO, forged    | OVER     | OVER     | OVER     | OVER     | x    |
 * | INITIATE         | OVER     | ASKING   | OVER     | OVER     | x    |
 * | INITIATE, forged | OVER     | OVER     | OVER     | OVER     | x    |
 * | accepted         |          |          | COMPLETE |          | -    |
 * | rejected         |          |          | OVER     |          | -    |
 * | ERROR            | OVER     | OVER     | OVER     | OVER     | x    |
 * | other command    | OVER     | OVER     | OVER     | OVER     | x    |
 * | end              | OVER     | OVER     | OVER     | OVER     | -    |
 *
 * ASKING: the authenticator is asked. The other states are named for the command that they wait for. Every error leads to OVER,
 * because the session ends the mechanism then, and passes no further commands to it (`x`). `-` changes nothing; an empty cell cannot
 * happen, as the authenticator answers once. `tests/security/mechanism_states_test.ts` walks the table.
 *
 * @module
 */

import { encodeCommandBody, parseCommand } from "../zmtp/command.ts";
import type { Mechanism, MechanismHost, TrafficCipher } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import { Admission } from "./admission.ts";
import { type CurveCrypto, KEY_SIZE, TAG_SIZE } from "./curve_crypto.ts";
import {
  COOKIE_SIZE,
  counterBytes,
  HELLO_BOX_AT,
  HELLO_COUNTER_AT,
  HELLO_KEY_AT,
  HELLO_SIZE,
  INITIATE_BOX_AT,
  join,
  LONG_NONCE_SIZE,
  malformed,
  nonceOf,
  noSharedKey,
  PREFIX,
  unreadable,
  VOUCH_AT,
  VOUCH_END,
  WELCOME_SIZE,
} from "./curve_layout.ts";
import { CurveTraffic } from "./curve_traffic.ts";
import { equalSecrets } from "./equal.ts";
import { PeerCounter } from "./peer_counter.ts";
import { unexpected } from "./refused.ts";
import { authorizedMetadata, type PeerCheck, type ZapVerdict } from "./zap.ts";

/** The parameters of a CURVE server. Keys are 32 bytes. */
export interface CurveServerOptions {
  readonly crypto: CurveCrypto;
  /** The metadata of this socket, encoded. */
  readonly metadata: Uint8Array;
  /** s: the mechanism's own copy, which it overwrites with zeros at its end. */
  readonly secretKey: Uint8Array;
  /** Authenticates the client's public key. */
  readonly check: PeerCheck;
}

const READY_COUNTER = counterBytes(1);

/** The content of a verified INITIATE. */
interface Proof {
  /** C. */
  readonly clientKey: Uint8Array;
  readonly metadata: Uint8Array;
}

/** CURVE for one connection, as server. */
export class CurveServer implements Mechanism {
  readonly name = "CURVE";
  readonly asServer = true;
  readonly #options: CurveServerOptions;
  readonly #admission = new Admission();
  readonly #peerCounter = new PeerCounter();
  #expected: "HELLO" | "INITIATE" | "nothing" = "HELLO";
  /** C' and s'. */
  #theirKey: Uint8Array | undefined;
  #ownSecret: Uint8Array | undefined;
  #cookieKey: Uint8Array | undefined;
  /** The shared key of C' and S'. */
  #key: Uint8Array | undefined;
  #traffic: CurveTraffic | undefined;

  constructor(options: CurveServerOptions) {
    this.#options = options;
  }

  get proven(): boolean {
    return this.#expected === "nothing";
  }

  get cipher(): TrafficCipher | undefined {
    return this.#traffic;
  }

  receive(commandBody: Uint8Array, host: MechanismHost): void {
    const { name, data } = parseCommand(commandBody);
    if (name !== this.#expected) throw unexpected(name, this.#expected);
    if (name === "HELLO") {
      this.#expected = "INITIATE";
      host.send(encodeCommandBody("WELCOME", this.#welcome(data)));
      return;
    }
    this.#expected = "nothing";
    const { clientKey, metadata } = this.#onInitiate(data);
    const accepted = (verdict: ZapVerdict) => this.#complete(metadata, verdict, host);
    this.#admission.ask(this.#options.check, this.name, [clientKey], host, accepted);
  }

  end(): void {
    this.#admission.end();
    this.#options.secretKey.fill(0);
    this.#ownSecret?.fill(0);
    this.#cookieKey?.fill(0);
    this.#key?.fill(0);
    this.#traffic?.end();
  }

  /** Reads HELLO and returns the data of WELCOME. */
  #welcome(hello: Uint8Array): Uint8Array {
    const { crypto, secretKey } = this.#options;
    // Version 1.0. The padding after it only makes HELLO longer than WELCOME; its content and that of the box are
    // ignored.
    if (hello.length !== HELLO_SIZE || hello[0] !== 1 || hello[1] !== 0) throw malformed("HELLO");
    // A copy, because the key is needed longer than the chunk that it arrived in.
    const theirKey = this.#theirKey = hello.slice(HELLO_KEY_AT, HELLO_COUNTER_AT);
    const counter = hello.subarray(HELLO_COUNTER_AT, HELLO_BOX_AT);
    const helloKey = crypto.sharedKey(theirKey, secretKey);
    if (helloKey === undefined) throw noSharedKey();
    const signed = crypto.open(helloKey, nonceOf(PREFIX.hello, counter), hello.subarray(HELLO_BOX_AT));
    if (signed === undefined) throw unreadable("HELLO");

    const ownSecret = this.#ownSecret = crypto.random(KEY_SIZE);
    const cookieKey = this.#cookieKey = crypto.random(KEY_SIZE);
    this.#key = crypto.sharedKey(theirKey, ownSecret);
    const cookieNonce = crypto.random(LONG_NONCE_SIZE);
    const remembered = join(2 * KEY_SIZE, theirKey, ownSecret);
    const cookie = crypto.seal(cookieKey, nonceOf(PREFIX.cookie, cookieNonce), remembered);
    remembered.fill(0);
    const inside = join(KEY_SIZE + COOKIE_SIZE, crypto.publicKey(ownSecret), cookieNonce, cookie);
    const nonce = crypto.random(LONG_NONCE_SIZE);
    const box = crypto.seal(helloKey, nonceOf(PREFIX.welcome, nonce), inside);
    helloKey.fill(0);
    return join(WELCOME_SIZE, nonce, box);
  }

  /** Reads and verifies INITIATE. */
  #onInitiate(initiate: Uint8Array): Proof {
    const { crypto } = this.#options;
    if (initiate.length < INITIATE_BOX_AT + TAG_SIZE + VOUCH_END) throw malformed("INITIATE");
    this.#checkCookie(initiate.subarray(0, COOKIE_SIZE));
    const counter = initiate.subarray(COOKIE_SIZE, INITIATE_BOX_AT);
    const plain = crypto.open(this.#key!, nonceOf(PREFIX.initiate, counter), initiate.subarray(INITIATE_BOX_AT));
    if (plain === undefined) throw unreadable("INITIATE");
    this.#peerCounter.advance(counter, 0);
    const clientKey = plain.slice(0, KEY_SIZE);
    this.#checkVouch(clientKey, plain);
    return { clientKey, metadata: plain.subarray(VOUCH_END) };
  }

  /** Checks that the cookie was created by this server for this connection. */
  #checkCookie(cookie: Uint8Array): void {
    const nonce = nonceOf(PREFIX.cookie, cookie.subarray(0, LONG_NONCE_SIZE));
    const plain = this.#options.crypto.open(this.#cookieKey!, nonce, cookie.subarray(LONG_NONCE_SIZE));
    const expected = join(2 * KEY_SIZE, this.#theirKey!, this.#ownSecret!);
    const ours = plain !== undefined && equalSecrets(plain, expected);
    plain?.fill(0);
    expected.fill(0);
    if (!ours) throw unreadable("INITIATE");
  }

  /** Checks that the owner of C vouches for C' and for this server's S. libzmq does not check the latter. */
  #checkVouch(clientKey: Uint8Array, inside: Uint8Array): void {
    const { crypto, secretKey } = this.#options;
    const vouchKey = crypto.sharedKey(clientKey, this.#ownSecret!);
    if (vouchKey === undefined) throw noSharedKey();
    const nonce = nonceOf(PREFIX.vouch, inside.subarray(KEY_SIZE, VOUCH_AT));
    const vouched = crypto.open(vouchKey, nonce, inside.subarray(VOUCH_AT, VOUCH_END));
    vouchKey.fill(0);
    if (vouched === undefined) throw unreadable("INITIATE");
    if (equalSecrets(vouched, join(2 * KEY_SIZE, this.#theirKey!, crypto.publicKey(secretKey)))) return;
    throw new ProtocolError("EPROTO", "KEY_EXCHANGE", "The peer did not prove that it owns its key");
  }

  #complete(claimed: Uint8Array, verdict: ZapVerdict | undefined, host: MechanismHost): void {
    const { crypto, metadata } = this.#options;
    const key = this.#key!;
    const peer = authorizedMetadata(parseMetadata(claimed), verdict);
    const box = crypto.seal(key, nonceOf(PREFIX.ready, READY_COUNTER), metadata);
    this.#traffic = new CurveTraffic({ crypto, key, counter: 1, peerCounter: this.#peerCounter }, true);
    const ready = join(READY_COUNTER.length + box.length, READY_COUNTER, box);
    host.complete(peer, encodeCommandBody("READY", ready));
  }
}
