/**
 * Every event, provoked for real, with all its properties. The type checker ensures that the table has each event of
 * `SocketEvent`: an event without a case does not compile.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import type { Case, Table } from "./event_cases.ts";
import { CONNECTION_EVENTS } from "./event_cases_connections.ts";
import { ENDPOINT_EVENTS } from "./event_cases_endpoints.ts";
import type { EventType } from "./support.ts";

const TABLE: Table<EventType> = { ...ENDPOINT_EVENTS, ...CONNECTION_EVENTS };

for (const [type, cases] of Object.entries(TABLE) as [EventType, readonly Case<EventType>[]][]) {
  for (const { how, provoke } of cases) {
    test(`event ${type}: ${how}`, async () => {
      assertEquals((await provoke()).type, type);
    });
  }
}
