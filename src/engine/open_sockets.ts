/**
 * A set of open sockets, those of a context or of the process, and observers of new ones: the debug log. Each is held by a weak
 * reference, so that a socket that the program has released is still garbage-collected, and leaves the set by that.
 *
 * @module
 */

/** Called with each socket that is created. */
type OnOpen<Socket> = (socket: Socket) => void;

/** A set of open sockets. */
export class OpenSockets<Socket extends object> implements Iterable<Socket> {
  readonly #sockets = new Set<WeakRef<Socket>>();
  readonly #gone = new FinalizationRegistry<WeakRef<Socket>>((ref) => this.#sockets.delete(ref));
  readonly #observers = new Set<OnOpen<Socket>>();

  /** The number of sockets. One that was never closed counts until it is garbage-collected. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Adds a socket; the function returned removes it. */
  add(socket: Socket): () => void {
    const ref = new WeakRef(socket);
    this.#sockets.add(ref);
    this.#gone.register(socket, ref, ref);
    for (const observer of this.#observers) observer(socket);
    return () => {
      this.#sockets.delete(ref);
      this.#gone.unregister(ref);
    };
  }

  /** Calls `observer` with every socket that is created from now on, until the function returned is called. */
  observe(observer: OnOpen<Socket>): () => void {
    this.#observers.add(observer);
    return () => {
      this.#observers.delete(observer);
    };
  }

  *[Symbol.iterator](): Iterator<Socket> {
    for (const ref of this.#sockets) {
      const socket = ref.deref();
      if (socket !== undefined) yield socket;
    }
  }
}
