/**
 * Many peers on one socket.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Peer, PeerEnd } from "../support/peers/controller.ts";
import type { EndOptions, EndType } from "../support/peers/end.ts";

/** The number of peers in a crowd. */
export const CROWD = 20;

/** Sockets of one type in one peer process, with the names `peer-0`, `peer-1`, … */
export class Crowd implements AsyncDisposable {
  readonly ends: readonly PeerEnd[];

  private constructor(ends: readonly PeerEnd[]) {
    this.ends = ends;
  }

  /** Opens the sockets; `options` are asked for each name. */
  static async open(peer: Peer, type: EndType, options: (name: string) => EndOptions = () => ({})): Promise<Crowd> {
    return new Crowd(await Promise.all(names().map((name) => peer.open(type, options(name)))));
  }

  /** Does the same with each socket, at the same time. */
  async each<T>(action: (end: PeerEnd, name: string) => Promise<T>): Promise<T[]> {
    return await Promise.all(this.ends.map((end, index) => action(end, `peer-${index}`)));
  }

  /** Connects each to an endpoint. */
  async connect(endpoint: string): Promise<void> {
    await this.each((end) => end.connect(endpoint));
  }

  /** Closes the sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.each((end) => end[Symbol.asyncDispose]());
  }
}

/** The names of a crowd. */
export function names(): string[] {
  return Array.from({ length: CROWD }, (_, index) => `peer-${index}`);
}

/** Fails unless every name is in every block of as many entries as there are names: perfect turns. */
export function assertTurns(sequence: readonly string[], rounds: number): void {
  assertEquals(sequence.length, rounds * CROWD);
  for (let round = 0; round < rounds; round++) {
    const block = sequence.slice(round * CROWD, (round + 1) * CROWD);
    assertEquals([...block].sort(), names().sort(), `round ${round}`);
  }
}
