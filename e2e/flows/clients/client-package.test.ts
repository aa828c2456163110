/** The client's package as a stranger uses it: packed, installed into a fresh project, checked with its types, run against a real process. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { provideNode } from '../../run/node-versions.mjs';
import { launchBrowser } from '../../test/browser.ts';
import { freshName } from '../../test/fresh-name.ts';
import { compileProject, installClient, root, run } from '../../test/installed-client.ts';
import { listen } from '../../test/listener.ts';

/** Of the packages that bundle a page, the one that users have most. */
const BUNDLER_VERSION = '0.28.2';

let stack: Stack;
/** A site of somebody else, whose pages may use the hub. */
let site: Server;
let siteUrl = '';
let pageOfSite = '';
let folder: Awaited<ReturnType<typeof makeFolder>>;
let built = '';
let project = '';

beforeAll(async () => {
  site = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end(pageOfSite),
  );
  siteUrl = await listenOnFreePort(site);
  stack = await startStack({ ALLOWED_ORIGINS: siteUrl });
  folder = await makeFolder();
  const { version } = JSON.parse(await readFile(join(root, 'node_modules/@types/node/package.json'), 'utf8'));
  ({ built, folder: project } = await installClient(folder.path, [
    `@types/node@${version}`,
    `esbuild@${BUNDLER_VERSION}`,
  ]));
});
afterAll(async () => {
  await stack?.dispose();
  site?.close();
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

/** Counts what it gets, in a page. */
const pageProgram = (url: string) => `
import { createWebStorage, openChannel } from '@tidings/client';
const channel = openChannel({ url: '${url}', storage: createWebStorage(localStorage), keepsPosition: true });
const tidings = { channelId: '', received: [] as unknown[], snapshots: 0 };
channel.onSnapshot(() => { tidings.snapshots += 1; });
channel.onNotification(({ data }) => { tidings.received.push(data); });
channel.ready().then(({ channelId }) => { tidings.channelId = channelId; });
Object.assign(globalThis, { tidings });
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
    await writeFile(contacts, `email,first name\nada@${freshName('package.example')},Ada\nnobody,No\n`);
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
    const kept = join(project, freshName('kept.json'));
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

test('a page of another site, bundled by others, continues after a reload without a snapshot, and gets each notification once', async () => {
  pageOfSite = await bundledPage();
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(siteUrl);
  await page.waitForFunction('tidings.channelId !== ""');
  const channelId = String(await page.evaluate('tidings.channelId'));
  await publish(channelId, 1, 2, 3);
  await page.waitForFunction('tidings.received.length === 3');
  expect(await page.evaluate('tidings')).toMatchObject({ snapshots: 1, received: [1, 2, 3] });
  await page.goto('about:blank');
  await publish(channelId, 4, 5);
  await page.goto(siteUrl);
  await page.waitForFunction('tidings.received.length === 2');
  await publish(channelId, 6);
  await page.waitForFunction('tidings.received.length === 3');
  expect(await page.evaluate('tidings')).toMatchObject({ channelId, snapshots: 0, received: [4, 5, 6] });
});

/** As a bundler makes it of a program and what that imports. */
async function bundledPage(): Promise<string> {
  await writeFile(join(project, 'page.ts'), pageProgram(stack.url));
  const bundler = join(project, 'node_modules/.bin/esbuild');
  const words = ['page.ts', '--bundle', '--format=esm', '--minify'];
  const { stdout } = await run(bundler, words, { cwd: project });
  return `<!doctype html><script type="module">${stdout.replaceAll('</script', '<\\/script')}</script>`;
}

/** @returns its address */
async function listenOnFreePort(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the package can be published: npm finds nothing to warn of', async () => {
  const registry = createServer((_request, response) => response.writeHead(404).end('{}'));
  const address = await listenOnFreePort(registry);
  const withoutScheme = address.slice('http:'.length);
  const words = ['publish', '--dry-run', `--registry=${address}/`, `--${withoutScheme}/:_authToken=none`];
  const { stdout, stderr } = await run('npm', words, { cwd: built });
  registry.close();
  expect(stderr).not.toMatch(/npm (?:warn|error)/i);
  expect(stdout).toMatch(/^\+ @tidings\/client@\d/);
  for (const file of ['LICENSE', 'README.md', 'index.js', 'package.json', 'types/client/index.d.ts'])
    expect(stderr).toContain(file);
});
