/**
 * The code of every mistake that can be made with an endpoint or a message, ours beside libzmq's. Each row has the code that
 * libzmq (4.3.5 by npm zeromq, 4.3.4 by python3-zmq) has for it; where ours is another the row says why.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { Endpoint, EndpointError, Pull, Push, Subscriber, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { deserted } from "../sockets/support.ts";
import { ownEndpoint } from "./free_endpoint.ts";

const { missing } = pythonZmq();
const libzmq = new Peer("libzmq");
const python = missing === undefined ? new Peer("python") : undefined;

/** Stands for an address that only this test uses, where ports are bound that the system does not choose. */
const HERE = "127.own.host.1";
const atOwnHost = (endpoint: string) => endpoint.replace(`tcp://${HERE}`, () => ownEndpoint().slice(0, -":0".length));

/** The code of both; or ours, libzmq's, and the reason. */
type Codes = string | readonly [ours: string, theirs: string, why: string];

const folder = mkdtempSync(`${tmpdir()}/zmq-codes-`);
writeFileSync(`${folder}/file`, "");
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const STRICT = "libzmq reads it otherwise, or not at all before it is used; a slip of the pen is found here";
const HOST = "libzmq takes it for the name of a host";

/** By endpoint: what `bind` fails with; "ok" if it does not. */
const BINDS: Readonly<Record<string, Codes>> = {
  "": "EINVAL",
  "no-scheme": "EINVAL",
  "://x": "EINVAL",
  "tcp:": "EINVAL",
  "tcp://": "EINVAL",
  "tcp://127.0.0.1": "EINVAL",
  "tcp://127.0.0.1:": "EINVAL",
  "tcp://127.0.0.1:abc": "EINVAL",
  // 20 404 modulo 65536, which the system does not choose.
  [`tcp://${HERE}:85940`]: ["EINVAL", "ok", STRICT],
  [`tcp://${HERE}:5555x`]: ["EINVAL", "ok", STRICT],
  "tcp://:5555": ["EINVAL", "ENODEV", HOST],
  "tcp://[::1:5555": ["EINVAL", "ENODEV", HOST],
  "tcp://256.0.0.1:5555": ["EINVAL", "ENODEV", HOST],
  "tcp://192.0.2.1:0": "EADDRNOTAVAIL",
  "tcp://nosuchif0:5555": "ENODEV",
  "tcp://no-such-host.invalid:5555": "ENODEV",
  "foo://x": "EPROTONOSUPPORT",
  "TCP://127.0.0.1:0": "EPROTONOSUPPORT",
  "udp://127.0.0.1:5555": "ENOCOMPATPROTO",
  "vmci://1:5555": "EPROTONOSUPPORT",
  "inproc://": "EINVAL",
  "ipc://": "EINVAL",
  "ipc://@": "EINVAL",
  [`ipc://${folder}/none/x`]: "ENOENT",
  [`ipc://${folder}/none/`]: "ENOENT",
  [`ipc://${folder}/none/deep/er`]: "ENOENT",
  [`ipc://${folder}/file/x`]: "ENOTDIR",
  [`ipc://${folder}/${"x".repeat(120)}`]: "ENAMETOOLONG",
  [`ipc://@${"x".repeat(120)}`]: "ENAMETOOLONG",
  [`ipc://${folder}`]: "EADDRINUSE",
  [`ipc://${folder}/`]: "EADDRINUSE",
};

/** By endpoint: what `connect` fails with. */
const CONNECTS: Readonly<Record<string, Codes>> = {
  "": "EINVAL",
  "no-scheme": "EINVAL",
  "tcp://127.0.0.1": "EINVAL",
  "tcp://127.0.0.1:abc": "EINVAL",
  "tcp://*:5555": "EINVAL",
  "tcp://127.0.0.1:0": ["EINVAL", "ok", STRICT],
  "tcp://127.0.0.1:99999": ["EINVAL", "ok", STRICT],
  "tcp://256.0.0.1:5555": ["EINVAL", "ok", HOST],
  "foo://x": "EPROTONOSUPPORT",
  "udp://127.0.0.1:5555": "ENOCOMPATPROTO",
  "inproc://": "EINVAL",
  "ipc://": "EINVAL",
  "ipc://@": "EINVAL",
  "ipc://*": ["EINVAL", "ok", STRICT],
  [`ipc://${folder}/none/x`]: "ok",
  [`ipc://${folder}/${"x".repeat(120)}`]: "ENAMETOOLONG",
  [`ipc://@${"x".repeat(120)}`]: "ENAMETOOLONG",
};

/** By endpoint: what `unbind` and `disconnect` fail with. */
const ENDS: Readonly<Record<string, Codes>> = {
  "": "EINVAL",
  "no-scheme": "EINVAL",
  "tcp://127.0.0.1:5555": "ENOENT",
  "tcp://127.0.0.1": ["EINVAL", "ENOENT", STRICT],
  "inproc://nobody": "ENOENT",
  [`ipc://${folder}/nobody`]: "ENOENT",
  "foo://x": "EPROTONOSUPPORT",
  "udp://127.0.0.1:5555": "ENOCOMPATPROTO",
};

type Open = (type: EndType, options?: EndOptions) => Promise<End & AsyncDisposable>;

/** Other mistakes. */
const MISTAKES: Readonly<Record<string, { codes: Codes; make(open: Open): Promise<unknown>; python?: false }>> = {
  "bind what is in use": {
    codes: "EADDRINUSE",
    make: async (open) => {
      await using first = await open("PULL");
      const endpoint = await first.bind("tcp://127.0.0.1:0");
      await using second = await open("PULL");
      await second.bind(endpoint);
    },
  },
  "unbind twice": {
    codes: "ENOENT",
    make: async (open) => {
      await using pull = await open("PULL");
      const endpoint = await pull.bind("tcp://127.0.0.1:0");
      await pull.unbind(endpoint);
      await pull.unbind(endpoint);
    },
  },
  "unbind what is connected": {
    codes: ["ENOENT", "ok", "libzmq has one function for both"],
    make: async (open) => {
      await using pull = await open("PULL");
      const endpoint = await deserted();
      await pull.connect(endpoint);
      await pull.unbind(endpoint);
    },
  },
  "disconnect what is bound": {
    codes: ["ENOENT", "ok", "libzmq has one function for both"],
    make: async (open) => {
      await using pull = await open("PULL");
      await pull.disconnect(await pull.bind("tcp://127.0.0.1:0"));
    },
  },
  "a second request": {
    codes: "EFSM",
    make: async (open) => {
      await using request = await open("REQ", { sendTimeout: 0 });
      await request.connect(await deserted());
      await request.send(["1"]);
      await request.send(["2"]);
    },
  },
  "a reply to nobody": {
    codes: "EFSM",
    make: async (open) => {
      await using reply = await open("REP", { sendTimeout: 0 });
      await reply.send(["1"]);
    },
  },
  "a reply before the request": {
    codes: "EFSM",
    python: false,
    make: async (open) => {
      await using request = await open("REQ", { receiveTimeout: 0 });
      await request.receive();
    },
  },
  "nobody to send to": {
    codes: "EAGAIN",
    make: async (open) => {
      await using push = await open("PUSH", { sendTimeout: 0 });
      await push.send(["1"]);
    },
  },
  "nothing to receive": {
    codes: "EAGAIN",
    python: false,
    make: async (open) => {
      await using pull = await open("PULL", { receiveTimeout: 0 });
      await pull.receive();
    },
  },
  "a routing id that nobody has, with mandatory": {
    codes: "EHOSTUNREACH",
    make: async (open) => {
      await using router = await open("ROUTER", { mandatory: true, sendTimeout: 0 });
      await router.send(["nobody", "1"]);
    },
  },
  "a Stream that names nobody": {
    codes: "EHOSTUNREACH",
    make: async (open) => {
      await using stream = await open("STREAM", { sendTimeout: 0 });
      await stream.send(["nobody", "1"]);
    },
  },
};

/** The code that it fails with, or "ok". */
async function codeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return "ok";
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

const open: Record<string, Open> = {
  ours: (type, options) => Promise.resolve(new OurEnd(type, options)),
  libzmq: (type, options) => libzmq.open(type, { unwatched: true, ...options }),
  ...python && { python: (type: EndType, options?: EndOptions) => python.open(type, { unwatched: true, ...options }) },
};

function declare(name: string, codes: Codes, make: (open: Open) => Promise<unknown>, withPython = true): void {
  for (const [who, opener] of Object.entries(open)) {
    if (who === "python" && !withPython) continue;
    const [mine, theirs] = typeof codes === "string" ? [codes, codes] : codes;
    const expected = who === "ours" ? mine : theirs;
    test(`${who}: ${name.replaceAll(folder, "…")}: ${expected}`, async () => {
      assertEquals(await codeOf(() => make(opener)), expected);
    });
  }
}

for (
  const [call, table] of [["bind", BINDS], ["connect", CONNECTS], ["unbind", ENDS], ["disconnect", ENDS]] as const
) {
  for (const [endpoint, codes] of Object.entries(table)) {
    declare(`${call} ${JSON.stringify(endpoint)}`, codes, async (open) => {
      await using push = await open("PUSH");
      await push[call](atOwnHost(endpoint));
    });
    const [code] = typeof codes === "string" ? [codes] : codes;
    if (code === "ok") continue;
    test(`ours: ${call} ${JSON.stringify(endpoint).replaceAll(folder, "…")}: the error carries the endpoint`, async () => {
      await using push = new Push();
      const at = atOwnHost(endpoint);
      try {
        await push[call](at);
      } catch (error) {
        assert(error instanceof ZmqError || error instanceof EndpointError);
        assertEquals(error.endpoint, at);
        return;
      }
      throw new Error("It did not fail");
    });
  }
}
for (const [name, { codes, make, python }] of Object.entries(MISTAKES)) declare(name, codes, make, python);

test("the errors of events carry the endpoint", async () => {
  const endpoint = await deserted();
  await using push = new Push({ reconnectInterval: 1, linger: 0 });
  const retried = new Promise<Error | undefined>((resolve) => {
    push.events.listen((event) => event.type === "connect:retry" && resolve(event.error));
  });
  push.connect(endpoint);
  const error = await retried;
  assert(error instanceof ZmqError);
  assertEquals([error.code, error.endpoint], ["ECONNREFUSED", endpoint]);
});

test("errors that are about no endpoint carry none; parsing carries the text", async () => {
  await using pull = new Pull({ receiveTimeout: 0 });
  const late = await pull.receive().catch((error) => error);
  assert(late instanceof ZmqError && late.endpoint === undefined);
  try {
    Endpoint.parse("tcp://x");
  } catch (error) {
    assert(error instanceof EndpointError);
    assertEquals([error.endpoint, error.code], ["tcp://x", "EINVAL"]);
  }
  const closed = new Subscriber();
  await closed.close();
  const error = await closed.bind("tcp://127.0.0.1:0").catch((error) => error);
  assert(error instanceof ZmqError);
  assertEquals([error.code, error.endpoint], ["ENOTSOCK", "tcp://127.0.0.1:0"]);
  assertStringIncludes(error.message, "closed");
});

if (missing !== undefined) test("codes of python3-zmq", () => {}, { skip: missing });
