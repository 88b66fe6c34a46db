/**
 * Checks of options that need to know of keys, endpoints, transports or peers; those of plain values are in `src/checks.ts`.
 *
 * @module
 */

import { viewOf } from "../bytes.ts";
import { bytesOf, type Check, show, text } from "../checks.ts";
import { Endpoint } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import { toBytes } from "../message.ts";
import { quotedPeerText, SHOWN_OF_NAME } from "../peer_text.ts";
import { readCurveKey } from "../security/curve_keys.ts";
import { canTransport } from "../transport.ts";
import { MAX_PROPERTIES } from "../zmtp/metadata.ts";
import { MAX_IDENTITY } from "../zmtp/session.ts";
import type { AuthenticateFunction, AuthenticateObject } from "./authentication.ts";

/** Text that is never shown, which may be empty, or null. */
export function secretOrNull(most: number): Check<string | null> {
  return (name, value) => value === null ? null : text(most)(name, value);
}

/** A CURVE key, as 40 characters of Z85 or 32 bytes, or null. */
export const curveKeyOrNull: Check<Uint8Array | null> = (name, value) =>
  value === null ? null : readCurveKey(value as string | Uint8Array, name);

/** Who decides whether peers may join, or null for nobody. */
export const authenticatorOrNull: Check<AuthenticateFunction | AuthenticateObject | null> = (name, value) => {
  if (value === null || typeof value === "function") return value as AuthenticateFunction | null;
  if (typeof (value as Partial<AuthenticateObject>)?.authenticate === "function") return value as AuthenticateObject;
  throw new TypeError(`${name} must be a function, an object with a method authenticate, or null, not ${typeof value}`);
};

/** The address of a proxy, as `host:port` or `source:port;host:port`, or null. */
export const proxyAddress: Check<string | null> = (name, value) => {
  if (value === null) return null;
  if (typeof value !== "string") throw new TypeError(`${name} must be a string or null, not ${typeof value}`);
  try {
    Endpoint.parse(`tcp://${value}`, "connect");
    return value;
  } catch {
    // Told below, by the name of the option.
  }
  // What was given is not shown: there may be a password in it.
  throw new TypeError(`${name} must be a host and a port, such as "proxy.example.com:1080"`);
};

/** A routing id, or null for none. */
export const routingId: Check<Uint8Array | null> = (name, value) => {
  if (value === null) return null;
  const bytes = bytesOf(name, value);
  if (bytes.length < 1 || bytes.length > MAX_IDENTITY) {
    throw new RangeError(`${name} must be 1 to ${MAX_IDENTITY} bytes long, not ${bytes.length}`);
  }
  if (bytes[0] === 0) {
    throw new RangeError(`${name} must not start with a zero byte: those ids are made by routers`);
  }
  return bytes;
};

/** Which peers are meant: one of the statistics, a routing id, or a function that says so. */
export function peerChoice<Peer extends object>(
  which: Peer | Uint8Array | string | ((peer: Peer) => boolean),
): Peer | Uint8Array | ((peer: Peer) => boolean) {
  if (typeof which === "function") return which;
  const id = typeof which === "string" ? toBytes(which) : viewOf(which);
  if (id === undefined) {
    if (typeof which === "object" && which !== null) return which as Peer;
    throw new TypeError(`The peer must be one of the statistics, a routing id, or a function, not ${show(which)}`);
  }
  if (id.length >= 1 && id.length <= MAX_IDENTITY) return id;
  throw new RangeError(`The routing id must be 1 to ${MAX_IDENTITY} bytes long, not ${id.length}`);
}

/** Peers of ours take handshakes of up to 64 KiB. */
const MAX_METADATA = 32_768;
/** Socket type and routing id are properties, too. */
const MAX_OWN_PROPERTIES = MAX_PROPERTIES - 2;

const PROPERTY_NAME = /^X-[\w.+-]{1,253}$/;

/** Properties to tell peers in the handshake, all of whose names start with `X-`. */
export const metadata: Check<Readonly<Record<string, string>>> = (name, value) => {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${name} must be an object, such as { "X-team": "blue" }, not ${show(value)}`);
  }
  const seen = new Set<string>();
  for (const [property, text] of Object.entries(value)) {
    if (!PROPERTY_NAME.test(property) || seen.has(property.toLowerCase())) {
      throw new RangeError(
        `${name} must have names such as "X-team", each once, not ${quotedPeerText(property, SHOWN_OF_NAME)}`,
      );
    }
    seen.add(property.toLowerCase());
    if (typeof text !== "string") throw new TypeError(`${name}.${property} must be a string, not ${typeof text}`);
  }
  if (seen.size > MAX_OWN_PROPERTIES) {
    throw new RangeError(`${name} must have at most ${MAX_OWN_PROPERTIES} properties, not ${seen.size}`);
  }
  const bytes = Object.entries(value).reduce(
    (sum, [property, text]) => sum + property.length + toBytes(text).length,
    0,
  );
  if (bytes > MAX_METADATA) throw new RangeError(`${name} must take at most ${MAX_METADATA} bytes, not ${bytes}`);
  return Object.freeze({ ...value as Record<string, string> });
};

/** Checks as another does, but takes no value other than this one: what no runtime has. */
export function unavailable<T extends number | string | null>(only: T, check: Check<T>): Check<T> {
  return (name, value) => {
    if (check(name, value) !== only) {
      throw new ZmqError("ENOTSUP", `${name} cannot be set: no runtime gives access to it; it stays ${only}`);
    }
    return only;
  };
}

/** Checks as another does, but takes no value other than this one where the tcp transport of this runtime does not honour it. */
export function whereCapable<T>(only: T, check: Check<T>): Check<T> {
  return (name, value) => {
    const checked = check(name, value);
    if (checked === only || canTransport("tcp", name)) return checked;
    throw new ZmqError("ENOTSUP", `${name} cannot be set on this runtime; it stays ${only}`);
  };
}
