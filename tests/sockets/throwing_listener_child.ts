/**
 * Run by `events_watchers_test.ts` as a process of its own: a listener throws at every event, which is an uncaught error of the
 * program each time, and nothing else.
 *
 * @module
 */

import process from "node:process";
import { Pull, Push, toText } from "../../mod.ts";

process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));

const pull = new Pull();
const push = new Push();
pull.events.listen((event) => {
  throw new Error(event.type);
});
const seen: string[] = [];
pull.events.listen(({ type }) => seen.push(type));
push.connect(await pull.bind("tcp://127.0.0.1:0"));
await push.send("hello");
const [text] = await pull.receive();
await push.close();
await pull.close();
console.log(`received: ${toText(text)}`);
console.log(`the other listener: ${seen.join(" ")}`);
