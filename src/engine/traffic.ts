/**
 * What has gone to and come from a peer, counted.
 *
 * @module
 */

/** Counts of whole messages, and of the bytes of their frames. */
export interface Traffic {
  /** Handed to the connection. */
  readonly messagesSent: number;
  /** Bytes of these. */
  readonly bytesSent: number;
  /** Taken from the connection, with what is still to be received. */
  readonly messagesReceived: number;
  /** Bytes of these. */
  readonly bytesReceived: number;
  /**
   * Not sent: no room, nobody to send to, replaced by a later one with `conflate`, or the connection and its queue were lost;
   * and what a Router got from a peer whose routing id another peer has.
   * What `conflate` replaces among what was received is not counted.
   */
  readonly dropped: number;
}

/** Counts that go on. */
export class TrafficCount implements Traffic {
  messagesSent = 0;
  bytesSent = 0;
  messagesReceived = 0;
  bytesReceived = 0;
  dropped = 0;

  /** Adds other counts to these. */
  add(other: Traffic): void {
    this.messagesSent += other.messagesSent;
    this.bytesSent += other.bytesSent;
    this.messagesReceived += other.messagesReceived;
    this.bytesReceived += other.bytesReceived;
    this.dropped += other.dropped;
  }

  /** The counts as they are now. */
  snapshot(): Traffic {
    const { messagesSent, bytesSent, messagesReceived, bytesReceived, dropped } = this;
    return { messagesSent, bytesSent, messagesReceived, bytesReceived, dropped };
  }
}
