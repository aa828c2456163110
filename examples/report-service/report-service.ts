// A service that makes reports in the heavy lane, and answers with a file: npx tsx report-service.ts http://127.0.0.1:3000
// Needs PUBLISH_API_KEY, and a server that was started with REQUESTS_FILE=requests.json. A caller asks, and the answer is the file:
//   curl -OJ -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"month":"2026-05"}' http://127.0.0.1:3000/requests/reports/create
import { type AnswerToRequest, type RequestInHand, serveRequests } from '@tidings/client/serve';

const [baseUrl = ''] = process.argv.slice(2);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

/** The server has checked the body by the schema in `requests.json` already. */
function createReport({ body, headers }: RequestInHand): AnswerToRequest {
  const { month } = 'json' in body ? (body.json as { month: string }) : { month: '' };
  const lines = ['month,owner,rows', [month, headers.owner ?? 'nobody', 3].join(',')];
  const base64 = Buffer.from(`${lines.join('\r\n')}\r\n`).toString('base64');
  return { body: { file: { name: `report-${month}.csv`, contentType: 'text/csv', base64 } } };
}

console.log('ready for requests to reports');
await serveRequests({
  baseUrl,
  token: process.env.PUBLISH_API_KEY ?? '',
  service: 'reports',
  lane: 'heavy',
  atOnce: 2,
  handle: createReport,
  onError: (error, { requestId, attempt }) => console.error(requestId, 'attempt', attempt, error),
  signal: stopping.signal,
});
