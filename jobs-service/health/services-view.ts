/** Puts together what is known of services, engines and groups. Pure. */
import {
  type EngineItem,
  type GroupItem,
  type InstanceStatus,
  reportedServices,
  type ServiceCheck,
  type ServiceInstance,
  type ServiceReport,
  type ServicesView,
  SILENT_AFTER_MS,
} from '@tidings/contracts/services/services.ts';
import { workPlaces } from '@tidings/contracts/topics.ts';
import type { HeardReport } from './recent-reports.ts';

export interface KnownHealth {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of this process, as of now. */
  readonly own: readonly ServiceReport[];
  readonly heard: readonly HeardReport[];
  /** null: the log does not tell. */
  readonly groups: readonly GroupItem[] | null;
}

export function servicesView({ now, own, heard, groups }: KnownHealth): ServicesView {
  const ofThis = own.find(({ service }) => service === 'jobs-service');
  const log = ofThis?.checks.find(({ name }) => name === 'log');
  const isOwn = ({ service, instance }: ServiceReport) =>
    own.some((one) => one.service === service && one.instance === instance);
  const known = [
    ...own.map((report) => ({ report, instance: instanceOf(report, null) })),
    ...heard
      .filter(({ report }) => !isOwn(report))
      .map(({ report, heardAt }) => ({ report, instance: instanceOf(report, quietOf(heardAt, log, now)) })),
  ];
  const current = known.filter(({ instance }) => isCurrent(instance.status));
  return {
    at: new Date(now).toISOString(),
    services: reportedServices.map((service) => ({
      service,
      instances: known.filter(({ report }) => report.service === service).map(({ instance }) => instance),
    })),
    engines: [
      ...enginesFrom('log', ofThis === undefined ? [] : [ofThis]),
      ...enginesFrom('contacts', ofThis === undefined ? [] : [ofThis]),
      ...enginesFrom(
        'redis',
        current.map(({ report }) => report),
      ),
    ],
    groups: groups === null ? null : [...groups],
    oldestChunkAt: oldestChunk(groups ?? []),
  };
}

/** Why a process is not known to be as it said last. */
interface Quiet {
  readonly status: Extract<InstanceStatus, 'silent' | 'unknown'>;
  readonly since: string;
}

/** A process cannot report while the log is away, and has its time again when that is back. */
function quietOf(heardAt: number, log: ServiceCheck | undefined, now: number): Quiet | null {
  if (log?.ready === false) return { status: 'unknown', since: log.since };
  const mayReportFrom = log === undefined ? heardAt : Math.max(heardAt, Date.parse(log.since));
  if (now - mayReportFrom <= SILENT_AFTER_MS) return null;
  return { status: 'silent', since: new Date(heardAt).toISOString() };
}

function isCurrent(status: InstanceStatus): boolean {
  return status === 'ready' || status === 'degraded';
}

function instanceOf(report: ServiceReport, quiet: Quiet | null): ServiceInstance {
  const { instance, startedAt, checks } = report;
  return { instance, startedAt, checks, ...(quiet ?? standingOf(report)) };
}

function standingOf({ checks, startedAt }: ServiceReport): Pick<ServiceInstance, 'status' | 'since'> {
  const failing = checks.filter(({ ready }) => !ready).map(({ since }) => since);
  const [first] = failing.sort();
  if (first !== undefined) return { status: 'degraded', since: first };
  return { status: 'ready', since: checks.map(({ since }) => since).reduce(later, startedAt) };
}

/** Times of one form are in the order of their texts. */
function later(one: string, other: string): string {
  return one > other ? one : other;
}

/** None where nobody needs the engine. It is away where it is away for any who needs it, for as long as for the first of them. */
function enginesFrom(name: EngineItem['name'], reports: readonly ServiceReport[]): EngineItem[] {
  const found = reports.flatMap(({ checks }) => checks.filter((check) => check.name === name));
  const failing = found.filter(({ ready }) => !ready);
  const [first] = (failing.length > 0 ? failing : found).sort((a, b) => (a.since < b.since ? -1 : 1));
  if (first === undefined) return [];
  const { ready, since, reason } = first;
  return [{ name, ready, since, ...(reason !== undefined && { reason }) }];
}

function oldestChunk(groups: readonly GroupItem[]): string | null {
  const work: ReadonlySet<string> = new Set(workPlaces.map(({ group }) => group));
  const times = groups.flatMap(({ group, oldestAt }) =>
    work.has(group) && oldestAt !== null ? [oldestAt] : [],
  );
  return times.sort()[0] ?? null;
}
