/**
 * One `test()` for three runtimes: `Deno.test` with every leak sanitizer on, `bun:test`, `node:test`.
 *
 * Every test has a deadline. A test file that keeps Node's event loop busy after its last test fails, which is the
 * nearest Node comes to Deno's sanitizers.
 *
 * @module
 */

/** Options of {@link test}. */
export interface TestOptions {
  /** Milliseconds that the test may take on an idle machine; it fails after {@link PATIENCE} times as long. Default 10 000. */
  readonly timeout?: number;
  /** Why the test is not run here; it is part of the reported name. */
  readonly skip?: string;
}

/** The runtime this process is. */
export type Runtime = "deno" | "bun" | "node";

type TestBody = () => void | Promise<void>;
type Register = (name: string, body: TestBody, skipped: boolean, deadline: number) => void;

interface DenoTest {
  test(
    definition: {
      name: string;
      fn: TestBody;
      ignore: boolean;
      sanitizeOps: boolean;
      sanitizeResources: boolean;
      sanitizeExit: boolean;
    },
  ): void;
}

interface BunTest {
  test: {
    (name: string, body: TestBody, timeout: number): void;
    skip(name: string, body: TestBody): void;
  };
}

const DEFAULT_TIMEOUT = 10_000;
/**
 * A deadline ends a test that hangs; it proves nothing about speed, and machines that run the gate may be busy. The default
 * stays below 30 s, how long the library itself waits for a peer's handshake.
 */
const PATIENCE = 2.5;

const globals = globalThis as { Deno?: DenoTest; Bun?: unknown };

/** The runtime this process is. */
export const runtime: Runtime = globals.Deno !== undefined ? "deno" : globals.Bun !== undefined ? "bun" : "node";

const register: Register = await registerFor(runtime);

/**
 * Declares a test.
 *
 * @param name The behavior that it proves.
 * @param fn The body; it fails by throwing or rejecting.
 */
export function test(name: string, fn: TestBody, options: TestOptions = {}): void {
  const { timeout = DEFAULT_TIMEOUT, skip } = options;
  if (skip === "") throw new TypeError(`Cannot skip "${name}": a reason is missing`);
  const title = skip === undefined ? name : `${name} (skipped: ${skip})`;
  // Made here, so that its stack names the test's file.
  const deadline = timeout * PATIENCE;
  const late = new Error(`deadline of ${deadline} ms passed`);
  register(title, () => withDeadline(fn, deadline, late), skip !== undefined, deadline);
}

async function withDeadline(fn: TestBody, ms: number, late: Error): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), ms);
  });
  try {
    await Promise.race([fn(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function registerFor(runtime: Runtime): Promise<Register> {
  switch (runtime) {
    case "deno":
      return registerOnDeno;
    case "bun":
      return await registerOnBun();
    case "node":
      // Not at the top, so that no other runtime loads it.
      return await import("./node_tests.ts").then(({ registerOnNode }) => registerOnNode());
  }
}

function registerOnDeno(name: string, fn: TestBody, ignore: boolean): void {
  globals.Deno!.test({ name, fn, ignore, sanitizeOps: true, sanitizeResources: true, sanitizeExit: true });
}

async function registerOnBun(): Promise<Register> {
  // Not a literal, so that the type checkers of the other runtimes do not look for the module.
  const specifier: string = "bun:test";
  const { test } = await import(specifier) as BunTest;
  return (name, fn, skipped, deadline) => {
    if (skipped) test.skip(name, fn);
    // Longer than our own deadline, whose error says more.
    else test(name, fn, deadline + 10_000);
  };
}
