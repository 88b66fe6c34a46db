/**
 * Where a user's compiler has the types of its surroundings from.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../../../scripts/gate/source_files.ts";

/** Compiler options: the DOM's types with those of disposal, or Node's. Each alone is enough. */
export const TYPES = {
  dom: { lib: ["ES2022", "ESNext.Disposable", "DOM"], types: [] },
  node: { lib: ["ES2022"], types: ["node"], typeRoots: [join(ROOT, "node_modules", "@types")] },
} as const;
