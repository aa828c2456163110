/** The page on which an owner sees to webhooks: one is added, tried, seen to arrive, given a new secret and deleted. */
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { startWebhookReceiver } from '../../test/webhook-receiver.ts';

const [stack, browser] = await startFileStackAndBrowser({ WEBHOOK_ALLOW_PRIVATE: 'true' });

test('a webhook is added, tried, given a new secret and deleted, and what is refused says why', async () => {
  const { url, received } = await startWebhookReceiver();

  const page = await openFreshPage(browser, stack.url, letsAxeIn);
  await page.getByRole('link', { name: 'Your webhooks' }).click();
  await page.getByTestId('no-own-webhooks').waitFor();
  await page.getByTestId('webhook-url').fill('http://10.0.0.7/hook');
  await page.getByTestId('webhook-url').press('Enter');
  await page.getByTestId('address-fault').getByText('must begin with https://').waitFor();
  expect(await page.getByTestId('own-webhook').count()).toBe(0);

  await page.getByTestId('webhook-url').fill(url);
  await page.getByTestId('webhook-url').press('Enter');
  await page.getByTestId('own-webhook').getByText(url).waitFor();
  expect(await page.getByTestId('address-fault').count()).toBe(0);
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

// An empty address did nothing; a failing webhook showed `status_not_2xx` alone; buttons of several had the same names; the focus fell to
// the body with “Try at once”; a deletion and a test's end were not read out.
test('a webhook that fails says what its server answered; each button says what it acts on, and each end is read out', async () => {
  const [failing, other] = [await startWebhookReceiver(), await startWebhookReceiver()];
  failing.hold();
  const page = await openFreshPage(browser, `${stack.url}/settings/webhooks`, letsAxeIn);
  const field = page.getByTestId('webhook-url');
  await page.getByTestId('add-webhook').press('Enter');
  await page.getByTestId('address-fault').waitFor();
  expect(
    await field.evaluate((input) => [
      input === document.activeElement,
      input.getAttribute('aria-invalid'),
      document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent,
    ]),
  ).toEqual([true, 'true', 'Enter the address of your server.']);
  expect(await seriousViolations(page)).toEqual([]);

  for (const { url } of [failing, other]) {
    await field.fill(url);
    await field.press('Enter');
    await page.getByTestId('own-webhook').getByText(url).waitFor();
  }
  const statuses = page.getByTestId('webhook-status');
  expect(await statuses.allInnerTexts(), 'nothing was tried yet').toEqual(['switched on', 'switched on']);
  const button = (words: string, { url }: { readonly url: string }) =>
    page.getByRole('button', { name: `${words} ${url}`, exact: true });
  for (const words of ['Send a test', 'Deliveries', 'New secret', 'Delete'])
    for (const webhook of [failing, other]) expect(await button(words, webhook).count()).toBe(1);

  const announcer = page.getByTestId('announcer');
  await button('Send a test', failing).press('Enter');
  const LONG = { timeout: 60_000, state: 'attached' } as const;
  // While an attempt was under way, the next one was said to be at the second that the clock showed, whichever that was.
  await page.getByTestId('delivery').getByText('attempts: 0 · next attempt now').waitFor(LONG);
  failing.answer(500, 'The database is down.');
  await announcer.getByText(`The test has not reached ${failing.url}: answered 500`).waitFor(LONG);
  expect(await page.getByTestId('answer-body').innerText()).toBe('The answer begins: The database is down.');
  expect(await page.getByTestId('delivery').innerText()).not.toContain('status_not_2xx');
  expect(await seriousViolations(page)).toEqual([]);

  await button('Try at once', failing).focus();
  failing.answer(204);
  await page.keyboard.press('Enter');
  await announcer.getByText(`The test was delivered to ${failing.url}`).waitFor(LONG);
  await eventually(async () => expect(await statuses.first().innerText()).toBe('switched on'));
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');

  await button('Delete', failing).press('Enter');
  await page.getByRole('button', { name: 'Delete it' }).press('Enter');
  await announcer.getByText(`The webhook was deleted: ${failing.url}`).waitFor({ state: 'attached' });
  await eventually(async () => expect(await page.getByTestId('own-webhook').count()).toBe(1));
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
});
