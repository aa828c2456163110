/**
 * PostgreSQL and the only jobs service are stopped for real under the three pages. Each says as of when its numbers are and what they wait
 * for, and goes on by itself, without a reload or a click.
 */
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser, openFreshPage } from '../test/browser.ts';
import { makeContactsFile } from '../test/contacts-file.ts';
import { importPersons, openContacts } from '../test/contacts-page.ts';

/** Milliseconds in which a page notices, or goes on: its own pauses grow to 30 s. */
const NOTICED = { timeout: 90_000 };
const AS_OF = /As of \d{1,2}:\d{2}/;

let system: Distributed;
let browser: Browser;
beforeAll(async () => {
  [system, browser] = await Promise.all([
    startDistributed({ instances: { 'jobs-service': 1, hub: 1, importer: 1, aggregator: 1 } }),
    launchBrowser(),
  ]);
  await importPersons(system.url, 3, 'before.example');
}, 420_000);
afterAll(async () => {
  await Promise.allSettled([system?.stop(), browser?.close()]);
});

const noteOf = (page: Page) => page.getByTestId('problem').or(page.getByTestId('contacts-silent')).first();

/** What happens when a person changes to another window and comes back. */
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')));

/** A contacts page whose last answer is too old to be taken for new. */
async function openOldContacts(): Promise<Page> {
  const page = await openContacts(browser, system.url);
  await page.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 60_000;
  });
  return page;
}

async function startLongImport(): Promise<Page> {
  const page = await openFreshPage(browser, system.url);
  const file = makeContactsFile(60_000, `${Date.now()}.example`);
  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'long.csv', mimeType: 'text/csv', buffer: file.bytes });
  await page.getByTestId('start-import').click();
  await page
    .getByTestId('upload-progress-text')
    .getByText(/^Complete/)
    .waitFor(NOTICED);
  return page;
}

test('PostgreSQL is stopped: the pages say what waits for the database, and as of when their numbers are', async () => {
  const { postgres } = system.engines;
  const support = await openFreshPage(browser, system.supportUrl);
  const contacts = await openOldContacts();
  const shown = await contacts.getByTestId('contact-row').count();
  const running = await startLongImport();
  await postgres.stop();
  onTestFinished(async () => {
    if (!postgres.running) await postgres.restart();
  });
  expect(await running.getByTestId('summary').count()).toBe(0);
  await running.getByText('Waits for the database, which does not answer').first().waitFor(NOTICED);
  // Its list comes from the database, too.
  await support.getByTestId('problem').waitFor(NOTICED);
  expect(await support.getByTestId('problem').innerText()).toMatch(/asks again by itself.*as of \d/s);

  await comeBack(contacts);
  await noteOf(contacts).waitFor(NOTICED);
  expect(await noteOf(contacts).innerText()).toMatch(/asks again by itself/);
  expect(await noteOf(contacts).innerText()).toMatch(AS_OF);
  expect(await contacts.getByTestId('contact-row').count()).toBe(shown);
  const opened = await openFreshPage(browser, `${system.url}/contacts`);
  await noteOf(opened).waitFor(NOTICED);

  await postgres.restart();
  await running.getByTestId('summary').waitFor({ timeout: 120_000 });
  for (const page of [contacts, opened]) {
    await noteOf(page).waitFor({ state: 'detached', ...NOTICED });
    await page.getByTestId('contact-row').first().waitFor(NOTICED);
  }
  await support.getByTestId('support-running').getByText(/^0$/).waitFor(NOTICED);
  await support.getByTestId('problem').waitFor({ state: 'detached', ...NOTICED });
}, 400_000);

test('the only jobs service is stopped: the pages say that they ask again, and show new numbers once it is back', async () => {
  const [jobsService] = system.processes['jobs-service'];
  if (jobsService === undefined) throw new Error('there is one jobs service');
  const contacts = await openOldContacts();
  const first = await contacts.getByTestId('contact-row').first().innerText();
  await jobsService.stop();
  let isStopped = true;
  onTestFinished(async () => {
    if (isStopped) await jobsService.start();
  });
  await comeBack(contacts);
  await noteOf(contacts).waitFor(NOTICED);
  expect(await noteOf(contacts).innerText()).toMatch(AS_OF);
  expect(await contacts.getByTestId('contact-row').first().innerText()).toBe(first);
  // The proxy's page kept its place for ever where the address had a fragment, as support's has.
  const support = await openFreshPage(browser, system.supportUrl);
  const start = await openFreshPage(browser, system.url);
  for (const page of [support, start])
    await page
      .getByText(/by itself/)
      .first()
      .waitFor(NOTICED);

  await jobsService.start();
  isStopped = false;
  await noteOf(contacts).waitFor({ state: 'detached', ...NOTICED });
  await support.getByTestId('support-row').first().waitFor(NOTICED);
  await start.getByTestId('drop-zone').waitFor(NOTICED);
}, 400_000);
