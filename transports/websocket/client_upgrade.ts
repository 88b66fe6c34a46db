/**
 * The client's half of the upgrade to a WebSocket (RFC 6455 §4.1): bytes in, bytes out, no I/O.
 *
 * @module
 */

import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import { bracketed } from "../../src/base/ip_address.ts";
import { peerText, quotedPeerText } from "../../src/base/peer_text.ts";
import type { WebSocketEndpoint } from "../../src/schemes/endpoint.ts";
import type { Handshake, HandshakeStep } from "../shared/handshake.ts";
import { acceptOf, newUpgradeKey } from "./accept_key.ts";
import { bytesOfHead, hasToken, type Head, type HeadError, HeadReader, listIn } from "./http_head.ts";

const ANSWER = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/;
const DEFAULT_PORTS = { ws: 80, wss: 443 };

/** The upgrade of one connection. */
export class ClientUpgrade implements Handshake {
  readonly greeting: Uint8Array;
  readonly peer = "the server";
  /** The subprotocol that the server has chosen; empty before its answer. */
  protocol = "";
  readonly #key = newUpgradeKey();
  readonly #offered: readonly string[];
  readonly #reader = new HeadReader();

  /** @param offered The subprotocols to offer, in order of preference. */
  constructor(
    { scheme, host, port, path }: WebSocketEndpoint,
    offered: readonly string[],
    headers: Readonly<Record<string, string>>,
  ) {
    this.#offered = offered;
    this.greeting = bytesOfHead([
      `GET ${path} HTTP/1.1`,
      `Host: ${bracketed(host)}${port === DEFAULT_PORTS[scheme] ? "" : `:${port}`}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${this.#key}`,
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Protocol: ${offered.join(", ")}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ]);
  }

  /**
   * Takes bytes of the server, in chunks of any size.
   *
   * @throws {ZmqError} If the server refuses, or does not speak WebSocket or ZWS 2.0.
   */
  receive(chunk: Uint8Array): HandshakeStep {
    let head: Head | undefined;
    try {
      head = this.#reader.receive(chunk);
    } catch (error) {
      throw new ZmqError("EPROTO", `the server does not speak HTTP: ${(error as HeadError).message}`);
    }
    if (head === undefined) return {};
    this.#check(head);
    return { rest: head.rest };
  }

  #check({ line, headers }: Head): void {
    const [, status, phrase = ""] = ANSWER.exec(line) ?? [];
    if (status === undefined) throw new ZmqError("EPROTO", `the server does not speak HTTP: ${quotedPeerText(line)}`);
    if (status !== "101") throw refusal(Number(status), phrase, headers);
    if (!hasToken(headers, "upgrade", "websocket") || !hasToken(headers, "connection", "upgrade")) {
      throw new ZmqError("EPROTO", "the server switched to another protocol than WebSocket");
    }
    if (headers.get("sec-websocket-accept") !== acceptOf(this.#key)) {
      throw new ZmqError("EPROTO", "the server did not answer the key of this request");
    }
    if (headers.has("sec-websocket-extensions")) {
      throw new ZmqError("EPROTO", "the server chose an extension, and none was offered");
    }
    const chosen = listIn(headers, "sec-websocket-protocol");
    const [protocol] = chosen;
    if (chosen.length !== 1 || !this.#offered.includes(protocol!)) {
      const what = protocol === undefined ? "none" : chosen.map((name) => quotedPeerText(name)).join(", ");
      throw new ZmqError("EPROTO", `the server speaks none of ${this.#offered.join(", ")}; it chose ${what}`);
    }
    this.protocol = protocol!;
  }
}

function refusal(status: number, phrase: string, headers: ReadonlyMap<string, string>): ZmqError {
  const code: ZmqErrorCode = status === 401 || status === 403 || status === 407 ? "EACCES" : "EPROTO";
  const location = headers.get("location");
  const elsewhere = location === undefined || status < 300 || status > 399
    ? ""
    : `; redirects are not followed, connect to ${peerText(location)} instead`;
  return new ZmqError(code, `the server answered ${status} ${peerText(phrase)}`.trimEnd() + elsewhere);
}
