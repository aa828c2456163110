/** Two test files once got the same port: each had found it free, and one service could not start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { claimPort, findFreePorts } from './ports.ts';

test('ports that were found are nobody else’s while their process lives', async () => {
  const program = `import { findFreePorts } from '${new URL('ports.ts', import.meta.url)}';
    console.log(JSON.stringify(await findFreePorts(5)));
    process.stdin.resume();`;
  const other = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void other.kill('SIGKILL'));
  const [bytes] = (await once(other.stdout, 'data')) as [Buffer];
  const ports = JSON.parse(bytes.toString()) as number[];
  expect(new Set(ports).size).toBe(5);
  for (const port of ports) expect(await claimPort(port)).toBe(false);

  other.stdin.end();
  await once(other, 'exit');
  for (const port of ports) expect(await claimPort(port)).toBe(true);
});

test('this process itself never gets a port twice', async () => {
  const [port = 0] = await findFreePorts(1);
  expect(await claimPort(port)).toBe(false);
});
