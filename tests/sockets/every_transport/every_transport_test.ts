/**
 * The same tests of sockets over every transport.
 *
 * @module
 */

import { testPairsWithin } from "../../interop/matrix.ts";
import { closing } from "./closing.ts";
import { endpoints } from "./endpoints.ts";
import { events } from "./events.ts";
import { marks } from "./marks.ts";
import { pairs } from "./pairs.ts";
import { reconnects } from "./reconnects.ts";
import { requests } from "./requests.ts";
import { routingIds } from "./routing_ids.ts";
import { statistics } from "./statistics.ts";
import { topics } from "./topics.ts";
import { EVERY_TRANSPORT, type Suite } from "./transport.ts";
import { turns } from "./turns.ts";
import { waits } from "./waits.ts";

const SUITES: readonly Suite[] = [
  testPairsWithin,
  endpoints,
  turns,
  marks,
  routingIds,
  requests,
  pairs,
  waits,
  reconnects,
  closing,
  events,
  statistics,
  topics,
];

for (const transport of EVERY_TRANSPORT) for (const suite of SUITES) suite(transport);
