/**
 * Sockets with PLAIN or CURVE, ours and those of real peers: matching options, and the clients that a peer's ZAP
 * handler accepts.
 *
 * @module
 */

import { Authenticator } from "../../mod.ts";
import { bytesOf, CLIENT, SERVER } from "../security/keys.ts";
import type { Admission } from "../support/peers/admission.ts";
import type { Peer } from "../support/peers/controller.ts";
import type { EndOptions, EndType, OptionValue } from "../support/peers/end.ts";
import type { OtherSide } from "./other_side.ts";

/** A mechanism that authenticates the peer. */
export type MechanismName = "PLAIN" | "CURVE";

/** Both of them. */
export const MECHANISMS: readonly MechanismName[] = ["PLAIN", "CURVE"];

/** Options of a client that is accepted, as text, so that they can be passed to any peer. */
export const CLIENT_OPTIONS = {
  PLAIN: { plainUsername: "admin", plainPassword: "secret" },
  CURVE: { curveServerKey: SERVER.publicKey, curvePublicKey: CLIENT.publicKey, curveSecretKey: CLIENT.secretKey },
} as const satisfies Readonly<Record<MechanismName, Readonly<Record<string, OptionValue>>>>;

/** Options of a server. Its process decides which clients it accepts. */
export const SERVER_OPTIONS = {
  PLAIN: { plainServer: true, zapDomain: "test" },
  CURVE: { curveServer: true, curveSecretKey: SERVER.secretKey, zapDomain: "test" },
} as const satisfies Readonly<Record<MechanismName, Readonly<Record<string, OptionValue>>>>;

/** The one client that is accepted, for the ZAP handler of a peer. */
export const ADMISSION: Admission = { users: { admin: "secret" }, keys: [bytesOf(CLIENT).publicKey] };

/** The same for a server of ours in this process. */
export const AUTHENTICATE: { readonly authenticate: Authenticator } = {
  authenticate: new Authenticator().addUser("admin", "secret").allowKey(CLIENT.publicKey),
};

/** A peer that lets the one client in, as soon as it has a socket. */
export function admitting(peer: Peer): OtherSide {
  let admitted: Promise<void> | undefined;
  return {
    kind: peer.kind,
    open: async (type: EndType, options: EndOptions) => {
      await (admitted ??= peer.admit(ADMISSION));
      return await peer.open(type, options);
    },
  };
}
