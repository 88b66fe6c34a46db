/**
 * Hundreds of simultaneous incoming connections: the socket accepts a few per event loop turn, however many the runtime
 * accepts at a time, all of them in the end, and releases waiting ones when it is closed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Pull } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { ANY, turn, until } from "../sockets/support.ts";

/** As many as every runtime queues while none is accepted. */
const FLOOD = 300;
/** 16 per turn; what is counted here begins anywhere in one. */
const AT_A_TIME = 40;

/** A script for Node that opens all connections, and ends on command, or when all connections are closed. */
function script(endpoint: string, stay: boolean): string {
  const to = endpoint.startsWith("ipc") ? JSON.stringify({ path: endpoint.slice("ipc://".length) }) : JSON.stringify({
    host: new URL(endpoint.replace("tcp:", "http:")).hostname,
    port: Number(endpoint.split(":").at(-1)),
  });
  return `const net = require("node:net"); let connecting = ${FLOOD}, open = ${FLOOD};
    for (let i = 0; i < ${FLOOD}; i++) {
      const socket = net.connect(${to}, () => { if (--connecting === 0 && ${!stay}) process.exit(0); });
      socket.on("error", () => {}).on("close", () => { if (--open === 0) process.exit(0); }).resume();
    }`;
}

for (const where of [ANY, "ipc://*"]) {
  const scheme = where.split(":")[0];
  test(
    `${scheme}: a few of ${FLOOD} waiting connections are accepted per turn, and all of them in the end`,
    async () => {
      await using pull = new Pull();
      let [taken, sinceTurn, most] = [0, 0, 0];
      pull.events.listen(({ type }) => {
        if (type !== "accept") return;
        taken++;
        most = Math.max(most, ++sinceTurn);
      });
      const endpoint = await pull.bind(where);
      // This process accepts no connection while it waits for the other one.
      assertEquals(spawnSync("node", ["-e", script(endpoint, false)]).status, 0);
      while (taken < FLOOD / 2) {
        await turn();
        sinceTurn = 0;
      }
      assert(most <= AT_A_TIME, `${most} of ${taken} connections were taken in one turn`);
    },
    { timeout: 30_000 },
  );

  test(
    `${scheme}: a socket that is closed, or its endpoint unbound, closes those that wait for their turn`,
    async () => {
      for (const end of ["close", "unbind"] as const) {
        await using pull = new Pull({ linger: 0 });
        const endpoint = await pull.bind(where);
        const first = new Promise<void>((resolve) => {
          pull.events.listen(({ type }) => type === "accept" && resolve());
        });
        const crowd = spawn("node", ["-e", script(endpoint, true)], { stdio: "ignore" });
        const exited = once(crowd, "exit");
        await first;
        await (end === "close" ? pull.close() : pull.unbind(endpoint));
        // It ends when all of its connections have ended, including those that were not accepted yet.
        assertEquals(await exited, [0, null]);
        await until(() => pull.statistics().peers.length === 0);
      }
    },
    { timeout: 30_000 },
  );
}
