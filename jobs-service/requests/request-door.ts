/** All that the routes of requests need, opened and closed as one. */
import { MAX_REQUEST_FILE_BYTES } from '@tidings/contracts/services/requests.ts';
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { Counter } from '@tidings/service-kit/process/metrics.ts';
import { tellOutcomes } from './outcomes.ts';
import { planTopicsOf } from './plan-topics.ts';
import type { RequestSettings } from './request-settings.ts';
import { ServiceRequests, type ServiceRequestsParts } from './service-requests.ts';
import { WatchedRequests, type WatchedRequestsParts } from './watched-requests.ts';
import { type WorkerParts, Workers } from './workers.ts';

export interface RequestDoor {
  readonly settings: RequestSettings;
  readonly requests: ServiceRequests;
  readonly workers: Workers;
  close(): Promise<void>;
}

export type DoorParts = Omit<ServiceRequestsParts, 'watched'> &
  Pick<WorkerParts, 'leaseMs' | 'idleMs' | 'drainMs' | 'answerMs'> &
  Pick<WatchedRequestsParts, 'maxWatched' | 'othersMs'>;

/** Makes the topics of the services where they are missing. */
export async function ensureRequestTopics(log: EventLog, settings: RequestSettings): Promise<void> {
  const { partitions } = await log.describeTopic(requestTopics.normal);
  const plan = { partitions, maxRecordBytes: MAX_REQUEST_FILE_BYTES };
  await log.ensureTopics([...settings.keys()].flatMap((service) => planTopicsOf(service, plan)));
}

/** Runs after `ensureRequestTopics`. null where the settings know no service. */
export async function openRequestDoor(
  settings: RequestSettings,
  parts: DoorParts,
): Promise<RequestDoor | null> {
  if (settings.size === 0) return null;
  const watched = await WatchedRequests.open(parts);
  const requests = await ServiceRequests.open({ ...parts, watched });
  const dropped = new Counter({
    name: 'tidings_requests_dropped_total',
    help: 'Requests that were not handed out to a worker by HTTP, by reason',
    labelNames: ['reason'],
    registers: [parts.registry],
  });
  const workers = await Workers.open({
    ...parts,
    services: settings.keys(),
    isAnswered: (requestId) => requests.isAnswered(requestId),
    onDropped: (reason) => dropped.inc({ reason }),
  });
  const outcomes = await tellOutcomes({ ...parts, watched });
  const close = async () => {
    await workers.close();
    await outcomes.stop();
    await watched.close();
    await requests.close();
  };
  return { settings, requests, workers, close };
}
