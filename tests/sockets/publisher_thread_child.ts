/**
 * A thread of `publisher_threads_test.ts`: serves subscribers, and throws when a message asks for it.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { servePublisher } from "../../mod.ts";

servePublisher(workerData);
// Does not keep the thread alive.
parentPort!.on("message", () => {
  throw new Error("thrown by the test");
});
parentPort!.unref?.();
