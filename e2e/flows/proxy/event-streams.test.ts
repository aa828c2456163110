/** A channel's event stream, as a real browser's EventSource follows it behind the real nginx. */
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { shareProxiedStacks } from '../../test/proxied-stacks.ts';

const { proxied } = shareProxiedStacks();

test('notifications come as they happen, through the proxy, to EventSource with a ticket', async () => {
  const { url, stackPorts } = proxied();
  const { channelId, token } = await createChannel(url);
  const asked = await fetch(`${url}/channels/${channelId}/tickets`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
  });
  const { ticket } = (await asked.json()) as { ticket: string };
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  const received: string[] = [];
  await page.exposeFunction('receive', (data: string) => received.push(data));
  await page.evaluate((address) => {
    const source = new EventSource(address);
    const { receive } = globalThis as unknown as { receive: (data: string) => void };
    for (const name of ['snapshot', 'notification'])
      source.addEventListener(name, ({ data }) => receive(data));
  }, `/channels/${channelId}/events?ticket=${ticket}`);
  await eventually(() => expect(received).toHaveLength(1));
  // Each stack has a log of its own, and the proxy has chosen one of them for the stream.
  for (const port of stackPorts) {
    const published = await fetch(`http://127.0.0.1:${port}/channels/${channelId}/notifications`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${'p'.repeat(64)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ subject: 'job', type: 'job.done', data: 'through the proxy' }),
    });
    expect(published.status).toBe(202);
  }
  await eventually(() => expect(received).toHaveLength(2));
  expect(received[1]).toContain('through the proxy');
});
