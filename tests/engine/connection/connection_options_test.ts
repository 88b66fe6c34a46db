/**
 * Options as transports and protocols get them.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import { connectOptions, listenOptions, protocolFor } from "../../../src/engine/connection/connection_options.ts";
import { RawSession } from "../../../src/engine/connection/raw_session.ts";
import { Context } from "../../../src/engine/context.ts";
import { Endpoint } from "../../../src/schemes/endpoint.ts";
import type { ZmqError } from "../../../src/base/errors.ts";
import { toText } from "../../../src/base/message.ts";
import type { Link } from "../../../src/transport/transport.ts";
import { parseMetadata } from "../../../src/zmtp/metadata.ts";
import type { SessionHandler } from "../../../src/zmtp/session_handler.ts";
import { bytes } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { peerHandshake } from "../../support/session_recorder.ts";
import { LIBZMQ } from "../../zmtp/vectors.ts";
import { type AllSettings as Settings, definitionOf, settle, type SocketType } from "../../support/socket_types.ts";

/** Keeps what a session sends and how it fails. */
class Handler implements SessionHandler {
  readonly sent: Uint8Array[] = [];
  readonly failures: ZmqError[] = [];
  messages = 0;

  readonly credit = { left: Infinity };

  mayRead(): boolean {
    return true;
  }
  now(): number {
    return 0;
  }
  send(sent: Uint8Array): void {
    this.sent.push(sent.slice());
  }
  flush(): void {}
  onReady(): void {}
  onMessage(): boolean {
    this.messages++;
    return true;
  }
  onSubscription(): boolean {
    return true;
  }
  onFailure(error: ZmqError): void {
    this.failures.push(error);
  }
}

const TCP_ENDPOINT = Endpoint.parse("tcp://192.0.2.1:9");
const KEEPALIVE = { tcpKeepalive: -1, tcpKeepaliveIdle: -1, typeOfService: 0 };

/** Protocols for connections to nowhere. */
const make = (type: SocketType, settings: Settings) =>
  protocolFor(
    definitionOf(type),
    settings as unknown as Settings,
    new Context(),
    { remote: "tcp://192.0.2.1:9" } as Link,
  );

test("a connecting transport gets the keep-alive options, and a proxy if there is one", () => {
  assertEquals(connectOptions(settle("PUSH", {}), TCP_ENDPOINT), KEEPALIVE);
  const options = { tcpKeepalive: 1, tcpKeepaliveIdle: 60, socksProxy: "[::1]:1080" };
  assertEquals(connectOptions(settle("PUSH", options), TCP_ENDPOINT), {
    tcpKeepalive: 1,
    tcpKeepaliveIdle: 60,
    typeOfService: 0,
    socks: { host: "::1", port: 1080 },
  });
});

test("a scheme's transport is given the options that the scheme takes: ipc those of ipc, one that names none all", () => {
  const settings = settle("PUSH", { tcpKeepalive: 1, socksProxy: "proxy:1", backlog: 7 });
  const [ipc, other] = [Endpoint.parse("ipc:///a"), Endpoint.parse("of-connection-options-test://a")];
  assertEquals([connectOptions(settings, ipc), listenOptions(settings, ipc)], [{}, { backlog: 7 }]);
  assertEquals(connectOptions(settings, other), connectOptions(settings, TCP_ENDPOINT));
  assertEquals(listenOptions(settings, other), listenOptions(settings, TCP_ENDPOINT));
});

test("credentials are passed with a proxy, and not without one", () => {
  const names = { socksUsername: "user", socksPassword: "secret" };
  assertEquals(connectOptions(settle("PUSH", names), TCP_ENDPOINT), KEEPALIVE);
  assertEquals(connectOptions(settle("PUSH", { ...names, socksProxy: "proxy:1" }), TCP_ENDPOINT).socks, {
    host: "proxy",
    port: 1,
    username: "user",
    password: "secret",
  });
});

test("a listening transport gets the backlog and IPv6, too", () => {
  assertEquals(listenOptions(settle("PULL", {}), TCP_ENDPOINT), { backlog: 1024, ipv6: false, ...KEEPALIVE });
  const options = { backlog: 5, ipv6: true, socksProxy: "proxy:1" };
  assertEquals(listenOptions(settle("PULL", options), TCP_ENDPOINT), { backlog: 5, ipv6: true, ...KEEPALIVE });
});

test("a Stream has no protocol", () => {
  assertInstanceOf(make("STREAM", settle("STREAM", {}))(new Handler()), RawSession);
});

test("a peer gets the socket type, the routing id and the metadata", () => {
  const metadata = { "X-Team": "blue", "X-a": "ä" };
  const handler = new Handler();
  const session = make("DEALER", settle("DEALER", { routingId: "me", metadata }))(handler);
  session.start(0);
  session.feed(LIBZMQ.greeting);
  const ready = concat(handler.sent).subarray(64);
  // Flags, length, and the command's name before it.
  const properties = parseMetadata(ready.subarray(2 + 6));
  assertEquals(
    Array.from(properties, ([name, value]) => `${name}=${toText(value)}`),
    ["socket-type=DEALER", "identity=me", "x-team=blue", "x-a=ä"],
  );
});

test("a connection keeps the options that it was created with, and the next one takes the current options", () => {
  const settings = settle("DEALER", { handshakeInterval: 100 });
  const dealer = make("DEALER", settings);
  settings.handshakeInterval = 0;
  const [first, second] = [dealer(new Handler()), make("DEALER", settings)(new Handler())];
  for (const session of [first, second]) session.start(1000);
  assertEquals([first.nextDeadline, second.nextDeadline], [1100, Infinity]);
});

test("messages over maxMessageSize or maxFrames end the connection, and -1 bytes means no limit", () => {
  const fed = (options: object, ...parts: Uint8Array[]) => {
    const handler = new Handler();
    const session = make("DEALER", settle("DEALER", options))(handler);
    session.start(0);
    session.feed(concat([peerHandshake("DEALER"), ...parts]));
    return handler;
  };
  const [five, two] = [concat([Uint8Array.of(0, 5), bytes("12345")]), concat([Uint8Array.of(1, 1, 0, 0, 1, 0)])];
  assertEquals(fed({ maxMessageSize: 5 }, five).messages, 1);
  assertEquals(fed({ maxMessageSize: 4 }, five).failures.map(({ code }) => code), ["EMSGSIZE"]);
  assertEquals(fed({ maxMessageSize: 0 }, five).failures.length, 1);
  assertEquals(fed({ maxMessageSize: -1 }, five).messages, 1);
  assertEquals(fed({ maxFrames: 2 }, two).messages, 1);
  assertEquals(fed({ maxFrames: 1 }, two).failures.map(({ code }) => code), ["EMSGSIZE"]);
});

test("a PING is sent every heartbeatInterval, which is also the default of heartbeatTimeout", () => {
  const endOf = (options: object) => {
    const handler = new Handler();
    const session = make("DEALER", settle("DEALER", options))(handler);
    session.start(0);
    session.feed(peerHandshake("DEALER"));
    let now = session.nextDeadline;
    for (let i = 0; i < 100 && now < Infinity; i++) {
      session.onTime!(now);
      if (handler.failures.length > 0) return now;
      now = session.nextDeadline;
    }
    return now;
  };
  assertEquals(endOf({ heartbeatTimeout: 100 }), Infinity);
  assertEquals(endOf({ heartbeatInterval: 100 }), 200);
  assertEquals(endOf({ heartbeatInterval: 100, heartbeatTimeout: 250 }), 350);
  // The 101st heartbeat.
  assertEquals(endOf({ heartbeatInterval: 100, heartbeatTimeout: 0 }), 10_100);
});
