/** All that the routes of requests need, opened and closed as one. */
import { MAX_REQUEST_FILE_BYTES } from '@tidings/contracts/requests.ts';
import { requestTopics } from '@tidings/contracts/topics.ts';
import { planTopicsOf } from './plan-topics.ts';
import type { RequestSettings } from './request-settings.ts';
import { ServiceRequests, type ServiceRequestsParts } from './service-requests.ts';

export interface RequestDoor {
  readonly settings: RequestSettings;
  readonly requests: ServiceRequests;
  close(): Promise<void>;
}

/** Makes the topics of the services where they are missing. null where the settings know no service. */
export async function openRequestDoor(
  settings: RequestSettings,
  parts: ServiceRequestsParts,
): Promise<RequestDoor | null> {
  if (settings.size === 0) return null;
  const { partitions } = await parts.log.describeTopic(requestTopics.normal);
  const plan = { partitions, maxRecordBytes: MAX_REQUEST_FILE_BYTES };
  await parts.log.ensureTopics([...settings.keys()].flatMap((service) => planTopicsOf(service, plan)));
  const requests = await ServiceRequests.open(parts);
  return { settings, requests, close: () => requests.close() };
}
