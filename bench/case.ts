/**
 * Defines a benchmark: two programs, one of which measures, and the variants in which they run. To add a benchmark, add
 * a file to `cases/` and a line to its list.
 *
 * @module
 */

import type { Party } from "./parties.ts";
import type { Library, PeerSocket } from "./peers/library.ts";

/**
 * `await`: one promise per message. `batch`: as many messages at a time as are available, with a promise only to wait.
 */
export type Api = "await" | "batch";

/** The transport of the messages. inproc runs within one process, the others between two. */
export type Transport = "tcp" | "ipc" | "inproc";

/** One variant of a benchmark. */
export interface Variant {
  /**
   * Distinguishes it from other variants, apart from the API: `64 B`. Peers without a batch API are compared at the
   * same point.
   */
  readonly point: string;
  readonly api: Api;
  /** Message size in bytes. */
  readonly size: number;
  /** Number of subscribers, requests in flight or messages, depending on the benchmark. */
  readonly count: number;
  /** Number of topics over which the messages are spread; each subscriber subscribes to one. */
  readonly topics: number;
  /** Number of subscribers that stop reading. */
  readonly stopped: number;
  /** Id of the attack during the measurement; empty for none. */
  readonly flood: string;
  /** True if it represents its benchmark in short tables. */
  readonly headline: boolean;
}

/** Duration of a measurement. */
export interface Timing {
  /** Warm-up in ms. */
  readonly warmup: number;
  /** Measured time in ms. */
  readonly window: number;
  /** Part of the messages that is sent, for benchmarks that take a number of messages instead of a time. */
  readonly scale: number;
}

/** The parameters of a benchmark's two programs. */
export interface Task extends Timing, Omit<Variant, "point" | "headline"> {
  readonly library: Library;
  /** Binds to a free endpoint of the benchmark's transport, and returns it. */
  bind(socket: PeerSocket): Promise<string>;
}

/** Figures by metric. */
export type Figures = Readonly<Record<string, number>>;

/** A metric of a benchmark. */
export interface Metric {
  /** Its name in {@link Figures}. */
  readonly key: string;
  readonly unit: "msgs/s" | "round trips/s" | "µs" | "ms" | "MB" | "B" | "ns";
  readonly better: "higher" | "lower";
}

/** Two programs. The one that returns figures has measured; the other is then ended. */
export interface Program {
  /** Name of the equivalent program in C; `undefined` if there is none. */
  readonly inC?: string;
  /** Runs the side that binds, and reports its endpoint; `target` is the endpoint for a flood, if the variant has one. */
  server(task: Task, bound: (endpoint: string, target?: string) => void): Promise<Figures | void>;
  /** Runs the side that connects. */
  client(task: Task, endpoint: string): Promise<Figures | void>;
}

/** A benchmark. */
export interface BenchCase {
  readonly id: string;
  /** Name in tables: `PUSH → PULL`. */
  readonly title: string;
  readonly transport: Transport;
  readonly metrics: readonly Metric[];
  readonly variants: readonly Variant[];
  readonly program: Program;
  /** Property of the variants on the horizontal axis of its chart. */
  readonly axis?: { readonly of: "size" | "count"; readonly label: string };
  /** Maximum number of useful rounds. */
  readonly maxRounds?: number;
  /** Additional time limit in ms, if it takes longer than usual. */
  readonly timeout?: number;
  /** True if its programs must be able to run the garbage collector. */
  readonly gc?: boolean;
  /** True if this library is measured through the drop-in for zeromq.js. */
  readonly entry?: boolean;
  /** A feature that not every libzmq is built with. */
  readonly needs?: "curve";
  /** Checks if a party takes part in a variant. */
  runs(party: Party, variant: Variant): boolean;
}

/** Creates a variant with default properties. */
export function variant(point: string, properties: Partial<Omit<Variant, "point">> = {}): Variant {
  return { point, api: "await", size: 64, count: 1, topics: 1, stopped: 0, flood: "", headline: true, ...properties };
}

/** Returns the variant with each of the two APIs. */
export function withBothApis(one: Variant): Variant[] {
  return [{ ...one, api: "await" }, { ...one, api: "batch" }];
}

/** Checks if a party plays both sides itself; parties without a batch API only once. */
export function amongThemselves(party: Party, { api }: Variant): boolean {
  return party.kind !== "mixed" && (party.kind === "ours" || api === "await");
}

/** Returns the name of a variant for tables and messages. */
export function nameOf({ variants }: BenchCase, { point, api }: Variant): string {
  const several = variants.some((other) => other.point === point && other.api !== api);
  return several ? `${point}, ${api}` : point;
}
