/**
 * A mechanism of which the cryptography is still to be loaded.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import type { CurveCrypto } from "../../src/security/curve_crypto.ts";
import { LoadingMechanism } from "../../src/security/loading_mechanism.ts";
import type { Mechanism, MechanismHost } from "../../src/zmtp/mechanism.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { test } from "../support/harness.ts";

/** A mechanism, its port, and the mechanism that it loads, which all record their calls. */
function rig() {
  const told: string[] = [];
  let loaded!: (crypto: CurveCrypto) => void;
  let failed!: (error: unknown) => void;
  const loading = new Promise<CurveCrypto>((resolve, reject) => [loaded, failed] = [resolve, reject]);
  const port: MechanismHost = {
    send: () => told.push("send"),
    complete: () => told.push("complete"),
    fail: (error) => told.push(`fail: ${error.message}`),
    flush: () => told.push("flush"),
  };
  const made: Mechanism = {
    name: "CURVE",
    asServer: true,
    start: () => told.push("start"),
    receive: ([byte]) => told.push(`receive ${byte}`),
    end: () => told.push("end"),
  };
  const secret = new Uint8Array(32).fill(1);
  const mechanism = new LoadingMechanism("CURVE", true, secret, () => made, () => loading);
  const settled = async (settle: () => void) => {
    settle();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return {
    told,
    port,
    secret,
    mechanism,
    load: () => settled(() => loaded({} as CurveCrypto)),
    miss: () => settled(() => failed(new ZmqError("ENOTSUP", "not there"))),
  };
}

test("loading: name and side are known immediately, and the one early command waits", async () => {
  const { told, port, mechanism, load } = rig();
  assertEquals([mechanism.name, mechanism.asServer, mechanism.cipher], ["CURVE", true, undefined]);
  // Keys are agreed on for each command: the budget for reading is to know that beforehand.
  assertEquals(mechanism.commandCost, 4096);
  mechanism.start(port);
  mechanism.receive(new Uint8Array([1]), port);
  assertEquals(told, []);
  await load();
  assertEquals(told, ["start", "receive 1", "flush"]);
  mechanism.receive(new Uint8Array([2]), port);
  mechanism.end();
  assertEquals(told.slice(3), ["receive 2", "end"]);
});

test("loading: a peer that sends more before the answer violates the protocol", () => {
  const { port, mechanism } = rig();
  mechanism.start(port);
  mechanism.receive(new Uint8Array([1]), port);
  assertThrows(() => mechanism.receive(new Uint8Array([2]), port), ProtocolError, "before the first was answered");
});

test("loading: a missing package fails the handshake, with its own error", async () => {
  const { told, port, mechanism, miss } = rig();
  mechanism.start(port);
  await miss();
  assertEquals(told, ["fail: not there", "flush"]);
});

test("loading: a connection that ends meanwhile makes nothing, sends nothing, and its copy of the key is wiped", async () => {
  const { told, port, mechanism, secret, load } = rig();
  mechanism.start(port);
  mechanism.receive(new Uint8Array([1]), port);
  mechanism.end();
  assertEquals(secret, new Uint8Array(32));
  await load();
  assertEquals(told, ["flush"]);
});
