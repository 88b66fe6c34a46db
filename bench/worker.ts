/**
 * One of the two processes of a benchmark, on any runtime and with either library: waits for its part and plays it.
 * Over inproc, one process plays both parts.
 *
 * @module
 */

import type { Figures, Task } from "./case.ts";
import { CASES } from "./cases/mod.ts";
import { endpoints, type Part } from "./part.ts";
import { report, serveCommands } from "./peers/control.ts";
import { loadLibrary, type PartyName } from "./peers/party.ts";

/** The instructions for a worker: its part, and the library to use. */
export interface WorkerPart extends Part {
  readonly party: PartyName;
}

/** The reports of a worker: its endpoint, and its figures. */
export type PlayerReport = { readonly endpoint: string; readonly target?: string | undefined } | {
  readonly figures: Figures;
};

serveCommands<WorkerPart>(async (part) => {
  const { program, transport, entry } = CASES.find(({ id }) => id === part.caseId)!;
  const library = await loadLibrary(part.party, entry);
  const nextEndpoint = endpoints(transport, part.folder);
  const task: Task = {
    ...part.variant,
    ...part.timing,
    library,
    bind: (socket) => library.bind(socket, nextEndpoint()),
  };

  const tell = (figures: Figures | void): void => {
    if (figures !== undefined) report({ figures } satisfies PlayerReport);
  };
  switch (part.role) {
    case "server":
      return tell(
        await program.server(task, (endpoint, target) => report({ endpoint, target } satisfies PlayerReport)),
      );
    case "client":
      return tell(await program.client(task, part.endpoint!));
    case "both":
      return tell(
        await new Promise<Figures | void>((resolve, reject) => {
          const server = program.server(task, (endpoint) => program.client(task, endpoint).then(resolve, reject));
          server.then((figures) => figures !== undefined && resolve(figures), reject);
        }),
      );
  }
});
