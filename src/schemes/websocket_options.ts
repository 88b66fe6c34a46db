/**
 * The types of the options that `ws://` and `wss://` bring for `connect` and `bind`.
 *
 * @module
 */

/** Options of `connect` for `ws://` endpoints. */
export interface WebSocketConnectOptions {
  /** Additional headers of the request, such as `authorization` or `origin`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The subprotocols to offer, a subset of those that this socket speaks. Default: all, such as `["ZWS2.0/NULL", "ZWS2.0"]`. jszmq needs
   * `["ZWS2.0"]`: it accepts every subprotocol, and speaks only this one, which has no security mechanism.
   */
  readonly protocols?: readonly string[];
}

/** Options of `connect` for `wss://` endpoints. */
export interface SecureWebSocketConnectOptions extends WebSocketConnectOptions {
  /** Certificates of the authorities (CA) to trust, in PEM format. Default: those of the runtime. */
  readonly ca?: string;
  /** The certificate of this client, in PEM format. Default: none. */
  readonly cert?: string;
  /** The private key of this client, in PEM format. Default: none. */
  readonly key?: string;
  /** `false` accepts every certificate: no protection from an active attacker. Default `true`. */
  readonly rejectUnauthorized?: boolean;
  /** The name that the certificate must have, also sent to the server (SNI). Default: the host of the endpoint. */
  readonly serverName?: string;
}

/** Options of `bind` for `ws://` endpoints. */
export interface WebSocketBindOptions {
  /**
   * Origins of web pages that may connect, such as `https://example.org`; `*` allows all. Default: only pages of the same
   * host and port, if that host is an IP address, `localhost` or the host of the endpoint. Clients outside of browsers send no
   * origin, and may connect.
   */
  readonly allowedOrigins?: readonly string[];
}

/** Options of `bind` for `wss://` endpoints. */
export interface SecureWebSocketBindOptions extends WebSocketBindOptions {
  /** The certificate of this server, with its chain, in PEM format. Required. */
  readonly cert?: string;
  /** The private key of this server, in PEM format. Required. */
  readonly key?: string;
  /** Certificates of authorities (CA), in PEM format: requires a certificate of one of them from each client. Default: none is required. */
  readonly ca?: string;
}
