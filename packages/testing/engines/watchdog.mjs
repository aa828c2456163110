// Stands beside a process that runs servers, and ends them when it dies, however it dies: the kernel then closes the pipe
// that is this program's standard input. Each line names a server (`{"watch":{pid,startTime}}`) or lets all go (`{"release":true}`).
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { killTree } from './process-table.mjs';

const directory = process.argv[2];
const watched = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const message = parse(line);
  if (message.release) process.exit(0);
  // A server that was started again has a new id: the old one is found gone and left alone.
  if (message.watch) watched.set(message.watch.pid, message.watch);
}
await Promise.all([...watched.values()].map(killTree));
if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });

/**
 * The last line may be torn off by the death of its writer.
 * @param {string} line
 * @returns {{ release?: boolean, watch?: import('./process-table.mjs').ProcessIdentity }}
 */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
