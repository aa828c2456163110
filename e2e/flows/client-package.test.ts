/** The client's package as a stranger uses it: packed, installed into a fresh project, checked with its types, run against a real process. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
