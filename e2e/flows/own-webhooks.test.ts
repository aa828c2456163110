/** The page on which an owner sees to webhooks: one is added, tried, seen to arrive, given a new secret and deleted. */
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { seriousViolations } from '../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../test/browser.ts';
import { startFileStackAndBrowser } from '../test/file-stack.ts';
import { startWebhookReceiver } from '../test/webhook-receiver.ts';

const [stack, browser] = await startFileStackAndBrowser({ WEBHOOK_ALLOW_PRIVATE: 'true' });

test('a webhook is added, tried, given a new secret and deleted, and what is refused says why', async () => {
  const { url, received } = await startWebhookReceiver();

  const page = await openFreshPage(browser, stack.url, letsAxeIn);
  await page.getByRole('link', { name: 'Your webhooks' }).click();
  await page.getByTestId('no-own-webhooks').waitFor();
  await page.getByTestId('webhook-url').fill('http://10.0.0.7/hook');
  await page.getByTestId('webhook-url').press('Enter');
  await page.getByTestId('problem').waitFor();
  expect(await page.getByTestId('own-webhook').count()).toBe(0);

  await page.getByTestId('webhook-url').fill(url);
  await page.getByTestId('webhook-url').press('Enter');
  await page.getByTestId('own-webhook').getByText(url).waitFor();
  expect(await page.getByTestId('problem').count()).toBe(0);
  const secret = page.getByTestId('webhook-secret');
  const first = await secret.locator('code').innerText();
  expect(first).toMatch(/^whsec_\S{30,}$/);

  await page.getByTestId('test-webhook').press('Enter');
  await eventually(() => expect(received()).toBe(1), { withinMs: 60_000 });
  await page.getByTestId('delivery').getByText('delivered').waitFor({ timeout: 60_000 });
  expect(await seriousViolations(page)).toEqual([]);

  await page.getByTestId('rotate-webhook').press('Enter');
  await page.getByRole('button', { name: 'Make it' }).press('Enter');
  await eventually(async () => expect(await secret.locator('code').innerText()).not.toBe(first));
  await page.getByTestId('delete-webhook').press('Enter');
  await page.getByRole('button', { name: 'Delete it' }).press('Enter');
  await page.getByTestId('no-own-webhooks').waitFor();
  expect(await secret.count(), 'a secret of what is gone is no longer shown').toBe(0);
  await page.reload();
  await page.getByTestId('no-own-webhooks').waitFor();
  expect(await page.title()).toBe('Webhooks – Tidings');
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});
