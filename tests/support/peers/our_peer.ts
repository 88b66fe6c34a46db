/**
 * A peer process on this library, for any of the three runtimes.
 *
 * @module
 */

import { Authenticator } from "../../../mod.ts";
import type { Admission } from "./admission.ts";
import { OurEnd } from "./our_end.ts";
import { serve } from "./serve.ts";

let authenticator = new Authenticator();

serve((type, options) => new OurEnd(type, options), async ({ users = {}, keys = [] }: Admission) => {
  await authenticator.close();
  authenticator = new Authenticator();
  for (const [name, password] of Object.entries(users)) authenticator.addUser(name, password);
  for (const key of keys) authenticator.allowKey(key);
  await authenticator.listen();
});
