/** How the services of a Tidings say that they are well, and what support is told of them, of the engines and of the consumer groups. */

export const reportedServices = [
  'hub',
  'jobs-service',
  'importer',
  'aggregator',
  'reference-data',
  'webhooks',
] as const;
export type ServiceName = (typeof reportedServices)[number];

/** Milliseconds between two reports of a process. */
export const REPORT_EVERY_MS = 10_000;
/** Milliseconds without a report after which a process is silent: three reports are missing. */
export const SILENT_AFTER_MS = 35_000;
/** Milliseconds for which a silent process is listed. */
export const REPORTS_KEPT_MS = 60 * 60 * 1000;

/** A part that a service needs, and whether it answers. */
export interface ServiceCheck {
  name: string;
  ready: boolean;
  /** ISO 8601, UTC: since when it is as it is. */
  since: string;
  /** Why it is not ready; quotes no data. */
  reason?: string;
}

/** What a process says of a service in it, on `service-reports`. */
export interface ServiceReport {
  service: ServiceName;
  /** `<host>:<process id>`. */
  instance: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** Whether it is its last one: the service stops. */
  stopping: boolean;
  checks: ServiceCheck[];
}

export const instanceStatuses = ['ready', 'degraded', 'silent', 'unknown'] as const;
/**
 * `degraded`: a check fails. `silent`: it has not reported for `SILENT_AFTER_MS`, and has not said that it stops. `unknown`: the log is away,
 * by which it reports.
 */
export type InstanceStatus = (typeof instanceStatuses)[number];

export interface ServiceInstance {
  instance: string;
  status: InstanceStatus;
  /** ISO 8601, UTC: since when it has the status. */
  since: string;
  startedAt: string;
  checks: ServiceCheck[];
}

export interface ServiceItem {
  service: ServiceName;
  /** Instances that have not said that they stop; empty where none reports. */
  instances: ServiceInstance[];
}

export const engineNames = ['log', 'contacts', 'redis'] as const;
/** `contacts`: the database. */
export type EngineName = (typeof engineNames)[number];

/** An engine, as who needs it finds it. */
export interface EngineItem {
  name: EngineName;
  ready: boolean;
  /** ISO 8601, UTC. */
  since: string;
  reason?: string;
}

/** How far a consumer group is behind, of all the topics that it reads. */
export interface GroupItem {
  group: string;
  service: ServiceName;
  topics: string[];
  /** Members in all processes. */
  members: number;
  /** Records that the group does not have behind it, at most: offsets have gaps. */
  waiting: number;
  /** ISO 8601, UTC: when the oldest of them was appended; null where there is none. */
  oldestAt: string | null;
}

/** `GET /services`. */
export interface ServicesView {
  /** ISO 8601, UTC: of the answer, by the server's clock. */
  at: string;
  services: ServiceItem[];
  /** The engines that this Tidings has. */
  engines: EngineItem[];
  /** null where the log does not tell it now. */
  groups: GroupItem[] | null;
  /** ISO 8601, UTC: when the oldest chunk was appended that no importer has behind it; null where there is none, or the log does not tell. */
  oldestChunkAt: string | null;
}
