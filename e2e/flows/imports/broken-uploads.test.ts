/** The network of a person breaks while a file is on its way: the page says so, and sends what is missing and no more. */
import { buckets } from '@tidings/contracts/imports/import.ts';
import { startTcpProxy, type TcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFreshPage } from '../../test/browser.ts';
import { pickFile } from '../../test/checked-file.ts';
import { type ContactsFile, makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { limitUpload, numberOf } from '../../test/import-page.ts';

/** Milliseconds for what takes a whole import, or until a page that was away asks again. */
const LONG = { timeout: 90_000 };
/** Bytes per second of an upload that must take a while. */
const SLOW_UPLOAD = 700_000;

const [stack, browser] = await startFileStackAndBrowser();
/** Between the browser and the services. */
let network: TcpProxy;
beforeAll(async () => {
  network = await startTcpProxy(() => Number(new URL(stack.url).port));
});
afterAll(() => network?.close());

/** The requests that have brought bytes of the file: from which byte each. */
function watchUploads(page: Page): number[] {
  const offsets: number[] = [];
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname;
    if (request.method() === 'POST' && path === '/imports') offsets.push(0);
    if (request.method() === 'PATCH' && path === '/imports/upload')
      offsets.push(Number(request.headers()['upload-offset']));
  });
  return offsets;
}

/** Begins an import whose upload takes a while; resolves once rows of it are there. */
async function uploadInMiddle(page: Page, file: ContactsFile): Promise<void> {
  await limitUpload(page, SLOW_UPLOAD);
  await pickFile(page, file.bytes, freshName('broken.csv'));
  await page.getByTestId('start-import').click(LONG);
  await eventually(async () => expect(await numberOf(page, 'bucket-created')).toBeGreaterThan(0), {
    withinMs: LONG.timeout,
  });
}

async function untilWhole(page: Page, file: ContactsFile): Promise<void> {
  await page.getByTestId('reconciled').getByText('Checked').waitFor(LONG);
  expect(await numberOf(page, 'rows-total')).toBe(file.rows);
  for (const bucket of buckets)
    expect(await numberOf(page, `bucket-${bucket}`), bucket).toBe(file.expected[bucket]);
}

const shareSent = async (page: Page) =>
  Number((await page.locator('.track-sent').first().getAttribute('style'))?.match(/[\d.]+/)?.[0]);

// On a network that went silent the page said “Uploading” for a quarter of an hour.
test.each(['resets', 'goes silent'])(
  'an upload whose network %s goes on where the server has it',
  { timeout: 300_000 },
  async (how) => {
    network.pass();
    const page = await openFreshPage(browser, `http://127.0.0.1:${network.port}`);
    const offsets = watchUploads(page);
    const file = makeContactsFile(60_000, freshName('goes-on.example'));
    await uploadInMiddle(page, file);
    const address = page.url();
    if (how === 'resets') network.cut();
    else network.stall();
    const note = page.getByTestId('resend-note');
    await note.getByText('The upload goes on by itself').waitFor(LONG);
    expect(await page.getByTestId('status').innerText()).toBe('Waiting');
    // It named the time at which the attempt had begun that nobody answered.
    if (how === 'goes silent') await note.getByText('It is being tried again now').waitFor(LONG);
    const sent = await shareSent(page);
    expect(sent).toBeGreaterThan(0);
    const created = await numberOf(page, 'bucket-created');
    await limitUpload(page, -1);
    network.pass();
    await untilWhole(page, file);
    expect(created).toBeGreaterThan(0);
    expect(page.url()).toBe(address);
    expect(await note.count()).toBe(0);
    const [first, ...rest] = offsets;
    expect(first).toBe(0);
    expect(rest.length).toBeGreaterThan(0);
    expect(Math.min(...rest)).toBeGreaterThan(0);
  },
);
