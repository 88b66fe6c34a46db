/**
 * Whom the sockets of a peer process let in: what a test tells the peer's ZAP handler.
 *
 * @module
 */

/** The lists of a ZAP handler. Everybody else is refused, but for peers with NULL. */
export interface Admission {
  /** User names and their passwords. Default: none. */
  readonly users?: Readonly<Record<string, string>>;
  /** Public keys. Default: none. */
  readonly keys?: readonly Uint8Array[];
  /** What others are answered. Default 400. */
  readonly otherwise?: 300 | 400 | 500;
}
