/**
 * Shared look-ups of host names, with a resolver that the test controls.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { KEPT, LookUps } from "../../transports/shared/look_ups.ts";
import { turn } from "../sockets/support.ts";
import { test } from "../support/harness.ts";

/** A resolver that notes what it is asked. */
class Resolver {
  readonly asked: string[] = [];
  now = 0;
  readonly #open = new Map<string, { resolve(addresses: string[]): void; reject(error: Error): void }>();
  readonly lookUps: LookUps;

  constructor(atOnce: number) {
    this.lookUps = new LookUps(
      (host) => {
        this.asked.push(host);
        return new Promise((resolve, reject) => this.#open.set(host, { resolve, reject }));
      },
      () => atOnce,
      () => this.now,
    );
  }

  async answer(host: string, ...addresses: string[]): Promise<void> {
    this.#open.get(host)!.resolve(addresses);
    await turn();
  }

  async fail(host: string): Promise<void> {
    this.#open.get(host)!.reject(new Error(`no ${host}`));
    await turn();
  }
}

/** Attempts that are aborted, one after the other. */
async function attempts(resolver: Resolver, host: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const over = new AbortController();
    const attempt = resolver.lookUps.of(host, over.signal);
    await turn();
    over.abort(new Error("given up"));
    await assertRejects(() => attempt, Error, "given up");
  }
}

test("look-ups: a name is looked up once at a time, however many ask, and anew for the next", async () => {
  const resolver = new Resolver(2);
  const all = Promise.all(Array.from({ length: 100 }, () => resolver.lookUps.of("a")));
  await turn();
  assertEquals(resolver.asked, ["a"]);
  await resolver.answer("a", "192.0.2.1");
  assertEquals(new Set((await all).flat()), new Set(["192.0.2.1"]));
  const again = resolver.lookUps.of("a");
  await turn();
  assertEquals(resolver.asked, ["a", "a"]);
  await resolver.answer("a", "192.0.2.2");
  assertEquals(await again, ["192.0.2.2"]);
});

test("look-ups: canceled and repeated attempts wait for the one in progress", async () => {
  const resolver = new Resolver(2);
  await attempts(resolver, "a", 50);
  assertEquals(resolver.asked, ["a"]);
  const last = resolver.lookUps.of("a");
  await resolver.answer("a", "192.0.2.1");
  assertEquals([await last, resolver.asked], [["192.0.2.1"], ["a"]]);
});

test("look-ups: an answer without a waiting attempt goes to the next one, once and for a short time", async () => {
  const resolver = new Resolver(2);
  await attempts(resolver, "a", 1);
  await resolver.answer("a", "192.0.2.1");
  assertEquals([await resolver.lookUps.of("a"), resolver.asked], [["192.0.2.1"], ["a"]]);
  await attempts(resolver, "a", 1);
  assertEquals(resolver.asked, ["a", "a"]);
  await resolver.answer("a", "192.0.2.2");
  resolver.now += KEPT + 1;
  await attempts(resolver, "a", 1);
  assertEquals(resolver.asked, ["a", "a", "a"]);
});

test("look-ups: a few at a time, in the order of the requests; canceled ones leave the queue", async () => {
  const resolver = new Resolver(2);
  const names = ["a", "b", "c", "d", "e"];
  const over = new AbortController();
  const answers = names.map((host) => resolver.lookUps.of(host, host === "c" ? over.signal : undefined));
  await turn();
  assertEquals(resolver.asked, ["a", "b"]);
  over.abort(new Error("given up"));
  await assertRejects(() => answers[2]!, Error, "given up");
  await resolver.answer("b", "192.0.2.1");
  assertEquals(resolver.asked, ["a", "b", "d"]);
  const failed = assertRejects(() => answers[0]!, Error, "no a");
  await resolver.fail("a");
  await failed;
  assertEquals(resolver.asked, ["a", "b", "d", "e"]);
});

test("look-ups: names of this machine do not wait behind others", async () => {
  const resolver = new Resolver(1);
  const hung = resolver.lookUps.of("a").catch(() => {});
  const waits = resolver.lookUps.of("b").catch(() => {});
  await turn();
  const local = ["localhost", "db.localhost", "LOCALHOST."];
  const answers = Promise.all(local.map((host) => resolver.lookUps.of(host)));
  await turn();
  assertEquals(resolver.asked, ["a", ...local]);
  for (const host of local) await resolver.answer(host, "127.0.0.1");
  await answers;
  await resolver.fail("a");
  await resolver.fail("b");
  await Promise.all([hung, waits]);
});

test("look-ups: a failure is reported to all waiting attempts, and to no other", async () => {
  const resolver = new Resolver(2);
  const both = [resolver.lookUps.of("a"), resolver.lookUps.of("a")].map((one) =>
    assertRejects(() => one, Error, "no a")
  );
  await turn();
  await resolver.fail("a");
  await Promise.all(both);
  await attempts(resolver, "a", 1);
  // Without a waiting attempt it does not become an unhandled rejection.
  await resolver.fail("a");
  const next = resolver.lookUps.of("a");
  await turn();
  assertEquals(resolver.asked, ["a", "a", "a"]);
  await resolver.answer("a", "192.0.2.1");
  assertEquals(await next, ["192.0.2.1"]);
});
