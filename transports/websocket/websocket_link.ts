/**
 * A link of whole frames over a WebSocket.
 *
 * @module
 */

import type { FrameLink } from "../../src/transport/frame_link.ts";
import { LinkCore } from "../../src/transport/link.ts";
import { WebSocketDriver } from "./driver.ts";

/** Makes a link of a link of bytes whose upgrade is complete. */
export class WebSocketLink extends LinkCore implements FrameLink {
  /** See {@link FrameLink.protocol}. */
  readonly protocol: string;

  /**
   * Takes over a link that is not started.
   *
   * @param client True on the side that connects.
   * @param most The size of the largest message that is delivered, in bytes.
   */
  constructor(link: LinkCore, client: boolean, protocol: string, most: number) {
    super(new WebSocketDriver(link, client, most), link.remote);
    this.protocol = protocol;
  }
}
