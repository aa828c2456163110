/** What the hub counts. */
import { Counter, Gauge, Histogram, type Registry } from '@tidings/service-kit/process/metrics.ts';

export type HubMetrics = ReturnType<typeof createHubMetrics>;

export function createHubMetrics(registry: Registry) {
  const registers = [registry];
  return {
    sockets: new Gauge({ name: 'tidings_hub_sockets', help: 'Sockets connected', registers }),
    eventStreams: new Gauge({
      name: 'tidings_hub_event_streams',
      help: 'Responses open that send events',
      registers,
    }),
    subscriptions: new Gauge({
      name: 'tidings_hub_subscriptions',
      help: 'Channels open on sockets',
      registers,
    }),
    opens: new Counter({
      name: 'tidings_hub_channel_opens_total',
      help: 'Channels opened by clients, by outcome: new, recovered, snapshot, or the code of the refusal',
      labelNames: ['outcome'],
      registers,
    }),
    received: new Counter({
      name: 'tidings_hub_notifications_received_total',
      help: 'Notifications read from the log, by lane and outcome: accepted, repeated, stale, malformed',
      labelNames: ['lane', 'outcome'],
      registers,
    }),
    published: new Counter({
      name: 'tidings_hub_notifications_published_total',
      help: 'Notifications published by HTTP, by lane',
      labelNames: ['lane'],
      registers,
    }),
    written: new Counter({
      name: 'tidings_hub_notifications_written_total',
      help: 'Notifications written to sockets, by lane',
      labelNames: ['lane'],
      registers,
    }),
    conflated: new Counter({
      name: 'tidings_hub_progress_conflated_total',
      help: 'Progress notifications that a newer one replaced before a slow socket could take them',
      registers,
    }),
    slowReaders: new Counter({
      name: 'tidings_hub_slow_readers_closed_total',
      help: 'Connections closed because their clients read too slowly',
      registers,
    }),
    floods: new Counter({
      name: 'tidings_hub_floods_closed_total',
      help: 'Connections closed because their clients sent ten times the messages that are allowed',
      registers,
    }),
    gapsClosed: new Counter({
      name: 'tidings_hub_gaps_healed_total',
      help: 'Open channels that caught up from the history after a possible gap, by outcome: continued, lost',
      labelNames: ['outcome'],
      registers,
    }),
    refusedConnections: new Counter({
      name: 'tidings_hub_connections_refused_total',
      help: 'Connections refused because their address has too many, or makes them too often',
      registers,
    }),
    idleSockets: new Counter({
      name: 'tidings_hub_idle_sockets_closed_total',
      help: 'Connections closed because no channel was opened on them',
      registers,
    }),
    losses: new Counter({
      name: 'tidings_hub_history_losses_total',
      help: 'Times that Redis was found to hold less than it had acknowledged, by extent: some, all',
      labelNames: ['extent'],
      registers,
    }),
    damaged: new Counter({
      name: 'tidings_hub_channels_damaged_total',
      help: 'Channels dropped from Redis because another program had changed what stood there',
      registers,
    }),
    rebuilt: new Counter({
      name: 'tidings_hub_history_rebuilt_records_total',
      help: 'Records of the log that this hub has read again, because Redis had lost them',
      registers,
    }),
    rebuildLeft: new Gauge({
      name: 'tidings_hub_history_rebuild_records_left',
      help: 'Records of the log that are still to be read again before channels can be opened, by whichever hub',
      registers,
    }),
    ignored: new Counter({
      name: 'tidings_hub_messages_ignored_total',
      help: 'Messages from clients that are no known request',
      registers,
    }),
    forbiddenOrigins: new Counter({
      name: 'tidings_hub_origins_refused_total',
      help: 'Connections refused because of their origin',
      registers,
    }),
    delay: new Histogram({
      name: 'tidings_hub_notification_delay_seconds',
      help: 'Seconds from the record in the log to the write to the sockets, durable lane',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
  };
}
