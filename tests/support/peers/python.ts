/**
 * Finds a Python with `zmq`, the second real peer.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";

// Debian's own interpreter, which is the one that Debian's python3-zmq serves.
const DEBIAN_PYTHON = "/usr/bin/python3";

/**
 * The interpreter, and the reason why it cannot be used if it cannot. `npm test` has already looked, and passes the
 * result.
 */
export function pythonZmq(): { readonly command: string; readonly missing?: string } {
  const { PYTHON_ZMQ, PYTHON_ZMQ_MISSING } = process.env;
  if (PYTHON_ZMQ !== undefined) return { command: PYTHON_ZMQ };
  if (PYTHON_ZMQ_MISSING !== undefined) return { command: DEBIAN_PYTHON, missing: PYTHON_ZMQ_MISSING };
  const { status } = spawnSync(DEBIAN_PYTHON, ["-c", "import zmq"], { stdio: "ignore" });
  if (status === 0) return { command: DEBIAN_PYTHON };
  return { command: DEBIAN_PYTHON, missing: `${DEBIAN_PYTHON} cannot import zmq (Debian package python3-zmq)` };
}
