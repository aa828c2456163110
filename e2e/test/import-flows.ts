/** The main job in a real browser: a person drops a file, and every row is accounted for, whatever happens on the way. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buckets } from '@tidings/contracts/imports/import.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type ContactsFile, makeContactsFile } from './contacts-file.ts';
import { freshName } from './fresh-name.ts';
import { numberOf } from './import-page.ts';

/** Milliseconds in which a whole import must end. */
const LONG = { timeout: 90_000 };
/** Milliseconds in which everything must start on a busy machine. */
const START_TIMEOUT_MS = 180_000;

/** A running Tidings, in one process or in many. */
export interface System {
  readonly url: string;
  readonly supportUrl: string;
  /** Kills the processes that serve the page and work the import off. */
  crash(): Promise<void>;
  /** Starts the killed processes again. */
  recover(): Promise<void>;
  dispose(): Promise<void>;
}

/** What a flow does in the browser; for flows that only one setup has. */
export interface Flow {
  /** A page whose own errors fail the test. */
  openPage(address: string): Promise<Page>;
  pickFile(page: Page, name: string, bytes: Buffer): Promise<void>;
  startImport(page: Page): Promise<void>;
  /** Waits until some rows are reported, and expects that the import has not ended. */
  untilMidImport(page: Page): Promise<void>;
  /** Waits for the end, and compares its numbers. */
  expectEnd(page: Page, file: ContactsFile): Promise<void>;
}

/** @param more describes the flows that this setup alone has */
export function describeImportFlows(
  setup: string,
  startSystem: () => Promise<System>,
  more: (flow: Flow) => void = () => undefined,
): void {
  describe(`a file dropped on the page, ${setup}`, () => {
    let system: System;
    let browser: Browser;
    let context: BrowserContext;
    let directory: string;

    beforeAll(async () => {
      [system, browser, directory] = await Promise.all([
        startSystem(),
        launchBrowser(),
        mkdtemp(join(tmpdir(), 'tidings-files-')),
      ]);
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await Promise.allSettled([
        system?.dispose(),
        browser?.close(),
        rm(directory, { recursive: true, force: true }),
      ]);
    });
    beforeEach(async () => {
      context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    });
    afterEach(() => context.close());

    async function openPage(address: string): Promise<Page> {
      const page = await context.newPage();
      page.on('pageerror', (error) => {
        throw error;
      });
      await page.goto(address);
      return page;
    }

    async function pickFile(page: Page, name: string, bytes: Buffer): Promise<void> {
      const path = join(directory, name);
      await writeFile(path, bytes);
      await page.getByTestId('file-input').setInputFiles(path);
    }

    /** Drops the file on the page, as a person does from outside of the browser. */
    async function dropFile(page: Page, name: string, bytes: Buffer): Promise<void> {
      const transfer = await page.evaluateHandle(
        ([fileName, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([text ?? ''], fileName ?? '', { type: 'text/csv' }));
          return data;
        },
        [name, bytes.toString()],
      );
      await page.getByTestId('drop-zone').dispatchEvent('drop', { dataTransfer: transfer });
    }

    async function startImport(page: Page): Promise<void> {
      await page.getByTestId('start-import').click();
      await page.waitForURL(/\?import=/);
    }

    async function numbersOn(page: Page): Promise<Record<string, number>> {
      const numbers: Record<string, number> = {};
      for (const bucket of buckets) {
        const count = page.getByTestId(`bucket-${bucket}`);
        numbers[bucket] =
          (await count.count()) === 0 ? 0 : Number((await count.innerText()).replaceAll(/\D/g, ''));
      }
      return numbers;
    }

    async function expectEnd(page: Page, file: ContactsFile): Promise<void> {
      await page.getByTestId('summary').waitFor(LONG);
      expect(await numbersOn(page)).toEqual(file.expected);
      expect((await page.getByTestId('rows-total').innerText()).replaceAll(/\D/g, '')).toBe(
        String(file.rows),
      );
    }

    /** Waits until the server says that the upload is sealed: the last byte may have left the browser long before. */
    async function untilReceived(page: Page): Promise<void> {
      await page
        .getByTestId('upload-progress-text')
        .getByText(/^Complete/)
        .waitFor(LONG);
    }

    async function untilMidImport(page: Page): Promise<void> {
      await page.waitForFunction(
        () => {
          const created = document.querySelector('[data-testid="bucket-created"]')?.textContent ?? '0';
          return Number(created.replaceAll(/\D/g, '')) > 0;
        },
        undefined,
        { ...LONG, polling: 20 },
      );
      expect(await page.getByTestId('summary').count()).toBe(0);
    }

    test('20,000 rows with known duplicates and defects: the exact numbers, here, in a second tab, and with support', async () => {
      const file = makeContactsFile(20_000, 'dropped.example');
      const page = await openPage(system.url);
      const support = await openPage(system.supportUrl);
      await dropFile(page, 'contacts.csv', file.bytes);
      await page.getByTestId('preview').waitFor();
      expect(await page.getByTestId('preview').innerText()).toContain(`person.0@${file.domain}`);
      await startImport(page);
      const tab = await openPage(page.url());
      await expectEnd(page, file);
      await expectEnd(tab, file);
      const late = await openPage(page.url());
      await expectEnd(late, file);

      const importId = new URL(page.url()).searchParams.get('import');
      const row = support.locator(`[data-import="${importId}"]`);
      await row.getByTestId('support-status').getByText('Rows to fix').waitFor(LONG);
      expect(await row.getByTestId('support-rows').innerText()).toBe('20,000 of 20,000');
      await row.getByRole('link', { name: 'contacts.csv' }).click();
      await support.getByTestId('story-status').getByText('Rows to fix').waitFor(LONG);
      for (const bucket of ['created', 'duplicate', 'rejected'] as const)
        expect(await numberOf(support, `bucket-${bucket}`)).toBe(file.expected[bucket]);
      if (process.env.UPDATE_PICTURES !== undefined)
        await page.screenshot({ path: 'docs/import-page.png', fullPage: true });
    });

    test('reloaded in mid-import, the page goes on where it is, to the exact end', async () => {
      const file = makeContactsFile(100_000, 'reloaded.example');
      const page = await openPage(system.url);
      await pickFile(page, 'reloaded.csv', file.bytes);
      await startImport(page);
      await page.getByTestId('import-progress').waitFor(LONG);
      await untilReceived(page);
      await page.reload();
      await untilMidImport(page);
      await expectEnd(page, file);
    });

    test('the server killed in mid-import and started again: the page recovers by itself, and the end is exact', async () => {
      const file = makeContactsFile(100_000, 'killed.example');
      const page = await openPage(system.url);
      await pickFile(page, 'killed.csv', file.bytes);
      await startImport(page);
      await untilReceived(page);
      await untilMidImport(page);
      // A try that ends while the system recovers waits for it: a second recovery beside it would fail.
      let recovering: Promise<void> | undefined;
      const recover = () => {
        recovering ??= system.recover();
        return recovering;
      };
      onTestFinished(recover);
      await system.crash();
      await page.getByTestId('stale-note').waitFor();
      expect(await page.getByTestId('connection').innerText()).toBe('Reconnecting');
      await recover();
      await page.getByTestId('stale-note').waitFor({ state: 'detached', ...LONG });
      await expectEnd(page, file);
    });

    test('the rejected rows, downloaded, fixed and dropped again, touch only themselves', async () => {
      const page = await openPage(system.url);
      const domain = freshName('loop.example');
      const rows = [
        'email,country,note',
        `loop1@${domain},DE,"=1+1"`,
        `loop2 at ${domain},DE,"a, ""b"""`,
        `loop3@${domain},Atlantis,x`,
      ];
      await pickFile(page, 'loop.csv', Buffer.from(rows.join('\r\n')));
      await startImport(page);
      await page.getByTestId('summary').waitFor(LONG);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('download-rejected').click(),
      ]);
      const path = join(directory, 'loop-rejected.csv');
      await download.saveAs(path);
      const text = await readFile(path, 'utf8');
      const fixed = text.replace('loop2 at ', 'loop2@').replace('Atlantis', 'France');
      const again = await openPage(system.url);
      await dropFile(again, 'loop-fixed.csv', Buffer.from(fixed));
      await startImport(again);
      await again.getByTestId('summary').waitFor(LONG);
      expect(await numbersOn(again)).toMatchObject({ created: 2, rejected: 0 });

      const contacts = await openPage(`${system.url}/contacts`);
      await contacts.getByTestId('contacts-search').fill(`@${domain}`);
      await contacts.getByRole('rowheader', { name: `loop3@${domain}` }).waitFor();
      const shown = contacts.getByTestId('contact-row');
      await eventually(async () => expect(await shown.count()).toBe(3), { withinMs: LONG.timeout });
    });

    test('a file that is none is refused in words', async () => {
      const page = await openPage(system.url);
      await pickFile(page, 'picture.csv', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
      await page.getByTestId('problem').waitFor();
      expect(await page.getByTestId('problem').innerText()).toMatch(/PNG/);
    });

    more({ openPage, pickFile, startImport, untilMidImport, expectEnd });
  });
}
