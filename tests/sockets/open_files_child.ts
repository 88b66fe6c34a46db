/**
 * Run by `open_files_test.ts` with few open files allowed: uses them all up, prints the errors of bind and connect,
 * before the transport is loaded and later, and with the endpoints in its arguments; then releases them, and prints
 * that both work again.
 *
 * @module
 */

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { EndpointError, Pull, Push, type SocketEvent, toText, ZmqError } from "../../mod.ts";

const held: number[] = [];

/** Opens files until there are no more. */
function useUp(): void {
  for (;;) {
    try {
      held.push(openSync("/dev/null", "r"));
    } catch {
      return;
    }
  }
}

function giveBack(): void {
  for (const file of held.splice(0)) closeSync(file);
}

function name(error: unknown): string {
  const known = error instanceof ZmqError || error instanceof EndpointError;
  return known ? `${error.name} ${error.code} ${error.endpoint}` : `not one of ours: ${error}`;
}

function next(socket: Push, type: SocketEvent["type"]): Promise<SocketEvent> {
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event);
    });
  });
}

const ANY = "tcp://127.0.0.1:0";
const [when, ...others] = process.argv.slice(2);
const pull = new Pull();
if (when === "later") await pull.unbind(await pull.bind(ANY));
useUp();
console.log(name(await pull.bind(ANY).catch((error) => error)));
const push = new Push({ reconnectInterval: 20, reconnectStop: ["refused", "handshakeFailed"] });
const retried = next(push, "connect:retry");
push.connect("tcp://127.0.0.1:9");
const event = await retried;
console.log(name("error" in event ? event.error : undefined));
push.disconnect("tcp://127.0.0.1:9");
for (const other of others) console.log(name(await pull.bind(other).catch((error) => error)));
for (const options of [{}, { connectTimeout: 5000 }, { socksProxy: "localhost:9" }]) {
  if (others.length === 0) break;
  const to = new Push({ reconnectInterval: 20, linger: 0, ...options });
  const failed = next(to, "connect:retry");
  to.connect("tcp://localhost:9");
  const event = await failed;
  console.log(name("error" in event ? event.error : undefined));
  await to.close();
}
giveBack();
const endpoint = await pull.bind(ANY);
useUp();
const again = next(push, "connect:retry");
push.connect(endpoint);
await again;
giveBack();
await push.send("goes on");
console.log(toText((await pull.receive())[0]));
await push.close();
await pull.close();
