/**
 * Records what the real libzmq (npm's `zeromq`) sends to a raw TCP peer, as hex: the source of the captured vectors in
 * `tests/zmtp/vectors.ts`. Not a test; run it again after an upgrade of `zeromq` and compare:
 *
 *     node tests/support/capture_vectors.mjs
 *
 * Each line is `name hex`. The routing id that libzmq makes up, the only thing that changes from run to run, is not on
 * the wire. The script ends with exit code 1 if libzmq does not answer within 5 seconds.
 */

import net from "node:net";
import process from "node:process";
import * as zmq from "zeromq";

const GREETING_SIZE = 64;
const PARTNER = {
  REQ: "REP",
  REP: "REQ",
  DEALER: "ROUTER",
  ROUTER: "DEALER",
  PUB: "SUB",
  SUB: "PUB",
  XPUB: "XSUB",
  XSUB: "XPUB",
  PUSH: "PULL",
  PULL: "PUSH",
  PAIR: "PAIR",
};

const deadline = setTimeout(() => {
  process.stderr.write("libzmq did not answer within 5 seconds\n");
  process.exit(1);
}, 5000);

function greeting(minor) {
  const bytes = Buffer.alloc(GREETING_SIZE);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = minor;
  bytes.write("NULL", 12, "latin1");
  return bytes;
}

function command(name, data) {
  const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), data]);
  return Buffer.concat([Buffer.from([4, body.length]), body]);
}

function property(name, value) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
}

/** A raw TCP peer of a libzmq socket: reads exactly `length` bytes, or a whole frame. */
class Peer {
  #socket;
  #bytes = Buffer.alloc(0);
  #wake = () => {};

  static to(endpoint) {
    const peer = new Peer();
    const port = Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
    peer.#socket = net.connect(port, "127.0.0.1");
    peer.#socket.on("data", (chunk) => {
      peer.#bytes = Buffer.concat([peer.#bytes, chunk]);
      peer.#wake();
    });
    peer.#socket.on("error", () => {});
    return peer;
  }

  write(...parts) {
    this.#socket.write(Buffer.concat(parts));
  }

  async read(length) {
    while (this.#bytes.length < length) await new Promise((resolve) => this.#wake = resolve);
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async frame() {
    const head = await this.read(2);
    if ((head[0] & 2) === 0) return Buffer.concat([head, await this.read(head[1])]);
    const rest = await this.read(7);
    const length = Number(Buffer.concat([head.subarray(1), rest]).readBigUInt64BE());
    return Buffer.concat([head, rest, await this.read(length)]);
  }

  end() {
    this.#socket.destroy();
  }
}

function record(name, bytes) {
  process.stdout.write(`${name} ${bytes.toString("hex")}\n`);
}

/** A raw peer that has done the handshake with a bound libzmq socket. */
async function handshake(socket, ownType, minor = 1) {
  await socket.bind("tcp://127.0.0.1:*");
  const peer = Peer.to(socket.lastEndpoint);
  peer.write(greeting(minor), command("READY", property("Socket-Type", ownType)));
  return { peer, greeting: await peer.read(GREETING_SIZE), ready: await peer.frame() };
}

const CLASSES = {
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
  PUSH: zmq.Push,
  PULL: zmq.Pull,
  PAIR: zmq.Pair,
};

async function handshakes() {
  for (const [type, Socket] of Object.entries(CLASSES)) {
    const socket = new Socket({ linger: 0 });
    const { peer, greeting, ready } = await handshake(socket, PARTNER[type]);
    if (type === "REQ") record("greeting", greeting);
    record(`ready_${type.toLowerCase()}`, ready);
    peer.end();
    socket.close();
  }
  const named = new zmq.Dealer({ linger: 0, routingId: "client-1" });
  const { peer, greeting: bytes, ready } = await handshake(named, "ROUTER");
  record("greeting_with_identity", bytes);
  record("ready_dealer_with_identity", ready);
  peer.end();
  named.close();
}

async function subscriptions(minor) {
  const socket = new zmq.Subscriber({ linger: 0 });
  socket.subscribe("weather.");
  const { peer } = await handshake(socket, "PUB", minor);
  // libzmq sends the subscriptions to a new peer when the socket is next looked at.
  socket.receive().catch(() => {});
  record(`subscribe_3_${minor}`, await peer.frame());
  socket.subscribe("");
  record(`subscribe_all_3_${minor}`, await peer.frame());
  socket.unsubscribe("weather.");
  record(`cancel_3_${minor}`, await peer.frame());
  socket.subscribe("t".repeat(300));
  record(`subscribe_long_3_${minor}`, await peer.frame());
  peer.end();
  socket.close();
}

async function messages() {
  const socket = new zmq.Push({ linger: 0 });
  const { peer } = await handshake(socket, "PULL");
  await socket.send("hello");
  record("message_short", await peer.frame());
  await socket.send("");
  record("message_empty", await peer.frame());
  await socket.send("a".repeat(255));
  record("message_255", await peer.frame());
  await socket.send("b".repeat(256));
  record("message_256", await peer.frame());
  await socket.send(["one", "", "three"]);
  record("message_multipart", Buffer.concat([await peer.frame(), await peer.frame(), await peer.frame()]));
  await socket.send(["c".repeat(256), "d"]);
  record("message_multipart_long", Buffer.concat([await peer.frame(), await peer.frame()]));
  peer.end();
  socket.close();

  const req = new zmq.Request({ linger: 0 });
  const { peer: rep } = await handshake(req, "REP");
  await req.send("question");
  record("request", Buffer.concat([await rep.frame(), await rep.frame()]));
  rep.end();
  req.close();
}

async function heartbeats() {
  const socket = new zmq.Dealer({ linger: 0, heartbeatInterval: 50, heartbeatTimeToLive: 1500 });
  const { peer } = await handshake(socket, "ROUTER");
  record("ping", await peer.frame());
  peer.end();
  socket.close();

  const quiet = new zmq.Dealer({ linger: 0 });
  const { peer: pinger } = await handshake(quiet, "ROUTER");
  pinger.write(command("PING", Buffer.from([0, 0])));
  record("pong_empty", await pinger.frame());
  pinger.write(command("PING", Buffer.from("\x00\x0acontext", "latin1")));
  record("pong_context", await pinger.frame());
  pinger.end();
  quiet.close();
}

/** A ZAP handler that rejects every client makes libzmq send ERROR. */
async function error() {
  const zap = new zmq.Reply({ linger: 0 });
  await zap.bind("inproc://zeromq.zap.01");
  const socket = new zmq.Dealer({ linger: 0, zapDomain: "test" });
  await socket.bind("tcp://127.0.0.1:*");
  const peer = Peer.to(socket.lastEndpoint);
  peer.write(greeting(1), command("READY", property("Socket-Type", "ROUTER")));
  const [, id] = await zap.receive();
  await zap.send(["1.0", id, "400", "no", "", ""]);
  await peer.read(GREETING_SIZE);
  record("error_400", await peer.frame());
  peer.end();
  socket.close();
  zap.close();
}

process.stderr.write(`libzmq ${zmq.version}\n`);
await handshakes();
await subscriptions(1);
await subscriptions(0);
await messages();
await heartbeats();
await error();
clearTimeout(deadline);
