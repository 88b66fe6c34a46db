/**
 * The table of `docs/compatibility.md` with the time when a change of each option applies, derived from the definitions.
 *
 * @module
 */

import type { Applies, Option } from "../../src/base/option.ts";

/** The text of the table for each time at which a change applies. */
const WHEN: Readonly<Record<Applies, string>> = {
  "at once": "Immediately",
  "next message": "From the next message, notification or subscription on",
  "next wait": "To the next wait",
  "next connect": "To the next `connect()`, and to later incoming connections",
  "next attempt": "To the next attempt to connect",
  "next connection": "To the next connection, including reconnects (¹ incoming connections: after the next `bind()`)",
  "next loss": "To the next lost connection",
  "next bind": "To the next `bind()`",
  close: "When an endpoint or the socket is closed",
  never: "Never: only the default can be set",
};
const OF_LISTENERS = ["tcpKeepalive", "tcpKeepaliveIdle", "typeOfService"];

/** Returns the rows of the table. */
export function whenTable(options: ReadonlyMap<string, Iterable<Pick<Option<unknown>, "applies">>>): string[] {
  return Object.entries(WHEN).map(([applies, words]) => {
    const names = [...options].filter(([, all]) => [...all].some((one) => one.applies === applies));
    const cells = names.map(([name]) => name).sort().map((name) =>
      `\`${name}\`${OF_LISTENERS.includes(name) ? "¹" : ""}`
    );
    return `| ${words} | ${cells.join(", ")} |`;
  });
}
