/**
 * Reads the JUnit reports of `deno test`, `bun test` and `node --test`: their one common machine format.
 *
 * Not an XML parser: it reads what these three runners write.
 *
 * @module
 */

/** One test case of a report. */
export interface TestCase {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  /** The failure, if it failed. */
  readonly detail: string;
}

const TEST_CASE = /<testcase((?:\s+[\w:-]+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const ATTRIBUTE = /([\w:-]+)="([^"]*)"/g;
const FAILURE = /<(?:failure|error)\b((?:\s+[\w:-]+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

/** The test cases of a report, in its order. */
export function readJunit(xml: string): TestCase[] {
  return [...xml.matchAll(TEST_CASE)].map(([, attributes = "", body = ""]) => {
    const name = attributesOf(attributes).get("name") ?? "(unnamed)";
    const failure = FAILURE.exec(body);
    if (failure !== null) {
      const message = attributesOf(failure[1] ?? "").get("message") ?? "";
      const text = unescape(failure[2] ?? "").trim();
      return { name, state: "failed", detail: text === "" ? message : text };
    }
    return {
      name,
      state: /<skipped\b/.test(body) ? "skipped" : "passed",
      detail: "",
    };
  });
}

function attributesOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map((
      [, key = "", value = ""],
    ) => [key, unescape(value)]),
  );
}

function unescape(text: string): string {
  return text
    .replaceAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, content: string) => content)
    .replaceAll(
      /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
      (entity, hex?: string, decimal?: string, named?: string) => {
        if (hex !== undefined) {
          return String.fromCodePoint(
            Number.parseInt(hex, 16),
          );
        }
        if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
        return NAMED_ENTITIES[named ?? ""] ?? entity;
      },
    );
}
