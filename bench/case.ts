/**
 * What a benchmark is: two programs, of which one measures, and the shapes in which they are run. A new benchmark is a
 * file in `cases/` and a line in its list.
 *
 * @module
 */

import type { Party } from "./parties.ts";
import type { Library, PeerSocket } from "./peers/library.ts";

/** `await`: a promise a message. `batch`: as many messages at a time as there are, and a promise only to wait. */
export type Api = "await" | "batch";

/** What the messages go over. Within one process for inproc, else between two. */
export type Transport = "tcp" | "ipc" | "inproc";

/** How a benchmark is run once. */
export interface Variant {
  /** What distinguishes it from the others but the API: `64 B`. Peers without a batch API are compared at the same point. */
  readonly point: string;
  readonly api: Api;
  /** Bytes in a message. */
  readonly size: number;
  /** How many there are of what the benchmark counts: subscribers, requests in flight, messages. */
  readonly count: number;
  /** How many topics the messages are spread over; a subscriber wants one of them. */
  readonly topics: number;
  /** How many subscribers stop reading. */
  readonly stopped: number;
  /** The attack that goes on meanwhile, by its id; empty for none. */
  readonly flood: string;
  /** Whether it stands for its benchmark where there is no room for all. */
  readonly headline: boolean;
}

/** How long to measure. */
export interface Timing {
  /** Before anything counts, in ms. */
  readonly warmup: number;
  /** In ms. */
  readonly window: number;
  /** The share of the messages that is sent where a benchmark takes a number of them instead of a time. */
  readonly scale: number;
}

/** What a benchmark's two programs are given. */
export interface Task extends Timing, Omit<Variant, "point" | "headline"> {
  readonly library: Library;
  /** Binds to an endpoint that is free, over the benchmark's transport, and returns it. */
  bind(socket: PeerSocket): Promise<string>;
}

/** Figures by the names of metrics. */
export type Figures = Readonly<Record<string, number>>;

/** A figure that a benchmark yields. */
export interface Metric {
  /** Its name in {@link Figures}. */
  readonly key: string;
  readonly unit: "msgs/s" | "round trips/s" | "µs" | "ms" | "MB" | "B" | "ns";
  readonly better: "higher" | "lower";
}

/** Two programs. Whichever returns figures has measured; the other is ended then. */
export interface Program {
  /** What the program in C is called that does the same; `undefined` if there is none. */
  readonly inC?: string;
  /** The side that binds, and tells where; `target` is where a flood is aimed at, if the variant has one. */
  server(task: Task, bound: (endpoint: string, target?: string) => void): Promise<Figures | void>;
  /** The side that connects. */
  client(task: Task, endpoint: string): Promise<Figures | void>;
}

/** A benchmark. */
export interface BenchCase {
  readonly id: string;
  /** What it is called in tables: `PUSH → PULL`. */
  readonly title: string;
  readonly transport: Transport;
  readonly metrics: readonly Metric[];
  readonly variants: readonly Variant[];
  readonly program: Program;
  /** Which property of the variants its curve is drawn against. */
  readonly axis?: { readonly of: "size" | "count"; readonly label: string };
  /** The most rounds that are worth their time. */
  readonly maxRounds?: number;
  /** Time it may take beside the timing's, in ms, if more than usual. */
  readonly patience?: number;
  /** Whether its programs must be able to collect garbage when they want to. */
  readonly gc?: boolean;
  /** What not every libzmq is built with. */
  readonly needs?: "curve";
  /** Who takes part. */
  runs(party: Party, variant: Variant): boolean;
}

/** A variant, most of whose properties are the usual ones. */
export function variant(point: string, properties: Partial<Omit<Variant, "point">> = {}): Variant {
  return { point, api: "await", size: 64, count: 1, topics: 1, stopped: 0, flood: "", headline: true, ...properties };
}

/** The variant with each of the two APIs. */
export function withBothApis(one: Variant): Variant[] {
  return [{ ...one, api: "await" }, { ...one, api: "batch" }];
}

/** Parties that talk to their own kind; those without a batch API once only. */
export function amongThemselves(party: Party, { api }: Variant): boolean {
  return party.kind !== "mixed" && (party.kind === "ours" || api === "await");
}

/** What tables and messages call a variant. */
export function nameOf({ variants }: BenchCase, { point, api }: Variant): string {
  const several = variants.some((other) => other.point === point && other.api !== api);
  return several ? `${point}, ${api}` : point;
}
