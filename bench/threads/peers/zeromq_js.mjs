/**
 * Two threads of one process over zeromq.js's inproc, for bench/threads/main.ts: `push SIZE COUNT` prints messages per second, `trip`
 * the median round trip in µs. Its context is one for all threads of the process.
 *
 * @module
 */

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import * as zmq from "zeromq";

if (isMainThread) {
  const [task, size, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  const socket = task === "trip" ? new zmq.Request() : new zmq.Pull();
  await socket.bind("inproc://bench");
  const worker = new Worker(new URL(import.meta.url), { workerData: { task, size, count } });
  await new Promise((resolve) => worker.once("message", resolve));
  const body = Buffer.alloc(size);
  worker.postMessage("go");
  if (task === "trip") {
    const times = [];
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      await socket.send(body);
      await socket.receive();
      times.push(performance.now() - start);
    }
    const warm = times.slice(count >> 2).sort((a, b) => a - b);
    console.log((warm[warm.length >> 1] * 1000).toFixed(1));
  } else {
    await socket.receive();
    const start = performance.now();
    for (let i = 1; i < count; i++) await socket.receive();
    console.log(Math.round((count - 1) / (performance.now() - start) * 1000));
  }
  process.exit();
} else {
  const { task, size, count } = workerData;
  const socket = task === "trip" ? new zmq.Reply() : new zmq.Push();
  socket.connect("inproc://bench");
  parentPort.postMessage("ready");
  await new Promise((resolve) => parentPort.once("message", resolve));
  if (task === "trip") { for await (const message of socket) await socket.send(message); }
  const body = Buffer.alloc(size);
  for (let i = 0; i < count; i++) await socket.send(body);
}
