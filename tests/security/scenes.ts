/**
 * The handshakes that were recorded with libzmq (`recorded.ts`): who is who, and our side of each, without chance.
 *
 * @module
 */

import type { Message } from "../../src/base/message.ts";
import { CurveClient } from "../../src/security/curve_client.ts";
import { CurveServer } from "../../src/security/curve_server.ts";
import { PlainClient } from "../../src/security/plain_client.ts";
import { PlainServer } from "../../src/security/plain_server.ts";
import type { ZapVerdict } from "../../src/security/zap.ts";
import type { Mechanism } from "../../src/zmtp/mechanism.ts";
import { fixedCrypto } from "../support/fixed_crypto.ts";
import { ownMetadata, type SocketType } from "../support/socket_types.ts";

/** A pair of keys as bytes. */
export interface KeyBytes {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The bytes that both sides sent, as hex. */
export interface Recording {
  /** Ours, to the end of the handshake. */
  readonly ours: string;
  /** Ours, after that. */
  readonly traffic: string;
  readonly theirs: string;
}

/** A meeting of our side with libzmq. */
export interface Scene {
  readonly mechanism: "PLAIN" | "CURVE";
  /** `true` if this library is the server. */
  readonly asServer: boolean;
  readonly ourType: SocketType;
  readonly theirType: SocketType & ("DEALER" | "SUB");
  /** The ZAP handler of libzmq says no. */
  readonly refused?: boolean;
  /** The messages that each side sends after the handshake; a SUB sends none. */
  readonly messages: readonly Message[];
  /** Our side. */
  readonly ours: (server: KeyBytes, client: KeyBytes) => Mechanism;
}

/** Accepts every client. */
export const WELCOME: ZapVerdict = { status: 200, text: "", userId: "", metadata: new Map() };

const NONE = new Uint8Array(0);
const text = (value: string) => new TextEncoder().encode(value);
const MESSAGES: readonly Message[] = [
  [text("hello")],
  [text("one"), NONE, text("three")],
  [new Uint8Array(300).fill(0x61)],
  [NONE],
];

const check = { authenticate: () => WELCOME, domain: "test", address: "127.0.0.1", identity: NONE };

function curveClient(type: SocketType): Scene["ours"] {
  return (server, client) =>
    new CurveClient({
      crypto: fixedCrypto(),
      metadata: ownMetadata(type, NONE),
      ...client,
      serverKey: server.publicKey,
    });
}

function curveServer(type: SocketType): Scene["ours"] {
  return (server) => new CurveServer({ crypto: fixedCrypto(), metadata: ownMetadata(type, NONE), ...server, check });
}

function plainClient(type: SocketType): Scene["ours"] {
  return () =>
    new PlainClient({ metadata: ownMetadata(type, NONE), username: text("admin"), password: text("secret") });
}

function plainServer(type: SocketType): Scene["ours"] {
  return () => new PlainServer({ metadata: ownMetadata(type, NONE), check });
}

const DEALERS = { ourType: "DEALER", theirType: "DEALER", messages: MESSAGES } as const;

/** By name. */
export const RECORDINGS: Readonly<Record<string, Scene>> = {
  "CURVE, we are the client": { mechanism: "CURVE", asServer: false, ...DEALERS, ours: curveClient("DEALER") },
  "CURVE, we are the server": { mechanism: "CURVE", asServer: true, ...DEALERS, ours: curveServer("DEALER") },
  "CURVE, a SUB comes": {
    mechanism: "CURVE",
    asServer: true,
    ourType: "XPUB",
    theirType: "SUB",
    messages: [[text("weather.today")]],
    ours: curveServer("XPUB"),
  },
  "CURVE, we are refused": {
    mechanism: "CURVE",
    asServer: false,
    refused: true,
    ...DEALERS,
    ours: curveClient("DEALER"),
  },
  "PLAIN, we are the client": { mechanism: "PLAIN", asServer: false, ...DEALERS, ours: plainClient("DEALER") },
  "PLAIN, we are the server": { mechanism: "PLAIN", asServer: true, ...DEALERS, ours: plainServer("DEALER") },
  "PLAIN, we are refused": {
    mechanism: "PLAIN",
    asServer: false,
    refused: true,
    ...DEALERS,
    ours: plainClient("DEALER"),
  },
};
