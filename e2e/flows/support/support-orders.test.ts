/** Support’s lists of what is stuck and of webhooks: one order for many, an outcome for each, and a delivery that is sent again. */
import type { DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { startWebhookReceiver } from '../../test/webhook-receiver.ts';

const [stack, browser] = await startFileStackAndBrowser({ WEBHOOK_ALLOW_PRIVATE: 'true' });
const LONG = { timeout: 60_000 };

async function openSupport(width = 1280): Promise<Page> {
  const options = { ...letsAxeIn, viewport: { width, height: 900 } };
  const page = await openFreshPage(browser, stack.supportUrl, options);
  await page.getByTestId('support-filter').waitFor();
  return page;
}

function letter(number: number): DeadLetterItem {
  return {
    ...{ id: `import-work.bulk/0/${number}`, group: 'importer.bulk', topic: 'import-work.bulk' },
    ...{
      key: `01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90:${number}`,
      attempts: 3,
      failedAt: '2026-01-01T00:00:00.000Z',
    },
    error: { code: 'internal', message: 'The importer could not work the chunk off.' },
    ...{ importId: '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90', chunk: number },
  };
}

// No process can be made to fail at will from outside, so these letters come by the browser; the API's own tests have real ones.
test('dead letters: several are chosen and get one order with one reason, and each has an outcome of its own', async () => {
  const page = await openSupport(320);
  const left = new Set([1, 2, 3]);
  const asked: string[] = [];
  await page.route('**/dead-letters**', async (route) => {
    const { method, url } = { method: route.request().method(), url: route.request().url() };
    const number = Number(/bulk\/0\/(\d+)\/requeue$/.exec(url)?.[1]);
    if (method === 'GET' && !url.includes('/support/'))
      return route.fulfill({ json: { items: [...left].map(letter), nextCursor: null } });
    if (method !== 'POST') return route.continue();
    asked.push(`${number} ${route.request().postData()}`);
    if (number === 2)
      return route.fulfill({
        status: 409,
        json: { title: 'x', status: 409, code: 'state_conflict', detail: 'It is gone.', retriable: false },
      });
    left.delete(number);
    return route.fulfill({ status: 202, json: {} });
  });
  await page.getByRole('link', { name: 'Dead letters' }).click();
  const items = page.getByTestId('bulk-item');
  await items.first().waitFor();
  expect(await items.count()).toBe(3);
  expect(await seriousViolations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  // Nothing is chosen, so nothing can be ordered.
  await page.getByTestId('bulk-requeue').click({ force: true });
  expect(await page.getByTestId('order-reason').count()).toBe(0);
  await page.getByRole('checkbox', { name: 'Choose import-work.bulk/0/1' }).check();
  await page.getByRole('checkbox', { name: 'Choose import-work.bulk/0/2' }).check();
  await page.getByTestId('bulk-requeue').click();
  expect(await page.getByTestId('bulk-requeue-question').innerText()).toContain('Chosen: 2.');
  await page.getByTestId('order-reason').fill('mended in 1.4.2');
  await page.keyboard.press('Enter');
  const outcomes = page.getByTestId('bulk-outcomes');
  await outcomes.waitFor();
  expect((await outcomes.innerText()).split('\n')).toEqual([
    'import-work.bulk/0/1 ordered',
    expect.stringMatching(/^import-work\.bulk\/0\/2 (?!ordered)./),
  ]);
  await page.getByTestId('announcer').getByText('Ordered: 1. Refused: 1.').waitFor({ state: 'attached' });
  expect(asked.toSorted()).toEqual(['1 {"reason":"mended in 1.4.2"}', '2 {"reason":"mended in 1.4.2"}']);
  await page.getByText('import-work.bulk/0/1').nth(1).waitFor({ state: 'detached' });
  expect(await items.count()).toBe(2);
});

test('nothing is blocked, which the page says', async () => {
  const page = await openSupport();
  await page.getByRole('link', { name: 'Blocked' }).click();
  await page.getByTestId('nothing-waits').waitFor();
  expect(await page.getByRole('link', { name: 'Blocked' }).getAttribute('aria-current')).toBe('page');
});

test('a webhook’s delivery is listed, told in the story of its import, and sent again', async () => {
  const { url, received } = await startWebhookReceiver();
  const { token } = await createChannel(stack.url);
  const headers = { Authorization: `Bearer ${token}` };
  const json = { ...headers, 'Content-Type': 'application/json' };
  const registered = await fetch(`${stack.url}/webhooks`, {
    ...{ method: 'POST', headers: json, body: JSON.stringify({ url }) },
  });
  expect(registered.status).toBe(201);
  const form = new FormData();
  form.set('file', new File(['email\nada@hooked.example\n'], 'hooked.csv'));
  const accepted = await fetch(`${stack.url}/imports`, { method: 'POST', headers, body: form });
  const { importId } = (await accepted.json()) as { importId: string };
  await eventually(() => expect(received()).toBe(1), { withinMs: 60_000 });

  const page = await openSupport();
  await page.getByRole('link', { name: 'Webhooks', exact: true }).click();
  await page.getByTestId('webhook').getByText(url).waitFor();
  await page.getByTestId('webhook-deliveries').click();
  const delivery = page.getByTestId('delivery');
  await delivery.getByText('delivered').waitFor(LONG);
  expect(await seriousViolations(page)).toEqual([]);
  await delivery.getByRole('button', { name: 'Send again' }).click();
  const question = page.getByTestId('webhook-order-question');
  await question.getByTestId('webhook-order-yes').click();
  await question.getByText('Give a reason.').waitFor();
  await question.getByTestId('order-reason').fill('lost by the partner');
  await question.getByTestId('webhook-order-yes').click();
  await eventually(() => expect(received()).toBe(2), { withinMs: 60_000 });
  const audit = await fetch(`${stack.url}/audit?importId=${importId}`, {
    headers: { Authorization: `Bearer ${stack.supportToken}` },
  });
  expect(((await audit.json()) as { items: unknown[] }).items).toMatchObject([
    { who: 'support', action: 'resend_delivery', reason: 'lost by the partner', importId },
  ]);
  await delivery.getByRole('link', { name: 'its import' }).click();
  await page
    .getByTestId('timeline')
    .getByText(/^Webhook to 127\.0\.0\.1:\d+: delivered/)
    .waitFor(LONG);
  expect(page.url()).toBe(`${stack.url}/support/imports/${importId}`);
});
