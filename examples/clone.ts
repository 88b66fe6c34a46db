/**
 * Share state: any number of clients hold a copy of one table. A late joiner gets a snapshot first, then all later
 * changes in order; clients send changes to the server, which numbers and publishes them.
 *
 * Run: deno run -A examples/clone.ts (or: bun examples/clone.ts, npx tsx examples/clone.ts)
 *
 * Prints:
 *     ada has: (nothing)
 *     ada has: tea=2, milk=1
 *     bob begins with a snapshot: tea=2, milk=1
 *     bob has: tea=3, rum=4
 *     ada has: tea=3, rum=4
 */

import { Dealer, Pull, Push, Router, Subscriber, toText, XPublisher, ZmqError } from "@monocoque/zmq";

/** A change is three frames: key, value (empty: the key was removed) and the change's number. */
class Table {
  readonly values = new Map<string, string>();
  /** The number of the last change that is in it. */
  sequence = 0;

  apply(key: string, value: string, sequence: number): void {
    this.sequence = sequence;
    if (value === "") this.values.delete(key);
    else this.values.set(key, value);
  }
}

class Server {
  readonly #snapshots = new Router({ mandatory: true }); // waits for a slow client, instead of dropping entries
  readonly #changes = new XPublisher({ verbosity: "allSubs" }); // reports every subscription
  readonly #puts = new Pull();
  readonly #sockets = [this.#snapshots, this.#changes, this.#puts];
  readonly #table = new Table();
  readonly #beat = setInterval(() => this.#tellNumber(), 100);
  readonly #running = [this.#collect(), this.#sendSnapshots(), this.#welcome()];

  bind(): Promise<string[]> {
    return Promise.all(this.#sockets.map((socket) => socket.bind("tcp://127.0.0.1:0")));
  }

  async #collect(): Promise<void> {
    for await (const [key, value] of this.#puts) {
      this.#table.apply(toText(key), toText(value!), this.#table.sequence + 1);
      await this.#changes.send([key, value!, this.#table.sequence]);
    }
  }

  /** Sends all entries to each client that requests them, then the number of the last change among them. */
  async #sendSnapshots(): Promise<void> {
    for await (const [client] of this.#snapshots) {
      const entries = [...this.#table.values, [this.#table.sequence]];
      void this.#snapshots.sendMany(entries.map((entry) => [client, ...entry])).catch((error) => {
        if (!(error instanceof ZmqError)) throw error; // otherwise the client disconnected, or the server is closed
      });
    }
  }

  /** Greets each new subscriber: from then on it knows that it gets all changes. */
  async #welcome(): Promise<void> {
    for await (const { type } of this.#changes.subscriptions()) if (type === "subscribe") this.#tellNumber();
  }

  /** Also called at intervals: a client that missed the last change detects that by the number. */
  #tellNumber(): void {
    if (!this.#changes.closed) this.#changes.trySend(["", "", this.#table.sequence]);
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    await Promise.all(this.#sockets.map((socket) => socket.close()));
    await Promise.all(this.#running);
  }
}

class Client {
  readonly #changes = new Subscriber();
  readonly #puts = new Push();
  readonly #table = new Table();
  #snapshots = "";

  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async join([snapshots, changes, puts]: string[]): Promise<void> {
    this.#puts.connect(puts!);
    this.#changes.subscribe();
    this.#changes.connect(changes!);
    await this.#changes.receive(); // the welcome: changes during the snapshot wait in the queue
    this.#snapshots = snapshots!;
    await this.#takeSnapshot();
  }

  async #takeSnapshot(): Promise<void> {
    this.#table.values.clear();
    await using snapshot = new Dealer();
    snapshot.connect(this.#snapshots);
    await snapshot.send("snapshot?");
    for await (const frames of snapshot) {
      const [key, value] = frames.map(toText);
      if (value !== undefined) this.#table.apply(key!, value, 0);
      else this.#table.sequence = Number(key);
      if (value === undefined) break;
    }
  }

  async put(key: string, value: string): Promise<void> {
    await this.#puts.send([key, value]);
  }

  /** Takes changes until it has the one with this number. */
  async until(sequence: number): Promise<void> {
    while (this.#table.sequence < sequence) {
      const [key, value, number] = (await this.#changes.receive()).map(toText);
      const next = this.#table.sequence + 1;
      if (Number(number) < next) continue; // it is in the snapshot, or nothing new
      if (Number(number) === next && key !== "") this.#table.apply(key!, value!, next);
      else await this.#takeSnapshot(); // changes were dropped: this client was too slow
    }
  }

  show(what = "has"): void {
    const entries = Array.from(this.#table.values, ([key, value]) => `${key}=${value}`);
    console.log(`${this.#name} ${what}: ${entries.join(", ") || "(nothing)"}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#changes.close(), this.#puts.close()]);
  }
}

const server = new Server();
const endpoints = await server.bind();
const [ada, bob] = [new Client("ada"), new Client("bob")];

await ada.join(endpoints);
ada.show();
await ada.put("tea", "2");
await ada.put("milk", "1");
await ada.until(2);
ada.show();

await bob.join(endpoints);
bob.show("begins with a snapshot");
await bob.put("tea", "3");
await bob.put("milk", ""); // none is left
await bob.put("rum", "4");
for (const client of [bob, ada]) {
  await client.until(5);
  client.show();
  await client.close();
}
await server.close();
