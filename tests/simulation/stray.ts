/**
 * Unhandled errors, on each of the three runtimes.
 *
 * @module
 */

interface NodeProcess {
  on(name: "unhandledRejection" | "uncaughtException", act: (reason: unknown) => void): unknown;
  off(name: "unhandledRejection" | "uncaughtException", act: (reason: unknown) => void): unknown;
}

/** Reports unhandled rejections, until the function returned is called. */
export function watchStray(report: (reason: unknown) => void): () => void {
  const { Deno, process } = globalThis as unknown as { Deno?: unknown; process: NodeProcess };
  if (Deno === undefined) {
    process.on("unhandledRejection", report);
    return () => void process.off("unhandledRejection", report);
  }
  const rejected = (event: Event) => {
    event.preventDefault();
    report((event as PromiseRejectionEvent).reason);
  };
  globalThis.addEventListener("unhandledrejection", rejected);
  return () => globalThis.removeEventListener("unhandledrejection", rejected);
}
