import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { authSecret, supportToken } from '@tidings/testing/hub.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { grantFor } from './admission.ts';
import { ChannelSubscription, type NotificationWriter } from './channel-subscription.ts';
import { Listeners } from './listeners.ts';
import { TokenRenewal } from './token-renewal.ts';

const DAY = 24 * 60 * 60 * 1000;
const owner = { owner: 'default', epoch: 0, renewUntil: null };
const authority = createTokenAuthority({ authSecret, supportToken });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A subscription whose token is past half of its life, and a round of renewals each second. */
async function start(tokens: typeof authority) {
  const { channelId, renewal } = await grantFor(authority, 'c'.repeat(22), owner, Date.now() - 4 * DAY);
  const writer = { writeToken: vi.fn(), disconnect: vi.fn() };
  const listeners = new Listeners();
  const notificationWriter = writer as unknown as NotificationWriter;
  listeners.add(new ChannelSubscription(channelId, notificationWriter, renewal, () => undefined));
  const now = Date.now;
  const tokenRenewal = new TokenRenewal({ listeners, tokens, logger: silentLogger, now, intervalMs: 1_000 });
  tokenRenewal.start();
  onTestFinished(() => tokenRenewal.stop());
  return writer;
}

test('however long issuing takes, a token is renewed once', async () => {
  let issue = () => {};
  const issueChannelToken = vi.fn(async (channel: Parameters<typeof authority.issueChannelToken>[0]) => {
    await new Promise<void>((resolve) => {
      issue = resolve;
    });
    return authority.issueChannelToken(channel);
  });
  const writer = await start({ ...authority, issueChannelToken });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(issueChannelToken).toHaveBeenCalledTimes(1);
  issue();
  vi.useRealTimers();
  await vi.waitFor(() => expect(writer.writeToken).toHaveBeenCalledTimes(1));
  expect(issueChannelToken).toHaveBeenCalledTimes(1);
});

test('a round that fails is followed by the next one', async () => {
  const issueChannelToken = vi.fn(authority.issueChannelToken);
  issueChannelToken.mockRejectedValueOnce(new Error('no key'));
  const writer = await start({ ...authority, issueChannelToken });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writer.writeToken).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(writer.writeToken).toHaveBeenCalledTimes(1));
});
