/**
 * The server's half of the upgrade to a WebSocket (RFC 6455 §4.2): bytes in, bytes out, no I/O.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { familyOf } from "../../src/base/ip_address.ts";
import { peerText, quotedPeerText } from "../../src/base/peer_text.ts";
import type { Handshake, HandshakeStep } from "../shared/handshake.ts";
import { acceptOf, isUpgradeKey } from "./accept_key.ts";
import { bytesOfHead, hasToken, type Head, type HeadError, HeadReader, listIn } from "./http_head.ts";

/** The conditions of an upgrade. */
export interface UpgradeRules {
  /** The path of the endpoint, with its query if it has one. */
  readonly path: string;
  /** The host of the endpoint. */
  readonly host: string;
  /** Origins of web pages that may connect; `*` is every one. */
  readonly allowedOrigins: readonly string[];
  /** The subprotocols that the socket speaks. */
  readonly protocols: readonly string[];
}

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  505: "HTTP Version Not Supported",
};

/** A request that is answered with an error, and its connection closed. */
export class UpgradeRefused extends ZmqError {
  /** The answer. */
  readonly response: Uint8Array;

  constructor(status: number, why: string, headers: readonly string[] = []) {
    const first = `${status} ${PHRASES[status]}`;
    super(status === 403 ? "EACCES" : "EPROTO", `a request was answered with ${first}: ${why}`);
    const text = new TextEncoder().encode(`${why}\n`);
    const head = bytesOfHead([
      `HTTP/1.1 ${first}`,
      "Connection: close",
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${text.length}`,
      ...headers,
    ]);
    this.response = new Uint8Array(head.length + text.length);
    this.response.set(head);
    this.response.set(text, head.length);
  }
}

/** The upgrade of one connection. */
export class ServerUpgrade implements Handshake {
  readonly peer = "the client";
  /** The subprotocol that was agreed on; empty before the request. */
  protocol = "";
  readonly #rules: UpgradeRules;
  readonly #reader = new HeadReader();

  constructor(rules: UpgradeRules) {
    this.#rules = rules;
  }

  /**
   * Takes bytes of the client, in chunks of any size.
   *
   * @throws {UpgradeRefused} If this is not a request to upgrade that fulfils the rules.
   */
  receive(chunk: Uint8Array): HandshakeStep {
    let head: Head | undefined;
    try {
      head = this.#reader.receive(chunk);
    } catch (error) {
      const { status, message } = error as HeadError;
      throw new UpgradeRefused(status, message);
    }
    if (head === undefined) return {};
    const key = this.#check(head);
    const send = bytesOfHead([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptOf(key)}`,
      `Sec-WebSocket-Protocol: ${this.protocol}`,
    ]);
    return { send, rest: head.rest };
  }

  /** Returns the key of the request. */
  #check({ line, headers }: Head): string {
    const [, method, target = "", version] = /^(\S+) (\S+) HTTP\/(\d\.\d)$/.exec(line) ?? [];
    if (method === undefined) throw new UpgradeRefused(400, "the first line is not a request of HTTP/1.1");
    if (version !== "1.1") throw new UpgradeRefused(505, "HTTP/1.1 is required");
    if (method !== "GET") throw new UpgradeRefused(405, "a WebSocket begins with GET", ["Allow: GET"]);
    if (headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0") {
      throw new UpgradeRefused(400, "a request to upgrade has no body");
    }
    const { path, allowedOrigins, host, protocols } = this.#rules;
    if (!isPath(target, path)) throw new UpgradeRefused(404, "nothing is bound at this path");
    if (!hasToken(headers, "upgrade", "websocket") || !hasToken(headers, "connection", "upgrade")) {
      throw new UpgradeRefused(426, "this is a ZeroMQ endpoint over WebSocket (ZWS 2.0)", ["Upgrade: websocket"]);
    }
    if (headers.get("sec-websocket-version") !== "13") {
      throw new UpgradeRefused(426, "version 13 of WebSocket is required", [
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
      ]);
    }
    const key = headers.get("sec-websocket-key") ?? "";
    if (!isUpgradeKey(key)) throw new UpgradeRefused(400, "Sec-WebSocket-Key is missing or malformed");
    if (!headers.has("host")) throw new UpgradeRefused(400, "the header Host is missing");
    const origin = headers.get("origin");
    if (origin !== undefined && !isAllowed(origin, headers.get("host")!, host, allowedOrigins)) {
      throw new UpgradeRefused(403, `the origin ${peerText(origin)} is not in allowedOrigins`);
    }
    const offered = listIn(headers, "sec-websocket-protocol");
    const protocol = offered.find((name) => protocols.includes(name));
    if (protocol === undefined) {
      const what = offered.length === 0 ? "none" : offered.slice(0, 8).map((name) => quotedPeerText(name)).join(", ");
      throw new UpgradeRefused(400, `a subprotocol of ${protocols.join(", ")} is required; offered: ${what}`);
    }
    this.protocol = protocol;
    return key;
  }
}

/** Checks if the target of a request is a bound path, which may leave the query to the clients. */
function isPath(target: string, path: string): boolean {
  if (!target.startsWith("/")) return false;
  let url: URL;
  try {
    url = new URL(`http://host${target}`);
  } catch {
    return false;
  }
  return path === (path.includes("?") ? url.pathname + url.search : url.pathname);
}

/**
 * Checks if a web page may connect. A page of the server itself may, but not one of an unknown name that leads to this machine: an
 * attacker can point any name of his own there (DNS rebinding).
 */
function isAllowed(origin: string, host: string, bound: string, allowed: readonly string[]): boolean {
  if (allowed.some((one) => one === "*" || one.toLowerCase() === origin.toLowerCase())) return true;
  let page: URL;
  let server: URL;
  try {
    page = new URL(origin);
    server = new URL(`${page.protocol}//${host}`);
  } catch {
    return false;
  }
  if (page.host !== server.host || page.host === "") return false;
  const name = page.hostname.replace(/^\[|\]$/g, "");
  return familyOf(name) !== undefined || name === "localhost" || name === bound.toLowerCase();
}
