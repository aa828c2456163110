import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, test } from 'vitest';
import { lowerSession, NICENESS } from './give-way.ts';

const module = new URL('./give-way.ts', import.meta.url).href;
const program = `import(${JSON.stringify(module)}).then(({ giveWay }) => giveWay()).then(() => console.log('done')); process.stdin.resume();`;

test('a process that gives way has a lower priority, and leaves the session of its shell as it was', async () => {
  const before = sessionOf('self');
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    expect(getPriority(child.pid)).toBe(NICENESS);
    expect(sessionOf('self')).toBe(before);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
});

/** Such as `/autogroup-271 nice 10`; '' on a kernel that does not share by sessions. */
function sessionOf(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** A folder as /proc has it: of process 40, in the session that the process leads which is given. */
async function processFolder({ leader }: { leader: number }): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'stat'), `40 (a) name) S 1 40 ${leader} 0 -1`);
  return folder;
}

test('a process that leads its session lowers the session', async () => {
  const folder = await processFolder({ leader: 40 });
  await writeFile(join(folder, 'autogroup'), '');
  await lowerSession(folder, 40);
  expect(await readFile(join(folder, 'autogroup'), 'utf8')).toBe('10');
});

test('a process in the session of another one leaves the session as it is', async () => {
  const folder = await processFolder({ leader: 39 });
  await writeFile(join(folder, 'autogroup'), '');
  await lowerSession(folder, 40);
  expect(await readFile(join(folder, 'autogroup'), 'utf8')).toBe('');
});

test('a kernel that does not share by sessions, and a system without /proc, are left alone', async () => {
  const folder = await processFolder({ leader: 40 });
  await lowerSession(folder, 40);
  await expect(readFile(join(folder, 'autogroup'))).rejects.toMatchObject({ code: 'ENOENT' });
  await lowerSession(join(folder, 'nowhere'), 40);
});
