/**
 * The text of `console.log(socket)` and `console.log(context)`: type, endpoints, peers and queue depths in a few lines.
 *
 * Within another object it is one line, because Deno and Bun do not indent further ones. No option is shown, because options
 * hold secrets.
 *
 * @module
 */

import { endpointText, errorText, hexText, peerText } from "../base/peer_text.ts";
import { toText } from "../base/message.ts";
import { wallTime } from "../base/clock.ts";
import type { OpenSocket } from "../engine/context.ts";
import type { EndpointStatus } from "../engine/endpoints/endpoint_status.ts";
import type { PeerStatistics } from "../engine/statistics.ts";

/** The method that Node, Bun and Deno call. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Maximum number of endpoints, and of peers, that are shown of one socket. */
const MOST_SHOWN = 8;

/** The part of a socket that is shown. */
export interface ShownSocket extends Pick<OpenSocket, "type" | "id" | "endpoints" | "peers"> {
  readonly closed: boolean;
}

/** Gives all objects of a prototype these lines in `console.log`: the first one names the object. */
export function showAs<T extends object>(prototype: T, lines: (object: T) => readonly string[]): void {
  Object.defineProperty(prototype, INSPECT, {
    configurable: true,
    writable: true,
    /**
     * @param depth Number of levels below this one that are shown.
     * @param options Those of the outermost call.
     */
    value(this: T, depth: unknown, options: unknown): string {
      // A prototype, which debuggers show, has no engine.
      if (Object.prototype.hasOwnProperty.call(this, "constructor")) return "[prototype]";
      const [title = "", ...rest] = lines(this);
      if (typeof depth === "number" && depth < 0) return `[${title}]`;
      if (rest.length === 0) return `${title} {}`;
      const within = depth !== (Object(options) as { readonly depth?: unknown }).depth;
      if (within) return `${title} { ${rest.join("; ")} }`;
      return `${title} {\n${rest.map((line) => `  ${line}`).join("\n")}\n}`;
    },
  });
}

/** Returns how logs name a socket: `PUSH#3`. */
function socketName({ type, id }: Pick<OpenSocket, "type" | "id">): string {
  return `${type}#${id}`;
}

/** Returns the lines of a socket. */
export function socketLines(socket: ShownSocket): string[] {
  const { closed, endpoints, peers } = socket;
  return [
    `${socketName(socket)}${closed ? " closed" : ""}`,
    ...some(endpoints.map(endpointLine), "endpoints"),
    ...some(peers.map(peerLine), "peers"),
  ];
}

/** Returns the lines of a context. */
export function contextLines(sockets: readonly OpenSocket[]): string[] {
  const lines = sockets.map((socket) => {
    const queued = socket.peers.reduce((sum, peer) => sum + peer.queued, 0);
    const held = socket.peers.reduce((sum, peer) => sum + peer.held, 0);
    const endpoints = socket.endpoints.map(({ endpoint, state }) => `${endpointText(endpoint)} ${state}`);
    const shown = endpoints.length > 3 ? `${endpoints.length} endpoints` : endpoints.join(", ") || "no endpoint";
    return `${socketName(socket)} ${shown}; ${count(socket.peers.length, "peer")}, ${queued} queued, ${held} held`;
  });
  return ["Context", ...some(lines, "sockets")];
}

function endpointLine(
  { endpoint, kind, state, since, attempts, nextAttempt, peers, lastError, lastErrorTime = 0 }: EndpointStatus,
): string {
  const details: string[] = [];
  if (kind === "bind") details.push(count(peers, "peer"));
  else if (attempts > 1 || state !== "connected") details.push(count(attempts, "attempt"));
  if (nextAttempt !== undefined) details.push(`next in ${seconds(nextAttempt - wallTime())}`);
  // The error of an endpoint that has reconnected is no longer relevant.
  if (lastError !== undefined && state !== "connected") {
    const age = kind === "bind" ? ` ${seconds(wallTime() - lastErrorTime)} ago` : "";
    details.push(`last error${age}: ${errorText(lastError, 200)}`);
  }
  const text = `${kind} ${endpointText(endpoint)} ${state} for ${seconds(wallTime() - since)}`;
  return [text, ...details].join(", ");
}

function peerLine(peer: PeerStatistics): string {
  const { peerType, remote, queued, queuedBytes, held, heldBytes, mechanism, routingId, userId, since, ignored } = peer;
  const names = [`${peerType === "" ? "peer" : `peer ${peerText(peerType)}`} ${endpointText(remote)}`];
  if (routingId.length > 0) names.push(`routing id ${shownId(routingId)}`);
  if (ignored) names.push("ignored because another peer has this routing id");
  if (userId !== undefined) names.push(`user ${peerText(userId)}`);
  if (mechanism !== null) names.push(mechanism.toUpperCase());
  return `${names.join(", ")}, connected for ${seconds(wallTime() - since)}: ` +
    `${queued} queued (${count(queuedBytes, "byte")}), ${held} held (${count(heldBytes, "byte")})`;
}

/** Ids that a Router generates begin with a zero byte. */
function shownId(id: Uint8Array): string {
  return id[0] === 0 ? hexText(id) : peerText(toText(id));
}

function some(lines: readonly string[], what: string): string[] {
  if (lines.length <= MOST_SHOWN) return [...lines];
  return [...lines.slice(0, MOST_SHOWN), `… ${lines.length - MOST_SHOWN} more ${what}`];
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}
