/**
 * The debug log: what sockets do, one line of plain text per event ([ADR 15](../../docs/adr/0015-debug-log.md)).
 *
 * @module
 */

import { whenAborted } from "../base/abort.ts";
import { type Message, messageBytes } from "../base/message.ts";
import { endpointText, hexText, quotedPeerText } from "../base/peer_text.ts";
import { OPEN_SOCKETS, type SocketCore } from "../engine/socket_core.ts";
import type { DropReason } from "../routing/drops.ts";
import { eventText } from "./event_text.ts";
import { carriesLine, writeLine } from "./log_lines.ts";
import { type DebugLogOptions, type DebugScope, logs, type LogSettings, readLogOptions } from "./log_options.ts";
import { tap } from "./tap.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Maximum number of frames that are shown of a message. */
const MOST_FRAMES = 8;

/** The endpoint of ZAP handlers: their messages contain passwords. */
const ZAP = "inproc://zeromq.zap.01";

const DROPPED: Readonly<Record<DropReason, string>> = {
  highWaterMark: "the queue of the peer is full (sendHighWaterMark)",
  unroutable: "no connected peer has this routing id",
  noPeer: "no peer is connected, or the one that it is for has disconnected",
  unsendable: "it could not be encoded, encrypted or written",
  lost: "its connection ended before it was sent",
  noDelimiter: "it has no empty delimiter frame: the peer is not a Request, or a Dealer or Router that omits it",
  unexpectedReply: "it replies to no open request",
  unexpectedMessage: "this socket type does not receive messages from that peer",
  noSubscription: "it matches no subscription",
  refusedPeer: "another peer has the routing id of its sender",
  tooLarge: "it is larger than a limit such as maxMessageSize allows",
  closed: "the socket was closed, or its endpoint unbound or disconnected",
  conflated: "a later message replaced it (conflate)",
};

/**
 * Turns on a log of what sockets do, one line per event: connections, handshakes, subscriptions, messages, drops, full
 * queues. Passwords and keys are never logged; text and bytes from peers are escaped and truncated. Frames are logged, up
 * to `frameBytes` bytes of each: leave out `messages` where their content is confidential.
 *
 * The environment variable `ZMQ_DEBUG` does the same when the library is loaded by `@monocoque/zmq`, where the runtime
 * allows reading it (Deno: `--allow-env=ZMQ_DEBUG`). The text is that of the variable: scopes, socket types or numbers,
 * and `bytes=64`, separated by commas, such as `connection,handshake,SUB`; `-messages` leaves out a scope, and `*` is
 * everything.
 *
 * @param options The scopes, sockets and `write`, or a text as in `ZMQ_DEBUG`. Default: everything, to `console.error`.
 * @returns A function that turns this log off.
 * @throws {TypeError} If an option has the wrong type, or a scope does not exist; {@linkcode RangeError} if `frameBytes`
 * is not a whole number of at least 0.
 *
 * @example
 * ```ts
 * import { debugLog, Pull, Push } from "@monocoque/zmq";
 *
 * const lines: string[] = [];
 * const stop = debugLog({ scopes: ["handshake", "messages"], write: (line) => lines.push(line) });
 * await using pull = new Pull();
 * await using push = new Push();
 * push.connect(await pull.bind("tcp://127.0.0.1:0"));
 * await push.send("hello");
 * await pull.receive();
 * stop();
 * console.log(lines.join("\n"));
 * // zmq +0.052 s PUSH#2 handshake tcp://127.0.0.1:49152: handshake complete: the peer is PULL, ZMTP 3.1
 * // zmq +0.053 s PULL#1 messages tcp://127.0.0.1:49153: received 1 frame, 5 bytes: "hello"
 * ```
 */
export function debugLog(options: DebugLogOptions | string = {}): () => void {
  if (arguments.length > 1) refuseSurplus("debugLog()", 1, arguments[1]);
  const settings = readLogOptions(options);
  /** Keeps the sockets that are logged, until they are closed. */
  const ends = new Map<SocketCore, () => void>();
  const follow = (core: SocketCore) => {
    if (!logs(settings, core.definition.name, core.id)) return;
    const end = new SocketLog(core, settings).begin(() => ends.delete(core));
    ends.set(core, end);
  };
  for (const core of OPEN_SOCKETS) follow(core);
  const unobserve = OPEN_SOCKETS.observe(follow);
  return () => {
    unobserve();
    for (const end of ends.values()) end();
    ends.clear();
  };
}

/** The log of one socket. */
class SocketLog {
  readonly #core: SocketCore;
  readonly #settings: LogSettings;
  /** It is or was a ZAP handler, or a client of one. */
  #zap: boolean;
  /** Messages that contain lines of the log were sent or received. */
  #carries = false;

  constructor(core: SocketCore, settings: LogSettings) {
    this.#core = core;
    this.#settings = settings;
    this.#zap = core.endpoints.status().some(({ endpoint }) => endpoint === ZAP);
  }

  /** Begins; the function returned ends it. `onClosed` is called if the socket is closed before. */
  begin(onClosed: () => void): () => void {
    const core = this.#core;
    const end = () => {
      for (const step of ends) step();
    };
    const ends = [
      core.events.listen((event) => {
        if ("endpoint" in event && event.endpoint === ZAP) this.#zap = true;
        const { scope, where, text } = eventText(event);
        this.#line(scope, where, () => text);
        if (event.type !== "end") return;
        end();
        onClosed();
      }),
      whenAborted(core.signal, () => this.#closing()),
    ];
    if (["messages", "subscriptions", "drops", "queues"].some((scope) => this.#has(scope as DebugScope))) {
      ends.push(this.#tap());
    }
    return end;
  }

  #tap(): () => void {
    return tap(this.#core, {
      sent: (remote, message) => {
        const done = remote === "" ? "queued until a peer is connected" : "sent";
        this.#messageLine("messages", remote, message, () => `${done}: `);
      },
      received: (remote, message) => this.#messageLine("messages", remote, message, () => "received "),
      subscribing: (remote, cancel, topic) => {
        const when = remote === "" ? " as soon as a peer is connected" : "";
        this.#line(
          "subscriptions",
          remote,
          () => `${cancel ? "unsubscribes from" : "subscribes to"} ${topicText(topic)}${when}`,
        );
      },
      subscribed: (remote, cancel, topic) => {
        this.#line(
          "subscriptions",
          remote,
          () => `the peer ${cancel ? "unsubscribed from" : "subscribed to"} ${topicText(topic)}`,
        );
      },
      dropped: (remote, reason, messages) => {
        const what = messages === 1 ? "a message was dropped" : `${messages} messages were dropped`;
        this.#lineOfQueue("drops", remote, () => `${what} (${reason}): ${DROPPED[reason]}`);
      },
      unwanted: (message) => {
        const { peerCount } = this.#core;
        const why = peerCount === 0 ? "no peer is connected" : `none of ${peerCount} peer(s) subscribed to it`;
        this.#messageLine("drops", "", message, () => `sent to no peer, ${why}: `);
      },
      full: (remote, direction, messages) => {
        const what = direction === "send"
          ? `the queue of messages to send is full: ${messages} message(s) wait (sendHighWaterMark)`
          : `the queue of received messages is full: ${messages} message(s) wait for receive(), and reading from the peer pauses (receiveHighWaterMark)`;
        this.#lineOfQueue("queues", remote, () => what);
      },
      waits: (peers) => {
        const why = peers === 0 ? "no peer is connected" : `none of ${peers} peer(s) has room`;
        this.#lineOfQueue("queues", "", () => `send has to wait: ${why}`);
      },
    });
  }

  #closing(): void {
    const { queued } = this.#core.pipes.waiting();
    const time = queued === 0 ? "" : " within linger";
    this.#line("close", "", () => `close() was called: ${queued} message(s) to send${time}`);
  }

  #has(scope: DebugScope): boolean {
    return this.#settings.scopes.has(scope);
  }

  #line(scope: DebugScope, where: string, text: () => string): void {
    if (!this.#has(scope)) return;
    writeLine(this.#settings.write, () => {
      const { definition, id, clock } = this.#core;
      const time = `+${(clock.now() / 1000).toFixed(3)} s`;
      const at = where === "" ? "" : ` ${endpointText(where)}`;
      return `zmq ${time} ${definition.name}#${id} ${scope}${at}: ${text()}`;
    });
  }

  /** A line about a message, unless the message is a line. */
  #messageLine(scope: DebugScope, remote: string, message: Message, what: () => string): void {
    if (carriesLine(message)) this.#carries = true;
    else this.#line(scope, remote, () => `${what()}${this.#message(message)}`);
  }

  /** A line that a message may have caused which is not known here. */
  #lineOfQueue(scope: DebugScope, remote: string, text: () => string): void {
    if (!this.#carries) this.#line(scope, remote, text);
  }

  /** Shows the frames of a message, each cut to `frameBytes`. */
  #message(message: Message): string {
    const size = `${message.length} frame${message.length === 1 ? "" : "s"}, ${messageBytes(message)} bytes`;
    const { frameBytes } = this.#settings;
    if (frameBytes === 0 || this.#zap) return size;
    const frames = message.slice(0, MOST_FRAMES).map((frame) => frameText(frame, frameBytes));
    if (message.length > MOST_FRAMES) frames.push(`… ${message.length - MOST_FRAMES} more`);
    return `${size}: ${frames.join(" ")}`;
  }
}

function frameText(frame: Uint8Array, most: number): string {
  // A routing id that a Router generated.
  if (frame.length === 5 && frame[0] === 0) return hexText(frame);
  const shown = quotedPeerText(frame.subarray(0, most), 8 * most);
  return frame.length <= most ? shown : `${shown}…`;
}

function topicText(topic: Uint8Array): string {
  return topic.length === 0 ? `"" (everything)` : quotedPeerText(topic);
}
