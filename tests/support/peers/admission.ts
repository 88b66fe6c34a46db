/**
 * The clients that the sockets of a peer process accept: the configuration of its ZAP handler.
 *
 * @module
 */

/** The lists of a ZAP handler. All other clients are rejected, except peers with NULL. */
export interface Admission {
  /** User names and their passwords. Default: none. */
  readonly users?: Readonly<Record<string, string>>;
  /** Public keys. Default: none. */
  readonly keys?: readonly Uint8Array[];
  /** The status for all others. Default 400. */
  readonly otherwise?: 300 | 400 | 500;
}
