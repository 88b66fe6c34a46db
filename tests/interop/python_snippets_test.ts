/**
 * The Python programs of the documents run as they stand, with Debian's python3-zmq, and talk to this library: only their
 * endpoint, the server's key and the directory that they run in are this test's.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  Authenticator,
  type CurveKeyPair,
  curveKeyPair,
  formatCertificate,
  Pull,
  Push,
  Requester,
  toText,
} from "../../mod.ts";
import { deserted } from "../sockets/support.ts";
import { test } from "../support/harness.ts";
import { pythonZmq } from "../support/peers/python.ts";

const { command, missing } = pythonZmq();
const ENDPOINT = "tcp://127.0.0.1:5555";
const SERVER_KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

/** The one block of Python of a page that contains this text. */
function block(page: string, part: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const found = [...text.matchAll(/^```python\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
    .filter((code) => code.includes(part));
  assertEquals(found.length, 1, `${page} has ${found.length} programs with ${part}`);
  return found[0]!;
}

/** Runs a program in a new directory that `prepare` has filled; `use` gets the lines that it prints. */
async function withPython(
  code: string,
  prepare: (directory: string) => void,
  use: (line: () => Promise<string | undefined>) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "zmq-python-"));
  prepare(directory);
  writeFileSync(join(directory, "program.py"), code);
  const child = spawn(command, ["-u", "program.py"], { cwd: directory, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    await use(async () => (await lines.next()).value);
  } finally {
    child.kill("SIGKILL");
    await exited;
    rmSync(directory, { recursive: true });
  }
}

function publish(directory: string, name: string, { publicKey, secretKey }: CurveKeyPair): void {
  writeFileSync(join(directory, `${name}.key`), formatCertificate({ publicKey }));
  writeFileSync(join(directory, `${name}.key_secret`), formatCertificate({ publicKey, secretKey }));
}

const options = { timeout: 30_000, ...(missing === undefined ? {} : { skip: missing }) };

test("documents: the server in Python of the page on interop answers", async () => {
  const endpoint = await deserted();
  const code = block("interop.md", "zmq.REP").replace(ENDPOINT, endpoint);
  await withPython(code, () => {}, async () => {
    await using requester = new Requester(endpoint, { timeout: 20_000, retries: 0 });
    assertEquals((await requester.request("world")).map(toText), ["hello world"]);
  });
}, options);

test("documents: pyzmq reads the certificate file of the page on security", async () => {
  const ann = await curveKeyPair();
  const code = block("security.md", "ann.key_secret") + "print(public.decode(), secret.decode())\n";
  await withPython(code, (directory) => publish(directory, "ann", ann), async (line) => {
    assertEquals(await line(), `${ann.publicKey} ${ann.secretKey}`);
  });
}, options);

test("documents: the CURVE client in Python of the page on security sends to a server of this library", async () => {
  const { publicKey, secretKey } = await curveKeyPair();
  const authenticate = new Authenticator().allowAnyKey();
  await using pull = new Pull({ curveServer: true, curveSecretKey: secretKey, authenticate, receiveTimeout: 20_000 });
  const endpoint = await pull.bind("tcp://127.0.0.1:0");
  const code = block("security.md", "zmq.PUSH").replace(SERVER_KEY, publicKey).replace(ENDPOINT, endpoint);
  // pyzmq does not wait for its queue when the interpreter exits.
  const send = 'client.send_string("hello")\nclient.close(linger=-1)\nclient.context.term()\n';
  await withPython(code + send, () => {}, async () => {
    assertEquals((await pull.receive()).map(toText), ["hello"]);
  });
}, options);

test(
  "documents: the CURVE server in Python of the page on security knows its clients by their certificates",
  async () => {
    const [server, ann] = [await curveKeyPair(), await curveKeyPair()];
    const endpoint = await deserted();
    const code = block("security.md", "ThreadAuthenticator").replace(ENDPOINT, endpoint);
    const prepare = (directory: string) => {
      mkdirSync(join(directory, "clients"));
      writeFileSync(join(directory, "clients", "ann.key"), formatCertificate({ publicKey: ann.publicKey }));
      publish(directory, "server", server);
    };
    await withPython(`${code}print(server.recv_string())\n`, prepare, async (line) => {
      await using stranger = new Push({ curveServerKey: server.publicKey, linger: 0 });
      const rejected = new Promise<string>((resolve) =>
        stranger.events.listen((event) => event.type === "handshake:error:auth" && resolve(String(event.status)))
      );
      stranger.connect(endpoint);
      assertEquals(await rejected, "400");
      await using push = new Push({ curveServerKey: server.publicKey, curveSecretKey: ann.secretKey, linger: 0 });
      push.connect(endpoint);
      await push.send("from ann");
      assertEquals(await line(), "from ann");
    });
  },
  options,
);
