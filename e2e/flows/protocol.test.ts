/** The protocol on what `npm start` starts, and the command that tries it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeConformance } from '../test/conformance.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.dispose());

describeConformance(
  async () => ({ url: stack.url, apiKey: stack.apiKey, supportToken: stack.supportToken }),
  { without: ['kafka'] },
);

function conformance(...options: string[]) {
  return spawnSync('npm', ['run', '--silent', 'conformance', '--', ...options], {
    cwd: root,
    encoding: 'utf8',
  });
}

test('npm run conformance tries a hub by its address, and names what it could not try', () => {
  const { status, stdout } = conformance('--url', `${stack.url}/`, '--only', 'hub.open');
  expect(stdout).toMatch(/^holds {6}hub\.open\.new /m);
  expect(stdout).toMatch(/^ {2}hub\.open\.known: needs --api-key$/m);
  expect(stdout).toMatch(/^all +7 +0 +3$/m);
  expect(status).toBe(0);
});

test('npm run conformance ends with 1 where a rule is broken, and with 2 without an address', async () => {
  const [port] = await findFreePorts(1);
  const nobody = conformance(
    '--url',
    `http://127.0.0.1:${port}`,
    '--only',
    'hub.open.http',
    '--patience',
    '1',
  );
  expect(nobody.stdout).toMatch(/^ {2}hub\.open\.http: .+$/m);
  expect(nobody.status).toBe(1);
  expect(conformance().status).toBe(2);
});
