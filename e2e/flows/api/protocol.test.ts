/** The protocol on what `npm start` starts, and the command that tries it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { launchBrowser } from '../../test/browser.ts';
import { describeConformance } from '../../test/conformance.ts';
import { startFileStack } from '../../test/file-stack.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A service without workers. */
const services = { services: { echo: { methods: { say: {} } } } };

const stack = await startFileStack({ REQUESTS: JSON.stringify(services) });

describeConformance(
  async () => ({
    url: stack.url,
    apiKey: stack.apiKey,
    supportToken: stack.supportToken,
    method: 'echo/say',
  }),
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

describe('/docs', () => {
  const screens = [
    { width: 1280, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const;

  test.each(screens)(
    'shows every route, event and topic at $width px, $colorScheme, from this host alone',
    async ({ width, colorScheme }) => {
      const browser = await launchBrowser();
      onTestFinished(() => browser.close());
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const [asked, complaints]: [string[], string[]] = [[], []];
      page.on('request', (request) => asked.push(new URL(request.url()).origin));
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(`${stack.url}/docs`);
      for (const text of ['/channels/{channelId}/notifications', 'server:closing', 'import-work.express'])
        expect(await page.getByRole('heading', { name: text }).count()).toBeGreaterThan(0);
      await page.getByRole('link', { name: 'Topics' }).click();
      expect(await page.locator('#topics').isVisible()).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      // The style counts: it comes under the same policy.
      expect(
        await page
          .locator('article')
          .first()
          .evaluate((one) => getComputedStyle(one).borderRadius),
      ).toBe('12px');
      expect([new Set(asked), complaints]).toEqual([new Set([stack.url]), []]);
    },
  );

  test.each(screens)(
    'shows axe nothing serious at $width px, $colorScheme',
    async ({ width, colorScheme }) => {
      const browser = await launchBrowser();
      onTestFinished(() => browser.close());
      const options = { viewport: { width, height: 900 }, colorScheme, bypassCSP: true };
      const page = await (await browser.newContext(options)).newPage();
      await page.goto(`${stack.url}/docs`);
      expect(await seriousViolations(page)).toEqual([]);
    },
  );

  test('gives programs both documents', async () => {
    const fetched = async (name: string) => (await fetch(`${stack.url}/docs/${name}`)).json();
    expect(await fetched('openapi.json')).toMatchObject({ openapi: '3.1.0' });
    expect(await fetched('asyncapi.json')).toMatchObject({ asyncapi: '3.0.0' });
  });
});
