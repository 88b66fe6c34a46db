/**
 * Records handshakes and traffic between our mechanisms, with keys that are known and nothing left to chance on our side, and
 * the real libzmq (npm's `zeromq`). Not a test; it writes the module that the tests play again:
 *
 *     npx tsx tests/support/capture_security_vectors.ts && npx deno fmt tests/security/recorded.ts
 *
 * The bytes of libzmq differ in each run, because each connection has its own keys.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { toText } from "../../src/base/message.ts";
import { bytesOf, CLIENT, SERVER } from "../security/keys.ts";
import { type Recording, RECORDINGS, type Scene } from "../security/scenes.ts";
import { toHex } from "./hex.ts";
import { Peer, type PeerEnd } from "./peers/controller.ts";
import { SessionPeer } from "./session_peer.ts";

const ANY = "tcp://127.0.0.1:*";

function libzmqOptions({ mechanism, asServer }: Scene): Record<string, string | boolean> {
  if (mechanism === "PLAIN") {
    return asServer ? { plainUsername: "admin", plainPassword: "secret" } : { plainServer: true, zapDomain: "test" };
  }
  if (!asServer) return { curveServer: true, curveSecretKey: SERVER.secretKey };
  return { curveServerKey: SERVER.publicKey, curvePublicKey: CLIENT.publicKey, curveSecretKey: CLIENT.secretKey };
}

async function meet(scene: Scene, theirs: PeerEnd): Promise<SessionPeer> {
  const mechanism = scene.ours(bytesOf(SERVER), bytesOf(CLIENT));
  if (!scene.asServer) return await SessionPeer.connect(await theirs.bind(ANY), scene.ourType, mechanism);
  return await SessionPeer.accept(scene.ourType, mechanism, (endpoint) => theirs.connect(endpoint));
}

async function record(libzmq: Peer, scene: Scene): Promise<Recording> {
  await using zap = await libzmq.open("REP");
  if (!scene.asServer) await zap.bind("inproc://zeromq.zap.01");
  await using theirs = await libzmq.open(scene.theirType, libzmqOptions(scene));
  if (scene.theirType === "SUB") await theirs.subscribe("weather.");
  const meeting = meet(scene, theirs);
  if (!scene.asServer) {
    await meeting;
    const [, id] = await zap.receive();
    await zap.send(["1.0", toText(id!), scene.refused ? "400" : "200", "", "", ""]);
  }
  await using ours = await meeting;
  if (scene.refused) await ours.gone;
  else {
    await ours.ready;
    if (scene.theirType === "SUB") await ours.receive();
    const handshake = ours.sent.length;
    for (const message of scene.messages) ours.write(message);
    if (scene.theirType !== "SUB") ours.ping();
    for (const message of scene.messages) assertEquals(await theirs.receive(), message);
    if (scene.theirType !== "SUB") {
      for (const message of scene.messages) {
        await theirs.send(message);
        await ours.receive();
      }
    }
    return {
      ours: hexOf(ours.sent.slice(0, handshake)),
      traffic: hexOf(ours.sent.slice(handshake)),
      theirs: hexOf(ours.received),
    };
  }
  return { ours: hexOf(ours.sent), traffic: "", theirs: hexOf(ours.received) };
}

function hexOf(chunks: readonly Uint8Array[]): string {
  return toHex(concat([...chunks]));
}

function lines(hex: string): string {
  const parts = hex.match(/.{1,100}/g) ?? [""];
  return parts.map((part) => `"${part}"`).join(" +\n");
}

const HEADER = `/**
 * The words of libzmq and of our mechanisms to each other, as \`tests/support/capture_security_vectors.ts\` recorded it. Do not
 * edit: record again.
 *
 * @module
 */

import type { Recording } from "./scenes.ts";

/** By the name of the scene. */
export const RECORDED: Readonly<Record<string, Recording>> = {
`;

async function main(): Promise<void> {
  await using libzmq = new Peer("libzmq");
  let out = HEADER;
  for (const [name, scene] of Object.entries(RECORDINGS)) {
    const { ours, traffic, theirs } = await record(libzmq, scene);
    out += `${JSON.stringify(name)}: {\nours: ${lines(ours)},\ntraffic: ${lines(traffic)},\ntheirs: ${
      lines(theirs)
    },\n},\n`;
    console.log(name, ours.length / 2, traffic.length / 2, theirs.length / 2);
  }
  writeFileSync(fileURLToPath(new URL("../security/recorded.ts", import.meta.url)), `${out}};\n`);
}

// A peer process alone does not keep this one alive.
const deadline = setTimeout(() => {
  console.error("libzmq did not answer within 20 seconds");
  process.exit(1);
}, 20_000);
await main();
clearTimeout(deadline);
