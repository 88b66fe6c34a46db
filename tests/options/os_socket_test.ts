/**
 * Options of the operating system's sockets: passed to the transport by connect and bind, or rejected because no
 * runtime supports them. (`tests/transports/` tests their effect.)
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { capability, Dealer, Pull, Push, type Socket } from "../../mod.ts";
import { turn } from "../support/connection_rig.ts";
import { test } from "../support/harness.ts";
import { type Asked, PlayedTransport } from "../support/played_transport.ts";
import { nextEvent, throwsWith } from "../sockets/support.ts";
import { MAKERS, optionsAsAny, TYPES } from "./support.ts";
import { optionsOf } from "../support/socket_types.ts";

/** Options that are passed to the transport, each with its default and another value. */
const CONNECTING = [
  ["tcpKeepalive", -1, 1],
  ["tcpKeepalive", -1, 0],
  ["tcpKeepaliveIdle", -1, 90],
] as const;
const LISTENING = [...CONNECTING, ["backlog", 1024, 7], ["ipv6", false, true]] as const;

/** Returns the value of an option that the transport was given. */
function of(asked: Asked<object> | undefined, name: string): unknown {
  return (asked?.options as Record<string, unknown>)[name];
}

/** Returns the options that the transport is given at the next connect. */
async function asked(socket: Socket, transport: PlayedTransport): Promise<Asked<object>> {
  const before = transport.connects.length;
  socket.connect(transport.endpoint);
  while (transport.connects.length === before) await turn();
  return transport.connects[before]!;
}

for (const [name, initial, value] of CONNECTING) {
  test(`${name} ${value} is asked for at connect, ${initial} by default; set live, at the next`, async () => {
    const transport = new PlayedTransport();
    await using first = new Push({ [name]: value });
    assertEquals(of(await asked(first, transport), name), value);
    await using push = new Push();
    assertEquals(of(await asked(push, transport), name), initial);
    optionsAsAny(push)[name] = value;
    assertEquals(of(await asked(push, transport), name), value);
  });
}

for (const [name, initial, value] of LISTENING) {
  test(`${name} ${value} is asked for at bind, ${initial} by default; set live, at the next`, async () => {
    const transport = new PlayedTransport();
    await using first = new Pull({ [name]: value });
    await first.bind(transport.endpoint);
    await using pull = new Pull();
    await pull.bind(transport.endpoint);
    optionsAsAny(pull)[name] = value;
    await pull.bind(transport.endpoint);
    assertEquals(transport.listens.map((call) => of(call, name)), [value, initial, value]);
  });
}

test("options set live are passed to the transport at a reconnect", async () => {
  const transport = new PlayedTransport();
  transport.refuse();
  await using push = new Push({ reconnectInterval: 1 });
  const retried = nextEvent(push, "connect:retry");
  push.connect(transport.endpoint);
  await retried;
  push.tcpKeepalive = 1;
  push.tcpKeepaliveIdle = 5;
  await nextEvent(push, "connect:retry");
  assertEquals([of(transport.connects[1], "tcpKeepalive"), of(transport.connects[1], "tcpKeepaliveIdle")], [1, 5]);
});

/** Options that no runtime supports: the default, and another value. */
const UNAVAILABLE = [
  ["tcpKeepaliveCount", -1, 3],
  ["tcpKeepaliveInterval", -1, 3],
  ["tcpMaxRetransmitTimeout", 0, 1000],
  ["interface", null, "lo"],
  ["sendBufferSize", -1, 65_536],
  ["receiveBufferSize", -1, 65_536],
] as const;

/** The socket types that have the option. */
function having(name: string) {
  return TYPES.filter((type) => (optionsOf(type) as string[]).includes(name));
}

for (const [name, only, other] of UNAVAILABLE) {
  test(`${name} can only be set to its default, ${only}; anything else is ENOTSUP and changes nothing`, async () => {
    for (const type of having(name)) {
      const error = throwsWith("ENOTSUP", () => MAKERS[type]({ [name]: other }));
      assertMatch(error.message, new RegExp(`^${name} cannot be set`));
      const socket = MAKERS[type]({ [name]: only });
      await using _closing = socket;
      const options = optionsAsAny(socket);
      throwsWith("ENOTSUP", () => options[name] = other);
      options[name] = only;
      assertEquals(options[name], only);
    }
  });
}

test("typeOfService is asked for where the runtime supports it, else refused with ENOTSUP", async () => {
  const transport = new PlayedTransport();
  await using push = new Push();
  if (!capability.typeOfService) {
    const error = throwsWith("ENOTSUP", () => push.typeOfService = 0x48);
    assertMatch(error.message, /^typeOfService cannot be set/);
    assertEquals(push.typeOfService, 0);
  } else {
    push.typeOfService = 0x48;
    assertEquals([push.typeOfService, of(await asked(push, transport), "typeOfService")], [0x48, 0x48]);
    await push.bind(transport.endpoint);
    assertEquals(of(transport.listens[0], "typeOfService"), 0x48);
  }
  push.typeOfService = 0;
  assertEquals(of(await asked(push, transport), "typeOfService"), 0);
});

test("capability reports for each option whether it can be set on this runtime, except that backlog is always accepted", async () => {
  await using dealer = new Dealer();
  const settable: Record<string, unknown> = {
    typeOfService: 8,
    backlog: 7,
    ipv6: true,
    tcpKeepalive: 1,
    tcpKeepaliveIdle: 9,
  };
  const values = { ...settable, ...Object.fromEntries(UNAVAILABLE.map(([name, , other]) => [name, other])) };
  for (const [name, value] of Object.entries(values)) {
    const set = () => optionsAsAny(dealer)[name] = value;
    if (capability[name] === true || name === "backlog") set();
    else throwsWith("ENOTSUP", set);
    assertEquals(typeof capability[name], "boolean", name);
  }
});

test("socksProxy, with its user and password, is asked for at connect", async () => {
  const transport = new PlayedTransport();
  await using push = new Push({ socksProxy: "proxy.example:1080", socksUsername: "me", socksPassword: "secret" });
  const expected = { host: "proxy.example", port: 1080, username: "me", password: "secret" };
  assertEquals(of(await asked(push, transport), "socks"), expected);
  push.socksProxy = null;
  assertEquals(of(await asked(push, transport), "socks"), undefined);
});
