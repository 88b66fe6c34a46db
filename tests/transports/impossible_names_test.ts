/**
 * Host names that no host can have: one code on every runtime, `ENODEV` for binding and `ENOTFOUND` for connecting.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { ZmqError } from "../../src/base/errors.ts";
import { Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { loadTransport } from "../../transports/mod.ts";
import { test } from "../support/harness.ts";

const label = (length: number) => "a".repeat(length);
const NAMES: readonly string[] = [
  label(60_000),
  label(64),
  label(1025),
  Array(21).fill(label(49)).join("."),
  Array(6).fill(label(49)).join("."),
  ...["a..b", ".a", "..", "-a", "a!b", "a%b", "a%", "**", "a,b", "a@b", "a\\b", "a\0b", "localhost\0", "a\u001bb"],
  "ä".repeat(60),
  "ä".repeat(126),
  "ä".repeat(300),
  String.fromCharCode(...Array.from({ length: 84 }, (_, i) => 0x4e00 + i * 37)),
  ...["no-such-host.invalid", "no-such-host.invalid."],
];

async function codesOf(host: string): Promise<string[]> {
  const transport = await loadTransport();
  const endpoint = new TcpEndpoint(host, 1);
  const bound = await assertRejects(() => transport.listen(new TcpEndpoint(host, 0), () => {}), ZmqError) as ZmqError;
  const connected = await assertRejects(() => transport.connect(endpoint), ZmqError) as ZmqError;
  for (const { message } of [bound, connected]) assert(message.length < 1000, message.slice(0, 100));
  return [bound.code, connected.code];
}

for (const name of NAMES) {
  const shown = name.length > 30 ? `${name.slice(0, 8)}… of ${name.length}` : JSON.stringify(name);
  test(`impossible names: ${shown}`, async () => {
    assertEquals(await codesOf(name), ["ENODEV", "ENOTFOUND"]);
  });
}

test("property: impossible names that an endpoint can have", async () => {
  const part = fc.string({ unit: fc.constantFrom(..."ab!_~^&|{}'\"<>()%\\ö…\u0301"), minLength: 1, maxLength: 8 });
  const names = fc.array(part, { minLength: 2, maxLength: 40 }).map((parts) => `${parts.join("..")}.invalid`);
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      assert(Endpoint.parse(`tcp://${name}:1`) instanceof TcpEndpoint);
      assertEquals(await codesOf(name), ["ENODEV", "ENOTFOUND"], JSON.stringify(name));
    }),
    { numRuns: 50 },
  );
}, { timeout: 30_000 });
