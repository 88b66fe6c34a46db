/**
 * Run an expensive feed only while it has subscribers: an XPublisher receives their subscriptions.
 *
 * Run: deno run -A examples/on_demand.ts (or: bun examples/on_demand.ts, npx tsx examples/on_demand.ts)
 *
 * Prints:
 *     camera north is switched on
 *     first viewer sees north, picture 0
 *     second viewer sees north, picture …
 *     camera south is switched on
 *     second viewer sees south, picture 0
 *     camera south is switched off
 *     camera north is switched off
 */

import { Subscriber, type Subscription, toText, XPublisher } from "@monocoque/zmq";

await using cameras = new XPublisher();
const endpoint = await cameras.bind("tcp://127.0.0.1:0");

const running = new Map<string, ReturnType<typeof setInterval>>();
function onSubscription({ type, topic }: Subscription): void {
  const camera = toText(topic);
  console.log(`camera ${camera} is switched ${type === "subscribe" ? "on" : "off"}`);
  if (type === "cancel") {
    clearInterval(running.get(camera));
    running.delete(camera);
  } else {
    let picture = 0;
    const shoot = () => cameras.trySend([camera, picture++]);
    shoot();
    running.set(camera, setInterval(shoot, 10));
  }
}
const switching = (async () => {
  // XPublisher reports the first subscription of each topic, and its last cancel.
  for await (const subscription of cameras.subscriptions()) {
    onSubscription(subscription);
    if (running.size === 0) break;
  }
})();

async function see(name: string, viewer: Subscriber, camera: string): Promise<void> {
  for await (const [from, picture] of viewer) {
    if (toText(from) !== camera) continue;
    console.log(`${name} viewer sees ${camera}, picture ${toText(picture!)}`);
    return;
  }
}
await using first = new Subscriber();
first.connect(endpoint);
first.subscribe("north");
await see("first", first, "north");

const second = new Subscriber();
second.connect(endpoint);
second.subscribe("north");
await see("second", second, "north");
second.subscribe("south");
await see("second", second, "south");

const left = new Promise<void>((resolve) => {
  cameras.events.listen((event) => event.type === "disconnect" && resolve());
});
await second.close(); // the first still looks at north
await left;
first.unsubscribe("north");
await switching;
