/**
 * The common part of both sides of an upgrade: the terms of the socket, the deadline, and the text of errors.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { endpointText, peerText } from "../../src/base/peer_text.ts";
import { isWebSocket, type WebSocketEndpoint } from "../../src/schemes/websocket.ts";
import type { Endpoint } from "../../src/schemes/endpoint.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import { idleTimer } from "../../src/transport/hold.ts";
import type { FrameOptions, FrameTerms } from "../../src/transport/transport.ts";
import { type Handshake, shakeHands } from "../shared/handshake.ts";

/** Where no socket sets terms. */
const OPEN_TERMS: FrameTerms = { protocols: ["ZWS2.0/NULL", "ZWS2.0"], maxFrameSize: Number.MAX_SAFE_INTEGER };

/** The terms for a new link. */
export function termsOf({ frames }: FrameOptions): FrameTerms {
  return frames?.() ?? OPEN_TERMS;
}

/**
 * Returns the endpoint if it is a WebSocket.
 *
 * @throws {ZmqError} `EPROTONOSUPPORT` if it is not.
 */
export function requireWebSocket(endpoint: Endpoint): WebSocketEndpoint {
  if (isWebSocket(endpoint)) return endpoint;
  throw new ZmqError("EPROTONOSUPPORT", `This transport supports ws and wss, not ${peerText(endpoint.scheme)}`);
}

/** The address of a peer: `ws://127.0.0.1:40120`. */
export function remoteOver({ scheme }: WebSocketEndpoint, remote: string): string {
  return remote.replace(/^[a-z]+:/, `${scheme}:`);
}

/** Does an upgrade on a link, within the time that the socket allows. */
export async function upgrade(
  link: LinkCore,
  handshake: Handshake,
  remote: string,
  { handshakeInterval = 0 }: FrameTerms,
  signal: AbortSignal | undefined,
): Promise<void> {
  const limit = new AbortController();
  const giveUp = () => limit.abort(signal!.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  const late = () =>
    limit.abort(
      new ZmqError("ETIMEDOUT", `${handshake.peer} did not complete the upgrade within ${handshakeInterval} ms`),
    );
  const timer = handshakeInterval > 0 ? idleTimer(handshakeInterval, late) : undefined;
  try {
    await shakeHands(link, handshake, remote, signal?.aborted ? signal : limit.signal);
  } finally {
    timer?.cancel();
    signal?.removeEventListener("abort", giveUp);
  }
}

/** The error with the endpoint of the WebSocket instead of the address below it. */
export function withEndpoint(error: unknown, attempt: string, endpoint: WebSocketEndpoint): unknown {
  if (!(error instanceof ZmqError)) return error;
  const why = error.message.replace(/^Cannot (?:connect to|listen on) \S+: /, "");
  const { cause = error } = error;
  return new ZmqError(error.code, `${attempt} ${endpointText(endpoint)}: ${why}`, { cause });
}
