/**
 * A peer process on this library, for any of the three runtimes.
 *
 * @module
 */

import { OurEnd } from "./our_end.ts";
import { serve } from "./serve.ts";

serve((type, options) => new OurEnd(type, options));
