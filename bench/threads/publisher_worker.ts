/**
 * A thread of `publisher.ts`: serves subscribers.
 *
 * @module
 */

import { workerData } from "node:worker_threads";
import { servePublisher } from "../../mod.ts";

servePublisher(workerData);
