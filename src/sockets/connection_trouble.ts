/**
 * Why a socket has no peer, for the errors of what is built on sockets.
 *
 * @module
 */

export { trouble } from "../engine/timeout_error.ts";
