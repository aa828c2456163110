/** What a person sees of an import that ends without success: the same numbers everywhere, and what to do next. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page as ListPage } from '@tidings/contracts/http.ts';
import { buckets, type ImportState } from '@tidings/contracts/imports/import.ts';
import { getJson } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFreshPage } from '../../test/browser.ts';
import { type ContactsFile, makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { limitUpload, numberOf, sumOfBuckets } from '../../test/import-page.ts';

/** Milliseconds for what takes the whole import, or a restart. */
const LONG = { timeout: 90_000 };
/** Bytes per second of an upload that must take a while. */
const SLOW_UPLOAD = 700_000;

const [stack, browser] = await startFileStackAndBrowser();
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-files-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

// A failed test may have left the server down.
beforeEach(() => (stack.isRunning() ? undefined : stack.start()));

const openPage = (address = stack.url): Promise<Page> => openFreshPage(browser, address);

async function pickFile(page: Page, name: string, content: Buffer | string): Promise<void> {
  const path = join(directory, name);
  await writeFile(path, content);
  await page.getByTestId('file-input').first().setInputFiles(path);
}

async function startImport(page: Page, name: string, content: Buffer | string): Promise<void> {
  await pickFile(page, name, content);
  await page.getByTestId('start-import').click();
}

/** The server does not answer, so the file cannot be looked at. */
async function startUnchecked(page: Page, name: string, content: string): Promise<void> {
  await pickFile(page, name, content);
  await page.getByTestId('start-unchecked').click();
}

const statusOf = (page: Page) => page.getByTestId('status').innerText();

// Each step may take its LONG on a busy machine, and some of these tests have three.
describe('the server killed while the file is on its way', { timeout: 300_000 }, () => {
  let file: ContactsFile;
  let page: Page;

  beforeEach(async () => {
    file = makeContactsFile(60_000, 'broken.example');
    page = await openPage();
    await limitUpload(page, SLOW_UPLOAD);
    await startImport(page, 'broken.csv', file.bytes);
    await eventually(async () => expect(await numberOf(page, 'bucket-created')).toBeGreaterThan(0), {
      withinMs: LONG.timeout,
    });
    expect(await statusOf(page)).toBe('Uploading');
    await stack.kill();
    await page.getByTestId('resend-note').waitFor(LONG);
  }, 300_000);

  test('the page sends its file again by itself, and every row of the same import is there once', async () => {
    expect(await statusOf(page)).toBe('Waiting');
    // Between two attempts: while one is unanswered, the note says that.
    await page.getByTestId('resend-note').getByText('The upload goes on by itself').waitFor(LONG);
    const said = await page.locator('main').innerText();
    expect(said).not.toMatch(/Not imported|Not received|Failed|the total is known/);
    const address = page.url();
    await limitUpload(page, -1);

    await stack.start();
    await page.getByTestId('reconciled').getByText('Checked').waitFor(LONG);
    expect(page.url()).toBe(address);
    expect(await numberOf(page, 'rows-total')).toBe(file.rows);
    for (const bucket of buckets)
      expect(await numberOf(page, `bucket-${bucket}`), bucket).toBe(file.expected[bucket]);
    expect(await page.getByTestId('send-again').count()).toBe(0);
    expect(await page.getByTestId('resend-note').count()).toBe(0);
  });

  test('a page that does not hold the file tells in numbers what is taken back, and asks for the file by name', async () => {
    const address = page.url();
    const context = page.context();
    await page.close();
    await stack.start();
    const other = await context.newPage();
    await other.goto(address);
    await other.getByTestId('summary').waitFor(LONG);
    const title = other.getByRole('heading', { level: 1 });
    await title.getByText(/^Broken off: [\d,]+ rows had been added and were taken back$/).waitFor(LONG);
    expect(await statusOf(other)).toBe('Broken off');
    const added = Number((await title.innerText()).replaceAll(/\D/g, ''));
    expect(added).toBe(await numberOf(other, 'bucket-created'));
    expect(await sumOfBuckets(other)).toBe(await numberOf(other, 'rows-total'));
    const arrived = `${(await numberOf(other, 'rows-total')).toLocaleString('en')} rows`;
    expect(await other.getByTestId('reconciled').innerText()).toContain(
      `${arrived} received before it broke off`,
    );
    expect(await other.locator('main').innerText()).not.toMatch(/Not imported|the total is known/);

    expect(await other.getByTestId('send-again').count()).toBe(0);
    expect(await other.getByLabel('Choose broken.csv again').count()).toBe(1);
    await pickFile(other, 'broken.csv', file.bytes);
    await other.getByTestId('start-import').click();
    await other.getByTestId('reconciled').getByText('Checked').waitFor(LONG);
    expect(await numberOf(other, 'bucket-created'), 'nothing of the first try was left').toBe(
      file.expected.created,
    );
  });
});

test('started while the server is away: in the list, and what is cancelled there is never sent', async () => {
  const page = await openPage();
  const [givenUp, dropped, kept] = [
    freshName('given-up.csv'),
    freshName('dropped.csv'),
    freshName('kept.csv'),
  ];
  await pickFile(page, givenUp, 'email\ngiven-up@away.example\n');
  await page.getByTestId('start-import').waitFor();
  await stack.kill();
  await page.getByTestId('start-import').click();
  expect(await statusOf(page)).toBe('Waiting');
  expect(await page.getByTestId('upload-progress-text').innerText()).toBe(
    'Waiting for the server, 28 bytes to send',
  );
  await page.getByTestId('unsent-note').waitFor();
  expect(await page.getByTestId('unsent-note').innerText()).toContain('still on this device');

  await page.getByRole('button', { name: 'Cancel this import' }).click();
  await page.getByTestId('drop-zone').waitFor();
  expect(await page.getByTestId('unsent-import').count()).toBe(0);
  await page
    .getByTestId('announcer')
    .getByText(`${givenUp} will not be imported.`)
    .waitFor({ state: 'attached' });

  await startUnchecked(page, dropped, 'email\ndropped@away.example\n');
  await page.getByRole('link', { name: 'Import another file' }).click();
  await startUnchecked(page, kept, 'email\nkept@away.example\n');
  await page.getByRole('link', { name: 'Import another file' }).click();
  const waiting = page.getByTestId('unsent-import');
  expect(await waiting.count()).toBe(2);
  expect(await waiting.first().innerText()).toMatch(new RegExp(`${kept}[\\s\\S]*Waiting`));
  await page.getByRole('button', { name: `Cancel the import of ${dropped}` }).focus();
  await page.keyboard.press('Enter');
  await waiting.nth(1).waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  await waiting.first().getByRole('button', { name: kept, exact: true }).click();
  expect(await page.getByTestId('file-name').innerText()).toBe(kept);

  await stack.start();
  await page.waitForURL(/\?import=/, LONG);
  await page.getByTestId('summary').waitFor(LONG);
  await page.getByRole('link', { name: 'Import another file' }).click();
  await page.getByTestId('recent-imports').getByRole('link', { name: kept }).waitFor();
  expect(await page.getByTestId('unsent-import').count()).toBe(0);
  const { items } = await getJson<ListPage<ImportState>>(
    `${stack.url}/imports?limit=500`,
    stack.supportToken,
  );
  const names = items.map((state) => state.fileName);
  expect(names).toContain(kept);
  expect(names).not.toContain(givenUp);
  expect(names).not.toContain(dropped);
});

test('one upload too many waits for a place, can be cancelled meanwhile, and is sent when there is one', async () => {
  const page = await openPage();
  const noPlace = freshName('no-place.csv');
  let admitted = false;
  let refused = 0;
  await page.route('**/imports', (route) => {
    if (admitted || route.request().method() !== 'POST') return route.continue();
    refused += 1;
    return route.fulfill({ status: 429, headers: { 'Retry-After': '1' } });
  });
  await startImport(page, noPlace, 'email\nno-place@busy.example\n');
  await eventually(() => expect(refused).toBeGreaterThan(0), { withinMs: LONG.timeout });
  await page.getByRole('button', { name: 'Cancel this import' }).click();
  await page.getByTestId('drop-zone').waitFor();
  expect(await page.getByTestId('unsent-import').count()).toBe(0);

  const before = refused;
  await startImport(page, 'a-place.csv', 'email\na-place@busy.example\n');
  await eventually(() => expect(refused).toBeGreaterThan(before + 1), { withinMs: LONG.timeout });
  admitted = true;
  await page.getByTestId('summary').waitFor(LONG);
  expect(await statusOf(page)).toBe('Completed');
  const { items } = await getJson<ListPage<ImportState>>(
    `${stack.url}/imports?limit=500`,
    stack.supportToken,
  );
  expect(items.map((state) => state.fileName)).not.toContain(noPlace);
});

test('a file of which every row is rejected is shown as no success, here and in the lists', async () => {
  const page = await openPage();
  const rows = Array.from({ length: 40 }, (_, row) => `nobody ${row},x\n`).join('');
  await startImport(page, 'all-rejected.csv', `email,name\n${rows}`);
  await page.getByTestId('summary').waitFor(LONG);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
    'None of the 40 rows could be imported.',
  );
  expect(await statusOf(page)).toBe('Nothing imported');
  expect(await page.getByTestId('status').getAttribute('class')).toContain('is-bad');
  expect(await page.locator('.is-done').count()).toBe(0);
  await page
    .getByTestId('announcer')
    .getByText('Nothing imported. 40 rejected.')
    .waitFor({ state: 'attached' });
  expect(await page.locator('main').innerText()).not.toMatch(/Completed|accounted for/);
  await page.getByTestId('download-rejected').waitFor();
  const importId = new URL(page.url()).searchParams.get('import');

  await page.getByRole('link', { name: 'Import another file' }).click();
  const entry = page.getByTestId('recent-imports').getByRole('listitem').first();
  expect(await entry.innerText()).toMatch(/all-rejected\.csv[\s\S]*Nothing imported/);
  const support = await openPage(stack.supportUrl);
  const row = support.locator(`[data-import="${importId}"]`);
  expect(await row.getByTestId('support-status').innerText()).toBe('Nothing imported');
});
