/** For tests: publishes to a hub by HTTP. */
import type { ProblemDocument } from '@tidings/contracts/http.ts';
import type { AcceptedNotifications } from '@tidings/contracts/notifications/notification.ts';
import { publishApiKey } from '@tidings/testing/services/hub.ts';

export interface PublishAnswer
  extends Partial<AcceptedNotifications>,
    Partial<Omit<ProblemDocument, 'status'>> {
  readonly status: number;
  readonly isReplayed: boolean;
}

export interface PublishOptions {
  /** Default: the API key. null: none. */
  readonly token?: string | null;
  readonly key?: string;
}

/** @param body as JSON, or as the text that is sent */
export async function publishByHttp(
  url: string,
  channelId: string,
  body: unknown,
  { token = publishApiKey, key }: PublishOptions = {},
): Promise<PublishAnswer> {
  const response = await fetch(`${url}/channels/${channelId}/notifications`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as object;
  const isReplayed = response.headers.get('Idempotent-Replayed') === 'true';
  return { ...answer, status: response.status, isReplayed };
}

export const changed = { subject: 'job', type: 'job.changed', data: { rows: 5 } };
