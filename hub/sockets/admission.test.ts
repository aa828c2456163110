import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { describe, expect, test } from 'vitest';
import { defaultHubLimits } from '../limits.ts';
import { knownPosition, RateLimits } from './admission.ts';

const refused = expect.objectContaining({ code: 'rate_limited', retriable: true });

function limitsWith(limits: Partial<typeof defaultHubLimits>): RateLimits {
  return new RateLimits({ ...defaultHubLimits, ...limits });
}

describe('a position', () => {
  const channel = { channelId: 'c', token: 't' };

  test('is epoch and seq together', () => {
    expect(knownPosition({ ...channel, epoch: 'e', seq: 0 })).toEqual({ epoch: 'e', seq: 0 });
  });

  test.each([[{}], [channel]])('is unknown where the request has none: %j', (request) => {
    expect(knownPosition(request)).toBeNull();
  });

  test.each([[{ epoch: 'e' }], [{ seq: 3 }]])('is refused where half of it is missing: %j', (half) => {
    expect(() => knownPosition({ ...channel, ...half })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});

describe('limits', () => {
  test('connections of one address count until they leave, once each', async () => {
    const rates = limitsWith({ socketsPerAddress: 1 });
    const leave = await rates.enter('a');
    await expect(rates.enter('a')).rejects.toEqual(refused);
    await expect(rates.enter('b')).resolves.toBeTypeOf('function');
    leave();
    leave();
    await rates.enter('a');
    await expect(rates.enter('a')).rejects.toEqual(refused);
  });

  test('messages of one socket are counted anew once it is forgotten', async () => {
    const rates = limitsWith({ messagesPerSocketMinute: 1 });
    await rates.countMessage('socket');
    await expect(rates.countMessage('socket')).rejects.toEqual(refused);
    rates.forgetSocket('socket');
    await rates.countMessage('socket');
  });

  test('new channels count for their owner where a login names one, and for their address', async () => {
    const rates = limitsWith({ newChannelsPerOwnerMinute: 1, newChannelsPerAddressMinute: 2 });
    await rates.countNewChannel('a', 'mira');
    await expect(rates.countNewChannel('a', 'mira')).rejects.toEqual(refused);
    await rates.countNewChannel('a', null);
    await expect(rates.countNewChannel('a', null)).rejects.toEqual(refused);
  });

  test('openings count for their channel, but not those of support', async () => {
    const rates = limitsWith({ opensPerChannelMinute: 1 });
    await rates.countOpen('a', 'c');
    await expect(rates.countOpen('b', 'c')).rejects.toEqual(refused);
    await rates.countOpen('a', SUPPORT_CHANNEL);
    await rates.countOpen('a', SUPPORT_CHANNEL);
  });
});
