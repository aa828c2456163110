/** A person cancels where the network has lost the answers: what the page says then is true, and nothing runs on unseen. */
import type { Page as ListPage } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { getJson } from '@tidings/testing/connections/requests.ts';
import { startTcpProxy, type TcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFreshPage } from '../../test/browser.ts';
import { pickFile } from '../../test/checked-file.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { limitUpload, numberOf } from '../../test/import-page.ts';

/** Milliseconds for what takes a whole import, or until a page that was away asks again. */
const LONG = { timeout: 90_000 };

const [stack, browser] = await startFileStackAndBrowser();
/** Between the browser and the services. */
let network: TcpProxy;
beforeAll(async () => {
  network = await startTcpProxy(() => Number(new URL(stack.url).port));
});
afterAll(() => network?.close());

function openPage(): Promise<Page> {
  network.pass();
  return openFreshPage(browser, `http://127.0.0.1:${network.port}`);
}

async function pickReadable(page: Page, name: string, content: Buffer | string): Promise<void> {
  await pickFile(page, content, name);
  await page.getByTestId('start-import').waitFor();
}

/** By the keyboard alone. */
async function pressButton(page: Page, button: Locator): Promise<void> {
  await button.focus();
  await page.keyboard.press('Enter');
}

const press = (page: Page, name: string) =>
  pressButton(page, page.getByRole('button', { name, exact: true }));

/** Presses the button that says how many rows it imports. */
const start = (page: Page) => pressButton(page, page.getByTestId('start-import'));

async function statesOf(fileName: string): Promise<ImportState[]> {
  const { items } = await getJson<ListPage<ImportState>>(
    `${stack.url}/imports?limit=500`,
    stack.supportToken,
  );
  return items.filter((state) => state.fileName === fileName);
}

const status = (page: Page, text: string) => page.getByTestId('status').getByText(text, { exact: true });

test('a small file whose answer was lost is not said to be unsent: the page asks, and shows what has become of it', async () => {
  const page = await openPage();
  const name = freshName('small.csv');
  // The channel is open before the file is sent, so only what comes back of the file can be lost.
  let answersAreLost = false;
  await page.route('**/imports', async (route) => {
    if (route.request().method() === 'POST' && !answersAreLost) {
      answersAreLost = true;
      network.loseAnswers();
    }
    await route.continue();
  });
  await pickReadable(page, name, `email\nsmall@${freshName('lost-answers.example')}\n`);
  await start(page);
  await page.getByTestId('resend-note').waitFor(LONG);
  await eventually(async () => expect(await statesOf(name)).toHaveLength(1), {
    withinMs: LONG.timeout,
  });
  await press(page, 'Cancel this import');
  await page.getByTestId('cancel-note').waitFor();
  const said = await page.locator('body').innerText();
  expect(said).toContain('this import may still run');
  expect(said).not.toMatch(/will not be imported|Nothing of it was sent|goes on without this page/);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');

  network.pass();
  await page.waitForURL(/\?import=/, LONG);
  await page.getByTestId('summary').waitFor(LONG);
  const [state, ...others] = await statesOf(name);
  expect(others).toEqual([]);
  expect(state?.status, 'it had ended before anybody could cancel it').toBe('completed');
  await status(page, 'Completed').waitFor(LONG);
  expect(await page.getByTestId('cancel-note').count()).toBe(0);
  expect(await numberOf(page, 'bucket-created')).toBe(1);
  await page.getByTestId('take-back').waitFor();
});

test('a file that never arrived is said to be nothing once the services can be asked', async () => {
  const page = await openPage();
  const name = freshName('never.csv');
  await page.route('**/imports', async (route) => {
    if (route.request().method() === 'POST') network.cut();
    await route.continue();
  });
  await pickReadable(page, name, 'email\nnever@lost-answers.example\n');
  await start(page);
  await page.getByTestId('resend-note').waitFor(LONG);
  await press(page, 'Cancel this import');
  await page.getByTestId('cancel-note').waitFor();
  expect(await status(page, 'Cancelling').count()).toBe(1);

  network.pass();
  await page.getByTestId('drop-zone').waitFor(LONG);
  await page
    .getByTestId('announcer')
    .getByText(`${name} will not be imported. The server has nothing of it.`)
    .waitFor({ state: 'attached' });
  expect(await page.getByTestId('given-up-note').innerText()).toBe(
    `${name} will not be imported. The server has nothing of it.`,
  );
  expect(await page.getByTestId('unsent-import').count()).toBe(0);
  expect(await statesOf(name)).toEqual([]);
});

test('a file that is cancelled before the services have named its import is cut off, and the page says what is known', async () => {
  const page = await openPage();
  const name = freshName('first-moment.csv');
  // The request is on its way, and no byte of it arrives.
  await page.route('**/imports', (route) =>
    route.request().method() === 'POST' ? new Promise<void>(() => undefined) : route.continue(),
  );
  await pickReadable(page, name, 'email\nfirst@lost-answers.example\n');
  await start(page);
  await status(page, 'Uploading').waitFor(LONG);
  await press(page, 'Cancel this import');
  await page.getByTestId('given-up-note').waitFor(LONG);
  expect(await page.getByTestId('given-up-note').innerText()).toContain(
    `The upload of ${name} was cancelled, and the file will not be imported.`,
  );
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  expect(await page.getByTestId('unsent-import').count()).toBe(0);
  expect(await statesOf(name)).toEqual([]);
  await pickReadable(page, 'another.csv', 'email\nanother@lost-answers.example\n');
  expect(await page.getByTestId('given-up-note').count()).toBe(0);
});

test('a cancel that no answer comes to sends nothing more, asks again, and ends the import', async () => {
  const page = await openPage();
  const name = freshName('asked-again.csv');
  await limitUpload(page, 200_000);
  await pickReadable(page, name, makeContactsFile(60_000, 'asked-again.example').bytes);
  await start(page);
  await eventually(async () => expect(await numberOf(page, 'bucket-created')).toBeGreaterThan(0), {
    withinMs: LONG.timeout,
  });
  await press(page, 'Cancel this import');
  network.cut();
  await press(page, 'Yes, cancel it');
  const note = page.getByTestId('cancel-note');
  await note.waitFor(LONG);
  expect(await note.innerText()).toContain('Nothing more of the file is sent.');
  expect(await page.locator('main').innerText()).not.toMatch(/sent again|goes on without this page/);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('run-title');

  network.pass();
  await note.waitFor({ state: 'detached', ...LONG });
  await page.getByTestId('summary').waitFor(LONG);
  const ended = { status: expect.stringMatching(/^(cancelled|failed)$/), upload: 'aborted' };
  const states = async () => (await statesOf(name)).map(({ status, upload }) => ({ status, upload }));
  await eventually(async () => expect(await states()).toEqual([ended]), { withinMs: LONG.timeout });
  await eventually(async () =>
    expect(await page.getByTestId('status').innerText()).toMatch(/^(Cancelled|Broken off)$/),
  );
  expect(await page.locator('main').innerText()).not.toContain('sent again');
});
