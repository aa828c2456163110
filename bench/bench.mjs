// `npm run bench -- <name> [options]`: each name is a file beside this one that says what it measures, and against what.
import { ensureInstalled } from '../all-in-one/install-packages.mjs';

const names = [
  'cancel',
  'cut',
  'dirty-files',
  'encodings',
  'fairness',
  'first-visit',
  'hub-delivery',
  'hub-deploy',
  'hub-idle',
  'hub-latency',
  'hub-readers',
  'hub-rebuild',
  'hub-resume',
  'hub-throughput',
  'import',
  'notify',
  'reading',
  'requests',
  'requests-door',
  'schedule',
  'search',
  'sockets',
  'support-page',
  'table',
  'upload-memory',
  'xlsx',
];
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- ${names.join(' | ')}`);
  process.exit(1);
}
ensureInstalled();
const { register } = await import('tsx/esm/api');
register();
const { run } = await import(`./${name}.ts`);
await run(rest);
