/**
 * The order in which `transports/routes.ts` tries addresses, and when it stops, with simulated attempts.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ATTEMPT_TIMEOUT, type Route, routesTo, tryEach } from "../../transports/shared/routes.ts";
import { test } from "../support/harness.ts";

const routes: readonly Route[] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((host) => ({ host, port: 5555 }));

/** Never ends but by its signal. */
function silence(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
}

test("routes: an address is one route, without a look-up", async () => {
  for (const host of ["127.0.0.1", "::1"]) {
    assertEquals(await routesTo(new TcpEndpoint(host, 5555)), [{ host, port: 5555 }]);
  }
});

test("routes: attempted in order, until one succeeds", async () => {
  const tried: string[] = [];
  const reached = await tryEach(routes, ({ host }) => {
    tried.push(host);
    return host === "192.0.2.2" ? Promise.resolve(host) : Promise.reject(new Error(host));
  });
  assertEquals([reached, tried], ["192.0.2.2", ["192.0.2.1", "192.0.2.2"]]);
});

test("routes: if all fail, the last one's error is reported", async () => {
  await assertRejects(() => tryEach(routes, ({ host }) => Promise.reject(new Error(host))), Error, "192.0.2.3");
});

test("routes: a silent one times out, except the last", async () => {
  const started = performance.now();
  const slow = new Promise<string>((resolve) => setTimeout(() => resolve("late"), ATTEMPT_TIMEOUT + 300));
  const reached = await tryEach(
    routes.slice(0, 2),
    ({ host }, signal) => host === "192.0.2.1" ? silence(signal) : slow,
  );
  assertEquals(reached, "late");
  assert(performance.now() - started >= ATTEMPT_TIMEOUT - 50);
});

test("routes: the caller's signal ends the attempt, and there is no other", async () => {
  for (const at of [0, 2]) {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    let tried = 0;
    const trying = tryEach(routes, (_, signal) => {
      if (tried++ < at) return Promise.reject(new Error("refused"));
      queueMicrotask(() => controller.abort(reason));
      return silence(signal);
    }, controller.signal);
    assertEquals(await trying.then(() => undefined, (error) => error), reason);
    assertEquals(tried, at + 1);
  }
});
