/**
 * Node's `net`.
 *
 * @module
 */

import { type AddressInfo, connect, createServer } from "node:net";
import type { RawTcp } from "./contract.ts";

/** Node's own sockets. */
export const nodeTcp: RawTcp = {
  echo() {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on("data", (chunk) => socket.write(chunk));
    });
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
    );
  },

  pingPong(port, size, lap) {
    const message = new Uint8Array(size);
    let missing = size;
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(message));
      socket.setNoDelay(true);
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        missing -= chunk.length;
        if (missing > 0) return;
        missing = size;
        if (lap()) resolve();
        else socket.write(message);
      });
    });
  },
};
