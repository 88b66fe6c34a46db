/**
 * Declares all benchmarks of this folder.
 *
 * @module
 */

import "./codec_bench.ts";
import "./topics_bench.ts";
import "./queues_bench.ts";

export { declared, runOnce } from "./harness.ts";
