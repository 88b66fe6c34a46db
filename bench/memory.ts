/**
 * How much memory this process takes.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";

/** Bytes that are resident now. Garbage is collected first where the process was started with leave to do so. */
export function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

/** The most bytes that were ever resident. */
export function peakBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

function collectGarbage(): void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}
