// `npm run bench -- <name> [options]`: each name is a file in a room that says what it measures, and against what.
import { ensureInstalled } from '../all-in-one/install-packages.mjs';

/** The benches of each room. */
const rooms = {
  contacts: ['search'],
  files: ['cut', 'dirty-files', 'encodings', 'reading', 'xlsx'],
  hub: [
    'hub-delivery',
    'hub-deploy',
    'hub-idle',
    'hub-latency',
    'hub-readers',
    'hub-rebuild',
    'hub-resume',
    'hub-throughput',
    'notify',
    'sockets',
  ],
  imports: ['cancel', 'fairness', 'import', 'upload-memory'],
  log: ['requests', 'requests-door', 'schedule', 'table'],
  pages: ['first-visit', 'support-page'],
};
const [name, ...rest] = process.argv.slice(2);
const [room] = Object.entries(rooms).find(([, names]) => names.includes(name ?? '')) ?? [];
if (room === undefined) {
  console.error(`usage: npm run bench -- ${Object.values(rooms).flat().sort().join(' | ')}`);
  process.exit(1);
}
ensureInstalled();
const { register } = await import('tsx/esm/api');
register();
const { run } = await import(`./${room}/${name}.ts`);
await run(rest);
