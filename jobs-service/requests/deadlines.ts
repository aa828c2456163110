/** What callers and channels are told of a request that nobody has answered in time. */
import type { Reply } from '@tidings/event-log/request-reply/request-records.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** Once it stands on the log, a worker's reply behind it counts no more. */
export function deadlineReply(): Reply {
  const problem = new Problem('deadline_exceeded', 'No worker has answered before the deadline.');
  return {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: new TextEncoder().encode(JSON.stringify(problem.toDocument())),
  };
}
