/**
 * Bun's own sockets.
 *
 * @module
 */

import type { RawTcp } from "./contract.ts";

interface Socket {
  write(bytes: Uint8Array): number;
  setNoDelay(on: boolean): void;
}

interface Handlers {
  open(socket: Socket): void;
  data(socket: Socket, chunk: Uint8Array): void;
}

interface BunNet {
  connect(options: { hostname: string; port: number; socket: Handlers }): Promise<Socket>;
  listen(options: { hostname: string; port: number; socket: Handlers }): { readonly port: number };
}

const { Bun } = globalThis as unknown as { readonly Bun: BunNet };
const hostname = "127.0.0.1";
const open = (socket: Socket) => socket.setNoDelay(true);

/** Bun's own sockets. */
export const bunTcp: RawTcp = {
  echo() {
    const data = (socket: Socket, chunk: Uint8Array) => {
      socket.write(chunk);
    };
    return Promise.resolve(Bun.listen({ hostname, port: 0, socket: { open, data } }).port);
  },

  pingPong(port, size, lap) {
    const message = new Uint8Array(size);
    let missing = size;
    return new Promise((resolve, reject) => {
      const data = (socket: Socket, chunk: Uint8Array) => {
        missing -= chunk.length;
        if (missing > 0) return;
        missing = size;
        if (lap()) resolve();
        else socket.write(message);
      };
      Bun.connect({ hostname, port, socket: { open, data } }).then((socket) => socket.write(message), reject);
    });
  },
};
