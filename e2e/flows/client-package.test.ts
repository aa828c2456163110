/** The client's package as a stranger uses it: packed, installed into a fresh project, checked with its types, run against a real process. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provideNode } from '../run/node-versions.mjs';
import { compileProject, installClient, root, run } from '../test/installed-client.ts';
import { listen } from '../test/listener.ts';

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeFolder>>;
let built = '';
let project = '';

beforeAll(async () => {
  stack = await startStack();
  folder = await makeFolder();
  const { version } = JSON.parse(await readFile(join(root, 'node_modules/@types/node/package.json'), 'utf8'));
  ({ built, folder: project } = await installClient(folder.path, [`@types/node@${version}`]));
});
afterAll(async () => {
  await stack?.dispose();
  await folder?.remove();
});

/** Opens a channel whose position stands in a file, prints what comes, and ends after so many notifications. */
const FOLLOWING_PROGRAM = `
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { openChannel } from '@tidings/client';
const [, , url, file, count] = process.argv;
const storage = {
  load() {
    try { return JSON.parse(readFileSync(file, 'utf8')); } catch { return null; }
  },
  save: (kept) => writeFileSync(file, JSON.stringify(kept)),
  clear: () => rmSync(file, { force: true }),
};
const lines = [];
const channel = openChannel({ url, storage, keepsPosition: true });
channel.onSnapshot(() => lines.push('snapshot'));
const all = new Promise((resolve) => {
  channel.onNotification(({ data }) => {
    lines.push(data);
    if (lines.filter(Number).length === Number(count)) resolve();
  });
});
console.log((await channel.ready()).channelId);
await all;
channel.close();
console.log(lines.join('\\n'));
`;

describe('the programs of the package’s README, in a fresh project,', () => {
  beforeAll(async () => {
    const readme = await readFile(join(project, 'node_modules/@tidings/client/README.md'), 'utf8');
    const [importing = '', publishing = '', serving = ''] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(
      ([, program]) => program,
    );
    await writeFile(join(project, 'import.ts'), importing);
    await writeFile(join(project, 'publish.ts'), publishing);
    await writeFile(join(project, 'serve.ts'), serving);
    const support = "import { createSupportApi } from '@tidings/client/support';\n";
    const listing =
      "const letters = await createSupportApi({ token: () => '' }).listDeadLetters();\nconsole.log(letters.items.map(({ error }) => error.code));\n";
    await writeFile(join(project, 'support.ts'), support + listing);
  });

  test.each(['nodenext', 'bundler'])('have types that a strict compiler accepts (%s)', async (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
    const options = { module, moduleResolution: resolution, outDir: 'out' };
    expect(await compileProject(project, options)).toBe('');
  });

  test('import a file, and print its outcome', async () => {
    const contacts = join(project, 'contacts.csv');
    await writeFile(contacts, 'email,first name\nada@package.example,Ada\nnobody,No\n');
    const { stdout } = await run(process.execPath, ['out/import.js', stack.url, contacts], { cwd: project });
    expect(stdout).toContain('import.accepted');
    const [, outcome = ''] = /\nimport\.completed_with_errors (\{.*\})\n/.exec(stdout) ?? [];
    expect(JSON.parse(outcome)).toMatchObject({ rows: { total: 2, created: 1, rejected: 1 } });
  });

  test('publish to a channel', async () => {
    const channel = await listen(stack.url);
    const program = await readFile(join(project, 'out/publish.js'), 'utf8');
    await writeFile(
      join(project, 'out/published.js'),
      program.replaceAll('http://127.0.0.1:3000', stack.url),
    );
    await run(process.execPath, ['out/published.js', channel.opened.channelId], {
      cwd: project,
      env: { ...process.env, PUBLISH_API_KEY: stack.apiKey },
    });
    const told = await channel.until(({ type }) => type === 'nightly.done');
    expect(told).toMatchObject({ subject: 'nightly', data: { rows: 5 }, final: true });
  });
});

async function publish(channelId: string, ...numbers: number[]): Promise<void> {
  const told = numbers.map((data) => ({ type: 'counted', subject: 'counter', data }));
  const answer = await fetch(`${stack.url}/channels/${channelId}/notifications`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${stack.apiKey}` },
    body: JSON.stringify(told),
  });
  expect(answer.status).toBe(202);
}

describe('a program that keeps its position', () => {
  test.each([
    ['this Node.js', () => process.execPath],
    ['Node.js 24', () => provideNode('24')],
  ])('on %s continues in its next run where the last one ended', async (_name, findNode) => {
    const kept = join(project, `kept-${_name}.json`.replaceAll(' ', '-'));
    await writeFile(join(project, 'follow.mjs'), FOLLOWING_PROGRAM);
    const follow = async (count: number, ...numbers: number[]) => {
      const child = run(findNode(), ['follow.mjs', stack.url, kept, String(count)], { cwd: project });
      const channelId = await new Promise<string>((resolve, reject) => {
        child.child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
        child.catch(reject);
      });
      await publish(channelId, ...numbers);
      const [, ...lines] = (await child).stdout.trim().split('\n');
      return { channelId, lines };
    };
    const first = await follow(2, 1, 2);
    expect(first.lines).toEqual(['snapshot', '1', '2']);
    await publish(first.channelId, 3);
    const second = await follow(2, 4);
    expect(second).toEqual({ channelId: first.channelId, lines: ['3', '4'] });
  });
});

test('the package can be published: npm finds nothing to warn of', async () => {
  const registry = createServer((_request, response) => response.writeHead(404).end('{}'));
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const words = ['publish', '--dry-run', `--registry=http://${address}/`, `--//${address}/:_authToken=none`];
  const { stdout, stderr } = await run('npm', words, { cwd: built });
  registry.close();
  expect(stderr).not.toMatch(/npm (?:warn|error)/i);
  expect(stdout).toMatch(/^\+ @tidings\/client@\d/);
  for (const file of ['LICENSE', 'README.md', 'index.js', 'package.json', 'types/client/index.d.ts'])
    expect(stderr).toContain(file);
});
