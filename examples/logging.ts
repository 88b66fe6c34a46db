/**
 * Collect the logs of many programs: the collector binds, the programs connect to it, and messages without a
 * subscription are not even sent. The collector changes the level at run time.
 *
 * Run: deno run -A examples/logging.ts (or: bun examples/logging.ts, npx tsx examples/logging.ts)
 *
 * Prints:
 *     ERROR shop: out of pears
 *     ERROR bank: out of money
 *     now with details
 *     ERROR shop: out of pears
 *     debug shop: who buys all these pears?
 *     messages that were sent: shop 3, bank 1
 */

import { Publisher, Subscriber, toText } from "@monocoque/zmq";

await using collector = new Subscriber();
const endpoint = await collector.bind("tcp://127.0.0.1:0");
collector.subscribe("ERROR");

class Logger {
  readonly socket = new Publisher({ linger: 1000 }); // the last messages are the most interesting ones
  readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.socket.connect(endpoint);
  }
  log(level: "ERROR" | "debug", text: string): void {
    this.socket.trySend([level, this.name, text]); // never waits: a log must not stop a program
  }
}
const [shop, bank] = [new Logger("shop"), new Logger("bank")];
for (const { socket } of [shop, bank]) await socket.waitForSubscribers(1, { topic: "ERROR" });

async function show(): Promise<void> {
  const [level, name, text] = (await collector.receive()).map(toText);
  console.log(`${level} ${name}: ${text}`);
}
shop.log("debug", "a customer came in"); // no subscription: it does not leave the program
shop.log("ERROR", "out of pears");
await show();
bank.log("ERROR", "out of money");
await show();

collector.subscribe("debug");
await shop.socket.waitForSubscribers(1, { topic: "debug" });
console.log("now with details");
shop.log("ERROR", "out of pears");
shop.log("debug", "who buys all these pears?");
await show();
await show();

const sent = [shop, bank].map(({ name, socket }) => `${name} ${socket.statistics().messagesSent}`);
console.log(`messages that were sent: ${sent.join(", ")}`);
for (const { socket } of [shop, bank]) await socket.close();
