/**
 * Measures the memory of this process.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";

/** Returns the resident bytes now, after a garbage collection if the process may run one. */
export function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

/** Returns the peak of the resident bytes. */
export function peakBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

function collectGarbage(): void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}
