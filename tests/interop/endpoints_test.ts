/**
 * Endpoints that libzmq and this library accept or reject. Where the two differ, docs/compatibility.md ("Endpoints")
 * says why.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EndpointError, type EndpointUse, Pull, Push, type Socket } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer, PeerError } from "../support/peers/controller.ts";
import { nextEvent } from "../sockets/support.ts";
import { noIpv6 } from "../transports/machine.ts";

const libzmq = new Peer("libzmq");
/** A port without a listener. */
const DEAD = 9;

/** The results of both: accepted (`+`) or rejected (`-`), libzmq first. */
type Verdicts = "++" | "--" | "+-" | "-+";

const HOSTS: readonly (readonly [host: string, bind: Verdicts, connect: Verdicts])[] = [
  ["127.0.0.1", "++", "++"],
  ["*", "++", "--"],
  ["0.0.0.0", "++", "++"],
  ["localhost", "++", "++"],
  ["LOCALHOST", "++", "++"],
  ["lo", "++", "++"],
  ["0x7f.1", "++", "++"],
  ["", "--", "+-"],
  [" 127.0.0.1", "--", "--"],
  ["127.1", "+-", "+-"],
  ["0177.0.0.1", "+-", "+-"],
  ["127.0.0.01", "+-", "+-"],
  ["2130706433", "+-", "+-"],
  ["0", "+-", "+-"],
  ["256.0.0.1", "--", "+-"],
  ["127.0.0.1.", "--", "+-"],
  ["[127.0.0.1]", "+-", "+-"],
  ["[localhost]", "+-", "+-"],
  ["host/path", "--", "--"],
  ["a b", "--", "--"],
];
const IPV6_HOSTS: typeof HOSTS = [
  ["[::1]", "++", "++"],
  ["[::]", "++", "++"],
  ["[0:0::1]", "++", "++"],
  ["[::ffff:127.0.0.1]", "++", "++"],
  ["::1", "+-", "+-"],
  ["[*]", "+-", "+-"],
];
/** Names that are looked up later. */
const NAMES: readonly (readonly [host: string, connect: Verdicts])[] = [
  ["a_b.invalid", "++"],
  ["a-b.invalid", "++"],
  ["a.invalid.", "++"],
  ["-a.invalid", "-+"],
  ["ü.invalid", "-+"],
  ["user@a.invalid", "-+"],
  ["%", "-+"],
  ["x:y", "+-"],
  ["[x", "+-"],
];
/** Ports of 127.0.0.1. */
const PORTS: readonly (readonly [port: string, bind: Verdicts, connect: Verdicts])[] = [
  ["0", "++", "+-"],
  ["*", "++", "--"],
  ["00", "-+", "+-"],
  ["000000", "--", "+-"],
  ["", "--", "--"],
  ["!", "--", "--"],
  ["x", "--", "--"],
  ["0 ", "--", "--"],
  ["+0", "--", "--"],
  ["0/path", "--", "--"],
  ["0?x", "--", "--"],
];
/** Ports that this test only connects to, because a bound port must be free. */
const CONNECT_PORTS: readonly (readonly [port: string, connect: Verdicts])[] = [
  ["00009", "++"],
  ["000009", "+-"],
  ["65536", "+-"],
  ["99999", "+-"],
  ["9x", "+-"],
];
const SOURCES: readonly (readonly [source: string, connect: Verdicts])[] = [
  ["127.0.0.1:0;", "++"],
  ["127.0.0.1:*;", "++"],
  ["lo:0;", "++"],
  ["*:0;", "-+"],
  [";", "--"],
  ["127.0.0.1;", "+-"],
  ["127.0.0.1:0;127.0.0.1:0;", "+-"],
];
const WHOLE: readonly (readonly [endpoint: string, bind: Verdicts, connect: Verdicts])[] = [
  ["", "--", "--"],
  ["tcp", "--", "--"],
  ["tcp:127.0.0.1:0", "--", "--"],
  ["tcp:/127.0.0.1:0", "--", "--"],
  ["://x", "--", "--"],
  [" tcp://127.0.0.1:9", "--", "--"],
  ["TCP://127.0.0.1:9", "--", "--"],
  ["IPC:///tmp/x.sock", "--", "--"],
  ["foo://x", "--", "--"],
  ["udp://127.0.0.1:9", "--", "--"],
  ["tcp://", "--", "--"],
  ["tcp://127.0.0.1", "--", "--"],
  ["tcp://127.0.0.1:0;127.0.0.1:0", "+-", "+-"],
  ["tcp://127.0.0.1:9;", "--", "+-"],
  ["ipc://", "--", "--"],
  ["ipc://@", "--", "--"],
  ["inproc://", "--", "--"],
  ["inproc:// ", "++", "++"],
  ["inproc:///a/b", "++", "++"],
  ["inproc://*", "++", "++"],
  [`inproc://${"x".repeat(300)}`, "++", "++"],
];

/** Returns whether the endpoint is accepted; it is rejected immediately, and not because a name cannot be resolved. */
async function takes(doing: () => Promise<unknown>): Promise<"+" | "-"> {
  try {
    await doing();
    return "+";
  } catch (error) {
    assert(error instanceof PeerError || error instanceof Error && "code" in error, String(error));
    return "-";
  }
}

async function verdicts(endpoint: string, use: EndpointUse, ipv6: boolean): Promise<string> {
  await using theirs = await libzmq.open(use === "bind" ? "PULL" : "PUSH", { ipv6 });
  await using ours: Socket = use === "bind" ? new Pull({ ipv6, linger: 0 }) : new Push({ ipv6, linger: 0 });
  const libzmqs = await takes(() => theirs[use](endpoint));
  const attempted = nextEvent(ours, "connect:retry");
  const verdict = await takes(async () => await ours[use](endpoint));
  // Nothing listens there. A look-up of the name cannot be canceled, and must not outlive the test.
  if (use === "connect" && verdict === "+" && endpoint.startsWith("tcp:")) await attempted;
  return libzmqs + verdict;
}

function compare(name: string, cases: readonly (readonly [string, EndpointUse, Verdicts])[], ipv6 = false): void {
  test(`interop: endpoints, ${name}`, async () => {
    const found: [string, EndpointUse, string][] = [];
    for (const [endpoint, use] of cases) found.push([endpoint, use, await verdicts(endpoint, use, ipv6)]);
    assertEquals(found, cases.map(([...row]) => row));
  }, { skip: ipv6 ? noIpv6 : undefined });
}

compare("hosts", [
  ...HOSTS.map(([host, bind]) => [`tcp://${host}:0`, "bind", bind] as const),
  ...HOSTS.map(([host, , connect]) => [`tcp://${host}:${DEAD}`, "connect", connect] as const),
]);
compare("IPv6 hosts", [
  ...IPV6_HOSTS.map(([host, bind]) => [`tcp://${host}:0`, "bind", bind] as const),
  ...IPV6_HOSTS.map(([host, , connect]) => [`tcp://${host}:${DEAD}`, "connect", connect] as const),
], true);
compare("names", NAMES.map(([host, connect]) => [`tcp://${host}:${DEAD}`, "connect", connect] as const));
compare("ports", [
  ...PORTS.map(([port, bind]) => [`tcp://127.0.0.1:${port}`, "bind", bind] as const),
  ...PORTS.map(([port, , connect]) => [`tcp://127.0.0.1:${port}`, "connect", connect] as const),
  ...CONNECT_PORTS.map(([port, connect]) => [`tcp://127.0.0.1:${port}`, "connect", connect] as const),
]);
compare(
  "source addresses",
  SOURCES.map(([source, connect]) => {
    return [`tcp://${source}127.0.0.1:${DEAD}`, "connect", connect] as const;
  }),
);
compare("schemes and what stands behind them", [
  ...WHOLE.map(([endpoint, bind]) => [endpoint, "bind", bind] as const),
  ...WHOLE.map(([endpoint, , connect]) => [endpoint, "connect", connect] as const),
]);

test("interop: endpoints, paths of ipc", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-endpoints-"));
  try {
    const paths: [string, Verdicts, Verdicts][] = [
      ["a b", "++", "++"],
      ["é", "++", "++"],
      ["x".repeat(120), "--", "--"],
      ["a\0b", "+-", "+-"],
    ];
    for (const [path, bind, connect] of paths) {
      for (const [use, wanted] of [["connect", connect], ["bind", bind]] as const) {
        const found: string[] = [];
        // One after the other: a path is bound once.
        await using theirs = await libzmq.open("PULL");
        found.push(await takes(() => theirs[use](`ipc://${folder}/l${path}`)));
        await using ours = new Pull({ linger: 0 });
        found.push(await takes(async () => await ours[use](`ipc://${folder}/o${path}`)));
        assertEquals(found.join(""), wanted, `${use} ${JSON.stringify(path)}`);
      }
    }
    assertEquals(await verdicts("ipc://*", "bind", false), "++");
    assertEquals(await verdicts("ipc://*", "connect", false), "+-");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("interop: endpoints that libzmq takes for others", async () => {
  await using theirs = await libzmq.open("PULL");
  // Modulo 65536, and so a port that may be taken: only the end of its name is certain.
  for (const [port, bound] of [[65_536 + 40_404, 40_404], [-1, 65_535]]) {
    const endpoint = await theirs.bind(`tcp://127.0.0.1:${port}`).catch((error: PeerError) => error);
    if (endpoint instanceof PeerError) assertEquals(endpoint.code, "EADDRINUSE");
    else assertEquals(endpoint, `tcp://127.0.0.1:${bound}`);
    await using ours = new Pull();
    const refusal = await ours.bind(`tcp://127.0.0.1:${port}`).catch((error: unknown) => error);
    assert(refusal instanceof EndpointError, String(refusal));
  }
});
