/**
 * Events in plain words, for the debug log.
 *
 * @module
 */

import { endpointText, errorText, peerText } from "../base/peer_text.ts";
import type { SocketEvent } from "../engine/events.ts";
import type { DebugScope } from "./log_options.ts";

type EventType = SocketEvent["type"];
type EventOf<Type extends EventType> = Extract<SocketEvent, { readonly type: Type }>;
type Words = readonly [scope: DebugScope, text: string];

/** A line of the log: where, and in which words. */
export interface EventText {
  readonly scope: DebugScope;
  /** The endpoint or the remote address; empty if there is none. */
  readonly where: string;
  readonly text: string;
}

const ENDED: Readonly<Record<EventOf<"disconnect">["reason"], string>> = {
  peer: "the peer closed the connection, or its process exited",
  lost: "the connection was lost",
  timeout: "the peer did not answer in time",
  protocol: "the connection was closed because the peer violated the protocol or a limit",
  rejected: "the peer rejected this socket",
  handshake: "the connection ended before its handshake was complete",
};

const ENDED_HERE: Readonly<Record<EventOf<"disconnect:local">["reason"], string>> = {
  close: "the connection was closed by close()",
  disconnect: "the connection was closed by disconnect()",
  unbind: "the connection was closed by unbind()",
  disconnectPeer: "the connection was closed by disconnectPeer()",
  message: "the connection was closed by an empty message",
};

/** The words of each event that is not shown by its type alone. */
const TEXTS: { readonly [Type in EventType]?: (event: EventOf<Type>) => Words } = {
  "bind": () => ["connection", "bound, accepts connections"],
  "bind:error": ({ error }) => ["connection", `bind failed: ${why(error)}`],
  "close": () => ["connection", "unbound"],
  "close:error": ({ error }) => ["connection", `unbind failed: ${why(error)}`],
  "accept": ({ endpoint }) => ["connection", `connection accepted at ${endpointText(endpoint)}`],
  "accept:error": ({ error }) => ["connection", `cannot accept a connection: ${why(error)}`],
  "accept:refused": ({ limit, count }) => ["connection", `${count} connection(s) refused because of ${limit}`],
  "connect:delay": () => ["connection", "connecting"],
  "connect": () => ["connection", "connected, handshake follows"],
  "connect:retry": ({ interval, error }) => [
    "connection",
    `next attempt in ${interval} ms${error === undefined ? "" : `: ${why(error)}`}`,
  ],
  "connect:end": ({ dropped, error }) => [
    "connection",
    `no further attempt (reconnectStop or reconnectInterval), ${dropped} queued message(s) dropped: ${why(error)}`,
  ],
  "message:dropped": ({ frames, bytes, error }) => [
    "drops",
    `a queued message of ${frames} frame(s), ${bytes} bytes was dropped: ${why(error)}`,
  ],
  "handshake": ({ peerType, version }) => [
    "handshake",
    `handshake complete: the peer is ${peerType === "" ? "of an unknown type" : peerText(peerType)}, ${
      /^\d/.test(version) ? `ZMTP ${version}` : version
    }`,
  ],
  "handshake:error:protocol": ({ rule, error }) => ["handshake", `handshake failed (${rule}): ${why(error)}`],
  "handshake:error:auth": ({ status, error }) => [
    "handshake",
    `handshake failed: the authenticator returned ${status}: ${why(error)}`,
  ],
  "handshake:error:other": ({ error }) => ["handshake", `handshake failed: ${why(error)}`],
  "disconnect": ({ reason, error }) => [
    "connection",
    `${ENDED[reason]}${error === undefined ? "" : `: ${why(error)}`}`,
  ],
  "disconnect:local": ({ reason }) => ["connection", ENDED_HERE[reason]],
  "hint": (hint) => ["hints", errorText(hint, 600)],
  "end": () => ["close", "closed"],
};

/** Returns the line of an event. An event without words of its own shows its type. */
export function eventText(event: SocketEvent): EventText {
  const words = TEXTS[event.type] as ((event: SocketEvent) => Words) | undefined;
  const { endpoint = "", remote = endpoint } = event as { readonly endpoint?: string; readonly remote?: string };
  const [scope, text] = words?.(event) ?? ["connection", event.type];
  return { scope, where: remote, text };
}

function why(error: Error): string {
  return errorText(error, 400);
}
