/**
 * Finding out whether a socket listens at an ipc path, on Node's `net`.
 *
 * @module
 */

import { connect } from "node:net";

/** See {@link IpcRuntime.connect}. */
export function tryPath(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject).once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}
