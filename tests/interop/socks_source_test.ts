/**
 * A source address for the way to a SOCKS proxy, `socksProxy: "source:port;host:port"`, as libzmq has it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Pull } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { noLoopbackNet } from "../transports/machine.ts";
import { SocksProxyServer } from "../transports/socks_proxy.ts";
import { texts } from "./frames.ts";

const libzmq = new Peer("libzmq");
const openers = {
  ours: (socksProxy: string) => Promise.resolve(new OurEnd("PUSH", { socksProxy })),
  "libzmq itself": (socksProxy: string) => libzmq.open("PUSH", { socksProxy }),
};

for (const [who, open] of Object.entries(openers)) {
  test(`${who}: socksProxy with a source address`, async () => {
    const proxy = await SocksProxyServer.start({ shortAnswer: true });
    await using pull = new Pull();
    await using push = await open(`127.0.0.5:0;127.0.0.1:${proxy.port}`);
    await push.connect(await pull.bind("tcp://127.0.0.1:0"));
    await push.send(["through"]);
    assertEquals(texts(await pull.receive()), ["through"]);
    assertEquals(proxy.from, ["127.0.0.5"]);
    await push.close();
    await proxy.close();
  }, { skip: noLoopbackNet });
}

test("ours: the proxy's own source address comes before the endpoint's", async () => {
  for (const [source, seen] of [["", "127.0.0.6"], ["127.0.0.5:0;", "127.0.0.5"]]) {
    const proxy = await SocksProxyServer.start();
    await using pull = new Pull();
    await using push = new OurEnd("PUSH", { socksProxy: `${source}127.0.0.1:${proxy.port}` });
    await push.connect((await pull.bind("tcp://127.0.0.1:0")).replace("tcp://", "tcp://127.0.0.6:0;"));
    await push.send(["through"]);
    await pull.receive();
    assert(proxy.from.every((address) => address === seen), `${proxy.from} instead of ${seen}`);
    await push.close();
    await proxy.close();
  }
}, { skip: noLoopbackNet });
