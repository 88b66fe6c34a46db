/**
 * A program that tries to connect once, for `troubleshooting_test.ts`.
 *
 * @module
 */

import { Push } from "../../mod.ts";

const push = new Push({ linger: 0 });
const retried = new Promise<void>((resolve) => push.events.on("connect:retry", () => resolve()));
push.connect("tcp://127.0.0.1:9");
await retried;
await push.close();
