/** The hub's limits, which a test may set otherwise. */

export interface HubLimits {
  /** Channels that one socket may have open. */
  readonly channelsPerSocket: number;
  /** Messages a minute from one socket; further ones are refused. */
  readonly messagesPerSocketMinute: number;
  /** Sockets that one address may have open; an IPv6 address counts with its whole /64. More are refused at the handshake. */
  readonly socketsPerAddress: number;
  /** Connections a minute from one address; more are refused at the handshake. */
  readonly connectionsPerAddressMinute: number;
  /** Channels opened a minute from one address, new and known ones; more are refused. */
  readonly opensPerAddressMinute: number;
  /** New channels a minute from one address; more are refused. */
  readonly newChannelsPerAddressMinute: number;
  /** New channels a minute of one owner that a login names; more are refused. */
  readonly newChannelsPerOwnerMinute: number;
  /** Times a minute that one channel may be opened again; more are refused. The support channel is not counted. */
  readonly opensPerChannelMinute: number;
  /** Sockets that may listen to one channel on this hub; more are refused with `channel_full`. */
  readonly socketsPerChannel: number;
  /** Milliseconds between two heartbeats of a socket, and how long the client may take to answer one: either side notices a dead connection within their sum. */
  readonly heartbeatMs: number;
  readonly heartbeatAnswerMs: number;
  /** Milliseconds that a socket may stay without a channel; then it is disconnected. */
  readonly withoutChannelMs: number;
  /** Packets written to a socket and not yet taken by the network; with more, durable notifications wait in the history. */
  readonly backlogPackets: number;
  /** Bytes written to a socket and not known to be read; with more, durable notifications wait in the history. */
  readonly backlogBytes: number;
  /** Milliseconds in which a client that has too much to read must read 256 KiB, or all before a ping; else it is disconnected. */
  readonly slowReaderMs: number;
  /** Subjects whose newest progress waits for one channel of a slow socket; with more, the socket is disconnected. */
  readonly waitingSubjects: number;
  /** Milliseconds after which a batch that is not handled, or a record that is not read, is late. */
  readonly lateMs: number;
  /** Milliseconds between two checks for lateness; three in a row that agree change what clients are notified of. */
  readonly lateCheckMs: number;
  /** Milliseconds between two rounds of comparing what open channels should have with what was sent. */
  readonly comparisonMs: number;
  /** Milliseconds after which another hub goes on with rebuilding the histories, where the one at work shows no progress. */
  readonly rebuildLeaseMs: number;
  /** Milliseconds within which clients come back, each at a random moment, when a hub drains. */
  readonly drainRetryMs: number;
  /** Milliseconds that a connection has to take what is written when the hub ends it; then the hub destroys it. */
  readonly closingMs: number;
  /** Milliseconds between two rounds of renewing channel tokens that have passed half of their life. */
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
  heartbeatMs: 10_000,
  heartbeatAnswerMs: 10_000,
  withoutChannelMs: 20_000,
  backlogPackets: 1_000,
  backlogBytes: 1024 * 1024,
  slowReaderMs: 5_000,
  waitingSubjects: 500,
  lateMs: 10_000,
  lateCheckMs: 1_000,
  comparisonMs: 5_000,
  rebuildLeaseMs: 10_000,
  drainRetryMs: 2_000,
  closingMs: 1_000,
  renewalIntervalMs: 60_000,
};
