/**
 * Asks the ZAP handler of a context (RFC 27): the socket that has bound its endpoint. As in libzmq every request has a connection of
 * its own, so that a reply belongs to it whatever it contains.
 *
 * | Event           | ASKING   | ANSWERED | REFUSED |
 * | --------------- | -------- | -------- | ------- |
 * | reply           | ANSWERED | -        | -       |
 * | malformed reply | REFUSED  | -        | -       |
 * | handler closes  | REFUSED  | -        | -       |
 * | timeout         | REFUSED  |          |         |
 * | over            | REFUSED  | -        | -       |
 *
 * A request begins in REFUSED if there is no handler. `over`: the handshake has ended. `-` changes nothing; an empty cell cannot happen, as the timer
 * runs in ASKING only. `tests/security/zap_request_states_test.ts` walks the table.
 *
 * @module
 */

import type { Timer } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import { DealerPattern } from "../routing/dealer.ts";
import type { ZapRequest, ZapVerdict } from "../security/zap.ts";
import { encodeZapRequest, parseZapReply, ZAP_ENDPOINT } from "../security/zap_codec.ts";
import type { ZmtpSocketType } from "../zmtp/socket_type.ts";
import { clockOf, type Context, namesOf } from "./context.ts";
import { HighWaterMarks } from "./pipe/high_water_marks.ts";
import { LocalConnection } from "./connection/local_connection.ts";
import type { ConnectionHost } from "./connection/contract.ts";
import { PeerPipe } from "./pipe/pipe.ts";
import type { PipeHost } from "./pipe/contracts.ts";
import { DEFAULTS } from "./settings.ts";

/** There is one request per connection. */
const REQUEST_ID = "1";
/** The asking side: a DEALER to the handler, a REP. */
const DEALER: ZmtpSocketType = { name: "DEALER", partners: ["REP", "ROUTER"], tellsRoutingId: true };

/** True if a context has a ZAP handler now. */
export function hasZapHandler(context: Context): boolean {
  return namesOf(context).get(ZAP_ENDPOINT) !== undefined;
}

/**
 * Sends a request to the handler; rejects if there is none, if it closes, if it does not answer within `timeout` ms, or
 * when the handshake is over.
 */
export function askZap(
  context: Context,
  request: ZapRequest,
  timeout: number,
  over: AbortSignal,
): Promise<ZapVerdict> {
  return new Promise((resolve, reject) => new ZapQuery(context, request, timeout, over, resolve, reject));
}

class ZapQuery implements PipeHost, ConnectionHost {
  readonly pattern: DealerPattern = new DealerPattern({ probeRouter: false });
  readonly marks: HighWaterMarks;
  readonly gathering = false;
  readonly #request: ZapRequest;
  readonly #resolve: (verdict: ZapVerdict) => void;
  readonly #reject: (error: unknown) => void;
  readonly #timer: Timer | undefined;
  readonly #over: AbortSignal;
  readonly #onOver = () => this.#fail("was closed");
  readonly #pipe: PeerPipe;
  #connection: LocalConnection | undefined;
  #ended = false;

  constructor(
    context: Context,
    request: ZapRequest,
    timeout: number,
    over: AbortSignal,
    resolve: (verdict: ZapVerdict) => void,
    reject: (error: unknown) => void,
  ) {
    this.marks = new HighWaterMarks(DEFAULTS);
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#pipe = new PeerPipe(this, false);
    if (timeout < Infinity) this.#timer = clockOf(context).timer(timeout, () => this.#fail("did not answer in time"));
    this.#over = over;
    over.addEventListener("abort", this.#onOver);
    const binder = namesOf(context).get(ZAP_ENDPOINT);
    if (binder === undefined) {
      this.#fail("does not exist");
      return;
    }
    const socket = { type: DEALER, settings: DEFAULTS, owner: this, accept: () => false };
    this.#connection = LocalConnection.to(ZAP_ENDPOINT, socket, binder);
    this.#connection.start();
  }

  connectionReady(connection: LocalConnection): PeerPipe {
    this.#pipe.connect(connection);
    this.pattern.attach(this.#pipe);
    this.#pipe.trySend(encodeZapRequest(REQUEST_ID, this.#request));
    return this.#pipe;
  }

  connectionClosed(): void {
    this.#fail("was closed");
  }

  pipeReadable(): void {
    try {
      this.#resolve(parseZapReply(this.#pipe.tryReceive()!, REQUEST_ID));
    } catch (error) {
      this.#reject(error);
    }
    this.#end();
  }

  #fail(how: string): void {
    // `#end` drops the connection, which is reported.
    if (this.#ended) return;
    this.#reject(new ZmqError("ECONNREFUSED", `The ZAP handler ${how}`));
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#over.removeEventListener("abort", this.#onOver);
    // Withdraws the request if the handler has not taken it yet: its reply would be ignored.
    this.#connection?.takeBack();
    this.#connection?.drop();
  }
}
