import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  freezeTree,
  identify,
  isRunning,
  killTree,
  listFromProc,
  listFromPs,
  processTree,
  signalProcess,
  thawTree,
} from './process-table.mjs';

/** A shell with a child in a session of its own, like the children of PostgreSQL. */
async function startFamily() {
  const child = spawn('sh', ['-c', 'setsid sleep 600 & echo started; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  const root = identify(child.pid ?? 0);
  if (root === undefined) throw new Error('the shell does not run');
  await eventually(() => expect(processTree(root)).toHaveLength(2));
  return root;
}

function stateOf(pid: number, rows: ReturnType<typeof listFromProc>) {
  return rows.find((row) => row.pid === pid);
}

test('a process is told apart from a later one with the same id', async () => {
  const root = await startFamily();
  const former = { pid: root.pid, startTime: 'earlier' };
  expect(isRunning(root)).toBe(true);
  expect(isRunning(former)).toBe(false);
  expect(signalProcess(former, 'SIGKILL')).toBe(false);
  await killTree(former);
  expect(isRunning(root)).toBe(true);
  await killTree(root);
});

test('a process that has ended but was not collected does not run', async () => {
  const root = await startFamily();
  process.kill(root.pid, 'SIGKILL');
  await eventually(() => expect(isRunning(root)).toBe(false));
});

test('the whole tree is frozen, thawed and killed, across sessions', async () => {
  const root = await startFamily();
  const tree = processTree(root);
  expect(freezeTree(root)).toEqual(tree);
  // Paused processes get no SIGTERM until they are resumed.
  for (const member of tree) signalProcess(member, 'SIGTERM');
  expect(tree.every(isRunning)).toBe(true);
  thawTree(root);
  await eventually(() => expect(tree.some(isRunning)).toBe(false));

  const second = await startFamily();
  const secondTree = processTree(second);
  freezeTree(second);
  await killTree(second);
  expect(secondTree.some(isRunning)).toBe(false);
});

test('both ways to list the processes agree', async () => {
  const root = await startFamily();
  const [, child] = processTree(root);
  const viaProc = listFromProc();
  const viaPs = listFromPs();
  for (const rows of [viaProc, viaPs]) {
    expect(stateOf(root.pid, rows)?.parent).toBe(process.pid);
    expect(stateOf(child?.pid ?? 0, rows)?.parent).toBe(root.pid);
  }
  expect(stateOf(root.pid, listFromPs())?.startTime).toBe(stateOf(root.pid, viaPs)?.startTime);
  await killTree(root);
  expect(stateOf(root.pid, listFromPs())).toBeUndefined();
});
