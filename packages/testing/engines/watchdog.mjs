// Ends the engines of a process when that process dies, however it dies: the kernel then closes the pipe
// that is this program's standard input. Each line names an engine (`{"watch":{pid,startTime}}`) or releases all (`{"release":true}`).
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { killTree } from './process-table.mjs';

const directory = process.argv[2];
const watched = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const message = parse(line);
  if (message.release) process.exit(0);
  // A restarted engine has a new id; its old process has ended.
  if (message.watch) watched.set(message.watch.pid, message.watch);
}
await Promise.all([...watched.values()].map(killTree));
if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });

/**
 * The last line may be incomplete, because its writer died.
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
