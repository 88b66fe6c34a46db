/**
 * Deno's own sockets.
 *
 * @module
 */

import type { RawTcp } from "./contract.ts";

interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(on: boolean): void;
}

interface DenoNet {
  connect(options: { hostname: string; port: number }): Promise<Conn>;
  listen(
    options: { hostname: string; port: number },
  ): AsyncIterable<Conn> & { readonly addr: { readonly port: number } };
}

const { Deno } = globalThis as unknown as { readonly Deno: DenoNet };
const hostname = "127.0.0.1";
const BUFFER = 65_536;

/** Deno's own sockets. */
export const denoTcp: RawTcp = {
  echo() {
    const listener = Deno.listen({ hostname, port: 0 });
    (async () => {
      for await (const conn of listener) echoAll(conn);
    })();
    return Promise.resolve(listener.addr.port);
  },

  async pingPong(port, size, lap) {
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    const message = new Uint8Array(size);
    const buffer = new Uint8Array(BUFFER);
    do {
      await conn.write(message);
      for (let missing = size; missing > 0;) {
        const length = await conn.read(buffer);
        if (length === null) throw new Error("The peer has disconnected");
        missing -= length;
      }
    } while (!lap());
  },
};

async function echoAll(conn: Conn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(BUFFER);
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) return;
    await conn.write(buffer.subarray(0, length));
  }
}
