/**
 * What a benchmark is: two programs, of which one measures, and the shapes in which they are run. A new benchmark is a
 * file in `cases/` and a line in its list.
 *
 * @module
 */

import type { Library } from "./peers/library.ts";
import type { PartyName } from "./peers/party.ts";

/** How a benchmark is run once. */
export interface Variant {
  /** What the table calls it: `64 B, await`. */
  readonly name: string;
  /** Bytes in a message. */
  readonly size: number;
  /** `await`: a promise a message. `batch`: `trySend` and `tryReceive` as long as they go. */
  readonly api: "await" | "batch";
}

/** How long to measure, in ms. */
export interface Timing {
  /** Before anything counts. */
  readonly warmup: number;
  readonly window: number;
}

/** What a benchmark's two programs are given. */
export interface Task extends Timing {
  readonly library: Library;
  readonly size: number;
  readonly api: Variant["api"];
}

/** Figures by the names of metrics. */
export type Figures = Readonly<Record<string, number>>;

/** A figure that a benchmark yields. */
export interface Metric {
  /** Its name in {@link Figures}. */
  readonly key: string;
  readonly unit: "msgs/s" | "µs";
  readonly better: "higher" | "lower";
}

/** A benchmark. Whichever program returns figures has measured; the other is ended then. */
export interface BenchCase {
  readonly id: string;
  readonly title: string;
  readonly metrics: readonly Metric[];
  readonly variants: readonly Variant[];
  /** Who can run a variant. */
  runs(party: PartyName, variant: Variant): boolean;
  /** The program that binds, and tells where. */
  server(task: Task, bound: (endpoint: string) => void): Promise<Figures | void>;
  /** The program that connects. */
  client(task: Task, endpoint: string): Promise<Figures | void>;
}
