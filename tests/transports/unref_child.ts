/**
 * Run by `unref_test.ts` as a process of its own: a listener and links, one of them paused, one closing, that are unref'd, and
 * with `ref` one of them ref'd again, by its name.
 *
 * @module
 */

import process from "node:process";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import type { Link, LinkSink } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";

const [address, ref] = process.argv.slice(2) as [string, string | undefined];
const NOTHING: LinkSink = { onData() {}, onDrain() {}, onClose() {} };

const transport = await loadTransport();
const accepted: Link[] = [];
const listener = await transport.listen(Endpoint.parse(address, "bind"), (link) => {
  link.start(NOTHING);
  link.unref!();
  accepted.push(link);
});
const [idle, paused, closing] = await Promise.all(
  [1, 2, 3].map(() => transport.connect(Endpoint.parse(listener.endpoint, "connect"))),
);
for (const link of [idle!, paused!, closing!]) link.start(NOTHING);
while (accepted.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
paused!.pause();
// A peer that is paused does not end its side.
for (const link of accepted) link.pause();
void closing!.close();

const made = { listener, idle: idle!, paused: paused!, closing: closing! };
for (const each of Object.values(made)) each.unref!();
if (ref !== undefined) made[ref as keyof typeof made].ref!();
console.log("made");
const timer = setTimeout(() => {
  console.log("still alive");
  process.exit();
}, 400) as unknown as { unref(): void };
timer.unref();
