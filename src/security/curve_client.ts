/**
 * The client side of CURVE (RFC 26; libzmq curve_client.cpp): HELLO, WELCOME, INITIATE, READY. The client knows the
 * server's public key, and proves that it owns its own with a vouch. Keys are named as in the RFC: C and S are the
 * long-term keys, C' and S' those of this connection; small letters are the secret keys.
 *
 * | Event           | WELCOME | READY    | COMPLETE | OVER |
 * | --------------- | ------- | -------- | -------- | ---- |
 * | WELCOME         | READY   | OVER     | OVER     | x    |
 * | WELCOME, forged | OVER    | OVER     | OVER     | x    |
 * | READY           | OVER    | COMPLETE | OVER     | x    |
 * | READY, forged   | OVER    | OVER     | OVER     | x    |
 * | ERROR           | OVER    | OVER     | OVER     | x    |
 * | other command   | OVER    | OVER     | OVER     | x    |
 * | end             | OVER    | OVER     | OVER     | -    |
 *
 * A state is named for the command that it waits for. Every error leads to OVER, because the session ends the mechanism then, and
 * passes no further commands to it (`x`). `-` changes nothing. `tests/security/mechanism_states_test.ts` walks the table.
 *
 * @module
 */

import { encodeCommandBody, parseCommand } from "../zmtp/command.ts";
import type { Mechanism, MechanismHost, TrafficCipher } from "../zmtp/mechanism.ts";
import { parseMetadata } from "../zmtp/metadata.ts";
import { type CurveCrypto, KEY_SIZE, TAG_SIZE } from "./curve_crypto.ts";
import {
  COUNTER_SIZE,
  counterBytes,
  HELLO_BOX_AT,
  HELLO_COUNTER_AT,
  HELLO_KEY_AT,
  HELLO_SIGNED,
  HELLO_SIZE,
  join,
  LONG_NONCE_SIZE,
  malformed,
  nonceOf,
  noSharedKey,
  PREFIX,
  unreadable,
  VOUCH_END,
  WELCOME_SIZE,
} from "./curve_layout.ts";
import { CurveTraffic } from "./curve_traffic.ts";
import { PeerCounter } from "./peer_counter.ts";
import { refusedBy, unexpected } from "./refused.ts";
import { authorizedMetadata } from "./zap.ts";

/** The parameters of a CURVE client. Keys are 32 bytes. */
export interface CurveClientOptions {
  readonly crypto: CurveCrypto;
  /** The metadata of this socket, encoded. */
  readonly metadata: Uint8Array;
  /** C. */
  readonly publicKey: Uint8Array;
  /** c: the mechanism's own copy, which it overwrites with zeros at its end. */
  readonly secretKey: Uint8Array;
  /** S. */
  readonly serverKey: Uint8Array;
}

const HELLO_COUNTER = counterBytes(1);
const INITIATE_COUNTER = counterBytes(2);

/** CURVE for one connection, as client. */
export class CurveClient implements Mechanism {
  readonly name = "CURVE";
  readonly asServer = false;
  readonly #options: CurveClientOptions;
  readonly #peerCounter = new PeerCounter();
  #expected: "WELCOME" | "READY" | "nothing" = "WELCOME";
  /** C' and c', from the start on. */
  #ownKey: Uint8Array | undefined;
  #ownSecret: Uint8Array | undefined;
  /** The shared key of C' and S. */
  #helloKey: Uint8Array | undefined;
  /** The shared key of C' and S'. */
  #key: Uint8Array | undefined;
  #traffic: CurveTraffic | undefined;

  constructor(options: CurveClientOptions) {
    this.#options = options;
  }

  get cipher(): TrafficCipher | undefined {
    return this.#traffic;
  }

  start(host: MechanismHost): void {
    const { crypto, serverKey } = this.#options;
    this.#ownSecret = crypto.random(KEY_SIZE);
    this.#ownKey = crypto.publicKey(this.#ownSecret);
    const key = this.#helloKey = crypto.sharedKey(serverKey, this.#ownSecret);
    if (key === undefined) throw noSharedKey();
    const box = crypto.seal(key, nonceOf(PREFIX.hello, HELLO_COUNTER), new Uint8Array(HELLO_SIGNED));
    const data = new Uint8Array(HELLO_SIZE);
    // Version 1.0, then zeros, so that WELCOME is shorter than HELLO.
    data[0] = 1;
    data.set(this.#ownKey, HELLO_KEY_AT);
    data.set(HELLO_COUNTER, HELLO_COUNTER_AT);
    data.set(box, HELLO_BOX_AT);
    host.send(encodeCommandBody("HELLO", data));
  }

  receive(commandBody: Uint8Array, host: MechanismHost): void {
    const { name, data } = parseCommand(commandBody);
    if (name === "ERROR") return host.fail(refusedBy(data));
    if (name !== this.#expected) throw unexpected(name, this.#expected);
    if (name === "WELCOME") {
      this.#expected = "READY";
      host.send(encodeCommandBody("INITIATE", this.#initiate(data)));
    } else {
      this.#expected = "nothing";
      this.#onReady(data, host);
    }
  }

  end(): void {
    this.#options.secretKey.fill(0);
    this.#ownSecret?.fill(0);
    this.#helloKey?.fill(0);
    this.#key?.fill(0);
    this.#traffic?.end();
  }

  /** Reads WELCOME and returns the data of INITIATE. */
  #initiate(welcome: Uint8Array): Uint8Array {
    const { crypto, metadata, publicKey, secretKey, serverKey } = this.#options;
    if (welcome.length !== WELCOME_SIZE) throw malformed("WELCOME");
    const nonce = nonceOf(PREFIX.welcome, welcome.subarray(0, LONG_NONCE_SIZE));
    const plain = crypto.open(this.#helloKey!, nonce, welcome.subarray(LONG_NONCE_SIZE));
    if (plain === undefined) throw unreadable("WELCOME");
    const theirKey = plain.subarray(0, KEY_SIZE);
    const cookie = plain.subarray(KEY_SIZE);

    const key = this.#key = crypto.sharedKey(theirKey, this.#ownSecret!);
    const vouchKey = crypto.sharedKey(theirKey, secretKey);
    if (key === undefined || vouchKey === undefined) throw noSharedKey();
    const vouchNonce = crypto.random(LONG_NONCE_SIZE);
    const vouched = join(2 * KEY_SIZE, this.#ownKey!, serverKey);
    const vouch = crypto.seal(vouchKey, nonceOf(PREFIX.vouch, vouchNonce), vouched);
    vouchKey.fill(0);
    const inside = join(VOUCH_END + metadata.length, publicKey, vouchNonce, vouch, metadata);
    const box = crypto.seal(key, nonceOf(PREFIX.initiate, INITIATE_COUNTER), inside);
    return join(cookie.length + INITIATE_COUNTER.length + box.length, cookie, INITIATE_COUNTER, box);
  }

  #onReady(data: Uint8Array, host: MechanismHost): void {
    const { crypto } = this.#options;
    const key = this.#key!;
    if (data.length < COUNTER_SIZE + TAG_SIZE) throw malformed("READY");
    const counter = data.subarray(0, COUNTER_SIZE);
    const plain = crypto.open(key, nonceOf(PREFIX.ready, counter), data.subarray(COUNTER_SIZE));
    if (plain === undefined) throw unreadable("READY");
    this.#peerCounter.advance(counter, 0);
    const metadata = parseMetadata(plain);
    this.#traffic = new CurveTraffic({ crypto, key, counter: 2, peerCounter: this.#peerCounter }, false);
    host.complete(authorizedMetadata(metadata, undefined));
  }
}
