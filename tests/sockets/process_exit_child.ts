/**
 * Run by `process_exit_test.ts` as a process of its own: each scenario prints what it does and then does nothing more.
 *
 * @module
 */

import process from "node:process";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from "../../mod.ts";

const ANY = "tcp://127.0.0.1:0";
const say = (text: string) => console.log(text);

const scenarios: Record<string, () => Promise<void>> = {
  async "never used"() {
    for (const make of [Push, Pull, Publisher, Subscriber, Router]) new make();
    say("made");
    await Promise.resolve();
  },

  async "closed and ref'd"() {
    const pull = new Pull();
    await pull.bind(ANY);
    await pull.close();
    pull.ref();
    console.log("closed");
  },

  async "all closed"() {
    const reply = new Reply();
    const request = new Request();
    request.connect(await reply.bind(ANY));
    await request.send("q");
    await reply.receive();
    await reply.send("a");
    await request.receive();
    const pub = new Publisher();
    const sub = new Subscriber();
    sub.subscribe();
    sub.connect(await pub.bind(ANY));
    await pub.waitForSubscribers(1);
    for (const socket of [request, reply, pub, sub]) await socket.close();
    say("closed");
  },

  async "closed while dialling, with messages given up"() {
    const push = new Push({ reconnectInterval: 50 });
    push.connect("tcp://127.0.0.1:9");
    await push.send("to nobody");
    say(`given up ${await push.close({ linger: 20 })}`);
  },

  async "closed without waiting"() {
    const pull = new Pull({ receiveHighWaterMark: 1 });
    const push = new Push();
    push.connect(await pull.bind(ANY));
    for (let i = 0; i < 100; i++) await push.send(`${i}`);
    await pull.receive();
    void push.close();
    void pull.close();
    say("closing");
  },

  async "timeouts and signals are over"() {
    const pair = new Pair({ receiveTimeout: 2 ** 31 - 1, sendTimeout: 2 ** 31 - 1, handshakeInterval: 2 ** 31 - 1 });
    const other = new Pair();
    other.connect(await pair.bind(ANY));
    const controller = new AbortController();
    const receiving = pair.receive({ signal: controller.signal });
    await other.send("x");
    await receiving;
    void pair.receive().catch(() => {});
    await pair.close();
    await other.close();
    say("closed");
  },

  async "bound and open"() {
    const pull = new Pull();
    say(await pull.bind(ANY));
    pull.events.listen(async ({ type }) => {
      if (type !== "disconnect") return;
      say("closing");
      await pull.close();
    });
  },

  async "connected and open"() {
    const dealer = new Dealer({ reconnectInterval: 5 });
    let retries = 0;
    dealer.events.listen(({ type }) => {
      if (type !== "connect:retry" || ++retries < 3) return;
      say("closing");
      void dealer.close();
    });
    dealer.connect("tcp://127.0.0.1:9");
    await Promise.resolve();
  },
};

await scenarios[process.argv[2]!]!();
