/**
 * Sockets that send and receive.
 *
 * @module
 */

import { ReceivingSocket } from "./receiving.ts";
import { defineSending, type Sending } from "./sending.ts";

/** A socket that sends and receives; receiving also with `for await`. */
export abstract class DuplexSocket extends ReceivingSocket {}

/** How it sends. */
export interface DuplexSocket extends Sending {}

defineSending(DuplexSocket.prototype);
