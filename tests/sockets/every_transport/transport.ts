/**
 * The properties of a transport that the socket tests need.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Socket } from "../../../mod.ts";
import { FrameTransport } from "../../support/memory_frames.ts";
import { ANY, deserted } from "../support.ts";

/** A transport under test. */
export interface TestTransport {
  readonly name: "tcp" | "ipc" | "frames" | "ws" | "inproc";
  /** The version of peers, as statistics show it. */
  readonly version: string;
  /** A free endpoint to bind; `bind` returns the actual one. */
  endpoint(): string;
  /** An endpoint to connect to that is not bound yet. */
  deserted(): Promise<string>;
  /** `true` if messages can wait outside of the sockets, in the operating system. */
  readonly buffers: boolean;
}

/** Declares tests for one transport. */
export type Suite = (transport: TestTransport) => void;

// On Deno, test files may share a process.
const FILE = `zmq-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
let made = 0;

const tcp: TestTransport = { name: "tcp", version: "3.1", endpoint: () => ANY, deserted, buffers: true };

const ipcPath = () => `ipc://${join(tmpdir(), `${FILE}-${made++}`)}`;
const ipc: TestTransport = {
  name: "ipc",
  version: "3.1",
  endpoint: ipcPath,
  deserted: () => Promise.resolve(ipcPath()),
  buffers: true,
};

const whole = new FrameTransport();
/** Whole frames with the handshake of NULL. */
const frames: TestTransport = {
  name: "frames",
  version: "ZWS2.0",
  endpoint: () => whole.endpoint(),
  deserted: () => Promise.resolve(whole.endpoint()),
  buffers: true,
};

/** Whole frames over WebSocket, with the handshake of NULL. */
const ws: TestTransport = {
  name: "ws",
  version: "ZWS2.0",
  endpoint: () => ANY.replace("tcp:", "ws:"),
  deserted: async () => (await deserted()).replace("tcp:", "ws:"),
  buffers: true,
};

const inprocName = () => `inproc://${FILE}-${made++}`;
/** Within this process. */
export const inproc: TestTransport = {
  name: "inproc",
  version: "inproc",
  endpoint: inprocName,
  deserted: () => Promise.resolve(inprocName()),
  buffers: false,
};

/** All transports that this machine has. */
export const EVERY_TRANSPORT: readonly TestTransport[] = process.platform === "win32"
  ? [tcp, frames, ws, inproc]
  : [tcp, ipc, frames, ws, inproc];

/** Binds one socket and connects the others to it; returns the endpoint once all know of each other. */
export async function link(transport: TestTransport, binder: Socket, ...callers: Socket[]): Promise<string> {
  const endpoint = await binder.bind(transport.endpoint());
  const known = [
    binder.waitForPeers(binder.peerCount + callers.length),
    ...callers.map((caller) => caller.waitForPeers(caller.peerCount + 1)),
  ];
  for (const caller of callers) caller.connect(endpoint);
  await Promise.all(known);
  return endpoint;
}
