/**
 * Deliberate bugs that the simulation must find: each replaces one place of the sources. `npm run simulate -- --mutations`
 * plays seeds against each until one fails; docs/testing.md lists the seeds.
 *
 * @module
 */

/** A deliberate bug. */
export interface Mutation {
  readonly name: string;
  /** The file below `src/`. */
  readonly file: string;
  /** Text that occurs exactly once in it. */
  readonly from: string;
  readonly to: string;
}

/** All of them. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: "a sender that waits for room is not woken",
    file: "engine/pipe/outbox.ts",
    from: "    try {\n      this.#host.room();\n    }",
    to: "    try {\n      void 0;\n    }",
  },
  {
    name: "one message more than the send high-water mark",
    file: "engine/pipe/out_queue.ts",
    from: "return messages < marks.sendMessages &&",
    to: "return messages <= marks.sendMessages &&",
  },
  {
    name: "twice the receive high-water mark",
    file: "engine/pipe/inbox.ts",
    from: "length < marks.receiveMessages &&",
    to: "length < 2 * marks.receiveMessages &&",
  },
  {
    name: "a message that was written completely is sent again after a loss",
    file: "engine/pipe/in_flight.ts",
    from: "let out = this.entries;",
    to: "let out = 0;",
  },
  {
    name: "an unfinished message is not sent again after a loss",
    file: "engine/pipe/outbox.ts",
    from: "    if (taken === undefined) {",
    to: "    if (taken !== 0) {",
  },
  {
    name: "subscriptions are not sent again after a reconnect",
    file: "routing/subscribe.ts",
    from: "  waiting(pipe: Pipe): void {\n    this.#late.delete(pipe);\n    this.#sendAllTopics(pipe);",
    to: "  waiting(pipe: Pipe): void {\n    this.#late.delete(pipe);",
  },
  {
    name: "unsubscribes are not sent",
    file: "routing/subscribe.ts",
    from: "this.#sendTopic(pipe, true, own)",
    to: "void [pipe, own]",
  },
  {
    name: "the timer of a receive that is served is not cleared",
    file: "engine/waits/wait_list.ts",
    from: "      timer?.cancel();\n      unlisten?.();",
    to: "      unlisten?.();",
  },
  {
    name: "the heartbeat timer of a closed connection is not cleared",
    file: "engine/connection/link_connection.ts",
    from: "    this.#state = CLOSED;\n    this.#timer?.cancel();",
    to: "    this.#state = CLOSED;",
  },
  {
    name: "the reconnect timer is not cleared",
    file: "engine/endpoints/dialer.ts",
    from: "    this.#attempt?.abort();\n    this.#timer?.cancel();",
    to: "    this.#attempt?.abort();",
  },
  {
    name: "CURVE uses a nonce again",
    file: "security/curve_traffic.ts",
    from: "const counter = ++this.counter;",
    to: "const counter = this.counter;",
  },
  {
    name: "reading does not continue when the inbox has room",
    file: "engine/pipe/inbox.ts",
    from: "    this.#stalled = false;\n    this.#onRoom();",
    to: "    this.#stalled = false;",
  },
  {
    name: "a Request accepts the reply to an earlier request",
    file: "routing/request.ts",
    from: "if (!asked || !sameNumber(number, this.#wanted)) {",
    to: "if (!this.#waiting) {",
  },
  {
    name: "a Router ignores handover",
    file: "routing/router.ts",
    from: "rival !== undefined && !this.#options.handover ? pipe : rival",
    to: "rival !== undefined ? pipe : rival",
  },
  {
    name: "no attempt follows one that failed",
    file: "engine/endpoints/dialer.ts",
    from: 'if (this.active) this.#retry(error, "refused");',
    to: "void error;",
  },
  {
    name: "no attempt follows a lost connection",
    file: "engine/endpoints/dialer.ts",
    from: 'if (this.active) this.#retry(error, handshaken ? undefined : "handshakeFailed");',
    to: "void [error, handshaken];",
  },
  {
    name: "a send that was aborted still sends",
    file: "engine/waits/wait_list.ts",
    from: "  reject(error: unknown): void {\n    this.#leave();",
    to: "  reject(error: unknown): void {",
  },
  {
    name: "messages of a lost peer that wait for receive are dropped",
    file: "engine/pipes.ts",
    from: "this.leftovers.keep(pipe);",
    to: "pipe.inbox.clear();",
  },
  {
    name: "messages that are lost with a queue are not counted",
    file: "engine/pipe/outbox.ts",
    from: '    this.counters.drops.add("lost", given);',
    to: "",
  },
  {
    name: "close takes twice its linger",
    file: "engine/linger.ts",
    from: "this.#clock.now() + linger;",
    to: "this.#clock.now() + 2 * linger;",
  },
  {
    name: "a link does not report that it has drained",
    file: "transport/link.ts",
    from: "if (this.#state === OPEN) this.#sink?.onDrain();",
    to: "if (this.#state === OPEN) void 0;",
  },
  {
    name: "a peer whose queue was empty is never received from again",
    file: "routing/fair_queue.ts",
    from: "    this.#members.delete(this.#active[at]!);\n",
    to: "",
  },
  {
    name: "a peer whose queue was full never gets a message again",
    file: "routing/load_balancer.ts",
    from: "    if (at < this.#active) return;\n",
    to: "    if (at < this.#active || this.#pipes.length > 1) return;\n",
  },
  {
    name: "inproc does not continue when the receiver has room",
    file: "engine/connection/local_connection.ts",
    from: "  resumeReading(): void {\n    this.#other.#move();",
    to: "  resumeReading(): void {",
  },
  {
    name: "the header of a large frame must arrive at once",
    file: "zmtp/frame_decoder.ts",
    from: "(header[0]! & LONG) === 0 ? 2 : MAX_HEADER_SIZE;\n",
    to: "(header[0]! & LONG) === 0 ? 2 : 2;\n",
  },
  {
    name: "a heartbeat times out at once",
    file: "zmtp/heartbeat.ts",
    from: "timeout > 0) this.#timeoutAt = now + timeout;",
    to: "timeout > 0) this.#timeoutAt = now;",
  },
  {
    name: "a receive that waits is not woken",
    file: "engine/socket_core.ts",
    from: "    this.pattern.pipeReadable?.(pipe);\n    this.receiving.pump();",
    to: "    this.pattern.pipeReadable?.(pipe);",
  },
  {
    name: "a Reply answers the first peer",
    file: "routing/reply.ts",
    from: "this.#request = { pipe: this.#in.last!, envelope,",
    to: "this.#request = { pipe: ((this as { first?: Pipe }).first ??= this.#in.last!), envelope,",
  },
  {
    name: "a message that arrives in two chunks loses its end",
    file: "zmtp/frame_decoder.ts",
    from: "this.#gatherer.start(length, this.#chunk.length - this.#at);",
    to: "this.#gatherer.start(length > 1 ? length - 1 : length, this.#chunk.length - this.#at);",
  },
  {
    name: "twice the send high-water mark in bytes",
    file: "engine/pipe/out_queue.ts",
    from: "this.bytes < marks.sendBytes &&",
    to: "this.bytes < 2 * marks.sendBytes &&",
  },
  {
    name: "messages that are dropped at the high-water mark are not counted",
    file: "engine/pipe/pipe.ts",
    from: "    this.countDrop(this.#dropped ? ",
    to: "    if (this.#dropped) this.countDrop(this.#dropped ? ",
  },
  {
    name: "disconnect drops what is queued",
    file: "engine/endpoints/dialers.ts",
    from: "    const deadline = linger.deadline(settings.linger);\n    for (const dialer of dialers)",
    to: "    const deadline = linger.deadline(settings.linger && 0);\n    for (const dialer of dialers)",
  },
  {
    name: "a write takes everything that is queued",
    file: "engine/connection/writer.ts",
    from: "const WRITE_AT = 60 * 1024;",
    to: "const WRITE_AT = 6000 * 1024;",
  },
];
