/** What flows do with the import page: how fast it sends, and which numbers it shows. */
import { buckets } from '@tidings/contracts/imports/import.ts';
import type { Page } from 'playwright-core';

export async function limitUpload(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  });
}

export async function numberOf(page: Page, testId: string): Promise<number> {
  const found = page.getByTestId(testId);
  return (await found.count()) === 0 ? 0 : Number((await found.innerText()).replaceAll(/\D/g, ''));
}

export async function sumOfBuckets(page: Page): Promise<number> {
  let sum = 0;
  for (const bucket of buckets) sum += await numberOf(page, `bucket-${bucket}`);
  return sum;
}
