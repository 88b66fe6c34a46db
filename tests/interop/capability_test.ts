/**
 * Each capability that this runtime claims is visible to others: to libzmq, to another runtime, and in the operating
 * system's own tables. One that it does not claim is rejected with `ENOTSUP`, except `backlog`, which Bun sets itself.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { capability, Endpoint, type Link, Pull, Push, ZmqError } from "../../mod.ts";
import { registerTransport } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";
import { rejectsWith } from "../sockets/support.ts";
import { runtime, test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { noIpv6, noLoopbackNet, noProc, noSs } from "../transports/machine.ts";
import { SocksProxyServer } from "../transports/socks_proxy.ts";
import { texts } from "./frames.ts";

const OTHER = runtime === "deno" ? "bun" : "deno";
const peers = { libzmq: new Peer("libzmq"), [OTHER]: new Peer(OTHER) };

type Open = (type: EndType, options?: EndOptions) => Promise<End & AsyncDisposable>;
const ours: Open = (type, options) => Promise.resolve(new OurEnd(type, options));

/** A message from a socket that connects to one that binds; returns the endpoint as it was bound. */
async function passes(
  [binder, bind, bindOptions]: readonly [Open, string, EndOptions?],
  [connector, options = {}, prefix = ""]: readonly [Open, EndOptions?, string?],
  look: (endpoint: string) => void | Promise<void> = () => {},
  target: (endpoint: string) => string = (endpoint) => endpoint,
): Promise<void> {
  await using pull = await binder("PULL", bindOptions);
  await using push = await connector("PUSH", options);
  const endpoint = target(await pull.bind(bind));
  await push.connect(endpoint.replace("tcp://", `tcp://${prefix}`));
  await push.send(["through"]);
  assertEquals(texts(await pull.receive()), ["through"]);
  await look(endpoint);
}

/** Both ways round. */
async function both(theirs: Open, endpoint: () => string): Promise<void> {
  await passes([ours, endpoint()], [theirs]);
  await passes([theirs, endpoint()], [ours]);
}

/** The kernel's rows of IPv4 connections to a port: where they come from, and the timer that runs. */
function connectionsTo(endpoint: string): { from: string; timer: string }[] {
  const port = Number(endpoint.slice(endpoint.lastIndexOf(":") + 1)).toString(16).padStart(4, "0").toUpperCase();
  return readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/))
    .filter((row) => row[2]?.endsWith(`:${port}`) && row[3] === "01")
    .map((row) => ({ from: row[1]!.slice(0, 8), timer: row[5]! }));
}

/** Polls until the kernel shows the expected state: a pending acknowledgement has a timer of its own. */
async function shows(wanted: () => boolean): Promise<void> {
  while (!wanted()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A unique name. */
const unique = () => `zmq-test-${runtime}-${process.pid}-${crypto.randomUUID()}`;

interface Proof {
  readonly skip?: string | undefined;
  /** Shows that the capability is one, against a peer. */
  run(theirs: Open): Promise<void>;
}

const PROOFS: Readonly<Record<string, Proof>> = {
  ipc: { run: (theirs) => both(theirs, () => "ipc://*") },
  ipcAbstract: { run: (theirs) => both(theirs, () => `ipc://@${unique()}`) },
  sourceAddress: {
    skip: noLoopbackNet ?? noProc,
    run: (theirs) =>
      passes([theirs, "tcp://127.0.0.1:0"], [ours, {}, "127.0.0.5:0;"], (endpoint) => {
        assert(connectionsTo(endpoint).some(({ from }) => from === "0500007F"), "not from 127.0.0.5");
      }),
  },
  backlog: {
    skip: noSs,
    run: (theirs) =>
      passes([ours, "tcp://127.0.0.1:0", { backlog: 37 }], [theirs], (endpoint) => {
        const { stdout } = spawnSync("ss", ["-Hltn", "src", endpoint.slice("tcp://".length)], { encoding: "utf8" });
        assertEquals(stdout.trim().split(/\s+/)[2], "37");
      }),
  },
  ipv6: {
    skip: noIpv6,
    async run(theirs) {
      for (const host of ["127.0.0.1", "[::1]"]) {
        const target = (endpoint: string) => `tcp://${host}:${endpoint.slice(endpoint.lastIndexOf(":") + 1)}`;
        await passes([ours, "tcp://*:0", { ipv6: true }], [theirs, { ipv6: true }], undefined, target);
      }
      await passes([theirs, "tcp://[::1]:0", { ipv6: true }], [ours]);
    },
  },
  tcpKeepalive: {
    skip: noProc,
    run: (theirs) =>
      passes([theirs, "tcp://127.0.0.1:0"], [ours, { tcpKeepalive: 1 }], async (endpoint) => {
        await shows(() => connectionsTo(endpoint).every(({ timer }) => timer.startsWith("02:")));
      }),
  },
  tcpKeepaliveIdle: {
    skip: noProc,
    run: (theirs) =>
      passes([theirs, "tcp://127.0.0.1:0"], [ours, { tcpKeepalive: 1, tcpKeepaliveIdle: 4321 }], async (endpoint) => {
        await shows(() =>
          connectionsTo(endpoint).every(({ timer }) => {
            const seconds = parseInt(timer.slice(3), 16) / 100;
            return timer.startsWith("02:") && seconds > 4200 && seconds <= 4321;
          })
        );
      }),
  },
  typeOfService: {
    skip: noSs,
    run: (theirs) =>
      passes([theirs, "tcp://127.0.0.1:0"], [ours, { typeOfService: 0x48 }], (endpoint) => {
        const port = endpoint.slice(endpoint.lastIndexOf(":") + 1);
        const { stdout } = spawnSync("ss", ["-Htn", "--tos", `dport = :${port}`], { encoding: "utf8" });
        assert(/tos:0x48/.test(stdout), stdout);
      }),
  },
  reusePort: {
    async run(theirs) {
      const transport = await loadTransport();
      const listeners = [];
      let [endpoint, taken] = ["tcp://127.0.0.1:0", 0];
      for (let i = 0; i < 2; i++) {
        const count = (link: Link) => (taken++, link.abort());
        const listener = await transport.listen(Endpoint.parse(endpoint, "bind"), count, { reusePort: true });
        listener.unref?.();
        endpoint = listener.endpoint;
        listeners.push(listener);
      }
      await using pull = new Pull();
      await rejectsWith("EADDRINUSE", () => pull.bind(endpoint));
      await using push = await theirs("PUSH", { linger: 0 });
      await push.connect(endpoint);
      await shows(() => taken > 0);
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  },
  socksProxy: {
    async run(theirs) {
      const proxy = await SocksProxyServer.start();
      const socksProxy = `127.0.0.1:${proxy.port}`;
      await passes([theirs, "tcp://127.0.0.1:0"], [ours, { socksProxy }]);
      assertEquals(proxy.asked.length, 1);
      await proxy.close();
    },
  },
};

/** Capabilities that no runtime has, each with a value that requests it. */
const NEVER: Readonly<Record<string, number | string>> = {
  tcpKeepaliveCount: 3,
  tcpKeepaliveInterval: 5,
  sendBufferSize: 65536,
  receiveBufferSize: 65536,
  tcpMaxRetransmitTimeout: 5000,
  interface: "lo",
};

test("every capability has a test below, of its use or of its rejection", () => {
  assertEquals(Object.keys(capability).sort(), [...Object.keys(PROOFS), ...Object.keys(NEVER)].sort());
});

for (const [name, proof] of Object.entries(PROOFS)) {
  for (const [kind, peer] of Object.entries(peers)) {
    const skip = proof.skip ?? (capability[name] ? undefined : `${runtime} does not claim it`);
    const open: Open = (type, options) => peer.open(type, options);
    test(`capability ${name}, against ${kind}`, () => proof.run(open), skip === undefined ? {} : { skip });
  }
}

for (const [name, value] of Object.entries({ ...NEVER, typeOfService: 0x48 })) {
  if (capability[name]) continue;
  test(`no capability ${name}: the option is refused`, () => {
    const error = assertThrows(
      () => name.startsWith("receive") ? new Pull({ [name]: value }) : new Push({ [name]: value }),
      ZmqError,
    );
    assertEquals(error.code, "ENOTSUP");
  });
}

/** With `has` as the capabilities of ipc. */
async function withIpc(has: Readonly<Record<string, boolean>>, body: () => Promise<void>): Promise<void> {
  registerTransport("ipc", loadTransport, has);
  try {
    await body();
  } finally {
    registerTransport("ipc", loadTransport, capability);
  }
}

/** An endpoint that this runtime does not support is rejected immediately, by `bind` and by `connect`. */
async function refusesIpc(endpoint: string, code: "ENOTSUP" | "EPROTONOSUPPORT"): Promise<void> {
  await using pull = new Pull();
  await using push = new Push();
  await rejectsWith(code, () => pull.bind(endpoint));
  assertEquals(assertThrows(() => push.connect(endpoint), ZmqError).code, code);
  assertEquals(push.lastEndpoint, null);
}

test("no capability ipcAbstract: an abstract name is rejected immediately, other paths are not", async () => {
  await withIpc({ ...capability, ipcAbstract: false }, async () => {
    await refusesIpc(`ipc://@${unique()}`, "ENOTSUP");
    await passes([ours, "ipc://*"], [ours]);
  });
});

test("no capability ipc: a path is rejected immediately", async () => {
  await withIpc({ ...capability, ipc: false, ipcAbstract: false }, () => refusesIpc("ipc://x", "EPROTONOSUPPORT"));
});

test(
  "ipcAbstract is claimed where the kernel has the name as it was given",
  {
    node: () => {
      const [major, minor] = process.versions.uv.split(".").map(Number);
      assertEquals(capability["ipcAbstract"], process.platform === "linux" && (major! > 1 || minor! >= 48));
    },
    deno: () => assertEquals(capability["ipcAbstract"], process.platform === "linux"),
    bun: () => assertEquals(capability["ipcAbstract"], process.platform === "linux"),
  }[runtime],
);
