/**
 * A flood of connections: the event loop has its turns between accepts, however many wait to be accepted.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { Endpoint } from "../../src/schemes/endpoint.ts";
import { loadTransport } from "../../transports/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { turn, until } from "../sockets/support.ts";

const FLOOD = 300;
/** Most accepts between two turns. Node makes one per turn; on Deno some are budgeted. */
const AT_A_TIME = 40;

const skip = runtime === "bun"
  ? "Bun accepts all that wait, at most the 512 of its queue, in one go, and a listener cannot be paused"
  : undefined;

for (const where of ["tcp://127.0.0.1:0", "ipc://*"]) {
  test(`${where.split(":")[0]}: connections that wait are accepted in several turns of the event loop`, async () => {
    const transport = await loadTransport();
    let [accepted, sinceTurn, most] = [0, 0, 0];
    const listener = await transport.listen(Endpoint.parse(where, "bind"), (link) => {
      accepted++;
      most = Math.max(most, ++sinceTurn);
      link.abort();
    }, { backlog: 1024 });
    try {
      const { endpoint } = listener;
      const to = endpoint.startsWith("ipc")
        ? JSON.stringify({ path: endpoint.slice("ipc://".length) })
        : JSON.stringify({ host: "127.0.0.1", port: Number(endpoint.split(":").at(-1)) });
      // This process accepts no connection while it waits for the other one.
      const script = `const net = require("node:net"); let left = ${FLOOD}; const all = [];
        for (let i = 0; i < ${FLOOD}; i++) {
          const done = () => { if (--left === 0) { for (const each of all) each.destroy(); process.exit(0); } };
          const socket = net.connect(${to}, done); socket.on("error", done); all.push(socket);
        }`;
      assertEquals(spawnSync("node", ["-e", script]).status, 0);
      let over = false;
      const turns = (async () => {
        while (!over) {
          await turn();
          sinceTurn = 0;
        }
      })();
      let quiet = 0;
      let before = -1;
      await until(() => {
        quiet = accepted === before ? quiet + 1 : 0;
        before = accepted;
        return accepted > 100 && quiet > 200;
      });
      over = true;
      await turns;
      assert(most <= AT_A_TIME, `${most} of ${accepted} connections were accepted in one turn`);
    } finally {
      await listener.close();
    }
  }, { skip });
}
