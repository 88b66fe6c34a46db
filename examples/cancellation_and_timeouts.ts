/**
 * Limit every wait: with an option of the socket, or with an AbortSignal. A timeout loses no message.
 *
 * Run: deno run -A examples/cancellation_and_timeouts.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     EAGAIN
 *     cancelled: The user pressed Escape
 *     tryReceive: undefined
 *     still here
 *     dropped by close: 1
 */

import { Pull, Push, toText, ZmqError } from "@monocoque/zmq";

await using pull = new Pull({ receiveTimeout: 50 });
const endpoint = await pull.bind("tcp://127.0.0.1:0");

// A timeout is an error with a code.
try {
  await pull.receive();
} catch (error) {
  if (!(error instanceof ZmqError)) throw error;
  console.log(error.code); // the message says whether a peer is connected
}

// An AbortSignal cancels one wait; the socket stays usable.
await using patient = new Pull();
const controller = new AbortController();
const waiting = patient.receive({ signal: controller.signal });
controller.abort(new Error("The user pressed Escape"));
await waiting.catch((error: Error) => console.log(`cancelled: ${error.message}`));

// Without waiting at all.
console.log(`tryReceive: ${pull.tryReceive()}`);

pull.receiveTimeout = -1; // options can be changed, and apply to the next wait
await using push = new Push();
push.connect(endpoint);
await push.send("still here");
const [text] = await pull.receive({ signal: AbortSignal.timeout(5000) });
console.log(toText(text));

// close() returns the number of dropped messages.
const hopeless = new Push();
hopeless.connect("tcp://127.0.0.1:9");
await hopeless.send("nothing listens there");
console.log(`dropped by close: ${await hopeless.close({ linger: 100 })}`);
