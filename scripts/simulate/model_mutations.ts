/**
 * Deliberate bugs that the sequences of calls must find: `npm run model -- --mutations`; docs/testing.md lists them.
 *
 * @module
 */

import { type Mutation, MUTATIONS } from "./mutations.ts";

/** The bugs of the simulation that a sequence of calls meets, too: it loses no connection and changes no high-water mark. */
const SHARED = [
  "disconnect drops what is queued",
  "no attempt follows one that failed",
  "a send that was aborted still sends",
  "a receive that waits is not woken",
];

/** All of them. */
export const MODEL_MUTATIONS: readonly Mutation[] = [
  {
    name: "a Request sends a second request before the reply",
    file: "routing/request.ts",
    from: "    if (this.#waiting && !this.#options.relaxed) {",
    to: "    if (this.#waiting && this.#options.relaxed) {",
  },
  {
    name: "a Request waits for a reply before it has sent",
    file: "routing/request.ts",
    from: "    return this.#waiting ? undefined : new ZmqError(",
    to: "    return this.#waiting || true ? undefined : new ZmqError(",
  },
  {
    name: "a Router answers the first peer",
    file: "routing/peer_ids.ts",
    from: "undefined : this.#pipes.get(toKey(id));",
    to: "undefined : this.#pipes.values().next().value;",
  },
  {
    name: "a connected Pair connects again",
    file: "routing/pair.ts",
    from: "    if (this.#pipe !== undefined) {\n      return new ZmqError(",
    to: "    if (this.#pipe === null) {\n      return new ZmqError(",
  },
  {
    name: "disconnect accepts an endpoint that is not connected",
    file: "engine/endpoints/dialers.ts",
    from: "    if (dialers.length === 0) {",
    to: "    if (dialers.length < 0) {",
  },
  {
    name: "unbind leaves the endpoint bound",
    file: "engine/endpoints/bindings.ts",
    from: "      await this.#close(binding);\n      return endpoint;",
    to: "      return endpoint;",
  },
  {
    name: "a second connect makes a second connection",
    file: "engine/endpoints/endpoints.ts",
    from: "      if (this.#host.definition.connectsOnce === true && this.dialers.has(canonical)) return;",
    to: "",
  },
  {
    name: "close leaves calls of receive waiting",
    file: "engine/waits/receive_queue.ts",
    from: "    this.#waits.rejectAll(error);\n",
    to: "",
  },
  {
    name: "an aborted receive keeps waiting",
    file: "engine/waits/wait_list.ts",
    from: "        for (const each of waits) each.reject(reason);",
    to: "        void waits, reason;",
  },
  {
    name: "messages of a peer are received in another order",
    file: "routing/ring.ts",
    from: "    const value = this.#slots[this.#head];\n    this.#slots[this.#head] = undefined;",
    to:
      "    const at = (this.#head + this.#length - 1) & (this.#slots.length - 1);\n    const value = this.#slots[at];\n" +
      "    this.#slots[at] = this.#slots[this.#head];\n    this.#slots[this.#head] = undefined;",
  },
  ...MUTATIONS.filter(({ name }) => SHARED.includes(name)),
];
