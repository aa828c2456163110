import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { NICENESS } from './give-way.ts';

const module = new URL('./give-way.ts', import.meta.url).href;
const program = `import(${JSON.stringify(module)}).then(({ giveWay }) => giveWay()).then(() => console.log('done')); process.stdin.resume();`;

/** Runs it in a process, and looks at that while it lives. */
async function look(detached: boolean): Promise<{ priority: number; session: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
    detached,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    return { priority: getPriority(pid), session: sessionOf(pid) };
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

/** Such as `/autogroup-271 nice 10`; '' on a kernel that does not share by sessions. */
function sessionOf(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, 'utf8').trim();
  } catch {
    return '';
  }
}

test('a process that leads a session lowers the session with itself', async () => {
  const { priority, session } = await look(true);
  expect(priority).toBe(NICENESS);
  if (session !== '') expect(session).toMatch(new RegExp(` nice ${NICENESS}$`));
});

test('a process in the session of another one lowers itself alone', async () => {
  const { priority, session } = await look(false);
  expect(priority).toBe(NICENESS);
  expect(session).toBe(sessionOf('self'));
});
