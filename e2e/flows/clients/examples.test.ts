/** The examples, run as their users run them, against a real process. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { createChannel, problemOf } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshName } from '../../test/fresh-name.ts';
import {
  compileProject,
  findPython,
  installClient,
  RunningProgram,
  root,
  run,
} from '../../test/installed-client.ts';
import { listen } from '../../test/listener.ts';

const examples = join(root, 'examples');
const tsx = join(root, 'node_modules/.bin/tsx');

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeFolder>>;
let project = '';

beforeAll(async () => {
  await findPython();
  const settings = join(examples, 'report-service/requests.json');
  stack = await startStack({ REQUESTS_FILE: settings });
  folder = await makeFolder();
  ({ folder: project } = await installClient(folder.path, [
    '@types/node@20.19.43',
    '@types/react@19.3.3',
    'standardwebhooks@1.1.1',
  ]));
  for (const name of await readdir(examples, { withFileTypes: true }))
    if (name.isDirectory())
      await cp(join(examples, name.name), join(project, name.name), { recursive: true });
});
afterAll(async () => {
  await stack?.dispose();
  await folder?.remove();
});

const environment = () => ({ PUBLISH_API_KEY: stack.apiKey });
const inProject = () => ({ cwd: project, env: { ...process.env, ...environment() } });

test('every program has less than 80 lines', async () => {
  const names = await readdir(examples, { recursive: true });
  const programs = names.filter((name) => /\.(?:tsx?|py|sh)$/.test(name));
  expect(programs.length).toBeGreaterThan(8);
  for (const name of programs) {
    const lines = (await readFile(join(examples, name), 'utf8')).split('\n').length;
    expect([name, lines < 80]).toEqual([name, true]);
  }
});

test('the programs in TypeScript, and the React hook, have no mistake in their types', async () => {
  const options = {
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    noEmit: true,
    allowImportingTsExtensions: true,
  };
  expect(await compileProject(project, options)).toBe('');
});

describe.each([
  ['TypeScript', tsx, 'nightly-job/nightly.ts'],
  ['Python', 'python3', 'nightly-job/nightly.py'],
])('the nightly job in %s', (_language, command, program) => {
  test('tells the channel of its progress, and once of its end, however often it runs', async () => {
    const channel = await listen(stack.url);
    const { channelId } = channel.opened;
    for (const _run of [1, 2]) await run(command, [program, stack.url, channelId], inProject());
    const end = await channel.until(({ type }) => type === 'nightly.done');
    expect(end).toMatchObject({ lane: 'durable', seq: 1, data: { steps: 3 }, final: true });
    const progress = channel.received.filter(({ lane }) => lane === 'progress');
    expect(progress.at(-1)).toMatchObject({
      type: 'nightly.progress',
      data: { step: 'write', done: 3, of: 3 },
    });
    expect(channel.received.filter(({ lane }) => lane === 'durable')).toHaveLength(1);
  });
});

describe.each([
  ['bash', 'bash', 'wait-for-import/wait-for-import.sh'],
  ['TypeScript', tsx, 'wait-for-import/wait-for-import.ts'],
  ['Python', 'python3', 'wait-for-import/wait_for_import.py'],
])('waiting for an import in %s', (language, command, program) => {
  const importing = async (text: string) => {
    const file = join(project, `${language}.csv`);
    await writeFile(file, text);
    const done = {
      code: 0,
      ...(await run(command, [program, stack.url, file], inProject()).catch((error) => error)),
    };
    return done as { code: number; stdout: string; stderr: string };
  };
  const rowsOf = (stdout: string) =>
    JSON.parse(/\{"total".*\}/.exec(stdout)?.[0] ?? '{}') as ImportState['rows'];

  test('prints what has become of its rows, and says by its exit code whether all are imported', async () => {
    const domain = freshName('waited.example');
    const whole = await importing(`email\nada@${domain}\nmira@${domain}\n`);
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringMatching(/^completed /)]);
    expect(rowsOf(whole.stdout)).toMatchObject({ total: 2, created: 2, rejected: 0 });
    const part = await importing(`email\nada@${domain}\nnobody\n`);
    expect([part.code, part.stdout]).toEqual([1, expect.stringMatching(/^completed_with_errors /)]);
    expect(rowsOf(part.stdout)).toMatchObject({ total: 2, unchanged: 1, rejected: 1 });
  });

  test('says why a file is refused', async () => {
    const refused = await importing('name\nAda\n');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/^refused: .*no_email_column/)]);
  });
});

test('the shell script fetches the rejected rows', async () => {
  expect(await readFile(join(project, 'rejected.csv'), 'utf8')).toContain('"nobody"');
});

// The command of tsx ends a program with SIGKILL that takes longer than 60 ms to confirm a signal, as on a busy machine.
describe.each([
  ['TypeScript', [process.execPath, '--import', 'tsx'], 'report-service/report-service.ts', 0],
  ['Python', ['python3'], 'report-service/report_service.py', null],
])('the report service in %s', (_language, [command = '', ...words], program, exitCode) => {
  test('answers a held request with a file; what the schema refuses does not reach it', async () => {
    const service = new RunningProgram(command, [...words, join(project, program), stack.url], environment());
    await eventually(() => expect(service.output).toContain('ready for requests'));
    const { token } = await createChannel(stack.url);
    const ask = (body: object) =>
      fetch(`${stack.url}/requests/reports/create`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Prefer: 'wait=60' },
        body: JSON.stringify(body),
      });
    const answer = await ask({ month: '2026-05' });
    expect([answer.status, await answer.text()]).toEqual([200, 'month,owner,rows\r\n2026-05,default,3\r\n']);
    expect(answer.headers.get('Content-Disposition')).toContain('filename="report-2026-05.csv"');
    expect(await problemOf(await ask({ month: 'May' }))).toMatchObject({ status: 422, field: 'month' });
    expect(await service.stop('SIGTERM')).toBe(exitCode);
  });
});
