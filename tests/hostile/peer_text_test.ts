/**
 * Hostile text of peers in every place from which it reaches a person: errors, their causes, and events.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Context,
  curveKeyPair,
  Endpoint,
  formatCertificate,
  MessageReader,
  Pull,
  Push,
  type Socket,
  type SocketEvent,
} from "../../mod.ts";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { goneUnwritten } from "../../src/base/untransferable.ts";
import { writeError } from "../../src/base/write_error.ts";
import { tcpError } from "../../transports/shared/tcp.ts";
import { zapReply, ZapRig } from "../security/zap_rig.ts";
import { ANY } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { assertPlain, assertPlainError, assertPlainEvent, HOSTILE } from "../support/plain_text.ts";
import { bytes, command, frame, greeting, property, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { SocksProxyServer } from "../transports/socks_proxy.ts";

const decoder = new TextDecoder();

/** The first event of a handshake that failed, or of a connection that ended with an error; every event must be plain. */
function failure(socket: Socket): Promise<SocketEvent & { readonly error: Error }> {
  return new Promise((resolve, reject) => {
    const stop = socket.events.listen((event) => {
      try {
        assertPlainEvent(event);
      } catch (error) {
        reject(error);
      }
      if (!event.type.startsWith("handshake:error") && event.type !== "disconnect" && event.type !== "connect:retry") {
        return;
      }
      if (!("error" in event) || event.error === undefined) return;
      stop();
      resolve(event as SocketEvent & { readonly error: Error });
    });
  });
}

/** A short string of ZMTP: its length in a byte. */
function short(data: Uint8Array): Uint8Array {
  return bytes(Math.min(255, data.length), data.subarray(0, 255));
}

/** A property whose value is these bytes. */
function told(name: Uint8Array | string, value: Uint8Array): Uint8Array {
  const { length } = value;
  return bytes(short(bytes(name)), length >>> 24, length >>> 16, length >>> 8, length, value);
}

function named(name: Uint8Array, data: Uint8Array | string = ""): Uint8Array {
  return frame(4, bytes(short(name), data));
}

const TYPE = property("Socket-Type", "PUSH");

/** Texts that a client can send, and words that the error must still contain. */
const SAID: readonly (readonly [where: string, said: (hostile: Uint8Array) => Uint8Array, words: string])[] = [
  ["a line of HTTP", (hostile) => bytes("GET /", hostile, " HTTP/1.1\r\n\r\n"), "The peer does not speak ZMTP"],
  ["a mechanism", (hostile) => {
    const out = greeting(1, "");
    out.set(hostile.subarray(0, 20), 12);
    return out;
  }, "security mechanism is"],
  ["a command", (hostile) => bytes(greeting(), named(hostile, "data")), "where READY was expected"],
  ["an ERROR of NULL", (hostile) => bytes(greeting(), command("ERROR", short(hostile))), "refused the handshake"],
  [
    "a socket type",
    (hostile) => bytes(greeting(), command("READY", told("Socket-Type", hostile))),
    "cannot talk to PULL",
  ],
  [
    "a name of metadata twice",
    (hostile) => bytes(greeting(), command("READY", bytes(TYPE, told(hostile, TYPE), told(hostile, TYPE)))),
    "twice",
  ],
  [
    "a name of metadata whose value does not fit",
    (hostile) => bytes(greeting(), command("READY", bytes(TYPE, short(hostile), 255, 255, 255, 255))),
    "does not fit",
  ],
  [
    "an ERROR later on",
    (hostile) => bytes(greeting(), ready("PUSH"), command("ERROR", short(hostile))),
    "reported an error",
  ],
];

for (const [where, said, words] of SAID) {
  test(`peer text: hostile text in ${where} reaches errors and events escaped and cut`, async () => {
    await using pull = new Pull();
    const endpoint = await pull.bind(ANY);
    for (const [name, hostile] of HOSTILE) {
      const failed = failure(pull);
      await using peer = await RawPeer.connect(endpoint);
      // A handshake takes 64 KiB at most.
      peer.write(said(hostile));
      const { error } = await failed;
      assertPlainError(error);
      assert(error.message.includes(words), `${name}: ${error.message}`);
      await peer.gone;
    }
  });
}

test("peer text: hostile text in metadata is passed to the program unchanged", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  for (const [, hostile] of HOSTILE) {
    const handshake = new Promise<SocketEvent>((resolve) => {
      const stop = pull.events.listen((event) => {
        assertPlainEvent(event);
        if (event.type === "handshake") stop(), resolve(event);
      });
    });
    await using peer = await RawPeer.connect(endpoint);
    peer.write(greeting(), command("READY", bytes(TYPE, told("X-Told", hostile.subarray(0, 30_000)))));
    const event = await handshake;
    assert(event.type === "handshake");
    assertEquals(event.metadata.get("x-told"), hostile.subarray(0, 30_000));
    assertEquals(event.peerType, "PUSH");
  }
});

const { publicKey } = await curveKeyPair();

/** Refusals of servers, by mechanism. libzmq's PLAIN says `^RROR` (src/security/plain_error.ts). */
const REFUSALS = [
  ["NULL", {}, (reason: Uint8Array) => command("ERROR", short(reason))],
  ["PLAIN", { plainUsername: "ann", plainPassword: "x" }, (reason: Uint8Array) => command("ERROR", short(reason))],
  [
    "PLAIN",
    { plainUsername: "ann", plainPassword: "x" },
    (reason: Uint8Array) => frame(4, bytes("^RROR", short(reason))),
  ],
  ["CURVE", { curveServerKey: publicKey }, (reason: Uint8Array) => command("ERROR", short(reason))],
] as const;

for (const [i, [mechanism, options, refusal]] of REFUSALS.entries()) {
  test(`peer text: hostile text in the ERROR of a ${mechanism} server (${i}) reaches errors and events escaped and cut`, async () => {
    await using listener = await RawListener.bind();
    for (const [name, hostile] of HOSTILE) {
      await using push = new Push({ ...options, reconnectInterval: -1, linger: 0 });
      const failed = failure(push);
      push.connect(listener.endpoint);
      const peer = await listener.accept();
      peer.write(greeting(1, mechanism), refusal(hostile));
      const { error } = await failed;
      assert(error.message.includes("refused the handshake"), `${name}: ${error.message}`);
      assertPlainError(error);
    }
  });
}

test("peer text: hostile status texts of a ZAP handler reach errors and events escaped and cut", async () => {
  await using rig = await ZapRig.make();
  for (const [name, hostile] of HOSTILE) {
    for (const status of ["300", "400", "500"]) {
      const failed = failure(rig.pull);
      const client = rig.client({ reconnectInterval: -1 });
      const reply = [...zapReply({ status })];
      reply[3] = hostile.subarray(0, 255);
      reply[4] = hostile.subarray(0, 255);
      await rig.answer(reply);
      const { error } = await failed;
      assertPlainError(error);
      assert(error.message.includes(`${status}: `), `${name}: ${error.message}`);
      await client.close();
    }
  }
  await rig.stillWorks();
});

test("peer text: replies of a ZAP handler that are hostile throughout reach errors and events escaped and cut", async () => {
  await using rig = await ZapRig.make();
  for (const [name, hostile] of HOSTILE) {
    for (let part = 0; part < 6; part++) {
      const failed = failure(rig.pull);
      const client = rig.client({ reconnectInterval: -1 });
      const reply = [...zapReply({ status: "400" })];
      reply[part] = hostile;
      await rig.answer(reply);
      const { error } = await failed;
      assertPlainError(error);
      assert(error.message.length > 0, name);
      await client.close();
    }
  }
});

test("peer text: an authenticator's error with hostile text is the cause, and is not in the message", async () => {
  for (const [, hostile] of HOSTILE) {
    const text = decoder.decode(hostile);
    await using pull = new Pull({
      plainServer: true,
      authenticate: () => {
        throw new Error(text);
      },
    });
    const failed = failure(pull).catch((error: Error) => error);
    await using push = new Push({ plainUsername: "ann", plainPassword: "x", reconnectInterval: -1, linger: 0 });
    let message = "";
    pull.events.listen((event) => {
      if (event.type === "handshake:error:auth") message = event.error.message;
    });
    push.connect(await pull.bind(ANY));
    await failed;
    assertEquals(message, "The peer was rejected (500: the authenticator failed)");
  }
});

test("peer text: hostile bytes of a SOCKS proxy reach errors and events escaped and cut", async () => {
  for (const [name, hostile] of HOSTILE) {
    for (const says of [hostile, bytes(5, hostile), bytes(5, 0, 5, hostile), bytes(5, 0, 5, 0, 0, 3, hostile)]) {
      const proxy = await SocksProxyServer.start({ says, hangUp: true });
      try {
        await using push = new Push({ socksProxy: `127.0.0.1:${proxy.port}`, reconnectInterval: -1, linger: 0 });
        const failed = failure(push);
        const ended = new Promise<SocketEvent>((resolve) => {
          push.events.listen((event) => {
            if (event.type === "connect:end") resolve(event);
          });
        });
        push.connect("tcp://127.0.0.1:9");
        const event = await Promise.race([failed, ended]);
        assert("error" in event && event.error !== undefined, name);
        assertPlainError(event.error);
      } finally {
        await proxy.close();
      }
    }
  }
});

test("peer text: hostile endpoints of a configuration reach errors escaped and cut, and stay as they are in `endpoint`", async () => {
  const context = new Context();
  await using pull = new Pull({ context });
  for (const [, hostile] of HOSTILE) {
    const text = decoder.decode(hostile);
    const attempts = [
      text,
      `tcp://${text}`,
      `tcp://${text}:1`,
      `tcp://[${text}]:1`,
      `tcp://127.0.0.1:${text}`,
      `tcp://${text};127.0.0.1:1`,
      `ipc://${text}`,
      `ipc:///nowhere/${text}`,
      `inproc://${text}`,
      `pigeon://${text}`,
    ];
    for (const endpoint of attempts) {
      let thrown = 0;
      const caught = (error: unknown) => {
        thrown++;
        assertPlainError(withoutRuntime(error));
      };
      try {
        Endpoint.parse(endpoint);
      } catch (error) {
        caught(error);
      }
      for (const disconnect of [() => pull.disconnect(endpoint), () => pull.unbind(endpoint)]) {
        try {
          await disconnect();
        } catch (error) {
          caught(error);
          assertEquals((error as { endpoint?: string }).endpoint ?? endpoint, endpoint);
        }
      }
      assert(thrown > 0, endpoint);
    }
    // Endpoints that cannot be bound: a name in use, and directories that do not exist.
    await using other = new Pull({ context });
    await pull.bind(`inproc://${text}`);
    for (const endpoint of [`inproc://${text}`, ...text.includes("\0") ? [] : [`ipc:///nowhere/${text}`]]) {
      try {
        await other.bind(endpoint);
        throw new Error("It was bound");
      } catch (error) {
        assertPlain((error as Error).message);
      }
    }
    await pull.unbind(`inproc://${text}`);
  }
});

/** The error without what the runtime threw, whose words are its own. */
function withoutRuntime(error: unknown): unknown {
  return Object.defineProperty(error as object, "cause", { value: undefined });
}

test("peer text: words of the runtime, of streams and of codecs reach errors escaped and cut", async () => {
  for (const [name, hostile] of HOSTILE) {
    const text = decoder.decode(hostile);
    for (const cause of [new Error(text), { code: text }, text]) {
      assertPlain(tcpError(`Cannot connect to tcp://${text}:1`, cause).message);
      assertPlain(writeError("tcp://127.0.0.1:1", cause).message);
    }
    // The remote of a link of the program's own is any text.
    for (const error of [writeError(text, new Error("closed")), goneUnwritten(text)]) assertPlain(error.message);

    const reader = new MessageReader([hostile, hostile, bytes("a", hostile)]);
    for (
      const read of [() => reader.json(), () => reader.with({ encode: () => hostile, decode: () => JSON.parse(text) })]
    ) {
      try {
        read();
        throw new Error(`${name} was read`);
      } catch (error) {
        assertPlainError(error);
      }
    }

    await using pull = new Pull();
    const failed = new Promise<Error>((resolve) => {
      pull.events.listen((event) => {
        if (event.type === "handshake:error:other") resolve(event.error);
      });
    });
    const readable = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error(text)) });
    pull.attach(linkOf({ readable, writable: new WritableStream() }, { remote: `tls://${text}` }));
    assertPlain((await failed).message);
  }
});

test("peer text: hostile certificates and options reach errors escaped and cut", () => {
  for (const [, hostile] of HOSTILE) {
    const text = decoder.decode(hostile);
    const attempts = [
      () => formatCertificate({ publicKey, metadata: { [`${text} `]: "x" } }),
      () => formatCertificate({ publicKey, metadata: { ["n".repeat(60_000)]: "a\nb" } }),
      () => new Push({ [text]: 1 } as object),
      () => new Context({ [text]: 1 } as object),
      () => new Push({ reconnectStop: [text] } as object),
      () => new Push({ metadata: { [text]: "x" } }),
      () => new Push({ socksProxy: text }),
      () => new Push({ curveServerKey: text }),
    ];
    // Our own list of options is longer than anything else.
    for (const attempt of attempts) assertPlainError(assertThrows(attempt, Error), 1500);
  }
});
