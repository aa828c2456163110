/** Support’s page of services, and the audit, on one machine and at scale. */
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';

const [stack, browser] = await startFileStackAndBrowser();

const services = ['hub', 'jobs-service', 'importer', 'aggregator', 'reference-data', 'webhooks'];

async function openSupport(place = ''): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(stack.supportUrl);
  await page.getByTestId('support-filter').waitFor();
  if (place !== '') await page.goto(`${stack.url}/support${place}`);
  return page;
}

/** An import that support has taken back. */
async function takenBack(reason: string): Promise<string> {
  const { importId, channelToken } = await acceptImport(stack.url, { file: makeContactsFile(50).bytes });
  await untilEnded(stack.url, importId, channelToken);
  const answer = await fetch(`${stack.url}/imports/${importId}/undo`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${stack.supportToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason }),
  });
  expect(answer.status).toBe(202);
  return importId;
}

test('on one machine every service and engine answers, and each group is there with its members', async () => {
  const page = await openSupport();
  await page.getByTestId('support-troubles').getByText('0', { exact: true }).waitFor();
  await page.getByTestId('support-troubles').click();
  await page.getByTestId('verdict').getByText('Everything answers').waitFor();
  for (const service of services)
    expect(await page.getByTestId(`service-${service}`).innerText(), service).toMatch(/1 of 1 ready/);
  expect(await page.getByTestId('engine-log').innerText()).toContain('answering');
  expect(await page.getByTestId('engine-contacts').innerText()).toContain('answering');
  expect(await page.getByTestId('engine-redis').count()).toBe(0);
  expect(await page.getByTestId('group-importer.express').innerText()).toMatch(/importer\s+1\s+0\s+–/);
  // Hubs of one machine read without a group.
  expect(await page.getByTestId('group-hub').count()).toBe(0);
  expect(await seriousViolations(page)).toEqual([]);
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

// The page went on saying that everything answers, and for how long, below the note that nothing answers.
test('without an answer nothing is said to be well, and the page says as of when it is', async () => {
  const page = await openSupport('/services');
  await page.getByTestId('verdict').waitFor();
  await page.route('**/services', (route) => route.abort());
  const problem = page.getByTestId('problem');
  await problem.waitFor();
  expect(await problem.innerText()).toMatch(/What is shown is as of \d\d:\d\d:\d\d/);
  expect(await page.getByTestId('verdict').count()).toBe(0);
  await page.unroute('**/services');
  await page.getByTestId('verdict').waitFor();
  expect(await problem.count()).toBe(0);
});

test('the audit lists who did what and why, is searched, and leads to the import', async () => {
  const reason = `The wrong file ${Math.random().toString(36).slice(2)}`;
  const importId = await takenBack(reason);
  await takenBack('Another reason');
  const page = await openSupport();
  await page.getByRole('link', { name: 'Audit' }).click();
  const entries = page.getByTestId('audit-entry');
  await entries.getByText(reason).waitFor();
  expect(await entries.count()).toBeGreaterThan(1);
  await page.getByTestId('audit-search').fill(reason.toUpperCase());
  await page.waitForURL(/\?q=THE/);
  await eventually(async () => expect(await entries.count()).toBe(1));
  const announcer = page.getByTestId('announcer');
  await announcer.getByText('Entries that match: 1').waitFor({ state: 'attached' });
  expect(await entries.innerText()).toMatch(/Take an import back · by support/);
  await page.getByTestId('audit-action').selectOption('erase');
  await page.getByTestId('audit-empty').waitFor();
  await announcer.getByText('No entry matches').waitFor({ state: 'attached' });
  await page.reload();
  await page.getByTestId('audit-empty').waitFor();
  expect(await page.getByTestId('audit-search').inputValue()).toBe(reason.toUpperCase());
  await page.getByTestId('audit-action').selectOption('');
  await page.waitForURL((url) => !url.search.includes('action'));
  await entries.waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await entries.getByRole('link').click();
  await page.waitForURL(`${stack.url}/support/imports/${importId}`);
  await page.getByTestId('timeline').getByText(reason).waitFor();
});
