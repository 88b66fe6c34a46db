/**
 * The page `docs/troubleshooting.md`: every symptom is provoked, and every line of the log that the page shows is logged.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { debugLog } from "../../mod.ts";
import { runtime, test } from "../support/harness.ts";
import { until } from "./support.ts";
import { type Logged, SYMPTOMS } from "./troubleshooting_cases.ts";

const PAGE = readFileSync(new URL("../../docs/troubleshooting.md", import.meta.url), "utf8");

/** The log lines of each heading. */
const SHOWN = new Map(
  [...PAGE.matchAll(/^### (.+)\n\n```text\n([^`]+)\n```$/gm)].map(([, name, lines]) => [name!, lines!.split("\n")]),
);

/** Numbers of sockets, addresses and times differ from run to run. */
function general(line: string): string {
  return line.replace(/^zmq \+[\d.]+ s /, "").replace(/^([A-Z]+)#\d+/, "$1").replace(/tcp:\/\/[\d.]+:\d+/g, "TCP")
    .replace(/in \d+ ms/, "in N ms");
}

/** Matches a line of the page, in which `…` is any text. */
function matcher(shown: string): RegExp {
  const parts = general(shown).split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

test("troubleshooting: the page and the tests have the same symptoms, more than twenty", () => {
  assertEquals([...SHOWN.keys()].sort(), Object.keys(SYMPTOMS).sort());
  assertEquals(PAGE.match(/^### /gm)!.length, SHOWN.size);
  assert(SHOWN.size >= 20);
  assertEquals([PAGE.match(/^\*\*Cause:\*\*/gm)!.length, PAGE.match(/^\*\*Cure:\*\*/gm)!.length], [
    SHOWN.size,
    SHOWN.size,
  ]);
});

for (const [name, provoke] of Object.entries(SYMPTOMS)) {
  if (name.endsWith("on Deno") && runtime !== "deno") continue;
  test(`troubleshooting: ${name}`, async () => {
    const lines: string[] = [];
    const log: Logged = { lines, line: (pattern) => until(() => lines.some((line) => pattern.test(line))) };
    const stop = debugLog({ write: (line) => lines.push(line) });
    try {
      await provoke(log);
      const found = () =>
        (SHOWN.get(name) ?? []).map((shown) => lines.some((line) => matcher(shown).test(general(line))));
      // A hint follows its cause in a microtask, or when its peer has read.
      if (SHOWN.has(name)) await until(() => found().every(Boolean));
      const logged = lines.map(general).join("\n");
      (SHOWN.get(name) ?? []).forEach((shown, i) => assert(found()[i], `${general(shown)}\n\nis not in\n\n${logged}`));
    } finally {
      stop();
    }
  });
}
