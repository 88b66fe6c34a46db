/**
 * Listening for WebSockets: each link of bytes that is accepted becomes one by its upgrade, or is closed.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { endpointText, peerText } from "../../src/base/peer_text.ts";
import { Endpoint, TcpEndpoint, WebSocketEndpoint } from "../../src/schemes/endpoint.ts";
import type { SecureWebSocketBindOptions } from "../../src/schemes/websocket_options.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { Link, Listener, ListenOptions } from "../../src/transport/transport.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { listenTls } from "../tls/listen.ts";
import { ServerUpgrade, UpgradeRefused } from "./server_upgrade.ts";
import { remoteOver, requireWebSocket, termsOf, upgrade, withEndpoint } from "./terms.ts";
import { WebSocketLink } from "./websocket_link.ts";

/** Upgrades that are not complete, for each endpoint: one more ends the oldest. */
const MOST_UPGRADES = 256;

/** See {@link Transport.listen}. */
export async function listen(
  tcp: CoreTransport,
  endpoint: Endpoint,
  onLink: (link: Link) => void,
  options: ListenOptions<SecureWebSocketBindOptions> = {},
): Promise<Listener> {
  const target = requireWebSocket(endpoint);
  const upgrades = new Upgrades(target, onLink, options);
  const address = new TcpEndpoint(target.host, target.port);
  const accept = (link: Link) => void upgrades.accept(link as LinkCore);
  const { frames: _, endpointOptions, ...rest } = options;
  try {
    const listener = target.scheme === "ws"
      ? await tcp.listen(address, accept, rest)
      : await listenTls(address, accept, rest, endpointOptions);
    const { host, port } = Endpoint.parse(listener.endpoint) as TcpEndpoint;
    return {
      endpoint: new WebSocketEndpoint(target.scheme, host, port, target.path).toString(),
      close() {
        upgrades.close();
        return listener.close();
      },
      unref: () => listener.unref?.(),
      ref: () => listener.ref?.(),
    };
  } catch (error) {
    throw withEndpoint(error, "Cannot listen on", target);
  }
}

/** The upgrades of one listener that are not complete. */
class Upgrades {
  readonly #target: WebSocketEndpoint;
  readonly #onLink: (link: Link) => void;
  readonly #options: ListenOptions<SecureWebSocketBindOptions>;
  /** In the order in which they began. */
  readonly #pending = new Map<LinkCore, AbortController>();
  #open = true;

  constructor(
    target: WebSocketEndpoint,
    onLink: (link: Link) => void,
    options: ListenOptions<SecureWebSocketBindOptions>,
  ) {
    this.#target = target;
    this.#onLink = onLink;
    this.#options = options;
  }

  /** Does the upgrade on a link. */
  async accept(link: LinkCore): Promise<void> {
    if (!this.#open) return link.abort();
    const { path, host } = this.#target;
    const { endpointOptions, onError } = this.#options;
    const terms = termsOf(this.#options);
    const handshake = new ServerUpgrade({
      path,
      host,
      allowedOrigins: endpointOptions?.allowedOrigins ?? [],
      protocols: terms.protocols,
    });
    const limit = new AbortController();
    this.#pending.set(link, limit);
    this.#dropOldest();
    // Until it is handed over, only the listener keeps the process alive.
    link.unref();
    const remote = remoteOver(this.#target, link.remote);
    try {
      await upgrade(link, handshake, remote, terms, limit.signal);
    } catch (error) {
      refuse(link, error);
      if (this.#open) onError?.(this.#rejected(remote, error));
      return;
    } finally {
      this.#pending.delete(link);
    }
    if (!this.#open) return link.abort();
    link.ref();
    this.#onLink(new WebSocketLink(link, false, handshake.protocol, terms.maxFrameSize));
  }

  /** Ends all upgrades. */
  close(): void {
    this.#open = false;
    for (const limit of this.#pending.values()) limit.abort();
  }

  #dropOldest(): void {
    if (this.#pending.size <= MOST_UPGRADES) return;
    const [oldest] = this.#pending.values();
    oldest!.abort(new ZmqError("EAGAIN", `more than ${MOST_UPGRADES} clients are connecting at once`));
  }

  #rejected(remote: string, cause: unknown): ZmqError {
    const { code, message } = cause as ZmqError;
    const why = `Rejected ${endpointText(remote)} on ${endpointText(this.#target)}: ${peerText(message, 300)}`;
    return new ZmqError(code ?? "EIO", why, { cause });
  }
}

/** Ends a link whose upgrade has failed, with an answer if there is one. */
function refuse(link: LinkCore, error: unknown): void {
  if (!(error instanceof UpgradeRefused) || !link.write([error.response])) return link.abort();
  void link.close();
}
