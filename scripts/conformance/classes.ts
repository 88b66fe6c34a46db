/**
 * Why tests of zeromq.js fail here: the decisions of the table in docs/migration.md.
 *
 * @module
 */

/** A failure without a class. */
export const UNEXPECTED = "UNEXPECTED";

interface Class {
  readonly why: string;
  /** Matches `path: title`. */
  readonly tests: RegExp;
  /** Only on these runtimes. */
  readonly on?: readonly string[];
}

const CLASSES: readonly Class[] = [
  {
    why: "our guarantee: a second send or receive waits for its turn",
    tests: /concurrently should throw error on concurrent (send|receive)/,
  },
  {
    why: "only an addon can: one context for all threads",
    tests:
      /context in thread with default context should be shared|inproc in thread when connected (to|between) thread/,
  },
  { why: "text of the runtime", tests: /should throw if called as function/ },
  {
    why: "text of the runtime: an assignment to an object that takes no new properties",
    tests: /options should throw for unknown option/,
    on: ["bun"],
  },
  {
    why: "the suite: it starts Node with a program on its standard input",
    tests: /process-exit-test/,
    on: ["bun", "deno"],
  },
  {
    why: "not about an entry: compiles the declarations of zeromq.js, ours are in tests/types",
    tests: /typings-compatibility-test/,
  },
  {
    why: "time: timers of 1 ms are counted while 2,500 messages are sent and received, which takes less time here",
    tests: /should not starve event loop/,
  },
  {
    why: "time: messages that are published 15 or 25 ms after connect must arrive, on a machine that does nothing else",
    tests: /with (tcp|ipc) x?pub[-\/]x?sub |proxy pull-push connected to push-pull with capture/,
  },
  {
    why: "time: a process must start, load the library and end within 750 ms, on a machine that does nothing else",
    tests: /process-exit-test.*process exit/,
  },
];

/** The class of a failure. */
export function classOf(runtime: string, path: string, title: string): string {
  const found = CLASSES.find(({ tests, on }) => tests.test(`${path}: ${title}`) && (on?.includes(runtime) ?? true));
  return found?.why ?? UNEXPECTED;
}
