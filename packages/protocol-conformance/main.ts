/**
 * `npm run conformance -- --url http://127.0.0.1:3000 --api-key KEY`: tries every MUST of docs/protocol.md on a running hub. Ends with 1
 * where one is broken. Every rule opens channels of its own, and leaves them.
 */
import { parseArgs } from 'node:util';
import { appendByKafka } from './kafka.ts';
import { printVerdict, tableOf } from './report.ts';
import { rules } from './rules.ts';
import { runConformance } from './run.ts';

const usage = `Tries every MUST of docs/protocol.md on a running hub.
  --url URL            of the hub, such as http://127.0.0.1:3000
  --api-key KEY        to publish; npm start prints it. Without it most rules cannot be tried
  --support-token T    to try that a connection ends whose token is taken back
  --user-token JWT     where people sign in
  --kafka HOST:PORT    of the hub's log, to try records of foreign programs
  --method NAME/NAME   service and method of REQUESTS_FILE, without workers, for any JSON
  --only TEXT          rules whose names hold the text
  --patience SECONDS   for what the hub does at once; default 10`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    'api-key': { type: 'string' },
    'support-token': { type: 'string' },
    'user-token': { type: 'string' },
    kafka: { type: 'string' },
    method: { type: 'string' },
    only: { type: 'string', default: '' },
    patience: { type: 'string', default: '10' },
  },
});
const patienceMs = Number(values.patience) * 1000;
if (values.url === undefined || !URL.canParse(values.url) || !(patienceMs > 0)) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const kafka = values.kafka === undefined ? undefined : await appendByKafka(values.kafka);
const chosen = rules.filter(({ name }) => name.includes(values.only));
const verdicts = await runConformance(
  {
    url: new URL(values.url).href.replace(/\/+$/, ''),
    apiKey: values['api-key'],
    supportToken: values['support-token'],
    userToken: values['user-token'],
    append: kafka?.append,
    method: values.method,
    patienceMs,
  },
  { rules: chosen, onVerdict: (verdict) => process.stdout.write(printVerdict(verdict)) },
);
process.stdout.write(tableOf(verdicts));
await kafka?.close();
// A run that tried no rule proves nothing.
process.exit(
  verdicts.some(({ outcome }) => outcome === 'broken') ||
    verdicts.every(({ outcome }) => outcome === 'not tried')
    ? 1
    : 0,
);
