/** The hub's bounds, each where an operator or a test may set another one. */

export interface HubLimits {
  /** Channels that one socket may have open. */
  readonly channelsPerSocket: number;
  /** Messages a minute from one socket; what is beyond is refused. */
  readonly messagesPerSocketMinute: number;
  /** Sockets that one address may have open; an IPv6 address counts with its whole /64. What is beyond is refused at the handshake. */
  readonly socketsPerAddress: number;
  /** Connections a minute from one address; what is beyond is refused at the handshake. */
  readonly connectionsPerAddressMinute: number;
  /** Channels opened a minute from one address, new ones and known ones; what is beyond is refused. */
  readonly opensPerAddressMinute: number;
  /** Of them the new ones; what is beyond is refused. */
  readonly newChannelsPerAddressMinute: number;
  /** New channels a minute of one owner that a login names; what is beyond is refused. */
  readonly newChannelsPerOwnerMinute: number;
  /** Times a minute that one channel may be opened again; what is beyond is refused. Support's is not counted. */
  readonly opensPerChannelMinute: number;
  /** Sockets that may listen to one channel on this hub; what is beyond is refused with `channel_full`. */
  readonly socketsPerChannel: number;
  /** Milliseconds that a socket may stay without a channel; then its connection is closed. */
  readonly withoutChannelMs: number;
  /** Packets written for a socket and not yet taken by the network; beyond, durable notifications wait in the history. */
  readonly backlogPackets: number;
  /** Bytes written for a socket and not known to be read; beyond, likewise. */
  readonly backlogBytes: number;
  /** Milliseconds in which a client that has too much to read must have read 256 KiB, or all before a ping; else it is cut off. */
  readonly slowReaderMs: number;
  /** Subjects whose newest progress waits for one channel of a slow socket; beyond, its connection is closed. */
  readonly waitingSubjects: number;
  /** Milliseconds after which a batch that is not handled, or a record that is only now read, is late. */
  readonly lateMs: number;
  /** Milliseconds between two looks at what is late; three in a row that agree change what clients are told. */
  readonly lateLookMs: number;
  /** Milliseconds within which clients are asked to come back, each at its own random moment, when a hub drains. */
  readonly drainRetryMs: number;
  /** Milliseconds that a draining hub gives connections to take what is written, before it cuts them. */
  readonly drainTimeoutMs: number;
  /** Milliseconds between two looks for channel tokens that have passed half of their life. */
  readonly renewalIntervalMs: number;
}

export const defaultHubLimits: HubLimits = {
  channelsPerSocket: 16,
  messagesPerSocketMinute: 120,
  socketsPerAddress: 5_000,
  connectionsPerAddressMinute: 10_000,
  opensPerAddressMinute: 20_000,
  newChannelsPerAddressMinute: 1_000,
  newChannelsPerOwnerMinute: 60,
  opensPerChannelMinute: 300,
  socketsPerChannel: 100,
  withoutChannelMs: 20_000,
  backlogPackets: 1_000,
  backlogBytes: 1024 * 1024,
  slowReaderMs: 5_000,
  waitingSubjects: 500,
  lateMs: 10_000,
  lateLookMs: 1_000,
  drainRetryMs: 2_000,
  drainTimeoutMs: 1_000,
  renewalIntervalMs: 60_000,
};
