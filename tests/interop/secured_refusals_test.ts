/**
 * The events of both peers when one has the wrong keys, the wrong password or another mechanism, with this library and
 * libzmq as server and as client: each reports its event, and no message of that peer is received.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EventType } from "../support/peers/end.ts";
import { OurEnd, type OurOptions } from "../support/peers/our_end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { texts } from "./frames.ts";
import { admitting, AUTHENTICATE, CLIENT_OPTIONS, type MechanismName, SERVER_OPTIONS } from "./secured.ts";

/** Keys that no server knows. */
const STRANGER = {
  curvePublicKey: "Q7ff7H[s%ywx5vK9PXWBorykg+W-q^Vho]JkYdXY",
  curveSecretKey: "F1(RwkOP{Up>Kn/Pn#>THv){*7Y&]N!T@T(1K^OV",
};

interface Refusal {
  readonly name: string;
  readonly server: MechanismName | undefined;
  readonly client: EndOptions;
  /** The events of the server and of the client. */
  readonly told: readonly [server: EventType, client: EventType];
}

const AUTH = ["handshake:error:auth", "handshake:error:auth"] as const;

/** In every order: mechanism_mismatch_test.ts. */
const MISMATCH = ["handshake:error:protocol", "handshake:error:protocol"] as const;

const REFUSALS: readonly Refusal[] = [
  {
    name: "the wrong password",
    server: "PLAIN",
    client: { ...CLIENT_OPTIONS.PLAIN, plainPassword: "guess" },
    told: AUTH,
  },
  {
    name: "an unknown user name",
    server: "PLAIN",
    client: { ...CLIENT_OPTIONS.PLAIN, plainUsername: "nobody" },
    told: AUTH,
  },
  {
    name: "a key that the server does not know",
    server: "CURVE",
    client: { ...CLIENT_OPTIONS.CURVE, ...STRANGER },
    told: AUTH,
  },
  {
    name: "another server's key",
    server: "CURVE",
    client: { ...CLIENT_OPTIONS.CURVE, curveServerKey: STRANGER.curvePublicKey },
    // The client cannot know why it is left.
    told: ["handshake:error:protocol", "handshake:error:other"],
  },
  { name: "NULL at a PLAIN server", server: "PLAIN", client: {}, told: MISMATCH },
  { name: "NULL at a CURVE server", server: "CURVE", client: {}, told: MISMATCH },
  { name: "PLAIN at a CURVE server", server: "CURVE", client: CLIENT_OPTIONS.PLAIN, told: MISMATCH },
  { name: "CURVE at a PLAIN server", server: "PLAIN", client: CLIENT_OPTIONS.CURVE, told: MISMATCH },
  { name: "CURVE at a NULL server", server: undefined, client: CLIENT_OPTIONS.CURVE, told: MISMATCH },
  { name: "PLAIN at a NULL server", server: undefined, client: CLIENT_OPTIONS.PLAIN, told: MISMATCH },
];

/** Opens a socket. */
type Open = (type: "PUSH" | "PULL", options: EndOptions) => Promise<End & AsyncDisposable>;

const openOurs: Open = (type, options) => {
  const isServer = options.plainServer === true || options.curveServer === true;
  const ours: OurOptions = { ...options, ...isServer && AUTHENTICATE };
  return Promise.resolve(new OurEnd(type, ours));
};

async function refuse({ server, client, told }: Refusal, openServer: Open, openClient: Open): Promise<void> {
  await using pull = await openServer("PULL", server === undefined ? {} : SERVER_OPTIONS[server]);
  // After a protocol error libzmq does not reconnect, and accepts no further message.
  await using push = await openClient("PUSH", { ...client, reconnectInterval: 50, sendTimeout: 0 });
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  await push.connect(endpoint);
  await push.send(["not to be read"]).catch((error) => assertEquals(error.code, "EAGAIN"));
  await Promise.all([pull.seen(told[0], 1), push.seen(told[1], 1)]);

  await using good = await openClient("PUSH", server === undefined ? {} : CLIENT_OPTIONS[server]);
  await good.connect(endpoint);
  await good.send(["welcome"]);
  assertEquals(texts(await pull.receive()), ["welcome"]);
}

const { missing } = pythonZmq();
const PEERS = missing === undefined ? ["libzmq", "python"] as const : ["libzmq"] as const;

for (const kind of PEERS) {
  const peer = admitting(new Peer(kind));
  const openTheirs: Open = (type, options) => peer.open(type, options);
  for (const refusal of REFUSALS) {
    test(`${refusal.name}: ours is the server of ${kind}`, () => refuse(refusal, openOurs, openTheirs));
    test(`${refusal.name}: ours is the client of ${kind}`, () => refuse(refusal, openTheirs, openOurs));
  }
}
if (missing !== undefined) test("refusals, with python3-zmq", () => {}, { skip: missing });
