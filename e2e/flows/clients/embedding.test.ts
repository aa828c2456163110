/** `<tidings-import>` in a page of another origin with a strict policy, in a real browser, against the real server with a login. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { launchBrowser, letsAxeIn } from '../../test/browser.ts';
import { checkFile } from '../../test/checked-file.ts';
import { freshName } from '../../test/fresh-name.ts';

const LOGIN_SECRET = 'a login secret of 32 characters.';
/** Seconds since 1970 of a sign-in whose token has ended. */
const longAgo = () => Math.floor(Date.now() / 1000) - 2 * 60 * 60;

let stack: Stack;
let browser: Browser;
let site: Server;
let siteUrl = '';

beforeAll(async () => {
  site = createServer((request, response) => {
    const policy = [
      "default-src 'none'",
      `script-src ${stack.url}`,
      "style-src 'self'",
      `connect-src ${stack.url} ${stack.url.replace('http', 'ws')}`,
      "require-trusted-types-for 'script'",
      "base-uri 'none'",
    ];
    response.setHeader('Content-Security-Policy', policy.join('; '));
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const isStyles = request.url === '/site.css';
    response.setHeader('Content-Type', isStyles ? 'text/css' : 'text/html; charset=utf-8');
    response.end(isStyles ? SITE_STYLES : sitePage(request.url === '/two' ? 2 : 1));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  [stack, browser] = await Promise.all([
    startStack({ ALLOWED_ORIGINS: siteUrl, USER_JWT_SECRET: LOGIN_SECRET }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await Promise.allSettled([stack?.dispose(), browser?.close()]);
  site?.close();
});

/** What a site may do to its own elements must not reach into ours. */
const SITE_STYLES = `
html { font: 10px serif; color-scheme: light; }
* { color: rgb(255, 0, 0) !important; font: italic 700 30px/1 fantasy !important; text-shadow: 2px 2px lime !important; }
body { text-transform: uppercase; letter-spacing: 4px; }
button, label, h1, p, table { color: rgb(255, 0, 0); border: 9px solid lime; }
tidings-import { --tidings-accent: rgb(91, 33, 182); --tidings-rem: 16px; }
.narrow { width: 360px; }
`;

const sitePage = (elements: number) => `<!doctype html><html lang="de"><head><title>A shop</title>
<link rel="stylesheet" href="/site.css"><script type="module" src="${stack.url}/embed/tidings-import.js"></script></head>
<body><main><h1 id="run-title">A shop</h1>${'<div class="narrow" id="check-title"><tidings-import></tidings-import></div>'.repeat(elements)}</main></body></html>`;

interface Told {
  readonly name: string;
  readonly detail: {
    readonly importId: string;
    readonly code?: string;
    readonly fileName?: string;
    readonly state?: { readonly status: string; readonly upload: string };
  };
}

interface OpenSite {
  readonly page: Page;
  /** How often the page was asked for a user token. */
  readonly asked: () => number;
  /** From now on somebody else is signed in, or nobody. */
  readonly signIn: (owner: string | null) => void;
  /** Events of this visit and of those before. */
  readonly told: (name?: string) => readonly Told[];
  /** What the policy has forbidden. */
  readonly violations: readonly string[];
}

interface SiteOptions extends BrowserContextOptions {
  /** How many of the first tokens have ended already. */
  readonly ended?: number;
  /** Who is signed in; null: nobody, so no token is given. */
  readonly owner?: string | null;
  /** Whether the page never answers the question for a token. */
  readonly isSilent?: boolean;
}

/** A browser of somebody who is signed in. */
async function openSite(
  path = '/',
  { ended = 0, owner = freshName('owner'), isSilent = false, ...options }: SiteOptions = {},
): Promise<OpenSite> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  let signedIn = owner;
  let asked = 0;
  const told: Told[] = [];
  const violations: string[] = [];
  await page.exposeFunction('giveToken', async () => {
    asked += 1;
    if (isSilent) await new Promise<never>(() => undefined);
    if (signedIn === null) throw new Error('nobody is signed in');
    return signUserToken(signedIn, LOGIN_SECRET, asked <= ended ? longAgo() : undefined);
  });
  await page.exposeFunction('tell', (one: Told) => void told.push(one));
  await page.exposeFunction('violated', (what: string) => void violations.push(what));
  await page.addInitScript(followSite);
  await page.goto(`${siteUrl}${path}`);
  return {
    page,
    asked: () => asked,
    signIn: (next) => {
      signedIn = next;
    },
    told: (name) => told.filter((one) => name === undefined || one.name === name),
    violations,
  };
}

/** Runs in the page: what the site's own program would do. */
function followSite(): void {
  const site = globalThis as unknown as {
    giveToken(): Promise<string>;
    tell(one: unknown): void;
    violated(what: string): void;
    namesBefore: readonly string[];
  };
  site.namesBefore = Object.getOwnPropertyNames(globalThis);
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
    site.violated(`${effectiveDirective} ${blockedURI}`),
  );
  for (const name of ['tidings-started', 'tidings-progress', 'tidings-ended', 'tidings-problem'])
    document.addEventListener(name, (event) => site.tell({ name, detail: (event as CustomEvent).detail }));
  document.addEventListener('DOMContentLoaded', () => {
    for (const element of document.querySelectorAll('tidings-import'))
      Object.assign(element, { userToken: () => site.giveToken() });
  });
}

async function importFile(page: Page, rows: number): Promise<void> {
  const domain = freshName('embedded.example');
  const lines = Array.from({ length: rows }, (_, row) => `person.${row}@${domain},Ada`);
  await checkFile(page, ['email,first name', ...lines, ''].join('\n'), 'visitors.csv');
  await page.getByTestId('start-import').first().click();
}

describe('in a page of another origin whose policy allows the script’s origin alone', () => {
  test('a file is picked, checked and imported, and the page is told the outcome; a reload shows it again', async () => {
    const { page, asked, told, violations } = await openSite('/', { ended: 2 });
    await importFile(page, 300);
    await page.getByTestId('summary').waitFor();
    await eventually(() => expect(told('tidings-ended')).toHaveLength(1));
    const [started] = told('tidings-started');
    expect(told('tidings-ended')[0]?.detail).toMatchObject({
      importId: started?.detail.importId,
      state: { status: 'completed', rows: { total: 300, created: 300 } },
    });
    // One said who is signed in. The second had ended too, so another one was fetched for the check; the import has one of its own.
    expect(asked()).toBe(4);
    expect(await page.locator('tidings-import h1').innerText()).toContain('300');
    await page.reload();
    await page.getByTestId('summary').waitFor();
    expect(told('tidings-ended')).toHaveLength(1);
    expect(violations).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
  });

  test('an import that runs is followed again after a reload, and its end is told then', async () => {
    const { page, told } = await openSite();
    await importFile(page, 20_000);
    await eventually(() => expect(told().some(({ detail }) => detail.state?.upload === 'sealed')).toBe(true));
    await page.reload();
    await page.getByTestId('summary').waitFor({ timeout: 60_000 });
    await eventually(() => expect(told('tidings-ended').at(-1)?.detail.state?.status).toBe('completed'));
    expect(new Set(told().map(({ detail }) => detail.importId)).size).toBe(1);
  });
});

test('an element that is taken out ends its connections, and shows its import again when it is put back', async () => {
  const { page, told } = await openSite();
  const sockets = new Set<unknown>();
  page.on('websocket', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await importFile(page, 20_000);
  await eventually(() => expect(told().some(({ detail }) => detail.state?.upload === 'sealed')).toBe(true));
  expect(sockets.size).toBe(1);
  const [importId] = told('tidings-started').map(({ detail }) => detail.importId);
  await page.evaluate(() => {
    const element = document.querySelector('tidings-import');
    Object.assign(globalThis, { taken: element });
    element?.remove();
  });
  await eventually(() => expect(sockets.size).toBe(0));
  await page.evaluate(() => document.querySelector('main')?.append(Reflect.get(globalThis, 'taken')));
  await page.getByTestId('summary').waitFor({ timeout: 40_000 });
  await eventually(() => expect(told('tidings-ended').at(-1)?.detail.importId).toBe(importId));
});

test('two elements are independent, no name and no style crosses the border, and a narrow one is laid out narrowly', async () => {
  const { page, told } = await openSite('/two');
  await page.getByTestId('drop-zone').nth(1).waitFor();
  await importFile(page, 50);
  await page.getByTestId('summary').waitFor();
  expect(await page.getByTestId('drop-zone').count()).toBe(1);
  expect(told('tidings-ended')).toHaveLength(1);
  expect(await page.locator('[aria-live]').count()).toBe(1);
  const found = await page.evaluate(() => {
    const button = document
      .querySelectorAll('tidings-import')[1]
      ?.shadowRoot?.querySelector('.button.is-primary');
    const legend = document.querySelector('tidings-import')?.shadowRoot?.querySelector('.legend');
    // What a rule for every element sets at ours came down to all text in it.
    const heading = document.querySelector('tidings-import')?.shadowRoot?.querySelector('h2');
    const { color, fontFamily, fontStyle, textShadow } = getComputedStyle(heading ?? document.body);
    const own = new Set<string>([...Reflect.get(globalThis, 'namesBefore'), 'namesBefore']);
    return {
      added: Object.getOwnPropertyNames(globalThis).filter((name) => !own.has(name)),
      title: document.title,
      sheets: document.styleSheets.length,
      ground: button && getComputedStyle(button).backgroundColor,
      text: button && getComputedStyle(button).textTransform,
      heading: {
        isRed: color === 'rgb(255, 0, 0)',
        isFantasy: fontFamily === 'fantasy',
        fontStyle,
        textShadow,
      },
      size: button && getComputedStyle(button).fontSize,
      columns: legend && getComputedStyle(legend).gridTemplateColumns.split(' ').length,
      language: document.querySelector('tidings-import')?.shadowRoot?.querySelector('section')?.lang,
    };
  });
  expect(found).toEqual({
    added: [],
    title: 'A shop',
    sheets: 1,
    ground: 'rgb(91, 33, 182)',
    text: 'none',
    heading: { isRed: false, isFantasy: false, fontStyle: 'normal', textShadow: 'none' },
    size: '16px',
    columns: 1,
    language: 'de',
  });
});

describe('for people who use a keyboard or a screen reader', () => {
  test('the file input is reached by Tab, the next step has the focus, and the end is announced', async () => {
    const { page } = await openSite();
    await page.getByTestId('drop-zone').waitFor();
    const focused = () =>
      page.evaluate(() => {
        const inner = document.activeElement?.shadowRoot?.activeElement;
        return inner?.getAttribute('data-testid') ?? inner?.id ?? null;
      });
    expect(await focused()).toBeNull();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('file-input');
    await checkFile(page, 'email\nada@example.org\n');
    expect(await focused()).toBe('check-title');
    await page.getByTestId('start-import').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('summary').waitFor();
    await eventually(async () => expect(await page.getByTestId('announcer').innerText()).not.toBe(''));
    const levels = await page
      .locator('tidings-import :is(h1, h2)')
      .evaluateAll((headings) => headings.map((heading) => `${heading.localName} ${heading.ariaLevel}`));
    expect(levels).toEqual(expect.arrayContaining(['h1 2', 'h2 3']));
  });

  test.each([320, 768, 1440])(
    'axe finds nothing serious at %d px, at the start and at the end',
    async (width) => {
      const { page } = await openSite('/', { ...letsAxeIn, viewport: { width, height: 800 } });
      await page.getByTestId('drop-zone').waitFor();
      // The site's own red on white is its own affair.
      await page.addStyleTag({ content: 'main > h1 { color: black !important; border: 0 !important }' });
      expect(await seriousViolations(page)).toEqual([]);
      await checkFile(page, 'email,phone\nada@example.org,\nbob@example.org,12\n');
      expect(await seriousViolations(page)).toEqual([]);
      await page.getByTestId('start-import').click();
      await page.getByTestId('summary').waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        Math.max(width, 400),
      );
    },
  );
});

// The imports of who was signed in before were found by whoever signed in next in the same tab, who could even take them back.
test('who signs in next in the same tab finds nothing of who was here before; who comes back does', async () => {
  const ann = freshName('ann');
  const { page, signIn } = await openSite('/', { owner: ann });
  await importFile(page, 3);
  await page.getByTestId('summary').waitFor();
  for (const next of [freshName('bob'), null]) {
    signIn(next);
    await page.reload();
    await page.getByTestId('drop-zone').waitFor();
    expect(await page.getByText('visitors.csv').count()).toBe(0);
  }
  signIn(ann);
  await page.reload();
  await page.getByTestId('summary').waitFor();
});

// The element waited for ever for who is signed in, and showed nothing.
test('a page that never gives a token has an element that shows where to drop a file', async () => {
  const { page, asked } = await openSite('/', { isSilent: true });
  await page.getByTestId('drop-zone').waitFor();
  expect(asked()).toBeGreaterThan(0);
});

describe('the page is told what the person sees', () => {
  test('of a file that is refused, by the page or by the server', async () => {
    const { page, told } = await openSite();
    const pick = (name: string, text: string) =>
      page
        .getByTestId('file-input')
        .first()
        .setInputFiles({ name, mimeType: '', buffer: Buffer.from(text) });
    await pick('invoice.pdf', '%PDF-1.7\n');
    await eventually(() =>
      expect(told('tidings-problem').map(({ detail }) => detail)).toMatchObject([
        { code: 'not_csv', fileName: 'invoice.pdf', importId: null },
      ]),
    );
    await pick('words.csv', '{"email":"a@example.org"}\n');
    await eventually(() => expect(told('tidings-problem').at(-1)?.detail.fileName).toBe('words.csv'));
  });

  test('where nobody is signed in, in words for a person, and the next try after signing in works', async () => {
    const { page, told, signIn } = await openSite('/', { owner: null });
    await page
      .getByTestId('file-input')
      .setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('email\na@example.org\n') });
    await page.getByTestId('problem').waitFor();
    expect(await page.getByTestId('problem').innerText()).toContain('Niemand ist angemeldet');
    expect(told('tidings-problem').map(({ detail }) => detail)).toMatchObject([{ code: 'token_missing' }]);
    signIn(freshName('owner'));
    await page.getByTestId('check-again').click();
    await page.getByTestId('start-import').click();
    await page.getByTestId('summary').waitFor();
  });
});

// Last, because the server is stopped meanwhile.
test('a file that waits for the server is given up, and the page is told of no import', async () => {
  const { page, told } = await openSite();
  await checkFile(page, 'email\na@example.org\n');
  await stack.kill();
  onTestFinished(() => stack.start());
  await page.getByTestId('start-import').click();
  await page.getByTestId('give-up').click();
  await page.getByTestId('drop-zone').waitFor();
  expect(told('tidings-started')).toEqual([]);
});
